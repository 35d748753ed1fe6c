//! Calls of the administration API, and what comes back.

use domain::Actor;
use http::Method;
use protocol::api_tokens::{self, NewApiToken};
use serde_json::Value;

use super::{Consent, Reply, RequestBuilder, TestApp, cast};

/// Where clients are.
pub(crate) const CLIENTS: &str = "/api/v2/oauth/clients";

/// Where tokens are.
pub(crate) const TOKENS: &str = "/api/v2/oauth/tokens";

impl RequestBuilder {
    /// A call by the admin's API token.
    pub(crate) fn by_admin(method: Method, path: &str) -> Self {
        Self::new(method, path).with_admin_token()
    }

    pub(crate) fn with_admin_token(self) -> Self {
        self.basic("admin@example.com/token", cast::ADMIN_API_TOKEN)
    }
}

impl TestApp {
    pub(crate) async fn admin_get(&self, path: &str) -> Reply {
        self.send(RequestBuilder::by_admin(Method::GET, path)).await
    }

    pub(crate) async fn admin_post(&self, path: &str, body: &Value) -> Reply {
        self.send(RequestBuilder::by_admin(Method::POST, path).json(body)).await
    }

    pub(crate) async fn admin_put(&self, path: &str, body: &Value) -> Reply {
        self.send(RequestBuilder::by_admin(Method::PUT, path).json(body)).await
    }

    pub(crate) async fn admin_delete(&self, path: &str) -> Reply {
        self.send(RequestBuilder::by_admin(Method::DELETE, path)).await
    }

    /// A new API token of this person at this account.
    pub(crate) async fn api_token(&self, origin: &str, email: &str) -> String {
        let account = self.account(origin).await;
        let user = store::users::by_email(&self.ctx.store, account.id, email).await;
        let user_id = user.expect("reads").expect("in the cast").id;
        let (account_id, label) = (account.id, "story".to_owned());
        let new = NewApiToken { account_id, user_id, label, token: None };
        let made = api_tokens::create(&self.ctx, Actor::Operator, new).await;
        made.expect("it is made").1.expose().to_owned()
    }

    /// An access token of this person with these scopes.
    pub(crate) async fn bearer_of(&self, user: &str, scope: &str) -> String {
        let consent = Consent { user, scope: Some(scope), ..Consent::default() };
        self.client("daily-report").tokens(&consent).await.text("access_token")
    }

    /// Makes a client by the API, and returns it with its secret.
    pub(crate) async fn made_client(&self, fields: Value) -> Value {
        let made = self.admin_post(CLIENTS, &serde_json::json!({ "client": fields })).await;
        made.expect(201).json()["client"].clone()
    }
}

impl Reply {
    /// The faults of a 422, as `field error`, in the order of fields.
    #[track_caller]
    pub(crate) fn faults(&self) -> Vec<String> {
        assert_eq!(self.error(), (422, "RecordInvalid".to_owned()));
        assert_eq!(self.text("description"), "Record validation errors");
        let json = self.json();
        let details = json["details"].as_object().expect("details");
        let mut faults = Vec::new();
        for (field, list) in details {
            for fault in list.as_array().expect("a list of faults") {
                let description = fault["description"].as_str().expect("a description");
                assert!(description.contains(": "), "{description}");
                faults.push(format!("{field} {}", fault["error"].as_str().expect("a code")));
            }
        }
        faults
    }

    /// What every success of the API carries, and what none does (W-09).
    #[track_caller]
    pub(crate) fn expect_api(self, status: u16) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        assert_eq!(reply.header("retry-after"), None, "clients take it for a refusal");
        let content_type = (status != 204).then_some("application/json; charset=utf-8");
        assert_eq!(reply.header("content-type"), content_type);
        assert_eq!(reply.header("location").is_some(), status == 201);
        reply
    }
}
