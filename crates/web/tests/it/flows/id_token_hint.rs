//! A hint whom a request is about: an ID token of ours that comes back.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use domain::{Client, Lifetime, SigningAlgorithm, SubjectType};
use protocol::id_token_hint;
use serde_json::{Value, json};

use crate::support::{
    Browser, Consent, ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, TestApp, and, password, stories,
    with,
};

const CALLBACK: &str = "https://app.example.com/callback";

/// Whether the home account takes this for an ID token of its own.
async fn is_hint(app: &TestApp, presented: &str) -> bool {
    let account = app.account(ORIGIN).await;
    id_token_hint::read(&app.ctx, &account, presented).await.expect("reads").is_some()
}

/// Signs in as `name` on the page that the reply leads to, and goes on to where it leads.
async fn sign_in_on_the_way(browser: &mut Browser<'_>, reply: &Reply, name: &str) -> Reply {
    let page = browser.get(reply.location()).await.expect(200);
    let email = format!("{name}@example.com");
    let fields = [("username", email.as_str()), ("password", password(name))];
    let signed_in = browser.submit(&page, &fields).await.expect(303);
    browser.get(signed_in.location()).await
}

fn unsigned(claims: &Value) -> String {
    let header = json!({"alg": "none", "typ": "JWT"});
    let part = |json: &Value| BASE64.encode(json.to_string());
    format!("{}.{}.", part(&header), part(claims))
}

stories! {
    // O-02
    async fn an_id_token_of_any_age_is_a_hint(app) {
        let claims = app.id_token_claims("alice", "photo-album").await;
        let token = app.sign("JWT", &claims).await;
        let with_session = app.sign("JWT", &and_claim(&claims, "sid", json!("s1"))).await;
        app.advance(Lifetime::days(1000));
        let account = app.account(ORIGIN).await;
        let read = id_token_hint::read(&app.ctx, &account, &token).await.expect("reads");
        let hint = read.expect("it is one");
        assert_eq!(hint.client.identifier.as_str(), "photo-album");
        assert_eq!(hint.session_identifier, None);
        assert!(hint.is_about(&app.ctx, &app.user("alice").await)
            && !hint.is_about(&app.ctx, &app.user("bob").await));
        let read = id_token_hint::read(&app.ctx, &account, &with_session).await.expect("reads");
        assert_eq!(read.expect("it is one").session_identifier.as_deref(), Some("s1"));
    }

    // JW-12, X-07
    async fn nothing_else_is_a_hint(app) {
        let claims = app.id_token_claims("alice", "photo-album").await;
        let good = app.sign("JWT", &claims).await;
        assert!(is_hint(app, &good).await);
        let mut bad = vec![
            String::new(),
            "x".to_owned(),
            "e30.e30.e30".to_owned(),
            unsigned(&claims),
            good[..good.len() - 4].to_owned(),
            format!("{good}."),
            app.sign("JWT", &and_claim(&claims, "pad", json!("x".repeat(25_000)))).await,
        ];
        for typ in ["at+jwt", "logout+jwt", "secevent+jwt", "userinfo+jwt", "oauth-authz-req+jwt"] {
            bad.push(app.sign(typ, &claims).await);
        }
        for (name, value) in [
            ("iss", json!(OTHER_ORIGIN)),
            ("iss", json!("http://127.0.0.1:8080/")),
            ("iss", Value::Null),
            ("aud", json!("nobody")),
            ("aud", json!("elsewhere")),
            ("aud", json!(["photo-album", "daily-report"])),
            ("aud", json!([])),
            ("aud", Value::Null),
            ("sub", Value::Null),
            ("sub", json!(1)),
            ("exp", Value::Null),
            ("iat", Value::Null),
            // From before the client was made: of another one with its identifier.
            ("iat", json!(1)),
            ("events", json!({"http://schemas.openid.net/event/backchannel-logout": {}})),
            ("client_id", json!("photo-album")),
        ] {
            bad.push(app.sign("JWT", &and_claim(&claims, name, value)).await);
        }
        let access = Consent { more: &[("resource", "https://jwt.example.com/")], ..Consent::default() };
        bad.push(app.client("photo-album").tokens(&access).await.text("access_token"));
        for presented in &bad {
            assert!(!is_hint(app, presented).await, "{presented}");
        }
        assert!(is_hint(app, &app.sign("JWT", &and_claim(&claims, "aud", json!(["photo-album"]))).await).await);
    }

    /// What clients really get: the ID token is a hint, whatever signed it; signed userinfo is none.
    // JW-12, X-07, O-02
    async fn the_id_token_of_a_sign_in_is_a_hint(app) {
        let client = app.client("photo-album");
        let openid = Consent { scope: Some("openid"), ..Consent::default() };
        for algorithm in SigningAlgorithm::ALL {
            app.advance(Lifetime::seconds(1));
            let signed = |client: &mut Client| {
                client.metadata.id_token_signed_response_alg = algorithm;
                client.metadata.userinfo_signed_response_alg = Some(algorithm);
            };
            app.change_record("photo-album", signed).await;
            let tokens = client.tokens(&openid).await;
            assert!(is_hint(app, &tokens.text("id_token")).await, "{algorithm:?}");
            let userinfo = RequestBuilder::get("/oauth/userinfo");
            let told = app.send(userinfo.bearer(&tokens.text("access_token"))).await.expect(200);
            assert_eq!(told.body.split('.').count(), 3, "{}", told.body);
            assert!(!is_hint(app, &told.body).await, "{algorithm:?}");
        }
    }

    /// A client with subjects of its own is hinted at by them.
    // JW-12
    async fn a_pairwise_subject_is_recognised(app) {
        let pairwise = |client: &mut Client| {
            client.metadata.subject_type = SubjectType::Pairwise;
        };
        app.change_record("photo-album", pairwise).await;
        let client = app.client("photo-album");
        let openid = Consent { scope: Some("openid"), ..Consent::default() };
        let hint = client.tokens(&openid).await.text("id_token");
        client.tokens(&Consent { user: "bob", ..openid }).await;
        // Nobody is known to this client by his own number.
        let by_number = app.id_token("alice", "photo-album").await;
        for (user, hint, expected) in
            [("alice", &hint, true), ("bob", &hint, false), ("alice", &by_number, false)]
        {
            let request = client.request(&openid);
            let request = and(&request, &[("id_token_hint", hint), ("prompt", "none")]);
            let reply = app.browser(user).await.authorize(&request).await;
            if expected {
                reply.expect_code_at(CALLBACK);
            } else {
                reply.expect_error_at(CALLBACK, "login_required");
            }
        }
    }

    // JW-12, O-02
    async fn a_hint_of_who_is_signed_in_changes_nothing(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let hint = app.id_token("alice", "photo-album").await;
        app.advance(Lifetime::hours(2));
        let mut browser = app.browser("alice").await;
        let request = with(&client.request(&Consent::default()), "id_token_hint", &hint);
        browser.authorize(&request).await.expect_code_at(CALLBACK);
        browser.authorize(&with(&request, "prompt", "none")).await.expect_code_at(CALLBACK);
        let silent = with(&request, "prompt", "none");
        app.anonymous().authorize(&silent).await.expect_error_at(CALLBACK, "login_required");
    }

    // JW-12
    async fn a_hint_of_somebody_else_is_login_required(app) {
        let client = app.client("photo-album");
        for user in ["alice", "bob"] {
            client.tokens(&Consent { user, ..Consent::default() }).await;
        }
        let codes = app.code_count().await;
        let hint = app.id_token("bob", "photo-album").await;
        let mut browser = app.browser("alice").await;
        let request = with(&client.request(&Consent::default()), "id_token_hint", &hint);
        let silent = with(&request, "prompt", "none");
        browser.authorize(&silent).await.expect_error_at(CALLBACK, "login_required");
        // Where pages may be shown, the right one signs in; the wrong one is asked once.
        app.advance(Lifetime::seconds(5));
        let reply = browser.authorize(&request).await;
        reply.expect_sign_in();
        app.advance(Lifetime::seconds(5));
        let wrong = sign_in_on_the_way(&mut browser, &reply, "alice").await;
        wrong.expect_error_at(CALLBACK, "login_required");
        assert_eq!(app.code_count().await, codes);
        app.advance(Lifetime::seconds(5));
        let reply = browser.authorize(&request).await;
        app.advance(Lifetime::seconds(5));
        let code = sign_in_on_the_way(&mut browser, &reply, "bob").await.expect_code_at(CALLBACK);
        let told = client.redeem(&code).await.expect(200).text("access_token");
        assert_eq!(client.introspect(&told).await.text("username"), "bob@example.com");
    }

    // JW-12
    async fn a_hint_that_is_none_is_an_invalid_request(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let codes = app.code_count().await;
        let claims = app.id_token_claims("alice", "photo-album").await;
        let mut browser = app.browser("alice").await;
        for hint in [
            "x".to_owned(),
            unsigned(&claims),
            app.sign("JWT", &and_claim(&claims, "iss", json!(OTHER_ORIGIN))).await,
            app.sign("at+jwt", &claims).await,
            // Of another client of the same account.
            app.id_token("alice", "daily-report").await,
        ] {
            let request = with(&client.request(&Consent::default()), "id_token_hint", &hint);
            browser.authorize(&request).await.expect_error_at(CALLBACK, "invalid_request");
            let silent = with(&request, "prompt", "none");
            browser.authorize(&silent).await.expect_error_at(CALLBACK, "invalid_request");
            app.anonymous().authorize(&silent).await.expect_error_at(CALLBACK, "invalid_request");
            app.anonymous().authorize(&request).await.expect_sign_in();
        }
        assert_eq!(app.code_count().await, codes);
    }

    // JW-12
    async fn a_consent_page_keeps_to_whom_the_request_is_about(app) {
        let client = app.client("photo-album");
        let hint = app.id_token("alice", "photo-album").await;
        let hinted = [("id_token_hint", hint.as_str()), ("prompt", "consent")];
        let request = and(&client.request(&Consent::default()), &hinted);
        let mut browser = app.browser("alice").await;
        let page = browser.authorize(&request).await.expect_consent();
        browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
    }
}

/// The same claims and this one; null: without it.
fn and_claim(claims: &Value, name: &str, value: Value) -> Value {
    let mut changed = claims.clone();
    changed[name] = value;
    if changed[name].is_null() {
        changed.as_object_mut().expect("claims are an object").remove(name);
    }
    changed
}
