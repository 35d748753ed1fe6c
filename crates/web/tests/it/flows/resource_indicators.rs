//! Resource indicators on every grant (RFC 8707): named at authorization, narrowed at the token endpoint.

use crate::support::{ClientActor, Consent, ORIGIN, Reply, and, stories};

const API: &str = "https://api.example.com/";
const JWT_API: &str = "https://jwt.example.com/";
const BOTH: [(&str, &str); 2] = [("resource", API), ("resource", JWT_API)];

async fn audience(client: &ClientActor<'_>, tokens: &Reply) -> serde_json::Value {
    client.introspect(&tokens.text("access_token")).await.json()["aud"].clone()
}

async fn refresh(client: &ClientActor<'_>, tokens: &Reply, more: &[(&str, &str)]) -> Reply {
    let token = tokens.text("refresh_token");
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    client.token(&and(&fields, more)).await
}

fn is_jwt(tokens: &Reply) -> bool {
    tokens.text("access_token").split('.').count() == 3
}

stories! {
    /// Two APIs in one flow: each gets a token of its own, in its own form, and the refresh token keeps
    /// both.
    // X-05, RT-06
    async fn several_resources_are_narrowed_one_by_one(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent { more: &BOTH, ..Consent::default() }).await;
        let first = client.token(&and(&client.claim(&code), &[("resource", JWT_API)])).await.expect(200);
        assert_eq!(audience(&client, &first).await, JWT_API);
        assert!(is_jwt(&first));
        let second = refresh(&client, &first, &[("resource", API)]).await.expect(200);
        assert_eq!(audience(&client, &second).await, API);
        assert!(!is_jwt(&second));
        // A refresh does not end an old JWT before its time.
        assert!(client.is_active(&first.text("access_token")).await);
        let both = refresh(&client, &second, &[]).await.expect(200);
        assert_eq!(audience(&client, &both).await, serde_json::json!([API, JWT_API]));
        // What both can read is a handle.
        assert!(!is_jwt(&both));
        for beyond in ["https://unknown.example.com/", ORIGIN, "https://api.example.com"] {
            let more = [("resource", API), ("resource", beyond)];
            let refused = refresh(&client, &both, &more).await;
            assert_eq!(refused.error(), (400, "invalid_target".to_owned()), "{beyond}");
        }
        refresh(&client, &both, &BOTH).await.expect(200);
    }

    //
    async fn what_was_not_named_at_authorization_cannot_be_named_later(app) {
        let client = app.client("photo-album");
        let one = [("resource", API)];
        let code = client.code(&Consent { more: &one, ..Consent::default() }).await;
        let reply = client.token(&and(&client.claim(&code), &BOTH)).await;
        assert_eq!(reply.error(), (400, "invalid_target".to_owned()));
        // The refusal used nothing up.
        let tokens = client.token(&and(&client.claim(&code), &one)).await.expect(200);
        let reply = refresh(&client, &tokens, &[("resource", JWT_API)]).await;
        assert_eq!(reply.error(), (400, "invalid_target".to_owned()));
        refresh(&client, &tokens, &one).await.expect(200);
    }

    //
    async fn a_client_names_resources_for_itself(app) {
        let client = app.client("photo-album");
        let grant = [("grant_type", "client_credentials"), ("scope", "read")];
        for (resources, expected) in [
            (&[][..], serde_json::json!(ORIGIN)),
            (&BOTH[..1], serde_json::json!(API)),
            (&BOTH[1..], serde_json::json!(JWT_API)),
            (&BOTH[..], serde_json::json!([API, JWT_API])),
        ] {
            let tokens = client.token(&and(&grant, resources)).await.expect(200);
            assert_eq!(audience(&client, &tokens).await, expected);
        }
        let unknown = and(&grant, &[("resource", API), ("resource", "https://x.example/")]);
        assert_eq!(client.token(&unknown).await.error(), (400, "invalid_target".to_owned()));
    }

    /// A token for other APIs opens nothing of ours.
    // X-05, V10.3.1
    async fn a_token_for_one_api_is_none_for_another(app) {
        let client = app.client("photo-album");
        let named = Consent { more: &[("resource", API)], ..Consent::default() };
        let tokens = client.tokens(&named).await;
        let me = crate::support::RequestBuilder::get("/api/v2/users/me");
        let reply = app.send(me.bearer(&tokens.text("access_token"))).await;
        assert_eq!(reply.error(), (401, "invalid_token".to_owned()));
    }
}
