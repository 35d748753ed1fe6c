//! Apps hear of the end of a session from the server (OpenID Connect Back-Channel Logout 1.0), with the modules of
//! the OpenID Foundation's plan for it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::{ClientMetadata, Lifetime, SigningAlgorithm};
use jsonwebtoken::Algorithm;
use serde_json::json;

use crate::support::{ORIGIN, RelyingParty, TestApp, WAY_BACK, stories};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The sessions that logout tokens tell of.
async fn told(app: &TestApp, party: &RelyingParty) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for token in party.received() {
        let (_, claims) = app.verified(&token).await;
        told.insert(claims["sid"].as_str().expect("a sid").to_owned());
    }
    told
}

stories! {
    /// The logout token is what the specification demands, signed as the client's ID tokens are.
    // O-06; oidcc-backchannel-rp-initiated-logout, oidcc-backchannel-logout-discovery-endpoint-verification
    async fn an_app_receives_a_logout_token(app) {
        let party = RelyingParty::answering(&[204]).await;
        let id_token_signed_response_alg = SigningAlgorithm::Es256;
        app.set_metadata(
            "photo-album",
            ClientMetadata { id_token_signed_response_alg, ..party.metadata() },
        )
        .await;
        app.allow_way_back("photo-album", &[WAY_BACK]).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        let (sid, hint) = (app.sid(&browser).await, app.id_token_in(&browser, "photo-album").await);
        let parameters = [("id_token_hint", &*hint), ("post_logout_redirect_uri", WAY_BACK)];
        let reply = browser.log_out(&parameters).await.expect(303);
        assert_eq!(reply.location(), WAY_BACK, "nobody waits for the app");
        app.advance(Lifetime::seconds(2));
        app.deliver_logouts().await;

        let [token] = &*party.received() else { panic!("one was sent: {:?}", party.received()) };
        let (header, claims) = app.verified(token).await;
        assert_eq!((header.typ.as_deref(), header.alg), (Some("logout+jwt"), Algorithm::ES256));
        let now = app.ctx.now().as_seconds();
        let jti = claims["jti"].as_str().expect("a name of its own");
        assert!(jti.len() >= 20);
        let expected = json!({
            "iss": ORIGIN,
            "sub": app.user("alice").await.id.to_string(),
            "aud": "photo-album",
            "iat": now,
            "exp": now + 120,
            "jti": jti,
            "events": {EVENT: {}},
            "sid": sid,
        });
        assert_eq!(claims, expected, "and no nonce");
        app.advance(Lifetime::hours(2));
        app.deliver_logouts().await;
        assert_eq!(party.received().len(), 1, "204 is a yes");
    }

    /// Who got no ID token in the session is not told, and neither is who does not want to know.
    async fn only_apps_of_the_session_are_told(app) {
        let (album, player) =
            (RelyingParty::answering(&[]).await, RelyingParty::answering(&[]).await);
        app.set_metadata("photo-album", album.metadata()).await;
        app.set_metadata("web-player", player.metadata()).await;
        let mut browser = app.browser("alice").await;
        let mut elsewhere = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        app.client("photo-album").tokens_in(&mut elsewhere, "openid read").await;
        app.client("web-player").tokens_in(&mut browser, "read").await;
        app.client("daily-report").tokens_in(&mut browser, "openid read").await;
        let sid = app.sid(&browser).await;
        browser.press_sign_out().await;
        app.deliver_logouts().await;
        album.wait_for(1).await;
        assert_eq!(told(app, &album).await, BTreeSet::from([sid]));
        assert_eq!(player.received(), Vec::<String>::new());
        assert!(elsewhere.is_signed_in().await);
    }

    /// Whatever ends a session tells its apps: the button, a suspension, a new password, somebody else who signs
    /// in over it. A session that goes on or merely expires does not.
    async fn every_end_of_a_session_is_told(app) {
        let party = RelyingParty::answering(&[]).await;
        app.set_metadata("photo-album", party.metadata()).await;
        let client = app.client("photo-album");
        let mut ended = BTreeSet::new();

        let mut browser = app.browser("alice").await;
        client.tokens_in(&mut browser, "openid read").await;
        ended.insert(app.sid(&browser).await);
        app.advance(Lifetime::seconds(1));
        app.suspend_user("alice", true).await;
        app.suspend_user("alice", false).await;
        app.advance(Lifetime::seconds(1));

        let mut browser = app.browser("alice").await;
        client.tokens_in(&mut browser, "openid read").await;
        ended.insert(app.sid(&browser).await);
        app.set_password("alice", "alice in wonderland").await;
        app.advance(Lifetime::seconds(1));

        let mut browser = app.browser("alice").await;
        client.tokens_in(&mut browser, "openid read").await;
        ended.insert(app.sid(&browser).await);
        again(app, &mut browser, "alice").await;
        app.deliver_logouts().await;
        party.wait_for(2).await;
        assert_eq!(told(app, &party).await.len(), 2, "the last session goes on");
        client.tokens_in(&mut browser, "openid read").await;
        ended.insert(app.sid(&browser).await);
        again(app, &mut browser, "bob").await;
        app.deliver_logouts().await;
        party.wait_for(4).await;
        assert_eq!(told(app, &party).await, ended, "and both ends of it are told");

        client.tokens_in(&mut browser, "openid read").await;
        app.advance(Lifetime::days(31));
        assert!(!browser.is_signed_in().await);
        app.deliver_logouts().await;
        assert_eq!(party.received().len(), 4, "what expires tells nobody");
    }

    /// Apps are told although their tokens have been revoked meanwhile, and although their user is gone.
    async fn apps_without_tokens_and_of_a_deleted_user_are_told(app) {
        let party = RelyingParty::answering(&[]).await;
        app.set_metadata("photo-album", party.metadata()).await;
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let tokens = client.tokens_in(&mut browser, "openid offline_access read").await;
        client.post("/oauth/tokens/revoke", &[("token", &tokens.text("refresh_token"))]).await;
        let sid = app.sid(&browser).await;
        let (account, alice) = (app.account(ORIGIN).await, app.user("alice").await);
        let editor = protocol::users::Editor::COMMAND_LINE;
        let deleted = protocol::users::delete(&app.ctx, &account, editor, alice.id).await;
        deleted.expect("she is deleted");
        app.deliver_logouts().await;
        party.wait_for(1).await;
        let (_, claims) = app.verified(&party.received()[0]).await;
        assert_eq!((claims["sid"].clone(), claims["sub"].clone()), (json!(sid), json!(alice.id.to_string())));
    }

    /// An app that fails is asked again, later and later, with a fresh token each time; one that says no is not.
    // O-06
    async fn failures_are_tried_again_and_a_no_is_final(app) {
        let party = RelyingParty::answering(&[500, 302, 503, 200, 400]).await;
        app.set_metadata("photo-album", party.metadata()).await;
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        client.tokens_in(&mut browser, "openid read").await;
        browser.press_sign_out().await;
        for (count, pause) in [(1, 5), (2, 5), (3, 10), (4, 20)] {
            app.deliver_logouts().await;
            app.deliver_logouts().await;
            assert_eq!(party.wait_for(count).await.len(), count, "not before it is due");
            app.advance(Lifetime::seconds(pause));
        }
        app.advance(Lifetime::hours(1));
        app.deliver_logouts().await;
        let received = party.received();
        assert_eq!(received.len(), 4, "200 is a yes");
        let mut names = BTreeSet::new();
        for token in &received {
            names.insert(app.verified(token).await.1["jti"].to_string());
        }
        assert_eq!(names.len(), 4);
        assert_eq!(app.events("logout.undelivered").await.len(), 0);

        let mut browser = app.browser("alice").await;
        client.tokens_in(&mut browser, "openid read").await;
        browser.press_sign_out().await;
        app.deliver_logouts().await;
        party.wait_for(5).await;
        app.advance(Lifetime::hours(1));
        app.deliver_logouts().await;
        assert_eq!(party.received().len(), 5, "400 is a no");
        let events = app.events("logout.undelivered").await;
        assert_eq!(events.len(), 1);
        assert!(events[0].details.contains("\"outcome\":\"refused\""), "{}", events[0].details);
    }

    /// An app that never answers is given up after a day, and holds up nobody else's news.
    // DS-01
    async fn a_dead_app_delays_nobody_and_is_given_up(app) {
        let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let uri = format!("http://{}/", dead.local_addr().expect("it has one"));
        let metadata =
            ClientMetadata { backchannel_logout_uri: Some(uri), ..ClientMetadata::default() };
        let party = RelyingParty::answering(&[]).await;
        app.set_metadata("photo-album", metadata).await;
        app.set_metadata("web-player", party.metadata()).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        app.client("web-player").tokens_in(&mut browser, "openid read").await;
        let page = browser.press_sign_out().await;
        let page = browser.follow(page).await.expect(200);
        assert_eq!(page.body.matches("being told").count(), 2, "{}", page.body);
        protocol::logout::start_due(&app.ctx).await.expect("reads");
        party.wait_for(1).await;
        app.settled().await;

        // There is no such port any more: each try fails at once.
        drop(dead);
        let mut tries = 0;
        while app.events("logout.undelivered").await.is_empty() {
            app.advance(Lifetime::hours(1));
            app.deliver_logouts().await;
            tries += 1;
            assert!(tries < 30, "it is given up");
        }
        assert!(tries >= 23, "it was tried for a day: {tries}");
        assert_eq!(party.received().len(), 1);
    }

    /// A crash between the end of a session and the news of it loses nothing, and no node tells it twice.
    async fn what_one_node_leaves_another_delivers_once(app) {
        let party = RelyingParty::answering(&[]).await;
        app.set_metadata("photo-album", party.metadata()).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        browser.press_sign_out().await;
        // Nothing was tried when the node died: others have only the database.
        let nodes = [app.another_node().await, app.another_node().await];
        let at_once = nodes.iter().map(|node| async move {
            protocol::logout::start_due(&node.ctx).await.expect("the outbox can be read");
            node.settled().await;
        });
        futures_util::future::join_all(at_once).await;
        party.wait_for(1).await;
        app.deliver_logouts().await;
        assert_eq!(party.received().len(), 1);
    }

    /// A node that dies with a delivery in hand leaves it to the others when its lease has run out.
    async fn a_delivery_in_the_hands_of_a_dead_node_is_taken_over(app) {
        let party = RelyingParty::answering(&[]).await;
        app.set_metadata("photo-album", party.metadata()).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        browser.press_sign_out().await;
        let (now, lease) = (app.ctx.now(), app.ctx.policy.logout.delivery_lease);
        let mut tx = app.ctx.store.begin().await.expect("begins");
        let taken = store::logout_deliveries::take(&mut tx, now, now + lease, 10).await;
        let settled: store::Decision<_, ()> = store::settle(tx, taken.map_err(Into::into)).await;
        assert_eq!(settled.expect("commits").len(), 1);
        app.advance_to_the_end_of(lease);
        app.deliver_logouts().await;
        assert_eq!(party.received(), Vec::<String>::new());
        app.advance(Lifetime::millis(1));
        app.deliver_logouts().await;
        party.wait_for(1).await;
    }

    /// The server looks by itself: the news is on its way as soon as the session has ended.
    async fn the_worker_delivers_by_itself(app) {
        let party = RelyingParty::answering(&[]).await;
        app.set_metadata("photo-album", party.metadata()).await;
        let working = tokio::spawn(protocol::logout::keep_delivering(Arc::clone(&app.ctx)));
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        browser.press_sign_out().await;
        party.wait_for(1).await;
        working.abort();
        while !working.is_finished() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        app.settled().await;
    }

    /// An app that has withdrawn its address, or is gone, is not called.
    async fn an_app_that_wants_no_news_any_more_gets_none(app) {
        let party = RelyingParty::answering(&[]).await;
        app.set_metadata("photo-album", party.metadata()).await;
        app.set_metadata("web-player", party.metadata()).await;
        let mut browser = app.browser("alice").await;
        app.client("photo-album").tokens_in(&mut browser, "openid read").await;
        app.client("web-player").tokens_in(&mut browser, "openid read").await;
        let page = browser.press_sign_out().await.location().to_owned();
        app.set_metadata("photo-album", ClientMetadata::default()).await;
        app.delete_client("web-player").await;
        app.deliver_logouts().await;
        assert_eq!(party.received(), Vec::<String>::new());
        let page = browser.get(&page).await.expect(200);
        assert!(!page.body.contains("hear of it"), "{}", page.body);
    }
}

/// Signs a person in with a browser that is signed in already.
async fn again(app: &TestApp, browser: &mut crate::support::Browser<'_>, name: &str) {
    app.advance(Lifetime::seconds(1));
    let client = app.client("photo-album");
    let more = [("prompt", "login")];
    let consent = crate::support::Consent {
        scope: Some("openid read"),
        more: &more,
        ..crate::support::Consent::default()
    };
    let reply = browser.authorize(&client.request(&consent)).await;
    let page = browser.follow(reply).await.expect(200);
    let email = format!("{name}@example.com");
    let typed = [("username", &*email), ("password", crate::support::password(name))];
    browser.submit(&page, &typed).await.expect(303);
}
