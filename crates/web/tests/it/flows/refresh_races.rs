//! Refresh tokens under concurrency: rotation and revocation at once, many refreshes of one token.

use domain::{ExpiryBucket, Handle, HandleKind, Secret, Timestamp, Token};
use store::tokens::RefreshableToken;

use crate::support::{ClientActor, Consent, ORIGIN, Reply, TestApp, stories};

const PATH: &str = "/oauth/tokens";
const REVOKE: &str = "/oauth/tokens/revoke";

/// How many times a race is run; who wins differs from round to round.
const ROUNDS: usize = 25;

fn pair(reply: &Reply) -> (String, String) {
    (reply.text("access_token"), reply.text("refresh_token"))
}

async fn assert_dead(client: &ClientActor<'_>, reply: &Reply) {
    let (access_token, refresh_token) = pair(reply);
    assert!(!client.is_active(&access_token).await, "a revoked family has a live access token");
    assert!(!client.is_active(&refresh_token).await, "a revoked family has a live refresh token");
    assert_eq!(client.refresh(&refresh_token).await.error(), (400, "invalid_grant".to_owned()));
}

async fn stored(app: &TestApp, refresh_token: &str) -> RefreshableToken {
    let (account, kind) = (app.account(ORIGIN).await, HandleKind::RefreshToken);
    let bucket = Handle::bucket(refresh_token, kind, app.ctx.now()).expect("it is a handle");
    let hash = app.ctx.keyring.hash(kind, refresh_token);
    let found = store::tokens::by_refresh(&app.ctx.store, account.id, bucket, &hash).await;
    found.expect("reads").expect("it is stored")
}

/// A successor of a stored token that the story itself holds, and its handles.
fn successor(app: &TestApp, before: &Token, now: Timestamp) -> (Token, Secret, Secret) {
    let (ctx, bucket): (_, ExpiryBucket) = (&app.ctx, before.bucket);
    let make = |kind| ctx.entropy.expiring_handle(&ctx.policy.handle_prefix, kind, bucket);
    let (access, refresh) = (make(HandleKind::AccessToken), make(HandleKind::RefreshToken));
    let token = Token {
        hash: ctx.keyring.hash(HandleKind::AccessToken, access.expose()),
        refresh_hash: Some(ctx.keyring.hash(HandleKind::RefreshToken, refresh.expose())),
        generation: before.generation + 1,
        created_at: now,
        ..before.clone()
    };
    (token, access, refresh)
}

stories! {
    // RT-02
    /// A rotation that has marked the old token and not yet stored the new one cannot save the new
    /// one from a revocation that comes in between.
    async fn a_revocation_between_the_halves_of_a_rotation_reaches_the_successor(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let before = stored(app, &tokens.text("refresh_token")).await;
        let now = app.ctx.now();
        let (token, access, refresh) = successor(app, &before.token, now);

        let mut tx = app.ctx.store.begin().await.expect("begins");
        let advanced = store::token_families::advance(&mut tx, before.family.id, 1, now).await;
        assert!(advanced.expect("runs"));
        let access_token = tokens.text("access_token");
        let revocation = client.posting(REVOKE, &[("token", &access_token)]);
        let rotation = async {
            for _ in 0..1000 {
                tokio::task::yield_now().await;
            }
            let token = Token { id: tx.id().expect("has ids"), ..token };
            store::tokens::create(&mut tx, &token).await.expect("runs");
            let settled: store::Decision<(), ()> = store::settle(tx, Ok(())).await;
            settled.expect("commits");
        };
        let (replies, ()) = tokio::join!(app.race(vec![revocation]), rotation);
        assert_eq!(replies[0].status, 200);

        assert!(!client.is_active(access.expose()).await);
        assert!(!client.is_active(refresh.expose()).await);
        let reply = client.refresh(refresh.expose()).await;
        assert_eq!(reply.error(), (400, "invalid_grant".to_owned()));
    }

    // RT-02
    /// Whoever wins, a family that was revoked while it was rotated has no live token.
    async fn a_rotation_never_outlives_a_revocation(app) {
        let client = app.client("photo-album");
        for _ in 0..ROUNDS {
            let tokens = client.tokens(&Consent::default()).await;
            let (access_token, refresh_token) = pair(&tokens);
            let refresh =
                [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
            let requests = vec![
                client.posting(PATH, &refresh),
                client.posting(REVOKE, &[("token", &access_token)]),
            ];
            let replies = app.race(requests).await;
            assert_eq!(replies[1].status, 200, "{}", replies[1].body);
            if replies[0].status == 200 {
                assert_dead(&client, &replies[0]).await;
            } else {
                assert_eq!(replies[0].error(), (400, "invalid_grant".to_owned()));
            }
            assert_dead(&client, &tokens).await;
        }
    }

    // RT-02, B-10
    /// Whoever wins, a replay of an old token leaves nothing alive of what is rotated meanwhile.
    async fn a_rotation_never_outlives_a_replay(app) {
        app.change_account(|account| account.refresh_grace = domain::Lifetime::seconds(0)).await;
        let client = app.client("photo-album");
        for _ in 0..ROUNDS {
            let first = client.tokens(&Consent::default()).await.text("refresh_token");
            let second = client.refresh(&first).await.expect(200);
            let live = second.text("refresh_token");
            let refresh = |token| [("grant_type", "refresh_token"), ("refresh_token", token)];
            let requests =
                vec![client.posting(PATH, &refresh(&live)), client.posting(PATH, &refresh(&first))];
            let replies = app.race(requests).await;
            assert_eq!(replies[1].error(), (400, "invalid_grant".to_owned()));
            if replies[0].status == 200 {
                assert_dead(&client, &replies[0]).await;
            }
            assert_dead(&client, &second).await;
        }
    }

    // RT-04
    /// Requests at once, as many as the window allows, get the same pair and leave one live leaf.
    async fn refreshes_at_once_get_the_same_pair(app) {
        let client = app.client("photo-album");
        for _ in 0..ROUNDS {
            let token = client.tokens(&Consent::default()).await.text("refresh_token");
            let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
            let replies = app.race((0..4).map(|_| client.posting(PATH, &fields)).collect()).await;
            let pairs: Vec<_> = replies.iter().map(|it| pair(&it.clone().expect(200))).collect();
            assert!(pairs.iter().all(|it| *it == pairs[0]), "the family has branched");
            client.refresh(&pairs[0].1).await.expect(200);
            assert_eq!(stored(app, &pairs[0].1).await.family.generation, 3);
        }
        assert_eq!(app.family_count().await, i64::try_from(ROUNDS).expect("is small"));
    }

    // RT-04, B-10
    /// Fifty at once are more than the window allows: four get the same pair, then it is reuse and
    /// nothing of the family is left alive. There is never a second pair.
    async fn fifty_refreshes_at_once_never_branch_the_family(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let refresh_token = tokens.text("refresh_token");
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
        let replies = app.race((0..50).map(|_| client.posting(PATH, &fields)).collect()).await;
        let (issued, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|it| it.status == 200);
        let pairs: Vec<_> = issued.iter().map(|reply| pair(reply)).collect();
        assert_eq!(pairs.len(), 4);
        assert!(pairs.iter().all(|it| *it == pairs[0]), "the family has branched");
        for reply in refused {
            assert_eq!(reply.error(), (400, "invalid_grant".to_owned()));
        }
        assert_dead(&client, issued[0]).await;
        assert_eq!(app.family_count().await, 1);
        assert_eq!(stored(app, &refresh_token).await.family.generation, 2);
        assert_eq!(app.events("incident.refresh_token_reused").await.len(), 1);
    }

    // RT-08
    /// Two nodes that refresh one token at once make one successor.
    async fn two_nodes_make_one_successor(app) {
        let there = app.another_node().await;
        let (here, there) = (app.client("photo-album"), there.client("photo-album"));
        for _ in 0..ROUNDS {
            let token = here.tokens(&Consent::default()).await.text("refresh_token");
            let (one, other) = tokio::join!(here.refresh(&token), there.refresh(&token));
            assert_eq!(pair(&one.expect(200)), pair(&other.expect(200)));
        }
    }
}
