//! Consent: when the user is asked, what the page says, and that the answer counts once.

use domain::{ClientDraft, ConsentPolicy, Lifetime};
use protocol::authorization::{self, PageRefused, Verdict};
use protocol::sessions;
use scraper::{Html, Selector};
use store::Failure;

use crate::support::{
    Browser, Consent, ORIGIN, PageForm, Reply, RequestBuilder, TestApp, and, stories, with,
};

const CALLBACK: &str = "https://app.example.com/callback";

/// Opens a request of photo-album in this browser.
async fn ask(app: &TestApp, browser: &mut Browser<'_>, scope: &str) -> Reply {
    let request = app.client("photo-album").request(&Consent::default());
    browser.authorize(&with(&request, "scope", scope)).await
}

/// The texts of what matches the selector, without line breaks.
fn texts(page: &Reply, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).expect("a valid selector");
    let words = |element: scraper::ElementRef<'_>| {
        element.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
    };
    Html::parse_document(&page.body).select(&selector).map(words).collect()
}

stories! {
    // D-11
    async fn consent_is_remembered_where_only_the_client_can_get_the_answer(app) {
        for identifier in ["photo-album", "legacy-sync", "web-player"] {
            let client = app.client(identifier);
            let request = client.request(&Consent::default());
            let mut browser = app.browser("alice").await;
            let page = browser.authorize(&request).await.expect_consent();
            browser.allow(&page, &[]).await.expect_code_at(client.redirect_uri());
            browser.authorize(&request).await.expect_code_at(client.redirect_uri());
            // Less than that too, in another browser and later.
            app.advance(Lifetime::days(2));
            let less = with(&request, "scope", "tickets:read");
            let reply = app.browser("alice").await.authorize(&less).await;
            let code = reply.expect_code_at(client.redirect_uri());
            assert_eq!(client.redeem(&code).await.expect(200).text("scope"), "tickets:read");
            // Nobody answers for somebody else.
            app.browser("bob").await.authorize(&request).await.expect_consent();
        }
    }

    // D-11, P-05, V10.7.1
    async fn an_app_on_the_users_device_is_asked_about_each_time(app) {
        let client = app.client("cli-tool");
        for redirect_uri in [
            "http://127.0.0.1/cb",
            "http://127.0.0.1:51004/cb",
            "http://localhost:9000/cb",
            "com.example.tool:/cb",
        ] {
            let request = with(&client.request(&Consent::default()), "redirect_uri", redirect_uri);
            let mut browser = app.browser("alice").await;
            for _ in 0..2 {
                let page = browser.authorize(&request).await.expect_consent();
                assert!(page.body.contains("Make sure that you started this."));
                browser.allow(&page, &[]).await.expect_code_at(redirect_uri);
            }
            let silent = with(&request, "prompt", "none");
            browser.authorize(&silent).await.expect_error_at(redirect_uri, "consent_required");
        }
        assert_eq!(app.grant_count().await, 1);
    }

    // V10.7.1
    async fn an_account_may_ask_always(app) {
        app.change_account(|account| account.consent = ConsentPolicy::Always).await;
        let mut browser = app.browser("alice").await;
        for _ in 0..2 {
            let page = ask(app, &mut browser, "read").await.expect_consent();
            browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        }
        app.change_account(|account| account.consent = ConsentPolicy::Remember).await;
        ask(app, &mut browser, "read").await.expect_code_at(CALLBACK);
    }

    // D-14, V10.7.2
    async fn the_page_says_who_asks_for_what_and_for_how_long(app) {
        let describe = |draft: &mut ClientDraft| {
            draft.description = Some("Prints <b>your</b> pictures.".to_owned());
        };
        app.change_client("photo-album", describe).await.expect("valid");
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "read write calendar:read").await.expect_consent();
        assert_eq!(texts(&page, "h1"), ["The photo-album wants access to your demo Ltd account"]);
        assert_eq!(texts(&page, ".byline"), ["by Example Ltd Not verified"]);
        assert_eq!(texts(&page, ".description"), ["Prints <b>your</b> pictures."]);
        assert!(texts(&page, ".person")[0].contains("alice alice@example.com"));
        assert_eq!(texts(&page, ".scope").len(), 3);
        assert_eq!(texts(&page, ".scope-optional .scope-title strong"), ["See your calendar"]);
        let facts = texts(&page, ".facts li").join("\n");
        assert!(facts.contains("Not verified: nobody has checked"), "{facts}");
        assert!(facts.contains("You will be redirected to app.example.com"), "{facts}");
        assert!(facts.contains("Access lasts up to 1 year and ends after 30 days"), "{facts}");
        assert!(facts.contains("You can take this back at any time"), "{facts}");
        let once = app.client("one-shot").request(&Consent::default());
        let page = browser.authorize(&once).await.expect_consent();
        assert!(page.body.contains("Access lasts 30 minutes. Then the app asks again."));
    }

    // V10.7.2
    async fn what_is_new_is_shown_as_new(app) {
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "read").await.expect_consent();
        assert!(!page.body.contains("New since last time"));
        browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        let page = ask(app, &mut browser, "read write").await.expect_consent();
        assert_eq!(texts(&page, ".scopes .scope .badge-brand"), ["New since last time"]);
        assert_eq!(texts(&page, ".scopes .scope").len(), 1);
        assert_eq!(texts(&page, "details .scope").len(), 1);
        browser.deny(&page).await.expect_error_at(CALLBACK, "access_denied");
        // What was allowed before stays allowed, and nothing more.
        ask(app, &mut browser, "read").await.expect_code_at(CALLBACK);
        let page = ask(app, &mut browser, "read write").await.expect_consent();
        browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        ask(app, &mut browser, "read write").await.expect_code_at(CALLBACK);
        assert_eq!(app.grant_count().await, 1);
        assert_eq!(app.events("grant.widened").await.len(), 1);
    }

    // D-06
    async fn an_optional_scope_may_be_unticked(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "write calendar:read").await.expect_consent();
        let code = browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        let tokens = client.redeem(&code).await.expect(200);
        assert_eq!(tokens.text("scope"), "write");
        let told = client.introspect(&tokens.text("access_token")).await;
        assert_eq!(told.text("scope"), "write");
        // Unticked is not remembered as allowed, and not refused when the token is refreshed.
        let fields = [("grant_type", "refresh_token"), ("scope", "write calendar:read")];
        let refresh_token = tokens.text("refresh_token");
        let reply = client.token(&and(&fields, &[("refresh_token", &refresh_token)])).await;
        assert_eq!(reply.expect(200).text("scope"), "write");
        let page = ask(app, &mut browser, "write calendar:read").await.expect_consent();
        let code = browser.allow(&page, &["calendar:read"]).await.expect_code_at(CALLBACK);
        assert_eq!(client.redeem(&code).await.expect(200).text("scope"), "write calendar:read");
        ask(app, &mut browser, "write calendar:read").await.expect_code_at(CALLBACK);
    }

    async fn nothing_left_ticked_is_a_denial(app) {
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "calendar:read").await.expect_consent();
        browser.allow(&page, &[]).await.expect_error_at(CALLBACK, "access_denied");
        assert_eq!((app.grant_count().await, app.code_count().await), (0, 0));
    }

    // V10.7.1
    async fn a_form_cannot_allow_more_than_was_asked_for(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "read").await.expect_consent();
        let forged = ["write", "calendar:read", "openid", "users:write", "nonsense"];
        let code = browser.allow(&page, &forged).await.expect_code_at(CALLBACK);
        assert_eq!(client.redeem(&code).await.expect(200).text("scope"), "read");
        ask(app, &mut browser, "read write").await.expect_consent();
    }

    async fn a_decision_counts_once(app) {
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "read").await.expect_consent();
        browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        browser.allow(&page, &[]).await.expect_error_page("request_expired");
        browser.deny(&page).await.expect_error_page("request_expired");
        assert_eq!(app.code_count().await, 1);
        // Allowing after a denial is too late as well.
        let page = ask(app, &mut browser, "write").await.expect_consent();
        browser.deny(&page).await.expect_error_at(CALLBACK, "access_denied");
        browser.allow(&page, &[]).await.expect_error_page("request_expired");
        assert_eq!(app.code_count().await, 1);
    }

    async fn of_ten_decisions_at_once_one_counts(app) {
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "read").await.expect_consent();
        let form = PageForm::read(&page.body);
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = hidden.chain([("decision", "allow")]).collect();
        let press = |_| browser.with_cookies(RequestBuilder::post(&form.action).form(&fields));
        let replies = app.race((0..10).map(press).collect()).await;
        let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 303);
        assert_eq!((won.len(), app.code_count().await), (1, 1));
        won[0].expect_code_at(CALLBACK);
        for reply in lost {
            reply.expect_error_page("request_expired");
        }
    }

    // V10.7.1
    async fn only_the_user_who_was_asked_may_decide(app) {
        let mut alice = app.browser("alice").await;
        let mut bob = app.browser("bob").await;
        let page = ask(app, &mut alice, "read").await.expect_consent();
        let of_bob = ask(app, &mut bob, "read").await.expect_consent();
        let (hers, his) = (PageForm::read(&page.body), PageForm::read(&of_bob.body));
        // Her form in his browser, with her token and with his own.
        let allow = [("decision", "allow")];
        bob.submit_form(&hers, &allow).await.expect(403);
        let forged = PageForm { action: hers.action.clone(), hidden: his.hidden.clone() };
        bob.submit_form(&forged, &allow).await.expect(403);
        // Nor can a token of one request decide another of the same user.
        let second = PageForm::read(&ask(app, &mut alice, "write").await.expect_consent().body);
        let mixed = PageForm { action: second.action.clone(), hidden: hers.hidden.clone() };
        alice.submit_form(&mixed, &allow).await.expect(403);
        app.anonymous().submit_form(&hers, &allow).await.expect(403);
        assert_eq!((app.code_count().await, app.grant_count().await), (0, 0));
        alice.submit_form(&hers, &allow).await.expect_code_at(CALLBACK);
    }

    // V10.7.1: also behind the form, which proves the browser only.
    async fn the_flow_takes_no_decision_of_another_user(app) {
        let mut alice = app.browser("alice").await;
        let page = ask(app, &mut alice, "read").await.expect_consent();
        let action = PageForm::read(&page.body).action;
        let handle = action.split('/').nth(3).expect("the action names the request");
        let account = app.account(ORIGIN).await;
        for (name, decides) in [("bob", false), ("alice", true)] {
            let cookie = app.browser(name).await.session().expect("signed in");
            let session = sessions::resume(&app.ctx, &account, &cookie).await.expect("reads");
            let signed_in = session.expect("signed in");
            let verdict = Verdict::Allow(Vec::new());
            let decision =
                authorization::decide(&app.ctx, &account, &signed_in, handle, verdict).await;
            match decision {
                Ok(_) => assert!(decides, "{name} decided"),
                Err(refused) => {
                    assert!(!decides, "{name} did not");
                    assert!(matches!(refused, Failure::Refused(PageRefused::Ended)));
                }
            }
        }
    }

    // V10.7.1
    async fn a_page_that_was_taken_over_to_another_user_decides_nothing(app) {
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "read").await.expect_consent();
        let handle = PageForm::read(&page.body).action;
        let handle = handle.split('/').nth(3).expect("the action names the request").to_owned();
        // Bob opens the stored request of Alice: he is asked himself, by a request of his own.
        let mut bob = app.browser("bob").await;
        let resumed = format!("/oauth/authorizations/new?resume={handle}");
        let his = bob.get(&resumed).await.expect_consent();
        assert!(his.body.contains("bob@example.com") && !his.body.contains("alice@example.com"));
        assert!(!PageForm::read(&his.body).action.contains(&handle));
        bob.allow(&his, &[]).await.expect_code_at(CALLBACK);
        // Hers still waits for her.
        browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
    }

    async fn a_decision_comes_from_our_own_page(app) {
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "read").await.expect_consent();
        let form = PageForm::read(&page.body);
        let fields = [("decision", "allow")];
        let bare = RequestBuilder::post(&form.action).header("sec-fetch-site", "same-origin");
        browser.send(bare.form(&fields)).await.expect(403);
        let token = (form.hidden[0].0.as_str(), form.hidden[0].1.as_str());
        let cross = RequestBuilder::post(&form.action).header("sec-fetch-site", "cross-site");
        browser.send(cross.form(&[token, fields[0]])).await.expect(403);
        let unsure = RequestBuilder::post(&form.action).header("sec-fetch-site", "same-origin");
        browser.send(unsure.form(&[token, ("decision", "perhaps")])).await.expect(400);
        browser.get(&form.action).await.expect(405);
        assert_eq!((app.code_count().await, app.grant_count().await), (0, 0));
    }

    async fn a_page_left_open_ends_after_ten_minutes(app) {
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "read").await.expect_consent();
        app.advance(Lifetime::seconds(599));
        let second = ask(app, &mut browser, "write").await.expect_consent();
        app.advance(Lifetime::seconds(1));
        browser.allow(&page, &[]).await.expect_error_page("request_expired");
        browser.allow(&second, &[]).await.expect_code_at(CALLBACK);
    }

    async fn the_decision_is_judged_by_what_is_true_by_then(app) {
        let mut browser = app.browser("alice").await;
        let lowered = ask(app, &mut browser, "read write").await.expect_consent();
        let lower = |draft: &mut ClientDraft| draft.scopes = Some(vec!["read".to_owned()]);
        app.change_client("photo-album", lower).await.expect("valid");
        browser.allow(&lowered, &[]).await.expect_error_at(CALLBACK, "invalid_scope");
        let moved = ask(app, &mut browser, "read").await.expect_consent();
        let away = |draft: &mut ClientDraft| {
            draft.redirect_uris = vec!["https://app.example.com/new".to_owned()];
        };
        app.change_client("photo-album", away).await.expect("valid");
        browser.allow(&moved, &[]).await.expect_error_page("redirect_uri_mismatch");
        browser.deny(&moved).await.expect_error_page("redirect_uri_mismatch");
        let back = |draft: &mut ClientDraft| draft.redirect_uris = vec![CALLBACK.to_owned()];
        app.change_client("photo-album", back).await.expect("valid");
        let orphaned = ask(app, &mut browser, "read").await.expect_consent();
        app.delete_client("photo-album").await;
        browser.allow(&orphaned, &[]).await.expect_error_page("unknown_client");
        assert_eq!((app.code_count().await, app.grant_count().await), (0, 0));
    }

    async fn the_consent_page_is_what_it_was(app) {
        let mut browser = app.browser("alice").await;
        let page = ask(app, &mut browser, "read write calendar:read").await.expect_consent();
        insta::assert_snapshot!("consent_page", page.snapshot());
    }
}
