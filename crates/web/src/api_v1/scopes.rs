//! `/api/v1/scopes`: the account's scope catalogue, built in and its own.

use domain::{ScopeDraft, ScopeEntry};
use protocol::scopes::{self, ScopeRefused};
use store::{Decision, Failure, Fault, Page, Place, Shape};
use wire::admin::{ScopeBody, ScopeList, ScopeObject, ScopeRequest, ScopeRequestBody};
use wire::zendesk::ApiError;

use crate::api::{
    AdminCaller, Answer, Call, Caller, Listing, OauthRead, OauthWrite, Pages, PagingQuery, Reply,
    beside, numbered,
};
use crate::openapi::RecordInvalid;

/// Lists the scopes that mean something in the account.
#[utoipa::path(get, path = "/api/v1/scopes", tag = "Scopes", params(PagingQuery),
    responses((status = 200, description = "A page of scopes", body = ScopeList)))]
pub(crate) async fn list(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let entries = scopes::list(caller.site.ctx(), caller.origin.account.id).await?;
    let pages = Pages { caller, path: "/api/v1/scopes.json", list: Catalogue(entries) };
    let (entries, paging) = pages.show(&call.into_query()).await?;
    let base_url = &caller.origin.base_url;
    let scopes = entries.iter().map(|entry| ScopeObject::new(entry, base_url)).collect();
    Ok(Reply::shown(&ScopeList { scopes, paging }))
}

/// The whole catalogue in the order of names: a few hundred at most, built in for the most part.
struct Catalogue(Vec<ScopeEntry>);

/// The one order there is.
#[derive(Clone, Copy)]
struct ByName;

impl Listing for Catalogue {
    type Record = ScopeEntry;
    type Key = ByName;

    const SORT_KEYS: &'static [&'static str] = &["name"];

    fn key(_: &str) -> ByName {
        ByName
    }

    fn shape(ByName: ByName) -> Shape {
        Shape::Text
    }

    fn place(ByName: ByName, entry: &ScopeEntry) -> Place {
        Place::Text(entry.scope.name.as_str().to_owned(), 0)
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<ScopeEntry>, Fault> {
        Ok(numbered(&self.0, skipped, limit))
    }

    async fn count(&self) -> Result<i64, Fault> {
        Ok(i64::try_from(self.0.len()).unwrap_or(i64::MAX))
    }

    async fn page(&self, ByName: ByName, page: &Page) -> Result<Vec<ScopeEntry>, Fault> {
        let Place::Text(name, _) = &page.place else { return Ok(Vec::new()) };
        Ok(beside(&self.0, page, |entry| entry.scope.name.as_str().cmp(name)))
    }
}

/// Shows a scope.
#[utoipa::path(get, path = "/api/v1/scopes/{name}", tag = "Scopes",
    responses((status = 200, description = "The scope", body = ScopeBody)))]
pub(crate) async fn show(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let entry = existing(&caller, call.name()).await?;
    Ok(told(&caller, &entry))
}

/// Adds a scope of the account's own.
#[utoipa::path(post, path = "/api/v1/scopes", tag = "Scopes", request_body = ScopeRequestBody,
    responses((status = 201, description = "The scope", body = ScopeBody)))]
pub(crate) async fn create(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let mut draft = ScopeDraft::default();
    request(call).await?.apply_to(&mut draft);
    let entry = caller
        .change(move |ctx, account, actor| async move {
            scopes::create(&ctx, actor, account.id, &draft).await
        })
        .await
        .map_err(refused)?;
    let body = ScopeBody { scope: ScopeObject::new(&entry, &caller.origin.base_url) };
    Ok(Reply::created(&body, &body.scope.url))
}

/// Changes what the body says; the name stays. A built-in scope is changed for the account alone.
#[utoipa::path(put, path = "/api/v1/scopes/{name}", tag = "Scopes", request_body = ScopeRequestBody,
    responses((status = 200, description = "The scope", body = ScopeBody)))]
pub(crate) async fn update(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let name = existing(&caller, call.name()).await?.scope.name;
    let request = request(call).await?;
    let entry = caller
        .change(move |ctx, account, actor| async move {
            let edit = |draft: &mut ScopeDraft| request.clone().apply_to(draft);
            scopes::update(&ctx, actor, account.id, name.as_str(), edit).await
        })
        .await
        .map_err(refused)?;
    Ok(told(&caller, &entry))
}

/// Deletes a scope of the account's own, or what it changed of a built-in one.
#[utoipa::path(delete, path = "/api/v1/scopes/{name}", tag = "Scopes",
    responses((status = 204, description = "It is deleted"), (status = 422, description = "It is built in, and as it was", body = RecordInvalid)))]
pub(crate) async fn delete(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let name = existing(&caller, call.name()).await?.scope.name;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, account, actor| async move {
            scopes::delete(&ctx, actor, account.id, name.as_str()).await
        })
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

/// The scope that there is: asked before the body is judged.
async fn existing(caller: &Caller, name: &str) -> Decision<ScopeEntry, ApiError> {
    let account_id = caller.origin.account.id;
    scopes::show(caller.site.ctx(), account_id, name).await.map_err(refused)
}

fn told(caller: &Caller, entry: &ScopeEntry) -> Reply {
    Reply::shown(&ScopeBody { scope: ScopeObject::new(entry, &caller.origin.base_url) })
}

async fn request(call: Call) -> Decision<ScopeRequest, ApiError> {
    let body = call.body().await.map_err(Failure::Refused)?;
    ScopeRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))
}

fn refused(failure: Failure<ScopeRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        ScopeRefused::Invalid(faults) => faults.into(),
        ScopeRefused::Unknown => ApiError::RecordNotFound,
    })
}
