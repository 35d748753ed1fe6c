//! An app (OAuth client) and what it does at the OAuth endpoints (RFC 6749, RFC 7009, RFC 7662).

use std::sync::Arc;

use domain::Secret;
use url::{Url, form_urlencoded};
use wire::{IntrospectionResponse, ServerMetadata, TokenResponse};

use crate::authorization::{Authorization, AuthorizedCode, PendingAuthorization};
use crate::connection::{Connection, Reply};
use crate::error::{Error, refused};

/// How an app proves itself (RFC 6749 §2.3).
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Not at all: it runs where a secret cannot be kept, and PKCE protects its codes.
    Public,
    /// By its secret in the `Authorization` header: prefer this one.
    Basic(Secret),
    /// By its secret in the body.
    Body(Secret),
}

/// An app at a server.
///
/// ```no_run
/// use consentry_sdk::{Credentials, Secret, Server};
///
/// # async fn example(secret: Secret) -> Result<(), consentry_sdk::Error> {
/// let server = Server::discover("https://acme.example").await?;
/// let app = server.app("photo-album", Credentials::Basic(secret));
/// let tokens = app.client_credentials("read", &[]).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct App {
    connection: Connection,
    metadata: Arc<ServerMetadata>,
    client_id: String,
    credentials: Credentials,
}

impl App {
    pub(crate) fn new(
        connection: Connection,
        metadata: Arc<ServerMetadata>,
        client_id: &str,
        credentials: Credentials,
    ) -> Self {
        Self { connection, metadata, client_id: client_id.to_owned(), credentials }
    }

    /// Begins an authorization: the URL for the user's browser, and what to keep until it is back.
    ///
    /// ```no_run
    /// use consentry_sdk::{App, Authorization};
    ///
    /// # fn example(app: App) -> Result<(), consentry_sdk::Error> {
    /// let ask = Authorization::new("https://photos.example/callback").scope("read");
    /// let (url, pending) = app.begin(&ask)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn begin(&self, ask: &Authorization) -> Result<(Url, PendingAuthorization), Error> {
        ask.begin(&self.metadata, &self.client_id)
    }

    /// Exchanges a code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5).
    ///
    /// ```no_run
    /// # use consentry_sdk::{App, PendingAuthorization};
    /// # async fn example(
    /// #     app: App, pending: PendingAuthorization, redirected_to: &str,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let tokens = app.redeem(&pending.check(redirected_to)?).await?;
    /// println!("allowed: {}", tokens.scope);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn redeem(&self, code: &AuthorizedCode) -> Result<TokenResponse, Error> {
        self.tokens(&[
            ("grant_type", "authorization_code"),
            ("code", code.code.expose()),
            ("redirect_uri", &code.redirect_uri),
            ("code_verifier", code.code_verifier.expose()),
        ])
        .await
    }

    /// Exchanges a refresh token for a new pair (RFC 6749 §6). Keep the new refresh token: the old
    /// one ends. After a lost reply, asking again at once gives the same pair.
    ///
    /// ```no_run
    /// # use consentry_sdk::{App, Secret};
    /// # async fn example(app: App, refresh_token: Secret) -> Result<(), consentry_sdk::Error> {
    /// let tokens = app.refresh(&refresh_token).await?;
    /// let next = tokens.refresh_token.unwrap_or(refresh_token);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn refresh(&self, refresh_token: &Secret) -> Result<TokenResponse, Error> {
        let parameters =
            [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
        self.tokens(&parameters).await
    }

    /// Gets a token for the app itself, without a user (RFC 6749 §4.4), for these scopes and APIs
    /// (RFC 8707).
    ///
    /// ```no_run
    /// # async fn example(app: consentry_sdk::App) -> Result<(), consentry_sdk::Error> {
    /// let tokens = app.client_credentials("read", &["https://api.example.com/"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn client_credentials(
        &self,
        scope: &str,
        resources: &[&str],
    ) -> Result<TokenResponse, Error> {
        let mut parameters = vec![("grant_type", "client_credentials"), ("scope", scope)];
        parameters.extend(resources.iter().map(|resource| ("resource", *resource)));
        self.tokens(&parameters).await
    }

    /// Asks whether a token is good, for whom and for what (RFC 7662). Needs a secret.
    ///
    /// ```no_run
    /// use consentry_sdk::{App, IntrospectionResponse, Secret};
    ///
    /// # async fn example(api: App, presented: Secret) -> Result<(), consentry_sdk::Error> {
    /// match api.introspect(&presented).await? {
    ///     IntrospectionResponse::Active(token) => println!("user {} may {}", token.sub, token.scope),
    ///     IntrospectionResponse::Inactive => println!("401"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn introspect(&self, token: &Secret) -> Result<IntrospectionResponse, Error> {
        let endpoint = &self.metadata.introspection_endpoint;
        let reply = self.post(endpoint, &[("token", token.expose())]).await?;
        Ok(reply.message()?)
    }

    /// Ends a token, and with it all tokens of the same authorization (RFC 7009).
    ///
    /// ```no_run
    /// # use consentry_sdk::{App, Secret};
    /// # async fn example(app: App, refresh_token: Secret) -> Result<(), consentry_sdk::Error> {
    /// app.revoke(&refresh_token).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn revoke(&self, token: &Secret) -> Result<(), Error> {
        let endpoint = &self.metadata.revocation_endpoint;
        self.post(endpoint, &[("token", token.expose())]).await?;
        Ok(())
    }

    async fn tokens(&self, parameters: &[(&str, &str)]) -> Result<TokenResponse, Error> {
        Ok(self.post(&self.metadata.token_endpoint, parameters).await?.message()?)
    }

    async fn post(&self, endpoint: &str, parameters: &[(&str, &str)]) -> Result<Reply, Error> {
        let mut form = parameters.to_vec();
        let mut request = self.connection.http().post(endpoint);
        match &self.credentials {
            Credentials::Public => form.push(("client_id", &self.client_id)),
            Credentials::Basic(secret) => {
                let secret = Secret::new(form_encoded(secret.expose()));
                request = request.basic_auth(form_encoded(&self.client_id), Some(secret.expose()));
            }
            Credentials::Body(secret) => {
                form.push(("client_id", &self.client_id));
                form.push(("client_secret", secret.expose()));
            }
        }
        let reply = self.connection.send(request.form(&form)).await?;
        if reply.is_success() { Ok(reply) } else { Err(refused(&reply)) }
    }
}

/// RFC 6749 §2.3.1: both halves of Basic are form-encoded first.
fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use wire::ErrorCode;

    use super::*;
    use crate::stub::{Stub, TOKENS};

    async fn app(stub: &Stub, credentials: Credentials) -> App {
        let app = stub.discover().await.expect("metadata").app("photo album", credentials);
        stub.answer(200, TOKENS);
        app
    }

    fn secret() -> Secret {
        Secret::new("s+1")
    }

    #[tokio::test]
    async fn a_code_is_redeemed_with_its_verifier_and_redirect_uri() {
        let stub = Stub::start().await;
        let app = app(&stub, Credentials::Public).await;
        let code = AuthorizedCode {
            code: Secret::new("c1"),
            code_verifier: Secret::new("v1"),
            redirect_uri: "https://photos.example/callback".to_owned(),
        };
        let tokens = app.redeem(&code).await.expect("tokens");
        assert_eq!((tokens.access_token.expose(), tokens.expires_in), ("at1", Some(1800)));
        assert_eq!(
            stub.last().body,
            "grant_type=authorization_code&code=c1\
             &redirect_uri=https%3A%2F%2Fphotos.example%2Fcallback&code_verifier=v1\
             &client_id=photo+album"
        );
        assert_eq!(
            (stub.last().line.as_str(), stub.last().authorization),
            ("POST /oauth/tokens", None)
        );
    }

    #[tokio::test]
    async fn basic_is_form_encoded_and_leaves_the_body_alone() {
        let stub = Stub::start().await;
        let app = app(&stub, Credentials::Basic(secret())).await;
        app.refresh(&Secret::new("rt1")).await.expect("tokens");
        let last = stub.last();
        assert_eq!(last.body, "grant_type=refresh_token&refresh_token=rt1");
        // photo+album:s%2B1
        assert_eq!(last.authorization.as_deref(), Some("Basic cGhvdG8rYWxidW06cyUyQjE="));
    }

    #[tokio::test]
    async fn a_secret_in_the_body_stands_beside_the_identifier() {
        let stub = Stub::start().await;
        let app = app(&stub, Credentials::Body(secret())).await;
        app.client_credentials("read", &["https://x.example/"]).await.expect("a token");
        assert_eq!(
            stub.last().body,
            "grant_type=client_credentials&scope=read&resource=https%3A%2F%2Fx.example%2F\
             &client_id=photo+album&client_secret=s%2B1"
        );
    }

    #[tokio::test]
    async fn a_token_is_active_or_not() {
        let stub = Stub::start().await;
        let app = app(&stub, Credentials::Basic(secret())).await;
        stub.answer(200, r#"{"active":false}"#);
        let reply = app.introspect(&Secret::new("at1")).await.expect("a reply");
        assert_eq!(reply, IntrospectionResponse::Inactive);
        let last = stub.last();
        assert_eq!(
            (last.line.as_str(), last.body.as_str()),
            ("POST /oauth/tokens/introspect", "token=at1")
        );
    }

    #[tokio::test]
    async fn a_revocation_is_answered_with_nothing() {
        let stub = Stub::start().await;
        let app = app(&stub, Credentials::Basic(secret())).await;
        stub.answer(200, "");
        app.revoke(&Secret::new("rt1")).await.expect("success");
        assert_eq!(stub.last().line, "POST /oauth/tokens/revoke");
    }

    #[tokio::test]
    async fn a_refusal_carries_the_rfcs_code() {
        let stub = Stub::start().await;
        let app = app(&stub, Credentials::Public).await;
        stub.answer(400, r#"{"error":"invalid_grant","error_description":"used"}"#);
        let refused = app.refresh(&Secret::new("rt1")).await.expect_err("a refusal");
        assert_eq!(refused.code(), Some(ErrorCode::InvalidGrant));
        assert_eq!(refused.to_string(), "invalid_grant: used");
        stub.answer(502, "<h1>Bad gateway</h1>");
        let failed = app.refresh(&Secret::new("rt1")).await.expect_err("no reply of ours");
        assert_eq!(failed.to_string(), "the reply with status 502 cannot be understood");
    }
}
