//! A suspended account: nothing that was issued there counts, nothing new is issued, and whoever asks is
//! told so; on every node, within a second.

use std::time::Duration;

use domain::{Actor, Lifetime};
use protocol::accounts::{self, AccountRefused};
use serde_json::json;
use store::Failure;

use crate::support::{
    Browser, CLIENTS, Consent, ORIGIN, OTHER_ADMIN_API_TOKEN, OTHER_ORIGIN, Reply, RequestBuilder,
    TestApp, password, stories, with,
};

const METADATA: &str = "/.well-known/oauth-authorization-server";
const JWT: &str = "https://jwt.example.com/";

/// One of everything that the second account gives out.
struct Issued<'a> {
    code: String,
    access_token: String,
    refresh_token: String,
    of_client: String,
    jwt: String,
    browser: Browser<'a>,
}

impl<'a> Issued<'a> {
    async fn by(app: &'a TestApp) -> Self {
        let client = app.other_album();
        let consent = Consent { user: "admin", scope: Some("read write"), ..Consent::default() };
        let tokens = client.tokens(&consent).await;
        let more = &[("resource", JWT)][..];
        let jwt = client.tokens(&Consent { more, ..consent }).await;
        let mut browser = app.anonymous().at(OTHER_ORIGIN);
        browser.sign_in("admin").await;
        Self {
            code: client.code(&Consent::default()).await,
            access_token: tokens.text("access_token"),
            refresh_token: tokens.text("refresh_token"),
            of_client: client.token(&CREDENTIALS).await.expect(200).text("access_token"),
            jwt: jwt.text("access_token"),
            browser,
        }
    }

    fn tokens(&self) -> [&str; 4] {
        [&self.access_token, &self.refresh_token, &self.of_client, &self.jwt]
    }
}

const CREDENTIALS: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "read")];

async fn suspend(app: &TestApp) {
    let id = app.account(OTHER_ORIGIN).await.id;
    accounts::suspend(&app.ctx, Actor::Operator, id).await.expect("it is not the home account");
}

async fn resume(app: &TestApp) {
    let id = app.account(OTHER_ORIGIN).await.id;
    accounts::resume(&app.ctx, Actor::Operator, id).await.expect("it is there");
}

/// After a second no node believes what it remembers from before, however slow the machine is.
const A_SECOND: Duration = Duration::from_secs(1);

async fn get(app: &TestApp, path: &str) -> Reply {
    app.send(RequestBuilder::get(path).at(OTHER_ORIGIN)).await
}

/// Every grant, introspection, revocation, the API by both kinds of credentials, pages and documents.
async fn refuses_everything(app: &TestApp, issued: &mut Issued<'_>) {
    let client = app.other_album();
    let refused = (401, "invalid_client".to_owned());
    assert_eq!(client.redeem(&issued.code).await.error(), refused);
    assert_eq!(client.refresh(&issued.refresh_token).await.error(), refused);
    assert_eq!(client.token(&CREDENTIALS).await.error(), refused);
    let revocation = client.post("/oauth/tokens/revoke", &[("token", &issued.refresh_token)]).await;
    assert_eq!(revocation.error(), refused);
    for token in issued.tokens() {
        assert_eq!(client.introspect(token).await.json(), json!({"active": false}));
        let call = RequestBuilder::get(CLIENTS).at(OTHER_ORIGIN).bearer(token);
        assert_eq!(app.send(call).await.error(), (401, "invalid_token".to_owned()));
    }
    let failed = (401, "Couldn't authenticate you".to_owned());
    let call = RequestBuilder::get(CLIENTS).at(OTHER_ORIGIN);
    let call = call.basic("admin@example.com/token", OTHER_ADMIN_API_TOKEN);
    assert_eq!(app.send(call).await.error(), failed);
    assert_eq!(get(app, "/api/v2/users/me").await.error(), failed);
    for document in [METADATA, "/.well-known/jwks.json"] {
        assert_eq!(get(app, document).await.expect(404).body, "{}");
    }
    let begin = "/oauth/authorizations/new?client_id=photo-album&response_type=code";
    for page in ["/", "/login", "/account/apps", "/no/such/page", begin] {
        let reply = issued.browser.get(page).await.expect(403);
        assert!(reply.body.contains("This account is suspended"), "{}", reply.body);
        assert_eq!(reply.header("location"), None);
    }
    let stylesheet = get(app, "/docs/errors/account_suspended").await.expect(200).body;
    let (_, rest) = stylesheet.split_once("href=\"/assets/").expect("a style sheet");
    let (file, _) = rest.split_once('"').expect("an address");
    get(app, &format!("/assets/{file}")).await.expect(200);
}

stories! {
    // TN-08, CD-10
    async fn nothing_works_at_a_suspended_account_on_any_node(app) {
        app.furnish_other_account().await;
        let mut issued = Issued::by(app).await;
        let there = app.another_node().await;
        assert!(there.account(OTHER_ORIGIN).await.is_active());
        suspend(app).await;
        tokio::time::sleep(A_SECOND).await;
        for node in [app, &there] {
            refuses_everything(node, &mut issued).await;
        }
        // The other account does not notice.
        app.client("photo-album").tokens(&Consent::default()).await;
        assert_eq!(app.get(METADATA).await.expect(200).json()["issuer"], ORIGIN);
    }

    /// Nobody signs in, also with the page that was open before.
    // TN-08
    async fn an_open_form_signs_nobody_in(app) {
        app.furnish_other_account().await;
        let mut browser = app.anonymous().at(OTHER_ORIGIN);
        let page = browser.get("/login").await.expect(200);
        suspend(app).await;
        let fields = [("username", "alice@example.com"), ("password", password("alice"))];
        browser.submit(&page, &fields).await.expect(403);
        assert!(browser.session().is_none());
    }

    /// A suspension ends for good what was issued; consents, passwords and secrets work on.
    // TN-08, JW-10
    async fn what_was_issued_before_a_suspension_stays_dead(app) {
        app.furnish_other_account().await;
        let mut issued = Issued::by(app).await;
        suspend(app).await;
        app.advance(Lifetime::seconds(1));
        resume(app).await;
        app.advance(Lifetime::seconds(1));
        let client = app.other_album();
        let refused = (400, "invalid_grant".to_owned());
        assert_eq!(client.redeem(&issued.code).await.error(), refused);
        assert_eq!(client.refresh(&issued.refresh_token).await.error(), refused);
        for token in issued.tokens() {
            assert!(!client.is_active(token).await);
            let call = RequestBuilder::get(CLIENTS).at(OTHER_ORIGIN).bearer(token);
            assert_eq!(app.send(call).await.error(), (401, "invalid_token".to_owned()));
        }
        assert!(issued.browser.get("/account/apps").await.location().starts_with("/login"));
        let mut browser = app.anonymous().at(OTHER_ORIGIN);
        browser.sign_in("alice").await;
        let request = with(&client.request(&Consent::default()), "prompt", "none");
        let reply = browser.authorize(&request).await.expect(303);
        let code = reply.parameter("code").expect("the consent is remembered");
        let tokens = client.redeem(&code).await.expect(200);
        assert!(client.is_active(&tokens.text("access_token")).await);
        client.token(&CREDENTIALS).await.expect(200);
        let call = RequestBuilder::get(CLIENTS).at(OTHER_ORIGIN);
        let call = call.basic("admin@example.com/token", OTHER_ADMIN_API_TOKEN);
        app.send(call).await.expect(200);
    }

    /// The platform is run from it.
    // TN-08
    async fn the_home_account_is_never_suspended(app) {
        let home = app.account(ORIGIN).await.id;
        let refused = accounts::suspend(&app.ctx, Actor::Operator, home).await;
        assert_eq!(refused, Err(Failure::Refused(AccountRefused::Home)));
        app.get("/login").await.expect(200);
    }

    /// Once is enough, and the audit log says when.
    // TN-08
    async fn suspending_twice_is_one_suspension(app) {
        let events = async || {
            let id = app.account(OTHER_ORIGIN).await.id;
            let events = store::audit_events::list(&app.ctx.store, id, None, 100).await;
            let events = events.expect("reads").into_iter();
            events.filter(|it| it.action.starts_with("account.")).map(|it| it.action).collect::<Vec<_>>()
        };
        let before = events().await.len();
        for _ in 0..2 {
            suspend(app).await;
        }
        for _ in 0..2 {
            resume(app).await;
        }
        assert_eq!(events().await[before..], ["account.suspended", "account.resumed"]);
    }
}
