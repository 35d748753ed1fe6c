//! Tokens that never end leave once they are dead, whatever of, and nobody notices: what is presented afterwards is
//! answered as before. The living ones stay for ever, however many there are.

use std::convert::Infallible;

use domain::{ExpiryBucket, Id, Lifetime, ScopeSet, SecretHash, Token, TokenExpiryPolicy};
use protocol::housekeeping::{Round, delete_ended};
use store::testing::{Counted, count};
use store::{Decision, Fault, Transaction, settle};

use crate::support::{ClientActor, Consent, ORIGIN, TestApp, stories};

/// How many are looked at each time, if none of them is dead.
const AT_A_TIME: u8 = 4;
const UNIT: u16 = 250;

async fn begin_legacy(app: &TestApp) {
    app.change_account(|account| account.token_expiry = TokenExpiryPolicy::Legacy).await;
}

async fn keep_house(app: &TestApp, round: &mut Round) {
    delete_ended(&app.ctx, round).await.expect("it goes well");
}

async fn rows(app: &TestApp, counted: Counted) -> i64 {
    count(&app.ctx.store, counted).await.expect("counts")
}

async fn endless_of(client: &ClientActor<'_>, user: &str) -> String {
    let tokens = client.tokens(&Consent { user, ..Consent::default() }).await;
    assert_eq!(tokens.json().get("expires_in"), None);
    tokens.text("access_token")
}

async fn endless_of_client(client: &ClientActor<'_>) -> String {
    let fields = [("grant_type", "client_credentials"), ("scope", "read")];
    client.token(&fields).await.expect(200).text("access_token")
}

async fn revoke(client: &ClientActor<'_>, token: &str) {
    client.post("/oauth/tokens/revoke", &[("token", token)]).await.expect(200);
}

/// A row of a client that is there, the only one whose first byte this is.
async fn sample(app: &TestApp, first: u8) -> Token {
    let client = app.registered("photo-album").await;
    let mut hash = [7; 32];
    hash[0] = first;
    Token {
        id: Id::new(0),
        bucket: ExpiryBucket::NEVER,
        hash: SecretHash::from_bytes(hash),
        refresh_hash: None,
        account_id: client.account_id,
        client_id: client.id,
        user_id: client.user_id,
        family_id: None,
        generation: 1,
        scopes: ScopeSet::default(),
        resources: Vec::new(),
        hint: "cstat_abcd".to_owned(),
        refresh_hint: None,
        created_at: app.ctx.now(),
        expires_at: None,
        refresh_expires_at: None,
        used_at: None,
        rotated_at: None,
        revoked_at: None,
    }
}

async fn issue(app: &TestApp, sample: &Token, numbers: std::ops::Range<u16>) {
    let mut tx = app.ctx.store.begin().await.expect("begins");
    let issued = issue_all(&mut tx, sample, numbers).await;
    let settled: Decision<(), Infallible> = settle(tx, issued.map_err(Into::into)).await;
    settled.expect("commits");
}

async fn issue_all(
    tx: &mut Transaction,
    sample: &Token,
    numbers: std::ops::Range<u16>,
) -> Result<(), Fault> {
    for number in numbers {
        let mut hash = *sample.hash.as_bytes();
        hash[1..3].copy_from_slice(&number.to_be_bytes());
        let (id, hash) = (tx.id()?, SecretHash::from_bytes(hash));
        store::tokens::create(tx, &Token { id, hash, ..sample.clone() }).await?;
    }
    Ok(())
}

stories! {
    async fn what_is_dead_leaves_and_its_family_and_session_after_it(app) {
        begin_legacy(app).await;
        let [album, report] = ["photo-album", "daily-report"].map(|name| app.client(name));
        let living = [endless_of(&album, "bob").await, endless_of_client(&album).await];
        let code = album.code(&Consent::default()).await;
        let revoked = album.redeem(&code).await.expect(200).text("access_token");
        let revoked_of_client = endless_of_client(&album).await;
        for token in [&revoked, &revoked_of_client] {
            revoke(&album, token).await;
        }
        let taken_back = endless_of(&report, "alice").await;
        let (account, alice) = (app.account(ORIGIN).await, app.user("alice").await);
        protocol::grants::revoke_all(&app.ctx, &account, &alice).await.expect("she may");
        let of_deleted = endless_of(&app.client("cli-tool"), "bob").await;
        app.delete_client("cli-tool").await;

        for (hours, left) in [(0, 6), (2, 2)] {
            app.advance(Lifetime::hours(hours));
            keep_house(app, &mut Round::default()).await;
            assert_eq!(rows(app, Counted::Tokens).await, left, "after {hours} hours");
            for token in [&revoked, &revoked_of_client, &taken_back, &of_deleted] {
                assert!(!album.is_active(token).await);
                revoke(&album, token).await;
            }
        }
        app.advance(Lifetime::days(19));
        keep_house(app, &mut Round::default()).await;
        let again = album.redeem(&code).await.error();
        assert_eq!(again, (400, "invalid_grant".to_owned()));
        assert_eq!(rows(app, Counted::TokenFamilies).await, 4);
        app.advance(Lifetime::days(12));
        keep_house(app, &mut Round::default()).await;
        assert_eq!(rows(app, Counted::TokenFamilies).await, 1);
        // Its session was put off last time, and stays with the family that lives.
        app.advance(Lifetime::days(8));
        keep_house(app, &mut Round::default()).await;
        assert_eq!(rows(app, Counted::Sessions).await, 1);
        for token in living {
            assert!(album.is_active(&token).await);
        }
    }

    /// What a suspension ended is dead although the suspension is over.
    async fn what_was_issued_before_a_suspension_leaves(app) {
        begin_legacy(app).await;
        let client = app.client("photo-album");
        endless_of(&client, "alice").await;
        app.advance(Lifetime::seconds(1));
        for is_suspended in [true, false] {
            app.suspend_user("alice", is_suspended).await;
        }
        app.advance(Lifetime::seconds(1));
        let living = endless_of(&client, "alice").await;
        for _ in 0..2 {
            keep_house(app, &mut Round::default()).await;
            app.advance(Lifetime::hours(2));
        }
        assert_eq!(rows(app, Counted::Tokens).await, 1);
        assert!(client.is_active(&living).await);
    }

    /// Some are looked at each time, in turn.
    async fn a_round_goes_on_where_it_was(app) {
        let living = u16::from(AT_A_TIME) * UNIT + 1;
        issue(app, &sample(app, 7).await, 0..living).await;
        let dead = Token { client_id: Id::new(1), ..sample(app, 8).await };
        issue(app, &dead, 0..1).await;
        let all = i64::from(living) + 1;
        let mut round = Round::default();
        for left in [all, all, all, all - 1, all - 1] {
            keep_house(app, &mut round).await;
            assert_eq!(rows(app, Counted::Tokens).await, left);
            app.advance(Lifetime::hours(1));
        }
    }

    /// As long as there are dead ones among them, all are looked at.
    async fn many_that_are_dead_leave_at_once(app) {
        issue(app, &sample(app, 7).await, 0..1).await;
        let dead = Token { client_id: Id::new(1), ..sample(app, 8).await };
        issue(app, &dead, 0..(u16::from(AT_A_TIME) + 2) * UNIT).await;
        let mut round = Round::default();
        keep_house(app, &mut round).await;
        app.advance(Lifetime::hours(1));
        keep_house(app, &mut round).await;
        assert_eq!(rows(app, Counted::Tokens).await, 1);
    }
}
