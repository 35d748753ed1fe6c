//! Credentials in the database: none can be read there.

use domain::{Actor, SecretDraft};
use protocol::clients;
use store::testing;

use crate::support::{Consent, stories};

stories! {
    // M-01
    /// Of everything that was issued the database keeps hashes and a few first characters.
    async fn nothing_that_was_issued_can_be_read_in_the_database(app) {
        let client = app.client("photo-album");
        let mut browser = app.browser("alice").await;
        let session = browser.session().expect("she is signed in");
        let page = browser.authorize(&client.request(&Consent::default())).await.expect(200);
        let code = browser.allow(&page, &[]).await.parameter("code").expect("a code");
        let tokens = client.redeem(&code).await.expect(200);
        let next = client.refresh(&tokens.text("refresh_token")).await.expect(200);
        let (client, draft) = (app.registered("photo-album").await, SecretDraft::default());
        let secret = clients::add_secret(&app.ctx, Actor::Operator, &client, &draft).await;
        let issued = [
            session,
            code,
            tokens.text("access_token"),
            tokens.text("refresh_token"),
            next.text("access_token"),
            next.text("refresh_token"),
            secret.expect("the client is there").secret.expose().to_owned(),
            "photo-album-secret-000000".to_owned(),
            "alice in wonderland".to_owned(),
        ];
        let contents = testing::contents(&app.ctx.store).await.expect("reads");
        for credential in &issued {
            // All but what is shown of it, and neither as it is nor without its prefix.
            let (_, hidden) = credential.split_at(11);
            assert!(contents.iter().all(|text| !text.contains(hidden)), "{credential}");
        }
        let hint = &tokens.text("access_token")[..10];
        assert!(contents.iter().any(|text| text.contains(hint)), "the search looks at tokens");
    }
}
