//! The authorization endpoint: what it answers at the client, what on a page of ours, and when.

use domain::{ClientDraft, ClientField, ClientState, FaultCode};
use http::Method;
use protocol::apply::{AccountDeclaration, Declaration};
use protocol::clients::ClientRefused;
use store::Failure;

use crate::support::{Consent, OTHER_ORIGIN, RequestBuilder, and, stories, with, without};

const CALLBACK: &str = "https://app.example.com/callback";
const OTHER_CALLBACK: &str = "https://report.example.com/cb";
const EVIL: &str = "https://evil.example/";

stories! {
    // W-43, B-17, B-18
    async fn allow_leads_back_with_a_code_the_state_and_the_issuer(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let page = browser.authorize(&client.request(&Consent::default())).await.expect_consent();
        assert_eq!(app.code_count().await, 0);
        let reply = browser.allow(&page, &[]).await;
        let code = reply.expect_code_at(CALLBACK);
        let issuer = "http%3A%2F%2F127.0.0.1%3A8080";
        assert_eq!(reply.location(), format!("{CALLBACK}?code={code}&state=xyz&iss={issuer}"));
        client.redeem(&code).await.expect(200);
    }

    // W-44, B-17, B-18
    async fn deny_leads_back_with_access_denied(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let page = browser.authorize(&client.request(&Consent::default())).await.expect_consent();
        browser.deny(&page).await.expect_error_at(CALLBACK, "access_denied");
        assert_eq!((app.code_count().await, app.grant_count().await), (0, 0));
        assert_eq!(app.events("grant.denied").await.len(), 1);
    }

    // W-45, RU-10
    async fn without_a_proven_client_and_address_there_is_only_a_page(app) {
        app.client("photo-album").tokens(&Consent::default()).await;
        let client = app.client("photo-album");
        let valid = client.request(&Consent::default());
        let codes_before = app.code_count().await;
        for (request, code) in [
            (with(&valid, "client_id", "nobody"), "unknown_client"),
            (with(&valid, "client_id", "elsewhere"), "unknown_client"),
            (with(&valid, "client_id", "PHOTO-ALBUM"), "unknown_client"),
            (with(&valid, "client_id", ""), "unknown_client"),
            (without(&valid, "client_id"), "unknown_client"),
            (without(&valid, "redirect_uri"), "redirect_uri_missing"),
            (with(&valid, "redirect_uri", ""), "redirect_uri_missing"),
            (with(&valid, "redirect_uri", "https://evil.example/"), "redirect_uri_mismatch"),
            // The address of another client of the same account.
            (with(&valid, "redirect_uri", OTHER_CALLBACK), "redirect_uri_mismatch"),
        ] {
            for (name, value) in [("prompt", ""), ("prompt", "none"), ("response_type", "bad")] {
                let request = with(&request, name, value);
                for mut browser in [app.browser("alice").await, app.anonymous()] {
                    let page = browser.authorize(&request).await;
                    page.expect_error_page(code);
                    assert!(page.body.contains("invalid_request"), "{}", page.body);
                }
            }
        }
        assert_eq!(app.code_count().await, codes_before);
    }

    // W-45
    async fn a_client_of_another_account_is_unknown_here_and_known_there(app) {
        let request = "/oauth/authorizations/new?response_type=code&client_id=elsewhere\
            &redirect_uri=https%3A%2F%2Felsewhere.example.com%2Fcb&scope=read&state=xyz";
        app.get(request).await.expect_error_page("unknown_client");
        let there = RequestBuilder::get(request).at(OTHER_ORIGIN);
        app.send(there).await.expect_sign_in();
    }

    // W-51, RU-08, D-03
    async fn a_recognised_parameter_may_be_sent_once(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let valid = client.request(&Consent::default());
        for name in [
            "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge",
            "code_challenge_method", "nonce", "prompt", "max_age", "id_token_hint", "login_hint",
            "ui_locales", "acr_values", "display", "response_mode", "request", "request_uri",
            "registration", "claims",
        ] {
            let good = valid.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
            for (first, second) in [(good, good), (good, EVIL), (EVIL, good)] {
                let twice = and(&without(&valid, name), &[(name, first), (name, second)]);
                browser.authorize(&twice).await.expect_error_page("repeated_parameter");
            }
        }
    }

    // D-03
    async fn what_is_not_recognised_is_ignored_and_what_is_empty_is_absent(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let valid = client.request(&Consent::default());
        let foreign = and(&valid, &[("foo", "1"), ("foo", "2"), ("redirect_url", EVIL)]);
        browser.authorize(&foreign).await.expect_code_at(CALLBACK);
        let nothing = [("prompt", ""), ("nonce", ""), ("max_age", ""), ("request", "")];
        let empty = and(&with(&valid, "state", ""), &nothing);
        let reply = browser.authorize(&empty).await;
        reply.expect_code_at(CALLBACK);
        assert_eq!(reply.parameter("state"), None);
        let empty = with(&valid, "response_type", "");
        browser.authorize(&empty).await.expect_error_at(CALLBACK, "invalid_request");
    }

    // W-49, B-08, BA-01, V10.6.1
    async fn there_is_no_response_type_but_code(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let valid = client.request(&Consent::default());
        for (response_type, joint) in [
            ("token", '#'),
            ("id_token", '#'),
            ("id_token token", '#'),
            ("code token", '#'),
            ("code id_token", '#'),
            ("none", '?'),
            ("bad", '?'),
            ("CODE", '?'),
            ("code code", '?'),
        ] {
            let reply = browser.authorize(&with(&valid, "response_type", response_type)).await;
            reply.expect_error_at(CALLBACK, "unsupported_response_type");
            assert_eq!(reply.location().as_bytes()[CALLBACK.len()], joint as u8, "{response_type}");
            assert_eq!(reply.parameter("access_token"), None);
            assert_eq!(reply.parameter("id_token"), None);
        }
        let missing = without(&valid, "response_type");
        browser.authorize(&missing).await.expect_error_at(CALLBACK, "invalid_request");
    }

    // V10.4.12, B-24
    async fn the_response_comes_in_no_way_that_is_not_built(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let valid = client.request(&Consent::default());
        for mode in ["fragment", "web_message", "query.jwt", "jwt", "bad"] {
            let reply = browser.authorize(&with(&valid, "response_mode", mode)).await;
            reply.expect_error_at(CALLBACK, "invalid_request");
            assert_eq!(reply.location().as_bytes()[CALLBACK.len()], b'?', "{mode}");
        }
        browser.authorize(&with(&valid, "response_mode", "query")).await.expect_code_at(CALLBACK);
    }

    async fn what_cannot_be_followed_is_refused_by_its_name(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let mut browser = app.browser("alice").await;
        let valid = client.request(&Consent::default());
        for (name, error) in [
            ("request", "invalid_request_object"),
            ("request_uri", "invalid_request_uri"),
            ("registration", "registration_not_supported"),
        ] {
            let reply = browser.authorize(&with(&valid, name, "https://app.example.com/x")).await;
            reply.expect_error_at(CALLBACK, error);
        }
    }

    // W-50, V10.4.11
    async fn only_known_scopes_within_the_ceiling_may_be_asked_for(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let valid = client.request(&Consent::default());
        let (long, sixty_five) = ("a".repeat(2049), numbered(65));
        for scope in [
            "nonsense",
            "nonsense:read auditlogs:write",
            "READ",
            // Beyond the ceiling, alone and beside what is within.
            "profile",
            "read impersonate",
            // Malformed.
            "read\twrite",
            "\"read\"",
            "read\\write",
            "réad",
            &long,
            &sixty_five,
        ] {
            let reply = browser.authorize(&with(&valid, "scope", scope)).await;
            reply.expect_error_at(CALLBACK, "invalid_scope");
        }
        // Duplicates collapse, and unknown names beside known ones are dropped.
        let scope = "read  read read nonsense";
        let page = browser.authorize(&with(&valid, "scope", scope)).await.expect_consent();
        assert_eq!(page.body.matches("class=\"scope\"").count(), 1, "{}", page.body);
        assert!(!page.body.contains("nonsense"));
        let code = browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        assert_eq!(client.redeem(&code).await.expect(200).text("scope"), "read");
    }

    // W-50, D-06
    async fn without_scope_the_defaults_of_the_account_are_asked_for(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let without_scope = client.request(&Consent { scope: None, ..Consent::default() });
        let page = browser.authorize(&without_scope).await.expect_consent();
        assert_eq!(page.body.matches("class=\"scope\"").count(), 1, "{}", page.body);
        let code = browser.allow(&page, &[]).await.expect_code_at(CALLBACK);
        assert_eq!(client.redeem(&code).await.expect(200).text("scope"), "read");
        // Outside the ceiling the defaults are nothing.
        let narrow = |draft: &mut ClientDraft| draft.scopes = Some(vec!["openid".to_owned()]);
        app.change_client("photo-album", narrow).await.expect("valid");
        browser.authorize(&without_scope).await.expect_error_at(CALLBACK, "invalid_scope");
        let wide = |draft: &mut ClientDraft| draft.scopes = None;
        app.change_client("photo-album", wide).await.expect("valid");
        browser.authorize(&without_scope).await.expect_code_at(CALLBACK);
        let no_defaults = AccountDeclaration {
            slug: "demo".to_owned(),
            default_scopes: Some(Vec::new()),
            ..AccountDeclaration::default()
        };
        let accounts = vec![no_defaults];
        app.declare(&Declaration { accounts, ..Declaration::default() }).await;
        browser.authorize(&without_scope).await.expect_error_at(CALLBACK, "invalid_scope");
    }

    // V10.4.4
    async fn a_client_without_the_grant_type_gets_no_code(app) {
        let edit = |draft: &mut ClientDraft| {
            draft.grant_types = Some(vec!["client_credentials".to_owned()]);
        };
        app.change_client("photo-album", edit).await.expect("valid");
        let request = app.client("photo-album").request(&Consent::default());
        let reply = app.browser("alice").await.authorize(&request).await;
        reply.expect_error_at(CALLBACK, "unauthorized_client");
    }

    async fn an_unfinished_client_works_for_its_owner_and_a_suspended_one_for_nobody(app) {
        let request = app.client("photo-album").request(&Consent::default());
        let bad = with(&request, "scope", "nonsense");
        for state in [ClientState::Draft, ClientState::Pending] {
            app.set_client_state("photo-album", state).await;
            app.browser("admin").await.authorize(&request).await.expect_consent();
            let mut alice = app.browser("alice").await;
            alice.authorize(&request).await.expect_error_page("client_suspended");
            // Not even an error is sent there.
            alice.authorize(&bad).await.expect_error_page("client_suspended");
            let silent = with(&bad, "prompt", "none");
            alice.authorize(&silent).await.expect_error_page("client_suspended");
            app.anonymous().authorize(&silent).await.expect_error_page("client_suspended");
        }
        app.set_client_state("photo-album", ClientState::Suspended).await;
        for name in ["admin", "alice"] {
            let reply = app.browser(name).await.authorize(&request).await;
            reply.expect_error_page("client_suspended");
        }
        app.anonymous().authorize(&request).await.expect_error_page("client_suspended");
    }

    // B-20
    async fn no_other_origin_may_read_the_endpoint(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let path = "/oauth/authorizations/new?client_id=photo-album";
        for method in [Method::GET, Method::OPTIONS, Method::POST] {
            for origin in ["https://app.example.com", "https://evil.example", "null"] {
                let request = RequestBuilder::new(method.clone(), path)
                    .header("origin", origin)
                    .header("access-control-request-method", "GET");
                let reply = app.send(request).await;
                let mut names = reply.headers.keys().map(http::HeaderName::as_str);
                let told = names.find(|name| name.contains("access-control"));
                assert_eq!(told, None, "{method} from {origin}");
            }
        }
    }

    // B-22
    async fn what_a_stranger_says_of_the_way_here_is_not_believed(app) {
        let query = "client_id=nobody&redirect_uri=https://evil.example/";
        let path = format!("/oauth/authorizations/new?{query}");
        let lying = |name: &str, value: &str| RequestBuilder::get(&path).header(name, value);
        for request in [
            lying("x-forwarded-host", "127.0.0.2:8080"),
            lying("x-forwarded-host", "evil.example"),
            lying("x-forwarded-proto", "https"),
            lying("forwarded", "for=10.0.0.1;host=evil.example;proto=https"),
            lying("x-client-cert", "MIIB"),
            lying("x-original-url", "/admin"),
        ] {
            let page = app.send(request).await;
            page.expect_error_page("unknown_client");
            assert!(page.body.contains("demo Ltd"), "{}", page.body);
            assert!(!page.body.contains("evil.example"), "{}", page.body);
        }
    }

    // B-16
    async fn no_client_is_called_like_a_user(app) {
        let alice = app.user("alice").await;
        for identifier in [alice.id.to_string(), alice.email.as_str().to_owned()] {
            let draft = ClientDraft {
                name: "Alice".to_owned(),
                identifier,
                ..ClientDraft::default()
            };
            let Err(Failure::Refused(ClientRefused::Invalid(faults))) = app.register(&draft).await
            else {
                panic!("{} was registered", draft.identifier);
            };
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!(faults[0].field, ClientField::Identifier);
            assert_eq!(faults[0].code, FaultCode::InvalidValue);
        }
    }

    async fn the_error_page_is_what_it_was(app) {
        let request = app.client("photo-album").request(&Consent::default());
        let request = with(&request, "redirect_uri", "https://evil.example/<script>");
        let page = app.anonymous().authorize(&request).await;
        page.expect_error_page("redirect_uri_mismatch");
        insta::assert_snapshot!("error_page", page.snapshot());
    }
}

fn numbered(count: usize) -> String {
    (0..count).map(|index| format!("x{index}")).collect::<Vec<_>>().join(" ")
}
