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

    /// A storm of wrong passwords is answered or sent away, and tokens are given out beside it.
    // DS-01
    async fn a_storm_of_sign_ins_delays_nobody_elses_token(app) {
        let client = app.client("photo-album");
        let refresh_token = client.tokens(&Consent::default()).await.text("refresh_token");
        let page = app.get("/login").await.expect(200);
        let cookie = page.header("set-cookie").and_then(|it| it.split(';').next()).expect("a visit");
        let token = PageForm::read(&page.body).hidden.remove(0).1;
        let posting = |number: usize| {
            let email = email(number);
            let fields = [("csrf_token", &*token), ("username", &email), ("password", "wrong")];
            RequestBuilder::post("/login").header("cookie", cookie).form(&fields)
        };
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token)];
        let mut requests: Vec<_> = (0..200).map(posting).collect();
        requests.push(client.posting("/oauth/tokens", &refresh));
        let mut replies = app.race(requests).await;
        replies.pop().expect("the token's").expect(200);
        for reply in replies {
            match reply.status.as_u16() {
                422 => {}
                503 => assert!(reply.header("retry-after").is_some()),
                other => panic!("{other}: {}", reply.body),
            }
        }
    }
}
