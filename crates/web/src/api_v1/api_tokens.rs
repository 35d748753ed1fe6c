//! `/api/v1/api_tokens`: everybody's own static credentials, and for admins everybody's.

use domain::{ApiToken, ApiTokenId, RecordFault, UserId};
use protocol::api_tokens::{self, ApiTokenRefused, NewApiToken};
use store::api_tokens::ApiTokenSort;
use store::{Failure, Fault, Page, Place, Shape};
use wire::admin::{
    ApiTokenBody, ApiTokenList, ApiTokenObject, ApiTokenRequest, ApiTokenRequestBody, Filters,
};
use wire::zendesk::ApiError;

use crate::api::{
    Answer, Call, Caller, Listing, OauthRead, OauthWrite, Pages, PagingQuery, PersonalCaller,
    Recently, Reply,
};

/// Lists the caller's API tokens; for admins also another user's, or everybody's.
#[utoipa::path(get, path = "/api/v1/api_tokens", tag = "API tokens", params(PagingQuery, ApiTokenQuery),
    responses((status = 200, description = "A page of API tokens", body = ApiTokenList)))]
pub(crate) async fn list(caller: PersonalCaller<OauthRead>, call: Call) -> Answer {
    let caller = &caller.into_caller();
    let query = call.into_query();
    let list = Tokens::asked_for(caller, &query).map_err(Failure::Refused)?;
    let pages = Pages { caller, path: "/api/v1/api_tokens.json", list };
    let (api_tokens, paging) = pages.show(&query).await?;
    let base_url = &caller.origin.base_url;
    let api_tokens = api_tokens.iter().map(|token| ApiTokenObject::new(token, base_url)).collect();
    Ok(Reply::shown(&ApiTokenList { api_tokens, paging }))
}

/// Whose API tokens a query may ask for; the caller's own without it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description of the filters that Tokens reads")]
pub(crate) struct ApiTokenQuery {
    /// Those of this user; another's are for admins.
    user_id: Option<i64>,
    /// Everybody's; for admins.
    all: Option<bool>,
}

/// The account's API tokens, or those of one user.
struct Tokens<'a> {
    caller: &'a Caller,
    filters: Filters,
    owner: Option<UserId>,
}

impl<'a> Tokens<'a> {
    fn asked_for(caller: &'a Caller, query: &[u8]) -> Result<Self, ApiError> {
        let filters = Filters::parse(query, &["user_id", "all"])?;
        let (all, of_user) = (filters.flag("all")?, filters.id("user_id")?.map(UserId::new));
        let own = caller.user().id;
        let owner = of_user.or((!all).then_some(own));
        if owner != Some(own) && !caller.is_admin() {
            return Err(ApiError::RoleForbidden);
        }
        Ok(Self { caller, filters, owner })
    }
}

impl Listing for Tokens<'_> {
    type Record = ApiToken;
    type Key = ApiTokenSort;

    const SORT_KEYS: &'static [&'static str] = &["id", "created_at"];

    fn key(name: &str) -> ApiTokenSort {
        if name == "id" { ApiTokenSort::Id } else { ApiTokenSort::CreatedAt }
    }

    fn shape(key: ApiTokenSort) -> Shape {
        key.shape()
    }

    fn place(key: ApiTokenSort, token: &ApiToken) -> Place {
        key.place(token)
    }

    fn filters(&self) -> Vec<(&'static str, String)> {
        self.filters.pairs()
    }

    fn narrowed_to(&self) -> Option<i64> {
        self.owner.map(UserId::get)
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<ApiToken>, Fault> {
        let account_id = self.caller.origin.account.id;
        let (store, owner) = (self.caller.store(), self.owner);
        store::api_tokens::by_number(store, account_id, owner, skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        let account_id = self.caller.origin.account.id;
        store::api_tokens::count(self.caller.store(), account_id, self.owner).await
    }

    async fn page(&self, key: ApiTokenSort, page: &Page) -> Result<Vec<ApiToken>, Fault> {
        let account_id = self.caller.origin.account.id;
        store::api_tokens::page(self.caller.store(), account_id, self.owner, key, page).await
    }
}

/// Shows an API token: his own to everybody, any to an admin.
#[utoipa::path(get, path = "/api/v1/api_tokens/{id}", tag = "API tokens",
    responses((status = 200, description = "The API token", body = ApiTokenBody)))]
pub(crate) async fn show(caller: PersonalCaller<OauthRead>, call: Call) -> Answer {
    let caller = caller.into_caller();
    let token = existing(&caller, call.id()).await?;
    let api_token = ApiTokenObject::new(&token, &caller.origin.base_url);
    Ok(Reply::shown(&ApiTokenBody { api_token }))
}

/// Makes an API token of the caller's own, so that nobody poses as somebody else. It has all rights
/// of his role, so he must call with all of them.
#[utoipa::path(post, path = "/api/v1/api_tokens", tag = "API tokens", request_body = ApiTokenRequestBody,
    responses((status = 201, description = "The API token, whole", body = ApiTokenBody)))]
pub(crate) async fn create(caller: Recently<PersonalCaller<OauthWrite>>, call: Call) -> Answer {
    let caller = caller.into_guard().into_caller();
    caller.require_full_rights().map_err(Failure::Refused)?;
    let body = call.body().await.map_err(Failure::Refused)?;
    let request =
        ApiTokenRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let label = api_tokens::label(&request.label, &request.unreadable);
    let label = label.map_err(|faults| Failure::Refused(faults.into()))?;
    let user_id = caller.user().id;
    let (token, full_token) = caller
        .change(move |ctx, account, actor| async move {
            let new = NewApiToken { account_id: account.id, user_id, label, token: None };
            api_tokens::create(&ctx, actor, new).await
        })
        .await
        .map_err(refused)?;
    let api_token = ApiTokenObject::told(&token, full_token, &caller.origin.base_url);
    let url = api_token.url.clone();
    Ok(Reply::created(&ApiTokenBody { api_token }, &url))
}

/// Revokes an API token: his own everybody, any an admin.
#[utoipa::path(delete, path = "/api/v1/api_tokens/{id}", tag = "API tokens",
    responses((status = 204, description = "It is revoked")))]
pub(crate) async fn delete(caller: PersonalCaller<OauthWrite>, call: Call) -> Answer {
    let caller = caller.into_caller();
    let token = existing(&caller, call.id()).await?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, _, actor| async move { api_tokens::revoke(&ctx, actor, &token).await })
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

/// The API token that there is, as far as the caller may know.
async fn existing(
    caller: &Caller,
    id: Result<ApiTokenId, ApiError>,
) -> Result<ApiToken, Failure<ApiError>> {
    let id = id.map_err(Failure::Refused)?;
    let owner = (!caller.is_admin()).then_some(caller.user().id);
    let token = api_tokens::show(caller.site.ctx(), caller.origin.account.id, id, owner).await;
    token.map_err(refused)
}

fn refused(failure: Failure<ApiTokenRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        ApiTokenRefused::Unknown => ApiError::RecordNotFound,
        ApiTokenRefused::UserInactive => ApiError::NotAuthenticated,
        ApiTokenRefused::Taken | ApiTokenRefused::TooMany => {
            vec![RecordFault::from(refused)].into()
        }
    })
}
