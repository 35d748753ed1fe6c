//! The first start: nobody can sign in until somebody with the link makes the first admin.

use domain::Lifetime;
use protocol::setup;

use crate::support::{Browser, Reply, RequestBuilder, TestApp, stories};

const GOOD: &str = "a long enough password";

async fn link(app: &TestApp) -> String {
    let handle = setup::open_link(&app.ctx).await.expect("the link is stored");
    format!("/setup/{}", handle.expose())
}

/// Fills in the form with a good name and address.
async fn set_up(browser: &mut Browser<'_>, link: &str, passwords: (&str, &str)) -> Reply {
    let page = browser.get(link).await.expect(200);
    let fields = [
        ("name", "Ada"),
        ("email", "ada@example.com"),
        ("password", passwords.0),
        ("password_repeat", passwords.1),
    ];
    browser.submit(&page, &fields).await
}

stories! {
    /// The link makes one admin, once, who then signs in.
    // V6.3.2, V6.4.1
    async fn a_set_up_link_makes_the_first_admin_once(app) {
        let link = link(app).await;
        let mut browser = app.anonymous();
        let reply = set_up(&mut browser, &link, (GOOD, GOOD)).await.expect(303);
        assert_eq!(reply.location(), "/login");
        assert_eq!(browser.session(), None, "the new admin signs in like everybody");
        let page = browser.follow(reply).await.expect(200);
        let typed = [("username", "ada@example.com"), ("password", GOOD)];
        browser.submit(&page, &typed).await.expect(303);

        let again = app.get(&link).await.expect(404);
        assert!(again.body.contains("<code>set_up_link_used</code>"), "{}", again.body);
        let admin = app.user("ada").await;
        assert_eq!(admin.role, domain::Role::Admin);
        assert!(admin.operator_at.is_some());
        assert_eq!(app.events("set_up_link.used").await.len(), 1);
    }

    /// Of many who use the link at once, one makes an admin.
    async fn a_set_up_link_works_once_in_a_race(app) {
        let link = link(app).await;
        let mut browser = app.anonymous();
        let page = browser.get(&link).await.expect(200);
        let form = crate::support::PageForm::read(&page.body);
        let cookie = page.header("set-cookie").and_then(|it| it.split(';').next()).expect("a visit");
        let posting = |number: usize| {
            let email = format!("ada-{number}@example.com");
            let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let typed = [("name", "Ada"), ("email", &*email), ("password", GOOD)];
            let fields: Vec<_> =
                hidden.chain(typed).chain([("password_repeat", GOOD)]).collect();
            RequestBuilder::post(&form.action).header("cookie", cookie).form(&fields)
        };
        let replies = app.race((0..10).map(posting).collect()).await;
        let made = replies.iter().filter(|reply| reply.status == 303).count();
        assert_eq!(made, 1);
        assert!(replies.iter().all(|reply| matches!(reply.status.as_u16(), 303 | 404)));
    }

    /// The link is good at the first account only: its admin runs the installation.
    // TN-07
    async fn a_set_up_link_works_at_the_first_account_only(app) {
        let link = link(app).await;
        let elsewhere = || RequestBuilder::get(&link).at(crate::support::OTHER_ORIGIN);
        let reply = app.send(elsewhere()).await.expect(404);
        assert!(!reply.body.contains("<form"), "{}", reply.body);
        let other = app.account(crate::support::OTHER_ORIGIN).await;
        let admin = setup::FirstAdmin {
            email: domain::EmailAddress::parse("eve@example.com").expect("an address"),
            name: "Eve".to_owned(),
            password: domain::Secret::new(GOOD),
        };
        let handle = link.rsplit('/').next().expect("a handle");
        let refused = setup::create_first_admin(&app.ctx, &other, handle, admin).await;
        let ended = setup::SetUpRefused::LinkEnded;
        assert!(matches!(refused, Err(store::Failure::Refused(reason)) if reason == ended));
        app.get(&link).await.expect(200);
    }

    /// The link ends after a quarter of an hour, and when a newer one is opened.
    // V6.4.1
    async fn a_set_up_link_ends(app) {
        let old = link(app).await;
        let new = link(app).await;
        app.get(&old).await.expect(404);
        app.get(&new).await.expect(200);
        app.advance(Lifetime::minutes(15));
        app.get(&new).await.expect(404);
    }

    /// Without a link there is no form, and no page tells how to get one.
    // V6.3.2
    async fn made_up_links_open_nothing(app) {
        let good = link(app).await;
        let mut changed = good.clone().into_bytes();
        let last = changed.last_mut().expect("it is not empty");
        *last = if *last == b'a' { b'b' } else { b'a' };
        let changed = String::from_utf8(changed).expect("ASCII");
        for path in [&*changed, "/setup/", "/setup/x", "/setup/%FF", "/setup/%00", "/setup/a/b"] {
            let reply = app.get(path).await;
            assert_eq!(reply.status.as_u16(), 404, "{path}");
        }
        app.get("/setup").await.expect(404);
        let mut browser = app.anonymous();
        browser.get(&good).await.expect(200);
        let forged = RequestBuilder::post(&good).form(&[("name", "Eve"), ("email", "e@example.com")]);
        browser.send(forged).await.expect(403);
        app.get(&good).await.expect(200);
    }

    /// A password is long enough and not one of the first that are guessed; nothing else is asked of
    // it. What was typed stays typed, the passwords aside.
    // V6.2.1, V6.2.4–5, V6.2.8–9, N-01
    async fn passwords_are_judged_by_length_and_commonness(app) {
        let link = link(app).await;
        let mut browser = app.anonymous();
        for (password, reason) in [
            ("", "too short"),
            ("7 chars", "too short"),
            ("öööäääü", "too short"),
            ("password1", "too common"),
            ("PassWord2026!", "too common"),
            ("aaaaaaaaaaaa", "too common"),
            (&*"xy".repeat(513), "too long"),
        ] {
            let reply = set_up(&mut browser, &link, (password, password)).await.expect(422);
            assert!(reply.body.contains(reason), "{password}: {}", reply.body);
            assert!(reply.body.contains("value=\"ada@example.com\""));
            assert!(password.is_empty() || !reply.body.contains(&format!("\"{password}\"")));
        }
        let reply = set_up(&mut browser, &link, (GOOD, "another password")).await.expect(422);
        assert!(reply.body.contains("The two passwords differ."), "{}", reply.body);
    }

    /// Long and odd passwords are taken as they are: nothing is cut, folded or trimmed.
    // V6.2.8, V6.2.9, N-01
    async fn passwords_are_taken_exactly(app) {
        for (number, password) in [
            "8 chars!",
            &"ab".repeat(32),
            &"ab".repeat(32).replace("ab", "é "),
            &"zq".repeat(512),
            "  spaces around  ",
            "пароль-кот-鍵-🔑",
            "<script>'\"&%00;--",
        ]
        .into_iter()
        .enumerate()
        {
            let link = link(app).await;
            let mut browser = app.anonymous();
            let page = browser.get(&link).await.expect(200);
            let email = format!("ada-{number}@example.com");
            let fields = [("name", "Ada"), ("email", &email), ("password", password)];
            let fields = [&fields[..], &[("password_repeat", password)]].concat();
            browser.submit(&page, &fields).await.expect(303);
            let cut: String = password.chars().take(password.chars().count() - 1).collect();
            for (typed, status) in [(&*cut, 422), (password, 303)] {
                let page = browser.get("/login").await.expect(200);
                let fields = [("username", &*email), ("password", typed)];
                browser.submit(&page, &fields).await.expect(status);
            }
        }
    }

    /// Names and addresses that nobody has are pointed at, not stored.
    async fn odd_names_and_addresses_are_refused(app) {
        let link = link(app).await;
        let mut browser = app.anonymous();
        for (name, email) in [
            ("", "ada@example.com"),
            ("   ", "ada@example.com"),
            ("Ada", ""),
            ("Ada", "ada"),
            ("Ada", "ada@"),
            ("Ada", "a b@example.com"),
            ("Ada\nBcc: x", "ada@example.com"),
            ("A\u{7}", "ada@example.com"),
            (&*"A".repeat(256), "ada@example.com"),
        ] {
            let page = browser.get(&link).await.expect(200);
            let fields = [("name", name), ("email", email), ("password", GOOD)];
            let fields = [&fields[..], &[("password_repeat", GOOD)]].concat();
            browser.submit(&page, &fields).await.expect(422);
        }
        let page = browser.get(&link).await.expect(200);
        let fields = [("name", "Ada"), ("email", "ALICE@example.com"), ("password", GOOD)];
        let fields = [&fields[..], &[("password_repeat", GOOD)]].concat();
        let reply = browser.submit(&page, &fields).await.expect(422);
        assert!(reply.body.contains("already in use"), "{}", reply.body);
        app.get(&link).await.expect(200);
    }
}
