//! `/api/v2/oauth/clients` (zendesk-wire §3): the account's apps, for its admins.

use domain::ClientKind;
use reqwest::{Method, RequestBuilder};
use wire::zendesk::{
    ClientBody, ClientList, ClientObject, ClientRequest, CursorEnvelope, PagingEnvelope, Patch,
};

use crate::api::Api;
use crate::api_error::ApiError;

const PATH: &str = "oauth/clients";

/// The account's OAuth clients.
///
/// ```no_run
/// use consentry_sdk::{Api, ClientFields, ClientKind};
///
/// # async fn example(api: Api) -> Result<(), consentry_sdk::ApiError> {
/// let fields = ClientFields::new()
///     .name("Photo Album")
///     .identifier("photo-album")
///     .kind(ClientKind::Confidential)
///     .redirect_uris(["https://photos.example/callback"]);
/// let app = api.clients().create(&fields).await?;
/// println!("its secret, shown this once: {}", app.secret.expose());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Clients<'a> {
    api: &'a Api,
}

/// A page of clients.
#[derive(Clone, Debug)]
pub struct ClientPage {
    /// The clients, oldest first.
    pub clients: Vec<ClientObject>,
    /// What to ask with for the next page; none: this is the last.
    pub next: Option<String>,
}

impl<'a> Clients<'a> {
    pub(crate) fn new(api: &'a Api) -> Self {
        Self { api }
    }

    /// A page of at most `size` clients (up to 100), from the beginning or after another page.
    ///
    /// ```no_run
    /// # async fn example(api: consentry_sdk::Api) -> Result<(), consentry_sdk::ApiError> {
    /// let mut next = None;
    /// loop {
    ///     let page = api.clients().list(100, next.as_deref()).await?;
    ///     page.clients.iter().for_each(|app| println!("{}", app.identifier));
    ///     next = page.next;
    ///     if next.is_none() {
    ///         break;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn list(&self, size: u32, after: Option<&str>) -> Result<ClientPage, ApiError> {
        let mut query = vec![("page[size]", size.to_string())];
        query.extend(after.map(|after| ("page[after]", after.to_owned())));
        let request = self.api.request(Method::GET, PATH).query(&query);
        let ClientList { clients, paging } = self.api.read(request).await?;
        let next = match paging {
            PagingEnvelope::Cursor(CursorEnvelope { meta, .. }) if meta.has_more => {
                meta.after_cursor
            }
            _ => None,
        };
        Ok(ClientPage { clients, next })
    }

    /// One client, by its id.
    ///
    /// ```no_run
    /// # async fn example(api: consentry_sdk::Api) -> Result<(), consentry_sdk::ApiError> {
    /// println!("{}", api.clients().show(4_302_177).await?.name);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn show(&self, id: i64) -> Result<ClientObject, ApiError> {
        self.one(self.api.request(Method::GET, &format!("{PATH}/{id}"))).await
    }

    /// Makes a client; it must have a name and an identifier. The reply holds its secret, whole,
    /// this once.
    ///
    /// ```no_run
    /// # use consentry_sdk::{Api, ClientFields};
    /// # async fn example(api: Api) -> Result<(), consentry_sdk::ApiError> {
    /// let fields = ClientFields::new().name("Photo Album").identifier("photo-album");
    /// let secret = api.clients().create(&fields).await?.secret;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create(&self, fields: &ClientFields) -> Result<ClientObject, ApiError> {
        self.one(self.api.saying(Method::POST, PATH, &fields.0)).await
    }

    /// Changes the fields that are said, and no others.
    ///
    /// ```no_run
    /// # use consentry_sdk::{Api, ClientFields};
    /// # async fn example(api: Api) -> Result<(), consentry_sdk::ApiError> {
    /// let fields = ClientFields::new().name("Photo Album 2").any_scopes();
    /// api.clients().update(4_302_177, &fields).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn update(&self, id: i64, fields: &ClientFields) -> Result<ClientObject, ApiError> {
        self.one(self.api.saying(Method::PUT, &format!("{PATH}/{id}"), &fields.0)).await
    }

    /// Deletes a client, with its tokens and all that users allowed it.
    ///
    /// ```no_run
    /// # async fn example(api: consentry_sdk::Api) -> Result<(), consentry_sdk::ApiError> {
    /// api.clients().delete(4_302_177).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn delete(&self, id: i64) -> Result<(), ApiError> {
        self.api.send(self.api.request(Method::DELETE, &format!("{PATH}/{id}"))).await?;
        Ok(())
    }

    /// Ends every secret of a client and gives it a new one, shown whole this once.
    ///
    /// ```no_run
    /// # async fn example(api: consentry_sdk::Api) -> Result<(), consentry_sdk::ApiError> {
    /// let secret = api.clients().generate_secret(4_302_177).await?.secret;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn generate_secret(&self, id: i64) -> Result<ClientObject, ApiError> {
        let path = format!("{PATH}/{id}/generate_secret");
        self.one(self.api.request(Method::PUT, &path)).await
    }

    async fn one(&self, request: RequestBuilder) -> Result<ClientObject, ApiError> {
        let body: ClientBody = self.api.read(request).await?;
        Ok(body.client)
    }
}

/// What is said of a client when it is made or changed; what is not said keeps its value.
///
/// ```no_run
/// use consentry_sdk::{ClientFields, ClientKind};
///
/// let fields = ClientFields::new()
///     .name("Photo Album")
///     .identifier("photo-album")
///     .company("Example Ltd")
///     .description("Makes albums of your pictures.")
///     .kind(ClientKind::Confidential)
///     .redirect_uris(["https://photos.example/callback"])
///     .scopes(["read"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ClientFields(ClientRequest);

impl ClientFields {
    /// Says nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What people call it; on the consent page.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.name = Patch::Value(name.into());
        self
    }

    /// The OAuth `client_id`.
    #[must_use]
    pub fn identifier(mut self, identifier: impl Into<String>) -> Self {
        self.0.identifier = Patch::Value(identifier.into());
        self
    }

    /// Who makes it; on the consent page.
    #[must_use]
    pub fn company(mut self, company: impl Into<String>) -> Self {
        self.0.company = Patch::Value(company.into());
        self
    }

    /// What it does; on the consent page.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.0.description = Patch::Value(description.into());
        self
    }

    /// Whether it can keep a secret.
    #[must_use]
    pub fn kind(mut self, kind: ClientKind) -> Self {
        self.0.kind = Patch::Value(kind.as_str().to_owned());
        self
    }

    /// Where codes may be sent, replacing those of before.
    #[must_use]
    pub fn redirect_uris<T: Into<String>>(mut self, uris: impl IntoIterator<Item = T>) -> Self {
        self.0.redirect_uri = Patch::Value(uris.into_iter().map(Into::into).collect());
        self
    }

    /// What it may ask for, at most.
    #[must_use]
    pub fn scopes<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.0.scopes = Patch::Value(names.into_iter().map(Into::into).collect());
        self
    }

    /// It may ask for anything that the account knows.
    #[must_use]
    pub fn any_scopes(mut self) -> Self {
        self.0.scopes = Patch::Null;
        self
    }
}

#[cfg(test)]
mod tests {
    use domain::Secret;

    use super::*;
    use crate::api::ApiCaller;
    use crate::stub::{CLIENT, Stub};

    fn api(stub: &Stub) -> Api {
        Api::new(&stub.issuer(), ApiCaller::Bearer(Secret::new("at1"))).expect("a loopback address")
    }

    #[tokio::test]
    async fn a_client_is_made_of_what_is_said() {
        let stub = Stub::start().await;
        stub.answer(201, CLIENT);
        let fields = ClientFields::new()
            .name("Photo Album")
            .identifier("photo-album")
            .kind(ClientKind::Public)
            .redirect_uris(["https://photos.example/callback"])
            .scopes(["read"]);
        let made = api(&stub).clients().create(&fields).await.expect("a client");
        assert_eq!((made.id, made.secret.expose()), (7, "cstcs_7Hq2mLpX0"));
        let last = stub.last();
        assert_eq!(last.line, "POST /api/v2/oauth/clients");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&last.body).ok(),
            Some(serde_json::json!({"client": {
                "name": "Photo Album", "identifier": "photo-album", "kind": "public",
                "redirect_uri": ["https://photos.example/callback"], "scopes": ["read"],
            }}))
        );
    }

    #[tokio::test]
    async fn only_what_is_said_is_changed() {
        let stub = Stub::start().await;
        stub.answer(200, CLIENT);
        let fields = ClientFields::new().company("New Ltd").description("New").any_scopes();
        api(&stub).clients().update(7, &fields).await.expect("a client");
        let last = stub.last();
        assert_eq!(last.line, "PUT /api/v2/oauth/clients/7");
        let body = r#"{"client":{"company":"New Ltd","description":"New","scopes":null}}"#;
        assert_eq!(last.body, body);
    }

    #[tokio::test]
    async fn the_other_verbs_name_the_client_by_its_id() {
        let stub = Stub::start().await;
        let api = api(&stub);
        stub.answer(200, CLIENT);
        api.clients().show(7).await.expect("a client");
        assert_eq!(stub.last().line, "GET /api/v2/oauth/clients/7");
        stub.answer(200, CLIENT);
        api.clients().generate_secret(7).await.expect("a client");
        assert_eq!(stub.last().line, "PUT /api/v2/oauth/clients/7/generate_secret");
        stub.answer(204, "");
        api.clients().delete(7).await.expect("success");
        assert_eq!(stub.last().line, "DELETE /api/v2/oauth/clients/7");
    }

    #[tokio::test]
    async fn a_list_is_followed_by_its_cursor() {
        let stub = Stub::start().await;
        let page = |has_more: bool| {
            format!(
                r#"{{"clients":[],"meta":{{"has_more":{has_more},"after_cursor":"k1.b",
                "before_cursor":"k1.a"}},"links":{{"next":null,"prev":null}}}}"#
            )
        };
        stub.answer(200, &page(true));
        let first = api(&stub).clients().list(2, None).await.expect("a page");
        assert_eq!(stub.last().line, "GET /api/v2/oauth/clients?page%5Bsize%5D=2");
        assert_eq!(first.next.as_deref(), Some("k1.b"));
        stub.answer(200, &page(false));
        let last = api(&stub).clients().list(2, first.next.as_deref()).await.expect("a page");
        let line = "GET /api/v2/oauth/clients?page%5Bsize%5D=2&page%5Bafter%5D=k1.b";
        assert_eq!((stub.last().line.as_str(), last.next), (line, None));
    }
}
