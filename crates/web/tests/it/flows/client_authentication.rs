//! How clients prove themselves: secrets in body and header, guesses, replaced secrets.

use std::net::{IpAddr, Ipv4Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use domain::{Actor, ClientState, Lifetime, SecretDraft};
use protocol::clients;
use store::testing::eventually;

use super::token_endpoint::alterations;
use crate::support::{ClientActor, Consent, ORIGIN, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/oauth/tokens";
const INTROSPECT: &str = "/oauth/tokens/introspect";
const REVOKE: &str = "/oauth/tokens/revoke";
const CREDENTIALS: [(&str, &str); 1] = [("grant_type", "client_credentials")];

fn invalid_client(reply: &Reply) {
    assert_eq!(reply.error(), (401, "invalid_client".to_owned()), "{}", reply.body);
    assert_eq!(reply.header("www-authenticate"), Some(r#"Basic realm="Consentry""#));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("location"), None);
    assert!(reply.credentials().is_empty(), "{}", reply.body);
}

/// Asks for client credentials with these `Authorization` headers and nothing in the body.
async fn with_headers(app: &TestApp, headers: &[&str]) -> Reply {
    let request = RequestBuilder::post(PATH).form(&CREDENTIALS);
    app.send(
        headers.iter().fold(request, |request, header| request.header("authorization", header)),
    )
    .await
}

async fn with_pair(app: &TestApp, pair: impl AsRef<[u8]>) -> Reply {
    with_headers(app, &[&format!("Basic {}", BASE64.encode(pair))]).await
}

/// Presents a secret from an address.
async fn guess(app: &TestApp, name: &'static str, secret: &str, source: IpAddr) -> Reply {
    let fields = [CREDENTIALS[0], ("client_id", name), ("client_secret", secret)];
    app.send(RequestBuilder::post(PATH).form(&fields).sent_from(source)).await
}

fn address(number: u8) -> IpAddr {
    IpAddr::from(Ipv4Addr::new(203, 0, 113, number))
}

/// Makes a new secret for `photo-album`, in place of the old ones or beside them.
async fn new_secret(app: &TestApp, beside: bool) -> String {
    let (account, client) = (app.account(ORIGIN).await, app.registered("photo-album").await);
    let secret = if beside {
        let draft = SecretDraft::default();
        let made = clients::add_secret(&app.ctx, Actor::Operator, &client, &draft).await;
        made.expect("there is room").secret
    } else {
        let made = clients::generate_secret(&app.ctx, &account, Actor::Operator, client.id).await;
        made.expect("the client is there").secret
    };
    secret.expose().to_owned()
}

/// What a refused request from a new address costs when memory is warm: look-ups and hashes. The
/// fewest of several, as memory is not trusted for a moment when the machine is busy.
async fn cost(app: &TestApp, name: &'static str, secret: &str, first: u8) -> (u64, u64) {
    let ctx = &app.ctx;
    let mut fewest = (u64::MAX, u64::MAX);
    for number in first..first + 10 {
        app.warm().await;
        let before = (ctx.store.statement_count(), ctx.keyring.hash_count());
        invalid_client(&guess(app, name, secret, address(number)).await);
        let statements = ctx.store.statement_count() - before.0;
        fewest = fewest.min((statements, ctx.keyring.hash_count() - before.1));
    }
    fewest
}

stories! {
    // CA-01, B-15, V10.4.10
    /// Without a secret, or with an empty one, a confidential client passes nowhere.
    async fn a_confidential_client_without_its_secret_passes_nowhere(app) {
        let token = app.client("photo-album").tokens(&Consent::default()).await;
        let token = token.text("access_token");
        for path in [PATH, INTROSPECT, REVOKE] {
            let fields = [CREDENTIALS[0], ("token", token.as_str())];
            for secret in [None, Some("")] {
                let client = app.client("photo-album").presenting(secret);
                invalid_client(&client.post(path, &fields).await);
            }
            let bare = || RequestBuilder::post(path).form(&fields);
            invalid_client(&app.send(bare()).await);
            invalid_client(&app.send(bare().basic("photo-album", "")).await);
            invalid_client(&app.send(bare().basic("", "")).await);
            let without_colon = format!("Basic {}", BASE64.encode("photo-album"));
            invalid_client(&app.send(bare().header("authorization", &without_colon)).await);
        }
        assert!(app.client("photo-album").is_active(&token).await);
    }

    // CA-08, D-05
    /// Basic credentials are decoded strictly.
    async fn loosely_decoded_basic_credentials_are_refused(app) {
        let right = BASE64.encode("photo-album:photo-album-secret-000000");
        for header in [
            "Basic".to_owned(),
            "Basic ".to_owned(),
            "Basic !!!!".to_owned(),
            format!("Basic {right}="),
            format!("Basic {}", right.trim_end_matches('=').to_owned() + "*"),
            format!("Basic {}\u{e9}", &right[..right.len() - 2]),
            format!("Basic {right} {right}"),
            format!("Basic {}", right.replace('c', "-")),
        ] {
            invalid_client(&with_headers(app, &[&header]).await);
        }
        for pair in [
            &b"photo-album"[..],
            b":photo-album-secret-000000",
            b"photo-album:photo-album-secret-000000:",
            b"photo-album:photo-album-secret-000000\0",
            b"photo-album\0:photo-album-secret-000000",
            b"photo-album:photo%zzalbum-secret-000000",
            b"photo-album:\xff\xfe",
            b"photo%2Dalbum%00:photo-album-secret-000000",
            b"Photo-Album:photo-album-secret-000000",
            b" photo-album:photo-album-secret-000000",
        ] {
            invalid_client(&with_pair(app, pair).await);
        }
        let basic = format!("Basic {right}");
        invalid_client(&with_headers(app, &[&basic, &basic]).await);
        invalid_client(&with_headers(app, &[&basic, "Bearer x"]).await);
    }

    // CA-08
    /// The scheme is known in any case; names and secrets may be form-encoded.
    async fn basic_credentials_may_be_form_encoded(app) {
        let right = BASE64.encode("photo-album:photo-album-secret-000000");
        for scheme in ["Basic", "basic", "BASIC"] {
            with_headers(app, &[&format!("{scheme} {right}")]).await.expect(200);
        }
        with_pair(app, "photo%2Dalbum:photo%2Dalbum%2Dsecret%2D000000").await.expect(200);
    }

    // CA-08, D-03
    /// One method of authentication, naming one client.
    async fn two_methods_in_one_request_are_refused(app) {
        let (name, secret) = ("photo-album", "photo-album-secret-000000");
        let basic = || RequestBuilder::post(PATH).basic(name, secret);
        let fields = |more| [CREDENTIALS[0], more];
        app.send(basic().form(&fields(("client_id", name)))).await.expect(200);
        for more in [
            ("client_secret", secret),
            ("client_id", "daily-report"),
            ("client_assertion", "e30.e30.e30"),
        ] {
            let reply = app.send(basic().form(&fields(more))).await;
            assert_eq!(reply.error(), (400, "invalid_request".to_owned()), "{more:?}");
        }
        let other_scheme = RequestBuilder::post(PATH).bearer("cstat_whatever");
        let in_body = [CREDENTIALS[0], ("client_id", name), ("client_secret", secret)];
        app.send(other_scheme.form(&in_body)).await.expect(200);
    }

    // CA-06
    /// Unknown client, wrong secret and half-right secret: one status, one body, one effort.
    async fn an_unknown_client_is_told_like_a_wrong_secret(app) {
        let client = app.client("photo-album");
        client.token(&CREDENTIALS).await.expect(200);
        let wrong = [
            ("nobody", "photo-album-secret-000000"),
            ("photo-album", "wrong-secret-000000000"),
            ("photo-album", "photo-album-secre-111111"),
            ("legacy-sync", "wrong-secret-000000000"),
        ];
        let mut seen = Vec::new();
        for ((name, secret), first) in wrong.into_iter().zip([0, 10, 20, 30]) {
            let cost = cost(app, name, secret, first).await;
            let mut reply = guess(app, name, secret, address(100)).await;
            reply.headers.remove("x-request-id");
            seen.push((cost, reply.snapshot()));
        }
        for other in &seen[1..] {
            assert_eq!(*other, seen[0]);
        }
    }

    // CA-07, D-04, D-10
    /// Guesses at a secret are limited for each client and address; others keep working.
    async fn guesses_at_a_secret_are_limited_by_client_and_address(app) {
        let limit = app.ctx.policy.client_failures_per_window;
        let mut refused = 0;
        for number in 0..1_000 {
            let reply = guess(app, "photo-album", &format!("guess-{number:016}"), address(1)).await;
            if number < limit {
                invalid_client(&reply);
                continue;
            }
            assert_eq!(reply.error(), (429, "temporarily_unavailable".to_owned()));
            assert_eq!(reply.header("retry-after"), Some("300"));
            refused += 1;
        }
        assert!(limit <= 100 && refused >= 900);
        let right = "photo-album-secret-000000";
        assert_eq!(guess(app, "photo-album", right, address(1)).await.status, 429);
        guess(app, "photo-album", right, address(2)).await.expect(200);
        guess(app, "api-server", "api-server-secret-0000000", address(1)).await.expect(200);
        app.advance(Lifetime::minutes(5));
        guess(app, "photo-album", right, address(1)).await.expect(200);
    }

    // CA-07
    /// A client that may come without its secret does not get new guesses at it by coming without.
    async fn naming_a_client_gives_no_new_guesses(app) {
        let named = [
            ("grant_type", "authorization_code"),
            ("client_id", "legacy-sync"),
            ("code", "x"),
            ("code_verifier", crate::support::Challenge::RFC.verifier),
        ];
        let limit = app.ctx.policy.client_failures_per_window;
        for number in 0..limit {
            let reply = guess(app, "legacy-sync", &format!("guess-{number:016}"), address(1)).await;
            invalid_client(&reply);
            if number + 1 < limit {
                let request = RequestBuilder::post(PATH).form(&named).sent_from(address(1));
                assert_eq!(app.send(request).await.error(), (400, "invalid_grant".to_owned()));
            }
        }
        let reply = guess(app, "legacy-sync", "photo-album-secret-000000", address(1)).await;
        assert_eq!(reply.error(), (429, "temporarily_unavailable".to_owned()));
    }

    // CA-07
    /// From many addresses each has its own count, and the owner is never locked out.
    async fn guesses_from_many_addresses_do_not_lock_the_owner_out(app) {
        for number in 0..1_000_u32 {
            let source = address(u8::try_from(number % 50 + 1).expect("is small"));
            let reply = guess(app, "photo-album", &format!("guess-{number:016}"), source).await;
            let limited = number / 50 >= app.ctx.policy.client_failures_per_window;
            assert_eq!(reply.status.as_u16(), if limited { 429 } else { 401 }, "{number}");
        }
        guess(app, "photo-album", "photo-album-secret-000000", address(200)).await.expect(200);
    }

    // CA-07
    /// A success forgets the failures before it; guesses count at introspection and revocation too.
    async fn failures_count_at_every_endpoint_until_a_success(app) {
        let limit = app.ctx.policy.client_failures_per_window;
        let wrong = || app.client("photo-album").presenting(Some("wrong-secret-000000000"));
        for round in 0..2 {
            for number in 0..limit - 1 {
                let path = [PATH, INTROSPECT, REVOKE][number as usize % 3];
                let fields = [CREDENTIALS[0], ("token", "x")];
                invalid_client(&wrong().post(path, &fields).await);
            }
            app.client("photo-album").token(&CREDENTIALS).await.expect(200);
            assert!(round < 2);
        }
    }

    // CA-09, W-29
    /// A new secret ends the old one at once, here and on every other node.
    async fn a_new_secret_ends_the_old_one_at_once(app) {
        let there = app.another_node().await;
        let old = "photo-album-secret-000000";
        guess(&there, "photo-album", old, address(1)).await.expect(200);
        let new = new_secret(app, false).await;
        invalid_client(&guess(app, "photo-album", old, address(1)).await);
        guess(app, "photo-album", &new, address(1)).await.expect(200);
        sees(&there, &new).await;
        invalid_client(&guess(&there, "photo-album", old, address(1)).await);
    }

    // CA-09
    /// While secrets overlap both work, on both nodes; the next replacement ends both.
    async fn overlapping_secrets_both_work_until_they_are_replaced(app) {
        let there = app.another_node().await;
        let old = "photo-album-secret-000000";
        let second = new_secret(app, true).await;
        for node in [app, &there] {
            sees(node, &second).await;
            guess(node, "photo-album", old, address(1)).await.expect(200);
        }
        let third = new_secret(app, false).await;
        for ended in [old, &second] {
            invalid_client(&guess(app, "photo-album", ended, address(1)).await);
        }
        sees(&there, &third).await;
        invalid_client(&guess(&there, "photo-album", old, address(1)).await);
    }

    // CD-08
    /// A secret is the whole text: cut, lengthened or with another letter it is none.
    async fn an_altered_secret_is_none(app) {
        let imported = "photo-album-secret-000000".to_owned();
        let made = new_secret(app, true).await;
        for secret in [imported, made] {
            for (number, altered) in alterations(&secret).iter().enumerate() {
                if altered == &secret {
                    continue;
                }
                let source = address(u8::try_from(number / 10).expect("is small"));
                invalid_client(&guess(app, "photo-album", altered, source).await);
            }
            guess(app, "photo-album", &secret, address(100)).await.expect(200);
        }
    }

    // D-12
    /// A secret that a public client sends is ignored: it gives no rights and does no harm.
    async fn the_secret_of_a_public_client_means_nothing(app) {
        let client = app.client("web-player").presenting(Some("anything at all 000000"));
        let tokens = client.tokens(&Consent::default()).await;
        client.refresh(&tokens.text("refresh_token")).await.expect(200);
        let refused = client.token(&CREDENTIALS).await;
        assert_eq!(refused.error(), (400, "unauthorized_client".to_owned()));
        let code = client.code(&Consent::default()).await;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", client.redirect_uri()),
        ];
        assert_eq!(client.token(&fields).await.error(), (400, "invalid_grant".to_owned()));
        invalid_client(&client.post(INTROSPECT, &[("token", "x")]).await);
    }

    /// A suspended client is refused like an unknown one.
    async fn a_suspended_client_is_refused_like_an_unknown_one(app) {
        app.set_client_state("photo-album", ClientState::Suspended).await;
        let client: ClientActor<'_> = app.client("photo-album");
        let suspended = client.token(&CREDENTIALS).await;
        invalid_client(&suspended);
        let unknown = app.client("nobody").presenting(client.secret).token(&CREDENTIALS).await;
        assert_eq!(suspended.body, unknown.body);
    }
}

/// Waits until a node has seen that the client has this secret.
async fn sees(node: &TestApp, secret: &str) {
    // From ever new addresses, as what comes too early is a guess.
    let mut addresses = (0xC612_0000..).map(|bits| IpAddr::from(Ipv4Addr::from_bits(bits)));
    let seen = eventually(async || {
        let source = addresses.next().expect("there are more than enough");
        guess(node, "photo-album", secret, source).await.status == 200
    });
    assert!(seen.await, "the change never reaches the node");
}
