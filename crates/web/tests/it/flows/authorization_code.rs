//! The main job: authorization code with PKCE, from the browser to the token; and that a code works
//! once.

use domain::Lifetime;
use serde_json::json;

use crate::support::{Challenge, Consent, RequestBuilder, password, stories, with, without};

const WITHOUT_PKCE: Consent<'static> =
    Consent { user: "alice", scope: Some("read"), pkce: false, more: &[] };

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

stories! {
    /// An app gets tokens and they work.
    // oidcc-server-client-secret-post
    async fn a_user_allows_an_app_and_it_gets_tokens(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        assert_eq!(tokens.text("scope"), "read");
        assert_eq!(tokens.json()["expires_in"], 1800);
        assert_eq!(tokens.json()["refresh_token_expires_in"], 2_592_000);
        let told = client.introspect(&tokens.text("access_token")).await;
        assert_eq!(told.json()["active"], true);
        assert_eq!(told.json()["username"], "alice@example.com");
    }

    // W-53, P-04
    async fn a_public_client_gets_tokens_without_a_secret(app) {
        let client = app.client("web-player");
        let consent = Consent { scope: Some("write read"), ..Consent::default() };
        let tokens = client.tokens(&consent).await;
        let mut body = tokens.json();
        let members = body.as_object_mut().expect("an object");
        let access_token = members.remove("access_token").expect("an access token");
        let refresh_token = members.remove("refresh_token").expect("a refresh token");
        assert!(access_token.as_str().is_some_and(|token| token.starts_with("cstat_")));
        assert!(refresh_token.as_str().is_some_and(|token| token.starts_with("cstrt_")));
        let rest = json!({"token_type": "bearer", "scope": "write read", "expires_in": 1800,
            "refresh_token_expires_in": 2_592_000});
        assert_eq!(body, rest);
        assert_eq!(tokens.header("cache-control"), Some("no-store"));
        assert_eq!(tokens.header("pragma"), Some("no-cache"));
        assert_eq!(tokens.header("retry-after"), None);
    }

    // W-52
    async fn a_code_may_come_as_form_or_json_and_the_secret_by_basic(app) {
        let client = app.client("photo-album");
        let secret = client.secret.expect("a confidential client");
        let by_form = client.code(&Consent::default()).await;
        client.token(&client.claim(&by_form)).await.expect(200);
        let by_json = client.code(&Consent::default()).await;
        let body = json!({"grant_type": "authorization_code", "code": by_json,
            "client_id": "photo-album", "client_secret": secret,
            "redirect_uri": client.redirect_uri(), "code_verifier": Challenge::RFC.verifier,
            "scopes": ["write"]});
        app.send(RequestBuilder::post("/oauth/tokens").json(&body)).await.expect(200);
        let by_basic = client.code(&Consent::default()).await;
        let request = RequestBuilder::post("/oauth/tokens").form(&client.claim(&by_basic));
        app.send(request.basic("photo-album", secret)).await.expect(200);
    }

    // W-54, D-06
    async fn the_scope_may_be_narrowed_and_never_widened(app) {
        let client = app.client("daily-report");
        let consent = Consent { scope: Some("read tickets:write nonsense"), ..Consent::default() };
        for (asked, granted) in [
            ("", Some("read tickets:write")),
            ("tickets:read", Some("tickets:read")),
            ("read", Some("read")),
            ("tickets:write nonsense", Some("tickets:write")),
            ("users:write", None),
            ("read users:write", None),
            ("write", None),
            ("nonsense", None),
            ("openid", None),
            ("re\"ad", None),
        ] {
            let code = client.code(&consent).await;
            let reply = client.token(&with(&client.claim(&code), "scope", asked)).await;
            if let Some(granted) = granted {
                assert_eq!(reply.expect(200).text("scope"), granted, "{asked}");
                continue;
            }
            assert_eq!(reply.error(), (400, "invalid_scope".to_owned()), "{asked}");
            // The failed attempt used nothing up.
            client.redeem(&code).await.expect(200);
        }
    }

    // W-55, B-14, V10.4.2
    // oidcc-codereuse
    async fn a_second_redemption_ends_what_the_first_one_gave(app) {
        for identifier in ["photo-album", "web-player", "legacy-sync"] {
            let client = app.client(identifier);
            let code = client.code(&Consent::default()).await;
            let first = client.redeem(&code).await.expect(200);
            let watcher = app.client("photo-album");
            let (access, refresh) = (first.text("access_token"), first.text("refresh_token"));
            let bearer = || RequestBuilder::get("/api/v2/users/me").bearer(&access);
            app.send(bearer()).await.expect(200);
            let incidents = app.events("incident.code_replayed").await.len();
            assert_eq!(client.redeem(&code).await.error(), invalid_grant());
            app.send(bearer()).await.expect(401);
            assert!(!watcher.is_active(&access).await);
            assert_eq!(client.refresh(&refresh).await.error(), invalid_grant());
            // And no third redemption makes it alive or an incident again.
            assert_eq!(client.redeem(&code).await.error(), invalid_grant());
            assert_eq!(app.events("incident.code_replayed").await.len(), incidents + 1);
        }
    }

    // W-55, B-14, oidcc-codereuse-30seconds: a refreshed family ends as well, and another of the same user and client stays.
    async fn a_replayed_code_ends_its_whole_family_and_no_other(app) {
        let client = app.client("photo-album");
        let other = client.tokens(&Consent::default()).await;
        let code = client.code(&Consent::default()).await;
        let first = client.redeem(&code).await.expect(200);
        let second = client.refresh(&first.text("refresh_token")).await.expect(200);
        app.advance(Lifetime::seconds(31));
        assert_eq!(client.redeem(&code).await.error(), invalid_grant());
        assert!(!client.is_active(&first.text("access_token")).await);
        assert!(!client.is_active(&second.text("access_token")).await);
        assert_eq!(client.refresh(&second.text("refresh_token")).await.error(), invalid_grant());
        assert!(client.is_active(&other.text("access_token")).await);
    }

    // CD-01, B-14
    async fn of_fifty_redemptions_at_once_one_succeeds(app) {
        let client = app.client("photo-album");
        for _ in 0..3 {
            let code = client.code(&Consent::default()).await;
            let families = app.family_count().await;
            let claim = client.claim(&code);
            let requests = (0..50).map(|_| client.posting("/oauth/tokens", &claim)).collect();
            let replies = app.race(requests).await;
            assert_one_success(&replies);
            assert_eq!(app.family_count().await, families + 1);
            let won = replies.iter().find(|reply| reply.status == 200).expect("one won");
            assert!(!client.is_active(&won.text("access_token")).await, "the replays end it");
        }
        assert_eq!(app.events("incident.code_replayed").await.len(), 3);
    }

    // CD-01
    async fn of_fifty_redemptions_at_two_nodes_one_succeeds(app) {
        let client = app.client("photo-album");
        let node = app.another_node().await;
        for _ in 0..3 {
            let code = client.code(&Consent::default()).await;
            let families = app.family_count().await;
            let claim = client.claim(&code);
            let half = || (0..25).map(|_| client.posting("/oauth/tokens", &claim)).collect();
            let (here, there) = tokio::join!(app.race(half()), node.race(half()));
            assert_one_success(&[here, there].concat());
            assert_eq!(app.family_count().await, families + 1);
        }
    }

    // CD-03, D-09, W-56
    async fn a_replay_that_proves_nothing_revokes_nothing(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let tokens = client.redeem(&code).await.expect(200);
        let claim = client.claim(&code);
        for wrong in [
            with(&claim, "code_verifier", "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong"),
            without(&claim, "code_verifier"),
            with(&claim, "redirect_uri", "https://app.example.com/b?x=1"),
        ] {
            assert_eq!(client.token(&wrong).await.error(), invalid_grant());
        }
        for other in ["daily-report", "web-player", "legacy-sync"] {
            assert_eq!(app.client(other).token(&claim).await.error(), invalid_grant(), "{other}");
        }
        let mut without_secret = app.client("photo-album");
        without_secret.secret = Some("photo-album-secret-000001");
        assert_eq!(without_secret.redeem(&code).await.error(), (401, "invalid_client".to_owned()));
        assert!(client.is_active(&tokens.text("access_token")).await);
        client.refresh(&tokens.text("refresh_token")).await.expect(200);
        assert_eq!(app.events("incident.code_replayed").await.len(), 0);
    }

    // CD-06, D-07, V10.4.3, W-57
    async fn a_code_lasts_sixty_seconds(app) {
        let client = app.client("photo-album");
        for (seconds, redeems) in [(59, true), (60, false), (61, false), (3600, false)] {
            let code = client.code(&Consent::default()).await;
            app.advance(Lifetime::seconds(seconds));
            let reply = client.redeem(&code).await;
            assert_eq!(reply.status == 200, redeems, "after {seconds} s: {}", reply.body);
            if !redeems {
                assert_eq!(reply.error(), invalid_grant());
            }
        }
    }

    // W-59, B-15
    async fn a_confidential_client_needs_its_secret_pkce_or_not(app) {
        let mut client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        for secret in [None, Some(""), Some("wrong-secret-0000000000")] {
            client.secret = secret;
            let reply = client.redeem(&code).await;
            assert_eq!(reply.error(), (401, "invalid_client".to_owned()), "{secret:?}");
            let challenge = reply.header("www-authenticate");
            assert_eq!(challenge, Some("Basic realm=\"Consentry\""));
        }
        app.client("photo-album").redeem(&code).await.expect(200);
    }

    // W-60
    async fn a_client_of_unknown_kind_brings_its_secret_or_a_verifier(app) {
        let mut client = app.client("legacy-sync");
        let secret = client.secret;
        let code = client.code(&WITHOUT_PKCE).await;
        client.token(&without(&client.claim(&code), "code_verifier")).await.expect(200);
        let code = client.code(&Consent::default()).await;
        client.secret = None;
        client.redeem(&code).await.expect(200);
        let code = client.code(&WITHOUT_PKCE).await;
        let neither = client.token(&without(&client.claim(&code), "code_verifier")).await;
        assert_eq!(neither.error(), (401, "invalid_client".to_owned()));
        // A wrong secret is not made good by a verifier; a right one does not replace it.
        let code = client.code(&Consent::default()).await;
        client.secret = Some("wrong-secret-0000000000");
        assert_eq!(client.redeem(&code).await.error(), (401, "invalid_client".to_owned()));
        client.secret = secret;
        let no_verifier = client.token(&without(&client.claim(&code), "code_verifier")).await;
        assert_eq!(no_verifier.error(), invalid_grant());
        client.redeem(&code).await.expect(200);
    }

    // B-09, V10.4.4, Z-04
    async fn the_password_grant_does_not_exist(app) {
        let client = app.client("photo-album");
        let secret = client.secret.expect("a confidential client");
        let legacy = json!({"grant_type": "password", "client_id": "photo-album",
            "client_secret": secret, "username": "alice@example.com",
            "password": password("alice"), "scope": "read"});
        let reply = app.send(RequestBuilder::post("/oauth/tokens").json(&legacy)).await;
        assert_eq!(reply.error(), (400, "unsupported_grant_type".to_owned()));
        let fields = [("grant_type", "password"), ("username", "alice@example.com"),
            ("password", password("alice"))];
        let reply = client.token(&fields).await;
        assert_eq!(reply.error(), (400, "unsupported_grant_type".to_owned()));
        assert_eq!(app.family_count().await, 0);
    }

    // V10.4.4
    async fn a_client_has_only_its_own_grant_types(app) {
        let client = app.client("one-shot");
        let tokens = client.tokens(&Consent::default()).await;
        assert_eq!(tokens.json().get("refresh_token"), None);
        let another = app.client("web-player").tokens(&Consent::default()).await;
        let reply = client.refresh(&another.text("refresh_token")).await;
        assert_eq!(reply.error(), (400, "unauthorized_client".to_owned()));
        let fields = [("grant_type", "client_credentials"), ("scope", "read")];
        let reply = client.token(&fields).await;
        assert_eq!(reply.error(), (400, "unauthorized_client".to_owned()));
    }

    // V10.4.5
    async fn a_refresh_token_that_comes_back_late_ends_the_authorization(app) {
        let client = app.client("web-player");
        let first = client.tokens(&Consent::default()).await;
        let second = client.refresh(&first.text("refresh_token")).await.expect(200);
        app.advance(Lifetime::seconds(31));
        let replayed = client.refresh(&first.text("refresh_token")).await;
        assert_eq!(replayed.error(), invalid_grant());
        assert_eq!(client.refresh(&second.text("refresh_token")).await.error(), invalid_grant());
    }
}

#[track_caller]
fn assert_one_success(replies: &[crate::support::Reply]) {
    let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 200);
    let lost: Vec<_> = lost.iter().map(|reply| reply.error()).collect();
    assert_eq!(won.len(), 1, "{lost:?}");
    assert_eq!(lost, vec![invalid_grant(); replies.len() - 1]);
}
