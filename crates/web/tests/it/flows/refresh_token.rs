//! The refresh token grant: rotation, the grace window, replay, and when refreshing ends.

use crate::support::{ClientActor, Consent, Reply, RequestBuilder, TestApp, stories};
use domain::Lifetime;

const JUST: Lifetime = Lifetime::millis(1);

fn grace() -> Lifetime {
    Lifetime::seconds(30)
}

fn invalid_grant(reply: &Reply) {
    assert_eq!(reply.error(), (400, "invalid_grant".to_owned()), "{}", reply.body);
    assert!(reply.credentials().is_empty(), "{}", reply.body);
}

fn pair(reply: &Reply) -> (String, String) {
    (reply.text("access_token"), reply.text("refresh_token"))
}

/// Whether the API takes the access token.
async fn works(app: &TestApp, access_token: &str) -> bool {
    let reply = app.send(RequestBuilder::get("/api/v2/users/me").bearer(access_token)).await;
    app.settled().await;
    match reply.status.as_u16() {
        200 => true,
        401 => {
            assert_eq!(reply.text("error"), "invalid_token");
            false
        }
        _ => panic!("{}", reply.body),
    }
}

/// No token of these replies works any more, and the incident was recorded once.
async fn assert_family_is_dead(app: &TestApp, client: &ClientActor<'_>, replies: &[&Reply]) {
    for reply in replies {
        let (access_token, refresh_token) = pair(reply);
        assert!(!works(app, &access_token).await);
        if client.secret.is_some() {
            assert!(!client.is_active(&access_token).await);
            assert!(!client.is_active(&refresh_token).await);
        }
        invalid_grant(&client.refresh(&refresh_token).await);
    }
    assert_eq!(app.events("incident.refresh_token_reused").await.len(), 1);
}

async fn without_grace(app: &TestApp) {
    app.change_account(|account| account.refresh_grace = Lifetime::seconds(0)).await;
}

stories! {
    // W-64, D-08
    /// A public client refreshes without a secret and gets a new pair with the same scope.
    async fn a_refresh_gives_a_new_pair(app) {
        let client = app.client("web-player");
        let first = client.tokens(&Consent::default()).await;
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &first.text("refresh_token")),
            ("scopes", "write"),
        ];
        let second = client.token(&fields).await.expect(200);
        assert_eq!(second.json()["expires_in"], 1800);
        assert_eq!(second.json()["refresh_token_expires_in"], 2_592_000);
        assert_eq!(second.text("scope"), "read");
        assert_eq!(second.text("token_type"), "bearer");
        assert_eq!(second.header("cache-control"), Some("no-store"));
        assert_ne!(first.text("access_token"), second.text("access_token"));
        assert_ne!(first.text("refresh_token"), second.text("refresh_token"));
        assert!(works(app, &second.text("access_token")).await);
    }

    // W-65, RT-04
    /// In the window the same request gets the same pair, three times; a fourth is reuse.
    async fn the_grace_window_repeats_the_same_pair_three_times(app) {
        let client = app.client("web-player");
        let first = client.tokens(&Consent::default()).await;
        let refresh_token = first.text("refresh_token");
        let second = client.refresh(&refresh_token).await.expect(200);
        for (repetition, left) in [(1, 1790), (2, 1780), (3, 1771)] {
            let step = if repetition == 3 { 9 } else { 10 };
            app.advance(Lifetime::seconds(step));
            let again = client.refresh(&refresh_token).await.expect(200);
            assert_eq!(pair(&again), pair(&second));
            assert_eq!(again.json()["expires_in"], left);
            assert_eq!(again.json()["refresh_token_expires_in"], 2_592_000 - 1800 + left);
        }
        invalid_grant(&client.refresh(&refresh_token).await);
        assert_family_is_dead(app, &client, &[&first, &second]).await;
    }

    // RT-04
    /// In the window other parameters change nothing; the pair is the one that was made.
    async fn the_grace_window_never_branches(app) {
        let client = app.client("photo-album");
        let consent = Consent { scope: Some("read calendar:read"), ..Consent::default() };
        let first = client.tokens(&consent).await;
        let refresh_token = first.text("refresh_token");
        let second = client.refresh(&refresh_token).await.expect(200);
        for more in [("scope", "read"), ("expires_in", "300"), ("scope", "users:write")] {
            let fields = [("grant_type", "refresh_token"), ("refresh_token", &refresh_token), more];
            let again = client.token(&fields).await.expect(200);
            assert_eq!(again.body, second.body);
        }
        assert_eq!(app.family_count().await, 1);
    }

    // RT-04
    /// Another client in the window gets nothing, spends nothing and revokes nothing.
    async fn a_thief_in_the_grace_window_harms_nobody(app) {
        let client = app.client("web-player");
        let first = client.tokens(&Consent::default()).await;
        let refresh_token = first.text("refresh_token");
        let second = client.refresh(&refresh_token).await.expect(200);
        for thief in ["cli-tool", "photo-album", "legacy-sync", "daily-report"] {
            for _ in 0..3 {
                invalid_grant(&app.client(thief).refresh(&refresh_token).await);
            }
        }
        for _ in 0..3 {
            let again = client.refresh(&refresh_token).await.expect(200);
            assert_eq!(pair(&again), pair(&second));
        }
        client.refresh(&second.text("refresh_token")).await.expect(200);
    }

    // B-10, V10.4.5, W-65
    /// After the window an old refresh token is a stolen one: everything of the family ends.
    async fn an_old_refresh_token_after_the_window_ends_the_family(app) {
        for name in ["web-player", "photo-album"] {
            let client = app.client(name);
            let first = client.tokens(&Consent::default()).await;
            let second = client.refresh(&first.text("refresh_token")).await.expect(200);
            app.advance_to_the_end_of(grace());
            let again = client.refresh(&first.text("refresh_token")).await.expect(200);
            assert_eq!(pair(&again), pair(&second));
            app.advance(JUST);
            invalid_grant(&client.refresh(&first.text("refresh_token")).await);
            invalid_grant(&client.refresh(&second.text("refresh_token")).await);
            assert!(!works(app, &second.text("access_token")).await);
            assert!(!works(app, &first.text("access_token")).await);
        }
        assert_eq!(app.events("incident.refresh_token_reused").await.len(), 2);
    }

    // W-65
    /// The old access token works for the window and not longer.
    async fn the_old_access_token_works_for_the_window(app) {
        let client = app.client("photo-album");
        let first = client.tokens(&Consent::default()).await;
        let access_token = first.text("access_token");
        client.refresh(&first.text("refresh_token")).await.expect(200);
        app.advance_to_the_end_of(grace());
        assert!(works(app, &access_token).await);
        assert!(client.is_active(&access_token).await);
        app.advance(JUST);
        assert!(!works(app, &access_token).await);
        assert!(!client.is_active(&access_token).await);
    }

    // RT-09, RT-04
    /// The window ends when the successor is refreshed, within the same second too.
    async fn refreshing_the_successor_ends_the_window(app) {
        let client = app.client("photo-album");
        let first = client.tokens(&Consent::default()).await;
        let second = client.refresh(&first.text("refresh_token")).await.expect(200);
        let third = client.refresh(&second.text("refresh_token")).await.expect(200);
        invalid_grant(&client.refresh(&first.text("refresh_token")).await);
        assert_family_is_dead(app, &client, &[&first, &second, &third]).await;
    }

    // RT-09, RT-04
    /// The window ends when the successor's access token is seen in use.
    async fn using_the_successor_ends_the_window(app) {
        let client = app.client("photo-album");
        let first = client.tokens(&Consent::default()).await;
        let second = client.refresh(&first.text("refresh_token")).await.expect(200);
        assert!(works(app, &second.text("access_token")).await);
        invalid_grant(&client.refresh(&first.text("refresh_token")).await);
        assert_family_is_dead(app, &client, &[&first, &second]).await;
    }

    // RT-09
    /// Looking at the old access token, or at the new refresh token, is no use of the successor.
    async fn looking_at_other_tokens_does_not_end_the_window(app) {
        let client = app.client("photo-album");
        let first = client.tokens(&Consent::default()).await;
        let second = client.refresh(&first.text("refresh_token")).await.expect(200);
        assert!(works(app, &first.text("access_token")).await);
        assert!(client.is_active(&second.text("refresh_token")).await);
        let again = client.refresh(&first.text("refresh_token")).await.expect(200);
        assert_eq!(pair(&again), pair(&second));
    }

    // RT-09, W-65
    /// With a grace of 0 the old pair ends at once, and a replay within the same second is one.
    async fn an_account_without_grace_ends_the_old_pair_at_once(app) {
        without_grace(app).await;
        let client = app.client("web-player");
        let first = client.tokens(&Consent::default()).await;
        assert!(works(app, &first.text("access_token")).await);
        let second = client.refresh(&first.text("refresh_token")).await.expect(200);
        assert!(!works(app, &first.text("access_token")).await);
        let third = client.refresh(&second.text("refresh_token")).await.expect(200);
        assert!(works(app, &third.text("access_token")).await);
        invalid_grant(&client.refresh(&first.text("refresh_token")).await);
        invalid_grant(&client.refresh(&third.text("refresh_token")).await);
        assert!(!works(app, &third.text("access_token")).await);
        assert_eq!(app.events("incident.refresh_token_reused").await.len(), 1);
    }

    // B-12
    /// An unused refresh token ends after thirty days; each refresh begins them anew.
    async fn an_unused_refresh_token_ends(app) {
        let client = app.client("web-player");
        let first = client.tokens(&Consent::default()).await;
        app.advance_to_the_end_of(Lifetime::days(30));
        let second = client.refresh(&first.text("refresh_token")).await.expect(200);
        app.advance(Lifetime::days(30));
        invalid_grant(&client.refresh(&second.text("refresh_token")).await);
        assert!(app.events("incident.refresh_token_reused").await.is_empty());
    }

    // B-12
    /// A new password ends what was allowed before it.
    async fn a_new_password_ends_refresh_tokens(app) {
        let client = app.client("web-player");
        let tokens = client.tokens(&Consent::default()).await;
        app.set_password("alice", "another rabbit hole").await;
        invalid_grant(&client.refresh(&tokens.text("refresh_token")).await);
        assert!(!works(app, &tokens.text("access_token")).await);
    }

    // RT-10, V10.4.8
    /// Refreshing again and again ends 365 days after consent.
    async fn refreshing_ends_a_year_after_consent(app) {
        let client = app.client("web-player");
        let mut tokens = client.tokens(&Consent::default()).await;
        for day in (25..365).step_by(25) {
            app.advance(Lifetime::days(25));
            tokens = client.refresh(&tokens.text("refresh_token")).await.expect(200);
            let left = (365 - day).min(30) * 86_400;
            assert_eq!(tokens.json()["refresh_token_expires_in"], left, "day {day}");
        }
        app.advance(Lifetime::seconds(15 * 86_400 - 100));
        tokens = client.refresh(&tokens.text("refresh_token")).await.expect(200);
        assert_eq!(tokens.json()["refresh_token_expires_in"], 100);
        assert_eq!(tokens.json()["expires_in"], 100);
        let asked_for_more = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &tokens.text("refresh_token")),
            ("refresh_token_expires_in", "7776000"),
            ("expires_in", "172800"),
        ];
        tokens = client.token(&asked_for_more).await.expect(200);
        assert_eq!(tokens.json()["refresh_token_expires_in"], 100);
        app.advance(Lifetime::seconds(100));
        invalid_grant(&client.refresh(&tokens.text("refresh_token")).await);
        assert!(!works(app, &tokens.text("access_token")).await);
    }

    /// A lifetime that was asked for once is not kept: without it the defaults apply afresh.
    async fn lifetimes_begin_afresh_at_each_refresh(app) {
        let client = app.client("web-player");
        let first = client.tokens(&Consent::default()).await;
        let refresh_token = first.text("refresh_token");
        let asked = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh_token),
            ("expires_in", "172800"),
            ("refresh_token_expires_in", "604800"),
        ];
        let second = client.token(&asked).await.expect(200);
        assert_eq!(second.json()["expires_in"], 172_800);
        assert_eq!(second.json()["refresh_token_expires_in"], 604_800);
        let third = client.refresh(&second.text("refresh_token")).await.expect(200);
        assert_eq!(third.json()["expires_in"], 1800);
        assert_eq!(third.json()["refresh_token_expires_in"], 2_592_000);
    }

    // RT-11
    /// Who may not refresh gets no refresh token.
    async fn who_may_not_refresh_gets_no_refresh_token(app) {
        let one_shot = app.client("one-shot");
        for scope in ["read", "read offline_access"] {
            let tokens =
                one_shot.tokens(&Consent { scope: Some(scope), ..Consent::default() }).await;
            assert!(tokens.json().get("refresh_token").is_none(), "{}", tokens.body);
            assert!(tokens.json().get("refresh_token_expires_in").is_none(), "{}", tokens.body);
        }
        let reply = app.client("api-server").token(&[("grant_type", "client_credentials")]).await;
        assert!(reply.expect(200).json().get("refresh_token").is_none());
        let album = app.client("photo-album");
        for (scope, expected) in
            [("openid read", false), ("openid offline_access", true), ("read offline_access", true)]
        {
            let tokens = album.tokens(&Consent { scope: Some(scope), ..Consent::default() }).await;
            assert_eq!(tokens.json().get("refresh_token").is_some(), expected, "{scope}");
        }
    }

    /// Everything of a suspended user has ended, and stays so when the suspension ends.
    async fn a_suspended_user_ends_everything_for_good(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let code = client.code(&Consent::default()).await;
        app.suspend_user("alice", true).await;
        assert!(!works(app, &tokens.text("access_token")).await);
        assert!(!client.is_active(&tokens.text("access_token")).await);
        assert!(!client.is_active(&tokens.text("refresh_token")).await);
        invalid_grant(&client.refresh(&tokens.text("refresh_token")).await);
        invalid_grant(&client.redeem(&code).await);
        app.suspend_user("alice", false).await;
        invalid_grant(&client.refresh(&tokens.text("refresh_token")).await);
        assert!(!works(app, &tokens.text("access_token")).await);
    }

    // M-03
    /// What the user takes back has ended at once.
    async fn a_revoked_grant_ends_its_tokens_and_codes(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let code = client.code(&Consent::default()).await;
        let account = app.account(crate::support::ORIGIN).await;
        let alice = app.user("alice").await;
        let revoked = protocol::grants::revoke_all(&app.ctx, &account, &alice).await;
        assert_eq!(revoked.expect("commits"), 1);
        assert!(!works(app, &tokens.text("access_token")).await);
        assert!(!client.is_active(&tokens.text("refresh_token")).await);
        invalid_grant(&client.refresh(&tokens.text("refresh_token")).await);
        invalid_grant(&client.redeem(&code).await);
    }

    // RT-08
    /// What was revoked or rotated stays so after a restart.
    async fn a_restart_revives_nothing(app) {
        let client = app.client("photo-album");
        let (revoked, rotated) =
            (client.tokens(&Consent::default()).await, client.tokens(&Consent::default()).await);
        let fields = [("token", revoked.text("refresh_token"))];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        client.post("/oauth/tokens/revoke", &fields).await.expect(200);
        client.refresh(&rotated.text("refresh_token")).await.expect(200);
        app.advance(grace());
        let restarted = app.another_node().await;
        let client = restarted.client("photo-album");
        for tokens in [&revoked, &rotated] {
            assert!(!client.is_active(&tokens.text("access_token")).await);
            invalid_grant(&client.refresh(&tokens.text("refresh_token")).await);
        }
        assert_eq!(app.events("incident.refresh_token_reused").await.len(), 1);
    }
}
