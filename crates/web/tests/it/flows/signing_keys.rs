//! The life of signing keys: when each is shown, signs and vouches, and the emergency that ends it.

use std::time::{Duration, Instant};

use domain::{Actor, KeyState, Lifetime, SigningAlgorithm, SigningKey};
use protocol::id_token_hint;
use protocol::keys::{self, KeyRefused};
use store::{Failure, testing};

use crate::support::{Consent, JWKS, ORIGIN, OTHER_ORIGIN, TestApp, Verifier, kid_of, stories};

const ED: SigningAlgorithm = SigningAlgorithm::EdDsa;

/// Until a key that was made now has signed for a moment.
async fn promoted(app: &TestApp, algorithm: SigningAlgorithm) -> SigningKey {
    let kid = app.rotate_keys(&[algorithm]).await.keys[0].kid.clone();
    app.advance(app.ctx.policy.keys.next_period);
    app.turn_keys().await;
    app.key(&kid).await
}

/// Whether an API may count on a token, as it learns by introspection.
async fn counts(app: &TestApp, token: &str) -> bool {
    app.client("api-server").is_active(token).await
}

/// Waits until this node has heard of what another one did.
async fn until_refused(node: &TestApp, token: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while counts(node, token).await {
        assert!(Instant::now() < deadline, "the token still counts");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

stories! {
    // O-07
    async fn a_next_key_is_shown_at_once_and_signs_when_everybody_knows_it(app) {
        app.declare_apis(Lifetime::minutes(30)).await;
        for algorithm in SigningAlgorithm::ALL {
            let old = app.current_key(algorithm).await;
            let made_at = app.ctx.now();
            let next = app.rotate_keys(&[algorithm]).await.keys[0].clone();
            assert_eq!(app.published(algorithm).await, [old.kid.clone(), next.kid.clone()]);
            app.advance_to_the_end_of(app.ctx.policy.keys.next_period);
            app.turn_keys().await;
            assert_eq!(kid_of(&app.signed_token(algorithm).await), old.kid);
            app.advance(Lifetime::millis(1));
            app.turn_keys().await;
            let token = app.signed_token(algorithm).await;
            assert_eq!(kid_of(&token), next.kid, "{}", algorithm.as_str());
            let (header, _) = Verifier::new(app).await.verify(app, &token).await;
            assert_eq!(format!("{:?}", header.alg).to_uppercase(), algorithm.as_str().to_uppercase());
            assert_eq!(app.published(algorithm).await, [next.kid.clone(), old.kid.clone()]);
            let (next, old) = (app.key(&next.kid).await, app.key(&old.kid).await);
            let promoted_at = made_at + app.ctx.policy.keys.next_period;
            assert_eq!((next.current_at, next.due_at), (Some(promoted_at), None));
            assert_eq!((old.state, old.retiring_at), (KeyState::Retiring, Some(promoted_at)));
        }
    }

    // O-07
    async fn a_retiring_key_is_shown_as_long_as_what_it_signed_lives(app) {
        let longest = *app.ctx.policy.access_token_lifetime_range.end();
        app.declare_apis(longest).await;
        let old = app.current_key(ED).await.kid;
        app.rotate_keys(&[ED]).await;
        app.advance(app.ctx.policy.keys.next_period);
        let token = app.signed_token(ED).await;
        app.turn_keys().await;
        app.advance_to_the_end_of(longest);
        app.turn_keys().await;
        assert!(counts(app, &token).await, "it lives to its end");
        assert_eq!(app.published(ED).await.len(), 2);
        app.advance(Lifetime::hours(1));
        app.turn_keys().await;
        assert_eq!(app.published(ED).await.len(), 2, "clocks differ, and copies are kept");
        app.advance(Lifetime::millis(1));
        app.turn_keys().await;
        assert_eq!(app.published(ED).await.len(), 1);
        let old = app.key(&old).await;
        assert_eq!((old.state, old.retired_at), (KeyState::Retired, Some(app.ctx.now())));
        assert!(old.sealed_private_key.is_empty(), "it never signs again");
    }

    // O-07, JW-12
    /// An ID token that comes back as a hint tells whom it means as long as nobody else has the key.
    async fn a_retired_key_vouches_for_hints_and_a_revoked_one_for_nothing(app) {
        let consent = Consent { scope: Some("openid read"), ..Consent::default() };
        let hint = app.client("photo-album").tokens(&consent).await.text("id_token");
        let (account, alice) = (app.account(ORIGIN).await, app.user("alice").await);
        let old = app.key(&kid_of(&hint)).await;
        promoted(app, old.algorithm).await;
        app.advance(app.ctx.policy.keys.retiring_period);
        app.turn_keys().await;
        let retired = app.key(&old.kid).await;
        assert_eq!((retired.state, retired.vouches_for_access_tokens()), (KeyState::Retired, false));
        let read = id_token_hint::read(&app.ctx, &account, &hint).await.expect("reads");
        assert!(read.is_some_and(|hint| hint.is_about(&app.ctx, &alice)));
        app.retire_key(&old.kid).await;
        let read = id_token_hint::read(&app.ctx, &account, &hint).await.expect("reads");
        assert!(read.is_none(), "somebody else may have made it");
    }

    // O-07
    async fn an_emergency_ends_a_key_on_every_node(app) {
        app.declare_apis(Lifetime::hours(48)).await;
        let other = app.another_node().await;
        for algorithm in SigningAlgorithm::ALL {
            let stolen = app.current_key(algorithm).await;
            let (here, there) =
                (app.signed_token(algorithm).await, other.signed_token(algorithm).await);
            for (node, token) in [(app, &there), (&other, &here)] {
                assert!(counts(node, token).await);
            }
            let retirement = app.retire_key(&stolen.kid).await;
            assert_eq!(retirement.key.state, KeyState::Retired);
            assert!(retirement.key.sealed_private_key.is_empty());
            let successor = retirement.successor.expect("something signs in its place").kid;
            assert_eq!(app.published(algorithm).await, [successor.as_str()], "at once");
            let token = app.signed_token(algorithm).await;
            assert_eq!(kid_of(&token), successor);
            for (node, old) in [(app, &there), (&other, &here)] {
                until_refused(node, old).await;
            }
            assert_eq!(other.published(algorithm).await, [successor.as_str()]);
            assert_eq!(kid_of(&other.signed_token(algorithm).await), successor);
            for node in [app, &other] {
                assert!(counts(node, &token).await);
                Verifier::new(node).await.verify(node, &token).await;
            }
        }
        assert_eq!(app.events("signing_key.revoked").await.len(), 4);
    }

    async fn in_an_emergency_the_key_that_clients_know_signs(app) {
        app.declare_apis(Lifetime::minutes(30)).await;
        let mut verifier = Verifier::new(app).await;
        let next = app.rotate_keys(&[ED]).await.keys[0].clone();
        app.advance(app.ctx.policy.keys.max_age);
        verifier.verify(app, &app.signed_token(ED).await).await;
        let stolen = app.current_key(ED).await;
        let retirement = app.retire_key(&stolen.kid).await;
        assert_eq!(retirement.successor.map(|key| key.kid), Some(next.kid.clone()));
        // It has read the keys before, and knows the one that signs now.
        verifier.verify(app, &app.signed_token(ED).await).await;
        app.advance(app.ctx.policy.keys.next_period);
        app.turn_keys().await;
        assert_eq!(app.current_key(ED).await.kid, next.kid);
        assert_eq!(app.events("signing_key.promoted").await.len(), 1);
    }

    async fn a_key_is_retired_in_any_state_and_once(app) {
        let next = app.rotate_keys(&[ED]).await.keys[0].clone();
        assert_eq!(app.retire_key(&next.kid).await.successor, None);
        assert_eq!(app.published(ED).await.len(), 1);
        app.advance(app.ctx.policy.keys.next_period);
        app.turn_keys().await;
        assert_eq!(app.events("signing_key.promoted").await.len(), 0, "it never signs");
        let old = app.current_key(ED).await;
        let new = promoted(app, ED).await;
        assert_eq!(app.retire_key(&old.kid).await.successor, None);
        assert_eq!(app.published(ED).await, [new.kid.as_str()]);
        let again = app.retire_key(&old.kid).await;
        assert_eq!((again.successor, again.key.revoked_at), (None, Some(app.ctx.now())));
        assert_eq!(app.events("signing_key.revoked").await.len(), 2);
        let elsewhere = app.account(OTHER_ORIGIN).await.id;
        let foreign = keys::retire(&app.ctx, Actor::Operator, elsewhere, new.id).await;
        assert_eq!(foreign, Err(Failure::Refused(KeyRefused::Unknown)));
    }

    async fn a_rotation_under_way_is_not_begun_again(app) {
        let first = app.rotate_keys(&SigningAlgorithm::ALL).await;
        assert!(first.is_new);
        let again = app.rotate_keys(&SigningAlgorithm::ALL).await;
        assert_eq!((again.is_new, &again.keys), (false, &first.keys));
        let one = app.rotate_keys(&[ED]).await;
        assert_eq!(one.keys, [first.keys[3].clone()]);
        assert_eq!(app.events("signing_key.created").await.len(), 4);
    }

    async fn both_nodes_rotate_at_once_and_one_key_is_next(app) {
        let other = app.another_node().await;
        let (here, there) = tokio::join!(app.rotate_keys(&[ED]), other.rotate_keys(&[ED]));
        assert_eq!(here.keys, there.keys);
        assert_eq!(app.published(ED).await.len(), 2);
        assert_eq!(app.events("signing_key.created").await.len(), 1);
    }

    async fn an_account_shows_so_many_keys_at_most(app) {
        let strict = app.another_node_with(|ctx| ctx.policy.keys.published_limit = 5).await;
        strict.rotate_keys(&[ED]).await;
        let account = app.account(ORIGIN).await;
        let all = &SigningAlgorithm::ALL;
        let refused = keys::rotate(&strict.ctx, Actor::Operator, account.id, all).await;
        assert_eq!(refused, Err(Failure::Refused(KeyRefused::TooMany(5))));
    }

    async fn an_old_key_gets_its_successor_by_itself(app) {
        let age = app.ctx.policy.keys.rotation.expect("it is on");
        let never = app.another_node_with(|ctx| ctx.policy.keys.rotation = None).await;
        app.advance_to_the_end_of(age);
        app.turn_keys().await;
        assert_eq!(app.published(ED).await.len(), 1);
        app.advance(Lifetime::millis(1));
        never.turn_keys().await;
        assert_eq!(app.published(ED).await.len(), 1);
        let old = app.current_key(ED).await.kid;
        // The keys of both accounts, eight in all, and not one twice.
        for _ in 0..2 {
            app.turn_keys().await;
        }
        assert_eq!(app.published(ED).await.len(), 2);
        assert_eq!(app.events("signing_key.created").await.len(), 4);
        app.advance(app.ctx.policy.keys.next_period);
        app.turn_keys().await;
        assert_ne!(app.current_key(ED).await.kid, old);
    }

    /// What a version of before these times has written is rotated, and retired, like any other.
    async fn keys_without_times_go_their_way(app) {
        testing::forget_key_times(&app.ctx.store).await.expect("writes");
        app.declare_apis(Lifetime::minutes(30)).await;
        let old = app.current_key(ED).await;
        assert_eq!((old.current_at, old.due_at), (None, None));
        app.turn_keys().await;
        assert!(counts(app, &app.signed_token(ED).await).await);
        let new = promoted(app, ED).await;
        assert_eq!((new.state, app.key(&old.kid).await.state), (KeyState::Current, KeyState::Retiring));
        app.advance(app.ctx.policy.keys.retiring_period);
        app.turn_keys().await;
        assert_eq!(app.key(&old.kid).await.state, KeyState::Retired);
    }

    // O-07
    async fn nothing_private_is_shown_in_any_state(app) {
        app.rotate_keys(&SigningAlgorithm::ALL).await;
        app.advance(app.ctx.policy.keys.next_period);
        app.turn_keys().await;
        app.rotate_keys(&SigningAlgorithm::ALL).await;
        let jwks = app.get(JWKS).await.expect(200).json();
        let keys = jwks["keys"].as_array().expect("a list");
        let algorithms: Vec<_> = keys.iter().map(|key| key["alg"].as_str().expect("alg")).collect();
        let expected = ["RS256", "PS256", "ES256", "EdDSA"].map(|name| [name; 3]);
        assert_eq!(algorithms, expected.as_flattened());
        for key in keys {
            let members = key.as_object().expect("an object").keys().map(String::as_str);
            let public = ["kty", "alg", "use", "kid", "n", "e", "crv", "x", "y"];
            let others: Vec<_> = members.filter(|name| !public.contains(name)).collect();
            assert_eq!(others, [""; 0], "{key}");
        }
    }
}
