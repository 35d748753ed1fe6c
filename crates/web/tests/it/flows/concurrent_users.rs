//! Many people at once: each gets his own session, code and token, and nobody another's.

use std::time::Duration;

use domain::{Actor, EmailAddress, Role, Secret};
use protocol::users::{self, NewUser};

use crate::support::{Consent, ORIGIN, PageForm, Reply, RequestBuilder, TestApp, stories};

/// How many people sign in at once.
const CROWD: usize = 100;

fn email(number: usize) -> String {
    format!("person-{number}@example.com")
}

async fn gather(app: &TestApp) {
    let account_id = app.account(ORIGIN).await.id;
    for number in 0..CROWD {
        let new = NewUser {
            account_id,
            email: EmailAddress::parse(&email(number)).expect("an address"),
            name: format!("Person {number}"),
            role: Role::EndUser,
            operator_at: None,
            permissions: Vec::new(),
            password: Some(Secret::new(format!("secret words of {number}"))),
            claims: "{}".to_owned(),
        };
        users::create(&app.ctx, Actor::Operator, new).await.map_err(|_| ()).expect("a new user");
    }
}

/// Signs in, allows the app, and returns the reply with the tokens.
async fn tokens_of(app: &TestApp, number: usize) -> Reply {
    let client = app.client("photo-album");
    let mut browser = app.anonymous();
    let reply = browser.authorize(&client.request(&Consent::default())).await;
    let page = browser.follow(reply).await.expect(200);
    let (email, password) = (email(number), format!("secret words of {number}"));
    let mut reply = browser.submit(&page, &[("username", &email), ("password", &password)]).await;
    while reply.status == 503 {
        // The hashing threads have a short queue, and say so.
        assert!(reply.header("retry-after").is_some());
        tokio::time::sleep(Duration::from_millis(20)).await;
        reply = browser.submit(&page, &[("username", &email), ("password", &password)]).await;
    }
    let page = browser.follow(reply.expect(303)).await.expect(200);
    assert!(page.body.contains(&email), "the page is {email}'s: {}", page.body);
    let reply = browser.allow(&page, &[]).await.expect(303);
    let code = reply.parameter("code").expect("a code");
    client.redeem(&code).await.expect(200)
}

stories! {
    // UI-12, DS-01
    async fn nobody_gets_anothers_token(app) {
        gather(app).await;
        let everybody = futures_util::future::join_all((0..CROWD).map(|it| tokens_of(app, it)));
        let client = app.client("photo-album");
        for (number, tokens) in everybody.await.iter().enumerate() {
            let told = client.introspect(&tokens.text("access_token")).await.json();
            assert_eq!(told["active"], true);
            assert_eq!(told["username"], email(number));
            let renewed = client.refresh(&tokens.text("refresh_token")).await.expect(200);
            let told = client.introspect(&renewed.text("access_token")).await.json();
            assert_eq!(told["username"], email(number));
        }
    }

    /// A storm of wrong passwords is answered or sent away, and tokens are given out beside it. Of
    /// one person's only so many are looked at.
    // DS-01, DS-06
    async fn a_storm_of_sign_ins_delays_nobody_elses_token(app) {
        let client = app.client("photo-album");
        let refresh_token = client.tokens(&Consent::default()).await.text("refresh_token");
        let storm = Storm::gather(app).await;
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token)];
        let mut requests: Vec<_> = (0..100).map(|it| storm.posting(&email(it), "wrong")).collect();
        requests.extend((0..100).map(|_| storm.posting("alice@example.com", "wrong")));
        requests.push(client.posting("/oauth/tokens", &refresh));
        let mut replies = app.race(requests).await;
        replies.pop().expect("the token's").expect(200);
        let alices = replies.split_off(100);
        for reply in &replies {
            assert!([422, 503].contains(&reply.status.as_u16()), "{}", reply.body);
        }
        for reply in replies.iter().chain(&alices).filter(|it| it.status != 422) {
            assert!([429, 503].contains(&reply.status.as_u16()), "{}", reply.body);
            assert!(reply.header("retry-after").is_some());
        }
        let answered = alices.iter().filter(|reply| reply.status == 422).count();
        assert!(answered <= app.ctx.policy.sign_in_failures_per_window as usize, "{answered}");
    }

    /// Passwords that nobody can have are hashed by nobody, however many come at once.
    // DS-01
    async fn a_storm_of_long_passwords_is_not_hashed(app) {
        let client = app.client("photo-album");
        let storm = Storm::gather(app).await;
        let before = app.ctx.passwords.hash_count();
        let (long, huge) = ("x".repeat(1_025), "x".repeat(1 << 20));
        let mut requests = Vec::new();
        for number in 0..200 {
            let password = if number % 2 == 0 { &long } else { &huge };
            requests.push(storm.posting("alice@example.com", password));
        }
        requests.push(client.posting("/oauth/tokens", &[("grant_type", "client_credentials")]));
        let mut replies = app.race(requests).await;
        replies.pop().expect("the token's").expect(200);
        for (number, reply) in replies.iter().enumerate() {
            let expected = if number % 2 == 0 { 400 } else { 413 };
            assert_eq!(reply.status.as_u16(), expected, "{}", reply.body);
        }
        assert_eq!(app.ctx.passwords.hash_count(), before);
    }
}

/// Sign-ins that come all at once, from one page.
struct Storm {
    cookie: String,
    form_token: String,
}

impl Storm {
    async fn gather(app: &TestApp) -> Self {
        let page = app.get("/login").await.expect(200);
        let cookie = page.header("set-cookie").and_then(|it| it.split(';').next());
        let form_token = PageForm::read(&page.body).hidden.remove(0).1;
        Self { cookie: cookie.expect("a visit").to_owned(), form_token }
    }

    fn posting(&self, email: &str, password: &str) -> RequestBuilder {
        let fields =
            [("csrf_token", &*self.form_token), ("username", email), ("password", password)];
        RequestBuilder::post("/login").header("cookie", &self.cookie).form(&fields)
    }
}
