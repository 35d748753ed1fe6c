//! The main job: authorization code with PKCE, from the browser to the token.

use crate::support::{Consent, stories};

stories! {
    /// An app gets tokens and they work.
    async fn a_user_allows_an_app_and_it_gets_tokens(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        assert_eq!(tokens.text("scope"), "read");
        assert_eq!(tokens.json()["expires_in"], 1800);
        assert_eq!(tokens.json()["refresh_token_expires_in"], 2_592_000);
        let told = client.introspect(&tokens.text("access_token")).await;
        assert_eq!(told.json()["active"], true);
        assert_eq!(told.json()["username"], "alice@example.com");
    }
}
