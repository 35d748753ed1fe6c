//! `/api/v1/registration_tokens`: initial access tokens, with which clients register (RFC 7591 §1.2).

use domain::{RegistrationToken, RegistrationTokenId};
use protocol::registration_tokens::{self, RegistrationTokenRefused};
use store::registration_tokens::RegistrationTokenSort;
use store::{Failure, Fault, Page, Place, Shape};
use wire::admin::{
    RegistrationTokenBody, RegistrationTokenList, RegistrationTokenObject,
    RegistrationTokenRequestBody, registration_token_draft,
};
use wire::zendesk::ApiError;

use crate::api::{
    AdminCaller, Answer, Call, Caller, Listing, OauthRead, OauthWrite, Pages, PagingQuery, Reply,
};

/// Lists the account's initial access tokens.
#[utoipa::path(get, path = "/api/v1/registration_tokens", tag = "Registration tokens", params(PagingQuery),
    responses((status = 200, description = "A page of initial access tokens", body = RegistrationTokenList)))]
pub(crate) async fn list(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let list = Tokens { caller };
    let pages = Pages { caller, path: "/api/v1/registration_tokens.json", list };
    let (tokens, paging) = pages.show(&call.into_query()).await?;
    let base_url = &caller.origin.base_url;
    let registration_tokens =
        tokens.iter().map(|token| RegistrationTokenObject::new(token, base_url)).collect();
    Ok(Reply::shown(&RegistrationTokenList { registration_tokens, paging }))
}

/// The account's initial access tokens.
struct Tokens<'a> {
    caller: &'a Caller,
}

impl Listing for Tokens<'_> {
    type Record = RegistrationToken;
    type Key = RegistrationTokenSort;

    const SORT_KEYS: &'static [&'static str] = &["id", "created_at"];

    fn key(name: &str) -> RegistrationTokenSort {
        if name == "id" { RegistrationTokenSort::Id } else { RegistrationTokenSort::CreatedAt }
    }

    fn shape(key: RegistrationTokenSort) -> Shape {
        key.shape()
    }

    fn place(key: RegistrationTokenSort, token: &RegistrationToken) -> Place {
        key.place(token)
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<RegistrationToken>, Fault> {
        let account_id = self.caller.origin.account.id;
        store::registration_tokens::by_number(self.caller.store(), account_id, skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        let account_id = self.caller.origin.account.id;
        store::registration_tokens::count(self.caller.store(), account_id).await
    }

    async fn page(
        &self,
        key: RegistrationTokenSort,
        page: &Page,
    ) -> Result<Vec<RegistrationToken>, Fault> {
        let account_id = self.caller.origin.account.id;
        store::registration_tokens::page(self.caller.store(), account_id, key, page).await
    }
}

/// Shows an initial access token.
#[utoipa::path(get, path = "/api/v1/registration_tokens/{id}", tag = "Registration tokens",
    responses((status = 200, description = "The initial access token", body = RegistrationTokenBody)))]
pub(crate) async fn show(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let token = existing(&caller, call.id()).await?;
    let registration_token = RegistrationTokenObject::new(&token, &caller.origin.base_url);
    Ok(Reply::shown(&RegistrationTokenBody { registration_token }))
}

/// Makes an initial access token. What registers with it belongs to the caller.
#[utoipa::path(post, path = "/api/v1/registration_tokens", tag = "Registration tokens",
    request_body = RegistrationTokenRequestBody,
    responses((status = 201, description = "The initial access token, whole", body = RegistrationTokenBody)))]
pub(crate) async fn create(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let maker = caller.user().id;
    let body = call.body().await.map_err(Failure::Refused)?;
    let draft =
        registration_token_draft(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let (token, full_token) = caller
        .change(move |ctx, account, actor| async move {
            registration_tokens::create(&ctx, &account, (actor, maker), &draft).await
        })
        .await
        .map_err(refused)?;
    let base_url = &caller.origin.base_url;
    let registration_token = RegistrationTokenObject::told(&token, full_token, base_url);
    let url = registration_token.url.clone();
    Ok(Reply::created(&RegistrationTokenBody { registration_token }, &url))
}

/// Revokes an initial access token. The clients that it registered stay.
#[utoipa::path(delete, path = "/api/v1/registration_tokens/{id}", tag = "Registration tokens",
    responses((status = 204, description = "It is revoked")))]
pub(crate) async fn delete(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let token = existing(&caller, call.id()).await?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, _, actor| async move {
            registration_tokens::revoke(&ctx, actor, &token).await
        })
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

/// The initial access token that there is.
async fn existing(
    caller: &Caller,
    id: Result<RegistrationTokenId, ApiError>,
) -> Result<RegistrationToken, Failure<ApiError>> {
    let id = id.map_err(Failure::Refused)?;
    let account = &caller.origin.account;
    registration_tokens::show(caller.site.ctx(), account, id).await.map_err(refused)
}

fn refused(failure: Failure<RegistrationTokenRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        RegistrationTokenRefused::Unknown => ApiError::RecordNotFound,
        RegistrationTokenRefused::Invalid(faults) => faults.into(),
        // The caller himself, who lost his role since his credentials were looked at.
        RegistrationTokenRefused::MakerUnfit => ApiError::RoleForbidden,
    })
}
