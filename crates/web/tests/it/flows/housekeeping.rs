//! What has ended leaves, and nobody notices: what is presented afterwards is answered as before, and a replay is
//! known for what it is for as long as it can do harm.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use domain::{AccountId, ExpiryBucket, Id, Lifetime, ScopeSet, SecretHash, Token};
use protocol::housekeeping::{Round, delete_ended};
use store::testing::{Counted, count};
use store::{Decision, Fault, Transaction, settle};

use crate::support::{Consent, ORIGIN, RelyingParty, Reply, TestApp, stories};

/// How many tokens have ended, and how many of them leave in one unit of work.
const ENDED: u64 = 20_000;
const UNIT: u64 = 250;

/// An OpenID client that does not ask to stay, at an API whose tokens are JWTs.
const NO_REFRESH: Consent<'_> = Consent {
    user: "alice",
    scope: Some("openid read"),
    pkce: true,
    more: &[("resource", "https://jwt.example.com/")],
};

async fn keep_house(app: &TestApp) -> u64 {
    delete_ended(&app.ctx, &mut Round::default()).await.expect("it goes well")
}

async fn rows(app: &TestApp, counted: Counted) -> i64 {
    count(&app.ctx.store, counted).await.expect("counts")
}

fn invalid_grant(reply: &Reply) {
    assert_eq!(reply.error(), (400, "invalid_grant".to_owned()), "{}", reply.body);
}

/// Tokens that have ended when a day has passed.
async fn issue_many(app: &TestApp) {
    let account_id = app.account(ORIGIN).await.id;
    let numbers: Vec<u64> = (0..ENDED).collect();
    for some in numbers.chunks(200) {
        let mut tx = app.ctx.store.begin().await.expect("begins");
        let issued = issue(app, &mut tx, account_id, some).await;
        let settled: Decision<(), Infallible> = settle(tx, issued.map_err(Into::into)).await;
        settled.expect("commits");
    }
}

async fn issue(
    app: &TestApp,
    tx: &mut Transaction,
    account_id: AccountId,
    numbers: &[u64],
) -> Result<(), Fault> {
    let now = app.ctx.now();
    let expires_at = Some(now + Lifetime::hours(1));
    for number in numbers {
        let mut hash = [7; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        let token = Token {
            id: tx.id()?,
            bucket: ExpiryBucket::for_expiry(now, expires_at),
            hash: SecretHash::from_bytes(hash),
            refresh_hash: None,
            account_id,
            client_id: Id::new(1),
            user_id: Id::new(1),
            family_id: None,
            generation: 1,
            scopes: ScopeSet::default(),
            resources: Vec::new(),
            hint: "cstat_abcd".to_owned(),
            refresh_hint: None,
            created_at: now,
            expires_at,
            refresh_expires_at: None,
            used_at: None,
            rotated_at: None,
            revoked_at: None,
        };
        store::tokens::create(tx, &token).await?;
    }
    Ok(())
}

stories! {
    async fn what_has_ended_is_answered_as_before_when_it_is_gone(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let tokens = client.redeem(&code).await.expect(200);
        let unused = client.code(&Consent::default()).await;
        app.advance(Lifetime::days(40));
        assert!(keep_house(app).await > 0);
        assert_eq!(rows(app, Counted::Tokens).await, 0);
        for token in ["access_token", "refresh_token"] {
            assert!(!client.is_active(&tokens.text(token)).await, "{token}");
        }
        invalid_grant(&client.refresh(&tokens.text("refresh_token")).await);
        for code in [code, unused] {
            invalid_grant(&client.redeem(&code).await);
        }
        let fields = [("token", tokens.text("refresh_token"))];
        let fields = fields.each_ref().map(|(name, value)| (*name, &**value));
        client.post("/oauth/tokens/revoke", &fields).await.expect(200);
    }

    // RFC 6749 §4.1.2: what was issued for it lives on for long.
    async fn a_code_is_known_as_a_replay_while_its_handle_can_be_read(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let tokens = client.redeem(&code).await.expect(200);
        for _ in 0..19 {
            app.advance(Lifetime::days(1));
            keep_house(app).await;
        }
        invalid_grant(&client.redeem(&code).await);
        assert_eq!(app.events("incident.code_replayed").await.len(), 1);
        invalid_grant(&client.refresh(&tokens.text("refresh_token")).await);
    }

    async fn a_refresh_token_is_known_as_a_replay_until_it_would_have_ended(app) {
        let client = app.client("photo-album");
        let first = client.tokens(&Consent::default()).await.text("refresh_token");
        let second = client.refresh(&first).await.expect(200).text("refresh_token");
        app.advance(Lifetime::days(29));
        let third = client.refresh(&second).await.expect(200).text("refresh_token");
        keep_house(app).await;
        invalid_grant(&client.refresh(&first).await);
        assert_eq!(app.events("incident.refresh_token_reused").await.len(), 1);
        invalid_grant(&client.refresh(&third).await);
    }

    async fn who_keeps_refreshing_is_never_cut_off(app) {
        let client = app.client("photo-album");
        let mut refresh_token = client.tokens(&Consent::default()).await.text("refresh_token");
        for _ in 0..12 {
            app.advance(Lifetime::days(29));
            keep_house(app).await;
            let tokens = client.refresh(&refresh_token).await.expect(200);
            assert!(client.is_active(&tokens.text("access_token")).await);
            refresh_token = tokens.text("refresh_token");
        }
        assert_eq!(rows(app, Counted::TokenFamilies).await, 1);
        // One row for each month that is not over, whoever exchanged it.
        assert!(rows(app, Counted::Tokens).await <= 3);
    }

    /// Families leave when their sessions are over, and these when their families are gone.
    async fn in_the_end_nothing_is_left_of_a_sign_in(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        let (sessions, families) = (Counted::Sessions, Counted::TokenFamilies);
        // The token's week is over, and its family has ended with it.
        app.advance(Lifetime::days(40));
        keep_house(app).await;
        assert_eq!((rows(app, sessions).await, rows(app, families).await), (1, 1));
        app.advance(Lifetime::days(31));
        keep_house(app).await;
        for gone in [sessions, families, Counted::AuthorizationCodes, Counted::Tokens] {
            assert_eq!(rows(app, gone).await, 0, "{gone:?}");
        }
        assert_eq!(app.grant_count().await, 1, "what she allowed stays until she takes it back");
    }

    /// It ends with its access token, row or none, and leaves when the session is over in which it began. Until then its
    /// code is known as a replay.
    async fn a_family_that_nobody_can_refresh_ends_with_its_access_token(app) {
        let client = app.client("photo-album");
        let families = Counted::TokenFamilies;
        let (opaque, jwt) = (Consent { more: &[], ..NO_REFRESH }, NO_REFRESH);
        for (consent, has_row) in [(opaque, 1), (jwt, 0)] {
            let before = app.events("incident.code_replayed").await.len();
            let code = client.code(&consent).await;
            let tokens = client.redeem(&code).await.expect(200);
            assert_eq!(tokens.json().get("refresh_token"), None);
            assert_eq!(rows(app, Counted::Tokens).await, has_row);
            app.advance(Lifetime::minutes(29));
            keep_house(app).await;
            assert!(client.is_active(&tokens.text("access_token")).await);
            app.advance(Lifetime::days(19));
            keep_house(app).await;
            invalid_grant(&client.redeem(&code).await);
            assert_eq!(app.events("incident.code_replayed").await.len(), before + 1);
            assert_eq!(rows(app, families).await, 1);
            app.advance(Lifetime::days(12));
            keep_house(app).await;
            for gone in [families, Counted::Sessions, Counted::Tokens] {
                assert_eq!(rows(app, gone).await, 0, "{gone:?}, of {has_row}");
            }
        }
    }

    /// Its last access token is a JWT alone; what was exchanged for it is known as a replay for as long as it would have
    /// lasted.
    async fn a_family_that_goes_on_without_a_row_ends_too(app) {
        let client = app.client("photo-album");
        let consent = Consent { scope: Some("openid offline_access read"), ..NO_REFRESH };
        let refresh_token = client.tokens(&consent).await.text("refresh_token");
        let fields = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token),
            ("scope", "openid read")];
        let last = client.token(&fields).await.expect(200);
        assert_eq!(last.json().get("refresh_token"), None);
        assert!(client.is_active(&last.text("access_token")).await);
        app.advance(Lifetime::days(29));
        keep_house(app).await;
        invalid_grant(&client.token(&fields).await);
        assert_eq!(app.events("incident.refresh_token_reused").await.len(), 1);
        app.advance(Lifetime::days(33));
        keep_house(app).await;
        assert_eq!(rows(app, Counted::TokenFamilies).await, 0);
    }

    /// Who got nothing but a short token hears of the end of the session all the same.
    async fn who_cannot_refresh_hears_of_a_late_sign_out(app) {
        let party = RelyingParty::answering(&[204]).await;
        app.set_metadata("photo-album", party.metadata()).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        for _ in 0..34 {
            app.advance(Lifetime::hours(20));
            keep_house(app).await;
            assert!(browser.is_signed_in().await);
        }
        browser.press_sign_out().await;
        app.deliver_logouts().await;
        assert_eq!(party.wait_for(1).await.len(), 1);
    }

    async fn what_does_not_end_stays(app) {
        app.change_account(|account| account.token_expiry = domain::TokenExpiryPolicy::Legacy).await;
        let client = app.client("photo-album");
        let token = client.tokens(&Consent::default()).await.text("access_token");
        for _ in 0..3 {
            app.advance(Lifetime::days(200));
            keep_house(app).await;
        }
        assert!(client.is_active(&token).await);
    }

    /// Others go on writing meanwhile, as it goes in small units of work.
    async fn twenty_thousand_leave_in_small_units_and_hold_nobody_up(app) {
        issue_many(app).await;
        // On PostgreSQL they leave one by one too, as no week was made for them.
        app.advance(Lifetime::days(10));
        let before = app.ctx.store.commit_count();
        let ctx = Arc::clone(&app.ctx);
        let leaving = tokio::spawn(async move { delete_ended(&ctx, &mut Round::default()).await });
        let mut issued = Vec::new();
        let client = app.client("photo-album");
        while !leaving.is_finished() {
            let reply = client.token(&[("grant_type", "client_credentials")]).await.expect(200);
            issued.push(reply.text("access_token"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let handled = leaving.await.expect("no panic").expect("it goes well");
        assert!(handled >= ENDED, "{handled}");
        let units = app.ctx.store.commit_count() - before;
        assert!(units >= ENDED / UNIT, "{units} units of work");
        assert!(!issued.is_empty());
        assert_eq!(rows(app, Counted::Tokens).await, i64::try_from(issued.len()).expect("few"));
        for token in issued.iter().rev().take(5) {
            assert!(client.is_active(token).await);
        }
    }

    async fn three_nodes_keep_house_at_once(app) {
        let nodes = [app.another_node().await, app.another_node().await];
        for _ in 0..5 {
            app.client("photo-album").tokens(&Consent::default()).await;
            app.advance(Lifetime::days(40));
            let (first, second, third) =
                tokio::join!(keep_house(app), keep_house(&nodes[0]), keep_house(&nodes[1]));
            assert!(first + second + third > 0, "somebody does it");
            assert_eq!(rows(app, Counted::Tokens).await, 0);
        }
    }
}
