//! The not-before mark of users and clients: once suspended, what was issued before is dead for good, on
//! every path, although the suspension has ended. (Accounts: `suspended_account.rs`.)

use domain::{ClientState, Lifetime};

use crate::support::{CLIENTS, Consent, RequestBuilder, TestApp, stories};

const JWT: &str = "https://jwt.example.com/";
const CREDENTIALS: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("scope", "read")];

/// One of everything that `daily-report` gets for its owner, the admin.
struct Issued {
    code: String,
    refresh_token: String,
    rotated: String,
    /// Access tokens: of a user, of the client, and both as JWTs.
    access_tokens: Vec<String>,
}

impl Issued {
    async fn by(app: &TestApp) -> Self {
        let client = app.client("daily-report");
        let consent = Consent { user: "admin", ..Consent::default() };
        let of_user = client.tokens(&consent).await;
        let rotated = client.tokens(&consent).await.text("refresh_token");
        client.refresh(&rotated).await.expect(200);
        let for_api = Consent { more: &[("resource", JWT)], ..consent };
        let jwt_of_user = client.tokens(&for_api).await;
        let of_client = client.token(&CREDENTIALS).await.expect(200);
        let for_api = [&CREDENTIALS[..], &[("resource", JWT)]].concat();
        let jwt_of_client = client.token(&for_api).await.expect(200);
        let all = [&of_user, &of_client, &jwt_of_user, &jwt_of_client];
        Self {
            code: client.code(&Consent { user: "admin", ..Consent::default() }).await,
            refresh_token: of_user.text("refresh_token"),
            rotated,
            access_tokens: all.map(|it| it.text("access_token")).into(),
        }
    }

    /// Code, refresh (within the grace window too), introspection and the API.
    async fn is_dead(&self, app: &TestApp) {
        let client = app.client("daily-report");
        let refused = (400, "invalid_grant".to_owned());
        assert_eq!(client.redeem(&self.code).await.error(), refused);
        for token in [&self.refresh_token, &self.rotated] {
            assert_eq!(client.refresh(token).await.error(), refused);
            assert!(!client.is_active(token).await);
        }
        for (number, token) in self.access_tokens.iter().enumerate() {
            assert!(!client.is_active(token).await, "token {number}");
            let call = RequestBuilder::get(CLIENTS).bearer(token);
            assert_eq!(app.send(call).await.error(), (401, "invalid_token".to_owned()));
        }
    }
}

/// What is issued from now on works.
async fn anew(app: &TestApp) {
    let issued = Issued::by(app).await;
    let client = app.client("daily-report");
    for (number, token) in issued.access_tokens.iter().enumerate() {
        assert!(client.is_active(token).await, "token {number}");
    }
    let call = RequestBuilder::get(CLIENTS).bearer(&issued.access_tokens[1]);
    app.send(call).await.expect(200);
    client.redeem(&issued.code).await.expect(200);
    client.refresh(&issued.refresh_token).await.expect(200);
}

stories! {
    // JW-10, TN-08
    async fn a_resumed_user_has_none_of_his_old_tokens(app) {
        let issued = Issued::by(app).await;
        let mut browser = app.browser("admin").await;
        app.suspend_user("admin", true).await;
        app.advance(Lifetime::seconds(1));
        app.suspend_user("admin", false).await;
        app.advance(Lifetime::seconds(1));
        issued.is_dead(app).await;
        assert!(browser.get("/account/apps").await.location().starts_with("/login"));
        anew(app).await;
    }

    // JW-10, TN-08
    async fn a_resumed_client_has_none_of_its_old_tokens(app) {
        let issued = Issued::by(app).await;
        app.advance(Lifetime::seconds(1));
        app.set_client_state("daily-report", ClientState::Suspended).await;
        app.set_client_state("daily-report", ClientState::Active).await;
        app.advance(Lifetime::seconds(1));
        issued.is_dead(app).await;
        anew(app).await;
    }

    /// A node that had not heard of the suspension may have issued something meanwhile.
    // JW-10
    async fn what_was_issued_during_a_suspension_is_dead_too(app) {
        app.suspend_user("admin", true).await;
        app.advance(Lifetime::seconds(1));
        let meanwhile = app.ctx.now();
        app.advance(Lifetime::seconds(1));
        app.suspend_user("admin", false).await;
        let user = app.user("admin").await;
        assert!(!user.honours(meanwhile) && !user.honours(app.ctx.now()));
        assert!(user.honours(app.ctx.now() + Lifetime::millis(1)));
    }
}
