//! A code is redeemed while the session or grant under it ends: whoever wins, nothing issued for it
//! lives on.

use crate::support::{
    Browser, ClientActor, Consent, ORIGIN, PageForm, Reply, RequestBuilder, password, stories,
};

const PATH: &str = "/oauth/tokens";

/// How many times a race is run; who wins differs from round to round.
const ROUNDS: usize = 25;

/// Signed in with the session, so that the tokens end with it.
const WITH_THE_SESSION: Consent<'static> =
    Consent { user: "alice", scope: Some("openid read"), pkce: true, more: &[] };

/// A code that the user of this browser gave the client.
async fn code_in(browser: &mut Browser<'_>, client: &ClientActor<'_>) -> String {
    let reply = browser.authorize(&client.request(&WITH_THE_SESSION)).await;
    let reply = if reply.status == 200 { browser.allow(&reply, &[]).await } else { reply };
    reply.expect_code_at(client.redirect_uri())
}

/// The first form of the page at this path, sent by this browser.
async fn form_at(browser: &mut Browser<'_>, path: &str) -> RequestBuilder {
    let form = PageForm::read(&browser.get(path).await.expect(200).body);
    let fields: Vec<_> = form.hidden.iter().map(|(name, value)| (&**name, &**value)).collect();
    let request = RequestBuilder::post(&form.action).header("origin", ORIGIN).form(&fields);
    browser.with_cookies(request)
}

/// Either the code was refused, or what it gave is dead.
async fn assert_nothing_lives(client: &ClientActor<'_>, reply: &Reply) {
    if reply.status != 200 {
        assert_eq!(reply.error(), (400, "invalid_grant".to_owned()));
        return;
    }
    let access_token = reply.text("access_token");
    assert!(!client.is_active(&access_token).await, "the family outlived what it stands on");
}

stories! {
    // RT-02
    async fn a_redemption_never_outlives_a_new_password(app) {
        let client = app.client("photo-album");
        for _ in 0..ROUNDS {
            let code = code_in(&mut app.browser("alice").await, &client).await;
            let redemption = app.race(vec![client.posting(PATH, &client.claim(&code))]);
            let (replies, ()) =
                tokio::join!(redemption, app.set_password("alice", password("alice")));
            assert_nothing_lives(&client, &replies[0]).await;
        }
    }

    // RT-02
    async fn a_redemption_never_outlives_a_sign_out(app) {
        let client = app.client("photo-album");
        for _ in 0..ROUNDS {
            let mut browser = app.browser("alice").await;
            let code = code_in(&mut browser, &client).await;
            let sign_out = form_at(&mut browser, "/logout").await;
            let redemption = client.posting(PATH, &client.claim(&code));
            let replies = app.race(vec![redemption, sign_out]).await;
            replies[1].clone().expect(303);
            assert_nothing_lives(&client, &replies[0]).await;
        }
    }

    // RT-02
    async fn a_redemption_never_outlives_the_revocation_of_its_grant(app) {
        let (client, account, user) =
            (app.client("photo-album"), app.account(ORIGIN).await, app.user("alice").await);
        for _ in 0..ROUNDS {
            let code = code_in(&mut app.browser("alice").await, &client).await;
            let client_id = app.registered("photo-album").await.id;
            let grant = store::grants::show(&app.ctx.store, account.id, user.id, client_id).await;
            let grant_id = grant.expect("reads").expect("she allowed it").id;
            let redemption = app.race(vec![client.posting(PATH, &client.claim(&code))]);
            let revocation = protocol::grants::revoke(&app.ctx, &account, &user, grant_id);
            let (replies, revoked) = tokio::join!(redemption, revocation);
            revoked.expect("the grant was live");
            assert_nothing_lives(&client, &replies[0]).await;
        }
    }
}
