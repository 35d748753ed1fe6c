//! Rotation of signing keys while tokens are issued: nobody who keeps the JWKS as long as it may be kept
//! ever fails to verify a token that lives.

use domain::{KeyState, Lifetime, SigningAlgorithm, Timestamp};

use crate::support::{JWKS, TestApp, Verifier, kid_of, stories};

/// Tokens that live, and those who verify them, each with a copy of the JWKS of another age.
struct Load {
    lifetime: Lifetime,
    verifiers: Vec<Verifier>,
    tokens: Vec<(Timestamp, String)>,
    issued_count: usize,
}

impl Load {
    /// The tokens last so long.
    async fn begin(app: &TestApp, lifetime: Lifetime) -> Self {
        app.declare_apis(lifetime).await;
        let mut verifiers = Vec::new();
        for _ in 0..3 {
            verifiers.push(Verifier::new(app).await);
            app.advance(Lifetime::seconds(101));
        }
        Self { lifetime, verifiers, tokens: Vec::new(), issued_count: 0 }
    }

    /// Issues tokens of these algorithms at the moment when keys take their steps on both nodes, and
    /// lets everybody verify everything that lives.
    async fn step(&mut self, nodes: [&TestApp; 2], algorithms: &[SigningAlgorithm]) {
        let [app, other] = nodes;
        let requests = algorithms.iter().map(|algorithm| app.token_for(*algorithm)).collect();
        let turned = async { tokio::join!(app.turn_keys(), other.turn_keys()) };
        let (replies, _) = tokio::join!(app.race(requests), turned);
        for reply in replies {
            self.issued(app, reply.expect(200).text("access_token"));
        }
        for algorithm in algorithms {
            self.issued(app, other.signed_token(*algorithm).await);
        }
        self.tokens.retain(|(expires_at, _)| *expires_at > app.ctx.now());
        for verifier in &mut self.verifiers {
            for (_, token) in &self.tokens {
                verifier.verify(app, token).await;
            }
        }
    }

    fn issued(&mut self, app: &TestApp, token: String) {
        self.tokens.push((app.ctx.now() + self.lifetime, token));
        self.issued_count += 1;
    }
}

stories! {
    // O-07
    /// Every algorithm is rotated twice; its tokens last as long as any, and verify to their end.
    // oidcc-server-rotate-keys
    async fn no_verification_fails_while_keys_rotate(app) {
        let other = &app.another_node().await;
        let mut load = Load::begin(app, *app.ctx.policy.access_token_lifetime_range.end()).await;
        let all = SigningAlgorithm::ALL;
        for _ in 0..2 {
            load.step([app, other], &all).await;
            let old = kid_of(&load.tokens[0].1);
            let next = app.rotate_keys(&all).await.keys;
            assert_eq!(next.len(), 4);
            for _ in 0..7 {
                app.advance(Lifetime::seconds(97));
                load.step([app, other], &all).await;
            }
            for key in &next {
                assert_eq!(app.key(&key.kid).await.state, KeyState::Current, "{}", key.kid);
            }
            for _ in 0..5 {
                app.advance(Lifetime::hours(11));
                load.step([app, other], &all).await;
            }
            assert_eq!(app.key(&old).await.state, KeyState::Retired);
            load.tokens.retain(|(_, token)| kid_of(token) == next[0].kid);
        }
        assert_eq!(load.issued_count, 2 * 13 * 8);
        assert_eq!(app.events("signing_key.created").await.len(), 8);
        assert_eq!(app.events("signing_key.promoted").await.len(), 8, "by one of the nodes each");
        assert_eq!(app.events("signing_key.retired").await.len(), 8);
    }

    // O-07
    /// One key after another, as fast as they may follow: what they signed verifies all the while.
    async fn fifty_rotations_in_a_row_break_nothing(app) {
        let other = &app.another_node().await;
        let mut load = Load::begin(app, Lifetime::hours(12)).await;
        for _ in 0..50 {
            app.rotate_keys(&[SigningAlgorithm::EdDsa]).await;
            for _ in 0..2 {
                app.advance(Lifetime::seconds(301));
                load.step([app, other], &[SigningAlgorithm::EdDsa]).await;
            }
        }
        let mut kids: Vec<_> = load.tokens.iter().map(|(_, token)| kid_of(token)).collect();
        kids.sort_unstable();
        kids.dedup();
        assert!(kids.len() > 45, "{} keys signed", kids.len());
        assert_eq!(app.events("signing_key.promoted").await.len(), 50);
        let jwks = app.get(JWKS).await.json();
        let shown = jwks["keys"].as_array().map(Vec::len);
        assert_eq!(shown, Some(54), "each is shown while it is needed");
    }
}
