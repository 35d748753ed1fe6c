//! The administration API under `/api/v2/` (zendesk-wire §1, §9): who calls, and who that is.

use domain::{BaseUrl, Secret};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use wire::zendesk::{ClientRequest, CurrentUser, UserBody};

use crate::api_error::ApiError;
use crate::clients::Clients;
use crate::connection::{Connection, Reply};

/// Who calls the administration API.
#[derive(Clone, Debug)]
pub enum ApiCaller {
    /// A user by an app's access token; its scopes limit the call.
    Bearer(Secret),
    /// A person by his own API token, with all rights of his role.
    ApiToken {
        /// Whose token it is.
        email: String,
        /// The token.
        token: Secret,
    },
}

/// The administration API of one account.
///
/// ```no_run
/// use consentry_sdk::{Api, ApiCaller, Secret};
///
/// # async fn example(token: Secret) -> Result<(), consentry_sdk::ApiError> {
/// let caller = ApiCaller::ApiToken { email: "admin@acme.example".to_owned(), token };
/// let api = Api::new("https://acme.example", caller)?;
/// for app in api.clients().list(100, None).await?.clients {
///     println!("{} {}", app.identifier, app.name);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Api {
    connection: Connection,
    base_url: BaseUrl,
    caller: ApiCaller,
}

impl Api {
    /// The API of the account at this base URL.
    ///
    /// ```no_run
    /// # use consentry_sdk::{Api, ApiCaller, Secret};
    /// # fn example(access_token: Secret) -> Result<(), consentry_sdk::ApiError> {
    /// let api = Api::new("https://acme.example", ApiCaller::Bearer(access_token))?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(base_url: &str, caller: ApiCaller) -> Result<Self, ApiError> {
        Self::over(Connection::new()?, base_url, caller)
    }

    /// The same over a connection of your own.
    ///
    /// ```no_run
    /// # use consentry_sdk::{Api, ApiCaller, Connection};
    /// # fn example(http: reqwest::Client, caller: ApiCaller) -> Result<(), consentry_sdk::ApiError> {
    /// let api = Api::over(Connection::over(http), "https://acme.example", caller)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn over(
        connection: Connection,
        base_url: &str,
        caller: ApiCaller,
    ) -> Result<Self, ApiError> {
        Ok(Self { connection, base_url: BaseUrl::parse(base_url)?, caller })
    }

    /// The account's OAuth clients; for admins.
    ///
    /// ```no_run
    /// # async fn example(api: consentry_sdk::Api) -> Result<(), consentry_sdk::ApiError> {
    /// let app = api.clients().show(4_302_177).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn clients(&self) -> Clients<'_> {
        Clients::new(self)
    }

    /// Whom the calls act as.
    ///
    /// ```no_run
    /// use consentry_sdk::CurrentUser;
    ///
    /// # async fn example(api: consentry_sdk::Api) -> Result<(), consentry_sdk::ApiError> {
    /// if let CurrentUser::Known(user) = api.current_user().await? {
    ///     println!("{} is {}", user.email, user.role);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn current_user(&self) -> Result<CurrentUser, ApiError> {
        let body: UserBody = self.read(self.request(Method::GET, "users/me")).await?;
        Ok(body.user)
    }

    /// A request to a path under `/api/v2/`, authenticated.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v2/{path}", self.base_url);
        let request = self.connection.http().request(method, url);
        match &self.caller {
            ApiCaller::Bearer(token) => request.bearer_auth(token.expose()),
            ApiCaller::ApiToken { email, token } => {
                request.basic_auth(format!("{email}/token"), Some(token.expose()))
            }
        }
    }

    /// The same with what is said of a client.
    pub(crate) fn saying(
        &self,
        method: Method,
        path: &str,
        fields: &ClientRequest,
    ) -> RequestBuilder {
        self.request(method, path).json(fields)
    }

    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<T, ApiError> {
        Ok(self.send(request).await?.message()?)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Reply, ApiError> {
        let reply = self.connection.send(request).await?;
        if reply.is_success() { Ok(reply) } else { Err(ApiError::of(&reply)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub::Stub;

    const ANONYMOUS: &str = r#"{"user":{"id":null,"url":null,"name":"Anonymous user","email":null,
        "role":"end-user","verified":false,"active":true}}"#;

    #[tokio::test]
    async fn a_caller_is_a_bearer_or_has_an_api_token() {
        let stub = Stub::start().await;
        let email = "admin@acme.example".to_owned();
        for (caller, header) in [
            (ApiCaller::Bearer(Secret::new("at1")), "Bearer at1"),
            // admin@acme.example/token:pt1
            (
                ApiCaller::ApiToken { email, token: Secret::new("pt1") },
                "Basic YWRtaW5AYWNtZS5leGFtcGxlL3Rva2VuOnB0MQ==",
            ),
        ] {
            stub.answer(200, ANONYMOUS);
            let api = Api::new(&stub.issuer(), caller).expect("a loopback address");
            let user = api.current_user().await.expect("somebody");
            assert!(matches!(user, CurrentUser::Anonymous(_)));
            assert_eq!(stub.last().line, "GET /api/v2/users/me");
            assert_eq!(stub.last().authorization.as_deref(), Some(header));
        }
    }
}
