//! Route × role × account: every route of the administration APIs, as its list has them, is tried by
//! everybody who may not, and with what belongs to another account. A new route is tried by itself;
//! one whose path names something new fails here until that something stands in the other account.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use web::{Audience, Route};

use crate::support::{ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, stories};

/// Something of each kind in the other account, by the segment of a path before its id.
struct Elsewhere {
    token: String,
    ids: BTreeMap<&'static str, String>,
}

impl Elsewhere {
    async fn furnish(app: &TestApp) -> Self {
        let token = app.api_token(OTHER_ORIGIN, "admin@example.com").await;
        let mut elsewhere = Self { token, ids: BTreeMap::new() };
        elsewhere.fill(app).await;
        elsewhere
    }

    async fn fill(&mut self, app: &TestApp) {
        let account = self.read(app, "/api/v1/account").await["account"]["id"].to_string();
        self.ids.insert("accounts", account);
        let client = self.made(
            app,
            "/api/v2/oauth/clients",
            json!({"client": {
                "name": "Foreign", "identifier": "zdg-foreign", "kind": "confidential",
                "company": "Foreign Ltd", "description": "Foreign", "redirect_uri": "https://a.example/",
            }}),
        );
        let client = client.await["client"]["id"].to_string();
        let asked = self.made(app, &format!("/api/v1/clients/{client}/promotion"), json!({})).await;
        let request = asked["promotion"]["id"].to_string();
        self.ids.extend([("global_client_requests", request), ("global_clients", client.clone())]);
        let token = json!({"token": {"client_id": client.parse::<i64>().ok(), "scopes": ["read"]}});
        let token = self.made(app, "/api/v2/oauth/tokens", token).await["token"]["id"].to_string();
        let me = self.read(app, "/api/v2/users/me").await["user"]["id"].to_string();
        self.ids.extend([("clients", client), ("tokens", token), ("users", me)]);
        let client = self.ids["clients"].clone();
        let secret = self.made(app, &format!("/api/v1/clients/{client}/secrets"), json!({})).await;
        self.ids.insert("secrets", secret["secret"]["id"].to_string());
        let scope = json!({"scope": {"name": "foreign:read", "title": "Foreign"}});
        let scope = self.made(app, "/api/v1/scopes", scope).await["scope"]["name"].clone();
        self.ids.insert("scopes", scope.as_str().expect("a name").to_owned());
        let resource = json!({"resource": {"identifier": "https://foreign.example/"}});
        let resource = self.made(app, "/api/v1/resources", resource).await;
        self.ids.insert("resources", resource["resource"]["id"].to_string());
        let token = json!({"registration_token": {"label": "foreign"}});
        let token = self.made(app, "/api/v1/registration_tokens", token).await;
        let token = token["registration_token"]["id"].to_string();
        self.ids.insert("registration_tokens", token);
        for list in ["api_tokens", "audit_events", "keys"] {
            let records = self.read(app, &format!("/api/v1/{list}")).await;
            self.ids.insert(list, records[list][0]["id"].to_string());
        }
    }

    async fn made(&self, app: &TestApp, path: &str, body: Value) -> Value {
        self.send(app, RequestBuilder::post(path).json(&body)).await.expect(201).json()
    }

    async fn read(&self, app: &TestApp, path: &str) -> Value {
        self.send(app, RequestBuilder::get(path)).await.expect(200).json()
    }

    async fn send(&self, app: &TestApp, request: RequestBuilder) -> Reply {
        let request = request.at(OTHER_ORIGIN);
        app.send(request.basic("admin@example.com/token", &self.token)).await
    }

    /// The path of a route with the ids of what is here.
    fn path(&self, route: &Route) -> String {
        let mut kind = "";
        let mut path = String::new();
        for segment in route.path.split('/').skip(1) {
            path.push('/');
            if segment.starts_with('{') {
                let id = self.ids.get(kind);
                path +=
                    id.unwrap_or_else(|| panic!("{}: nothing foreign among {kind}", route.path));
            } else {
                path += segment;
                kind = segment;
            }
        }
        path
    }

    /// Everything here that can be read, as its own admin reads it.
    async fn everything(&self, app: &TestApp) -> BTreeMap<String, Value> {
        let mut everything = BTreeMap::new();
        for route in web::api_routes().iter().filter(|route| route.method == Method::GET) {
            let path = self.path(route);
            let reply = self.send(app, RequestBuilder::get(&path)).await;
            let mut json = if reply.body.is_empty() { Value::Null } else { reply.json() };
            if let Value::Object(members) = &mut json {
                // Its own calls are recorded like anybody's; what was there before must stay.
                members.remove("count");
            }
            everything.insert(path, json);
        }
        everything
    }
}

/// A request of a route, with a body where one is read.
fn request(route: &Route, path: &str) -> RequestBuilder {
    let request = RequestBuilder::new(route.method.clone(), path);
    let has_body = route.method == Method::POST || route.method == Method::PUT;
    if has_body { request.json(&json!({})) } else { request }
}

/// Whether a person of the cast is among those whom a route lets in.
fn may(person: &str, audience: Audience) -> bool {
    match audience {
        Audience::Anybody | Audience::Users => true,
        Audience::CredentialManagers | Audience::Admins => person == "admin",
        Audience::Operators => false,
    }
}

/// What a person of the home account gets at a route.
async fn as_person(app: &TestApp, route: &Route, path: &str, person: &str, token: &str) -> Reply {
    let email = format!("{person}@example.com/token");
    app.send(request(route, path).basic(&email, token)).await
}

stories! {
    /// Nobody in particular, and whoever has credentials of another account, is let in nowhere.
    // V8.2.1, V8.4.1
    async fn no_route_answers_to_strangers(app) {
        let elsewhere = Elsewhere::furnish(app).await;
        // Each from an address of its own: wrong tokens from one are soon not looked at.
        for (route, host) in web::api_routes().into_iter().zip(1..) {
            let path = elsewhere.path(&route);
            let foreign = request(&route, &path)
                .sent_from([203, 0, 113, host].into())
                .basic("admin@example.com/token", &elsewhere.token);
            assert_eq!(app.send(foreign).await.status, 401, "{} {path}", route.method);
            if route.policy.audience != Audience::Anybody {
                let reply = app.send(request(&route, &path)).await;
                assert_eq!(reply.status, 401, "{} {path}", route.method);
            }
        }
    }

    /// A role below that of a route is refused, whether the record is there or not.
    // V8.2.1, TN-07
    async fn no_route_answers_to_a_lower_role(app) {
        let elsewhere = Elsewhere::furnish(app).await;
        for person in ["alice", "bob", "admin"] {
            let token = app.api_token(ORIGIN, &format!("{person}@example.com")).await;
            for route in web::api_routes() {
                if !may(person, route.policy.audience) {
                    let path = elsewhere.path(&route);
                    let reply = as_person(app, &route, &path, person, &token).await;
                    assert_eq!(reply.status, 403, "{person}: {} {path}", route.method);
                    assert_eq!(reply.json()["error"]["title"], "Forbidden", "{path}");
                }
            }
        }
    }

    /// A token without the scope of a route is refused, whoever its user is.
    // TN-07, W-72
    async fn no_route_answers_without_its_scope(app) {
        let elsewhere = Elsewhere::furnish(app).await;
        let token = app.bearer_of("admin", "tickets:read").await;
        for route in web::api_routes() {
            if let [first, ..] = route.policy.scopes {
                let path = elsewhere.path(&route);
                let reply = app.send(request(&route, &path).bearer(&token)).await;
                assert_eq!(reply.status, 403, "{} {path}", route.method);
                let text = reply.text("description");
                assert!(text.contains(first), "{} {path}: {text}", route.method);
            }
        }
    }

    /// No route finds, changes or lists what another account has.
    // V8.4.1, TN-02
    async fn no_route_reaches_another_account(app) {
        let elsewhere = Elsewhere::furnish(app).await;
        let before = elsewhere.everything(app).await;
        // What operators see is of all accounts, and nobody here is one.
        let of_accounts = |route: &Route| route.policy.audience != Audience::Operators;
        for route in web::api_routes().into_iter().filter(of_accounts) {
            let path = elsewhere.path(&route);
            let reply = app.send(request(&route, &path).with_admin_token()).await;
            let status = reply.status.as_u16();
            if route.path.contains('{') {
                assert_eq!(status, 404, "{} {path}: {}", route.method, reply.body);
            } else if route.method == Method::GET {
                let theirs = elsewhere.ids.values().map(|id| format!("\"id\":{id},"));
                for id in theirs {
                    assert!(!reply.body.contains(&id), "{path} tells {id}");
                }
            }
        }
        assert_eq!(elsewhere.everything(app).await, before);
    }
}
