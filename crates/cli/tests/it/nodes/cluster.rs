//! Three nodes: three processes that share a PostgreSQL database and a master key, and nothing else.

use std::net::SocketAddr;

use store::testing::TestDatabase;
use url::Url;

use super::caller::{Caller, Reply, Request};
use crate::person::Person;
use crate::running::Running;
use crate::support::Place;

/// The app that most calls come from: its name and its secret.
pub(crate) const APP: (&str, &str) = ("app", "the-secret-of-the-app-of-the-tests");

const ADMIN: (&str, &str) = ("admin@example.com/token", "the-api-token-of-the-tests");
const CALLBACK: &str = "https://app.example.com/callback";

/// The nodes; they end with the test.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Node>,
    pub(crate) database: TestDatabase,
    _place: Place,
}

/// One of them.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    /// What all of them are called, as behind a balancer: the address of the first.
    name: SocketAddr,
    pub(crate) management: SocketAddr,
    server: Running,
}

impl Cluster {
    /// Three nodes.
    pub(crate) async fn start() -> Self {
        let database = TestDatabase::postgres().await;
        let url = database.url().to_owned();
        Self::start_on(database, &[&url, &url, &url]).await
    }

    /// A node for each URL that leads to the database.
    pub(crate) async fn start_on(database: TestDatabase, urls: &[&str]) -> Self {
        let place = Place::empty();
        place.write("seed.toml", include_str!("seed.toml"));
        let command = |arguments: &[&str]| {
            let run = place.run(&[arguments, &["--database-url", database.url()]].concat());
            assert_eq!(run.code, 0, "{}", run.err);
        };
        command(&["apply", "seed.toml"]);
        let started: Vec<_> = urls.iter().map(|url| Node::start(&place, url)).collect();
        let mut nodes: Vec<Node> = started.into_iter().map(Node::listening).collect();
        let name = nodes[0].address;
        for node in &mut nodes {
            node.name = name;
        }
        let much = ["--api-requests-per-minute", "1000000"];
        let url = format!("http://{name}");
        command(&[&["account", "update", "demo", "--base-url", &url], &much[..]].concat());
        let cluster = Self { nodes, database, _place: place };
        cluster.is_known_everywhere().await;
        cluster
    }

    /// Stops the nodes, and returns the database as they leave it.
    pub(crate) fn stop(self) -> TestDatabase {
        for node in self.nodes {
            assert_eq!(node.server.end(), Some(0));
        }
        self.database
    }

    /// Every node knows the account's address.
    async fn is_known_everywhere(&self) {
        for node in &self.nodes {
            let mut caller = node.caller();
            let metadata = Request::get("/.well-known/oauth-authorization-server");
            let known =
                store::testing::eventually(async || caller.send(&metadata).await.status == 200);
            assert!(known.await, "{} never learns its name", node.address);
        }
    }

    /// So many callers, spread over the nodes.
    pub(crate) fn callers(&self, count: usize) -> Vec<Caller> {
        self.nodes.iter().cycle().take(count).map(Node::caller).collect()
    }
}

impl Node {
    fn start(place: &Place, url: &str) -> Running {
        let any = "127.0.0.1:0";
        let listen = ["serve", "--listen", any, "--management-listen", any];
        Running::start(place, &[&listen[..], &["--database-url", url]].concat())
    }

    fn listening(mut server: Running) -> Self {
        let line = server.error_line_with("It listens on");
        server.drain();
        let mut addresses = line.split("http://").skip(1).map(|rest| {
            let end = rest.find(',').unwrap_or(rest.len());
            rest[..end].trim().parse().expect("an address")
        });
        let mut next = || addresses.next().expect("two addresses");
        let address = next();
        Self { address, name: address, management: next(), server }
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller::of(self.address, self.name)
    }
}

/// A token for the app itself.
pub(crate) fn own_token(client: (&str, &str), more: &[(&str, &str)]) -> Request {
    let fields = [&[("grant_type", "client_credentials"), ("scope", "read")], more].concat();
    Request::form("/oauth/tokens", &fields).basic(client)
}

/// Asks whether a token is good.
pub(crate) fn introspection(token: &str) -> Request {
    Request::form("/oauth/tokens/introspect", &[("token", token)]).basic(APP)
}

pub(crate) fn is_active(reply: Reply) -> bool {
    reply.expect(200).json()["active"].as_bool().expect("a fact")
}

pub(crate) fn redemption(code: &str) -> Request {
    let fields = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    Request::form("/oauth/tokens", &fields).basic(APP)
}

pub(crate) fn refresh(token: &str) -> Request {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    Request::form("/oauth/tokens", &fields).basic(APP)
}

/// A call of the administration API by an admin.
pub(crate) fn by_admin(request: Request) -> Request {
    request.basic(ADMIN)
}

/// The id of the record of a list whose member is this.
pub(crate) async fn id_of(node: &Node, list: &str, (member, value): (&str, &str)) -> i64 {
    let request = by_admin(Request::get(&format!("/api/v1/{list}?page[size]=100")));
    let reply = node.caller().send(&request).await.expect(200).json();
    let record = reply[list].as_array().expect("a list").iter().find(|it| it[member] == value);
    record.and_then(|record| record["id"].as_i64()).unwrap_or_else(|| panic!("{value}: {reply}"))
}

/// A browser in which Alice has signed in and allowed the app: it gets codes without asking her.
pub(crate) struct Browser {
    caller: Caller,
    request: Request,
}

impl Browser {
    pub(crate) async fn of_alice(node: &Node) -> Self {
        let query = [
            ("response_type", "code"),
            ("client_id", APP.0),
            ("redirect_uri", CALLBACK),
            ("scope", "read"),
            ("state", "xyz"),
        ];
        let begin = format!("http://{}/oauth/authorizations/new", node.address);
        let begin = Url::parse_with_params(&begin, query).expect("a URL");
        let mut alice = Person::opens(begin.clone()).await;
        let credentials = [("username", "alice@example.com"), ("password", "alice in wonderland")];
        assert_eq!(alice.sends("login-submit", &credentials).await, None);
        alice.sends("consent-approve", &[("decision", "allow")]).await.expect("a redirect");
        let path = format!("{}?{}&prompt=none", begin.path(), begin.query().expect("a query"));
        let request = Request::get(&path).header("Cookie", &alice.cookies());
        Self { caller: node.caller(), request }
    }

    /// Another code.
    pub(crate) async fn code(&mut self) -> String {
        let reply = self.caller.send(&self.request).await;
        let location = reply.header("location").unwrap_or_else(|| panic!("{reply:?}"));
        let location = Url::parse(location).expect("a URL");
        let code = location.query_pairs().find(|(name, _)| name == "code");
        code.unwrap_or_else(|| panic!("{location}")).1.into_owned()
    }

    /// The tokens that a new code is redeemed for.
    pub(crate) async fn tokens(&mut self) -> Reply {
        let code = self.code().await;
        self.caller.send(&redemption(&code)).await.expect(200)
    }
}
