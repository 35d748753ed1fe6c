//! `/api/v1/keys`: the account's signing keys, and what an admin does with them.

use domain::{SigningKey, SigningKeyId};
use protocol::keys::{self, KeyRefused};
use store::{Failure, Fault, Page, Place, Shape, signing_keys};
use wire::admin::{
    KeyBody, KeyList, KeyObject, RotationBody, RotationRequest, RotationRequestBody,
};
use wire::zendesk::ApiError;

use crate::api::{
    AdminCaller, Answer, Call, Caller, Listing, OauthRead, OauthWrite, Pages, PagingQuery,
    Recently, Reply,
};
use crate::openapi::RecordInvalid;

/// Lists the account's signing keys, oldest first, retired ones too.
#[utoipa::path(get, path = "/api/v1/keys", tag = "Keys", params(PagingQuery),
    responses((status = 200, description = "A page of keys", body = KeyList)))]
pub(crate) async fn list(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let pages = Pages { caller, path: "/api/v1/keys.json", list: KeysOf(caller) };
    let (keys, paging) = pages.show(&call.into_query()).await?;
    Ok(Reply::shown(&KeyList { keys: objects(caller, &keys), paging }))
}

/// The keys of the caller's account.
struct KeysOf<'a>(&'a Caller);

/// The one order there is.
#[derive(Clone, Copy)]
struct ById;

impl Listing for KeysOf<'_> {
    type Record = SigningKey;
    type Key = ById;

    const SORT_KEYS: &'static [&'static str] = &["id"];

    fn key(_: &str) -> ById {
        ById
    }

    fn shape(ById: ById) -> Shape {
        Shape::Id
    }

    fn place(ById: ById, key: &SigningKey) -> Place {
        Place::Id(key.id.get())
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<SigningKey>, Fault> {
        signing_keys::by_number(self.0.store(), self.0.origin.account.id, skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        signing_keys::count(self.0.store(), self.0.origin.account.id).await
    }

    async fn page(&self, ById: ById, page: &Page) -> Result<Vec<SigningKey>, Fault> {
        signing_keys::page(self.0.store(), self.0.origin.account.id, page).await
    }
}

/// Shows a key.
#[utoipa::path(get, path = "/api/v1/keys/{id}", tag = "Keys",
    responses((status = 200, description = "The key", body = KeyBody)))]
pub(crate) async fn show(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let key = keys::show(caller.site.ctx(), caller.origin.account.id, id(&call)?).await;
    let key = key.map_err(refused)?;
    Ok(Reply::shown(&KeyBody { key: KeyObject::new(&key, &caller.origin.base_url) }))
}

/// Begins a rotation: the next key of an algorithm, or of each, stands in the JWKS at once, and signs in
/// some minutes.
#[utoipa::path(post, path = "/api/v1/keys", tag = "Keys", request_body = RotationRequestBody,
    responses(
        (status = 201, description = "The next keys", body = RotationBody),
        (status = 200, description = "The next keys, which were made before", body = RotationBody),
        (status = 422, description = "There is no such algorithm, or there are too many keys", body = RecordInvalid),
    ))]
pub(crate) async fn rotate(admin: Recently<AdminCaller<OauthWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let body = call.body().await.map_err(Failure::Refused)?;
    let request =
        RotationRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let algorithms = request.into_draft().validate();
    let algorithms = algorithms.map_err(|faults| Failure::Refused(faults.into()))?;
    let rotation = caller
        .change(move |ctx, account, actor| async move {
            keys::rotate(&ctx, actor, account.id, &algorithms).await
        })
        .await
        .map_err(refused)?;
    let body = RotationBody { keys: objects(&caller, &rotation.keys) };
    if !rotation.is_new {
        return Ok(Reply::shown(&body));
    }
    let url = format!("{}/api/v1/keys.json", caller.origin.base_url.as_str());
    Ok(Reply::created(&body, &url))
}

/// Retires a key at once, whatever it signed, as somebody else may have it.
#[utoipa::path(delete, path = "/api/v1/keys/{id}", tag = "Keys",
    responses((status = 204, description = "Nothing that it signed counts any more")))]
pub(crate) async fn retire(admin: Recently<AdminCaller<OauthWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let id = id(&call)?;
    keys::show(caller.site.ctx(), caller.origin.account.id, id).await.map_err(refused)?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, account, actor| async move {
            keys::retire(&ctx, actor, account.id, id).await
        })
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

fn id(call: &Call) -> Result<SigningKeyId, Failure<ApiError>> {
    call.id().map_err(Failure::Refused)
}

fn objects(caller: &Caller, keys: &[SigningKey]) -> Vec<KeyObject> {
    keys.iter().map(|key| KeyObject::new(key, &caller.origin.base_url)).collect()
}

fn refused(failure: Failure<KeyRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        KeyRefused::Unknown => ApiError::RecordNotFound,
        KeyRefused::TooMany(_) => vec![refused.fault()].into(),
    })
}
