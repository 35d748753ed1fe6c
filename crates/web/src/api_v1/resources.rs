//! `/api/v1/resources`: the APIs that the account's tokens can be for (RFC 8707).

use domain::{Resource, ResourceDraft, ResourceId};
use protocol::resources::{self, EditRefused};
use store::{Decision, Failure, Fault, Page, Place, Shape};
use wire::admin::{
    ResourceBody, ResourceList, ResourceObject, ResourceRequest, ResourceRequestBody,
};
use wire::zendesk::ApiError;

use crate::api::{
    AdminCaller, Answer, Call, Caller, Listing, OauthRead, OauthWrite, Pages, PagingQuery, Reply,
    beside, numbered,
};

/// Lists the account's resources, oldest first.
#[utoipa::path(get, path = "/api/v1/resources", tag = "Resources", params(PagingQuery),
    responses((status = 200, description = "A page of resources", body = ResourceList)))]
pub(crate) async fn list(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let all = resources::list(caller.site.ctx(), caller.origin.account.id).await?;
    let pages = Pages { caller, path: "/api/v1/resources.json", list: Whole(all) };
    let (resources, paging) = pages.show(&call.into_query()).await?;
    let base_url = &caller.origin.base_url;
    let resources = resources.iter().map(|it| ResourceObject::new(it, base_url)).collect();
    Ok(Reply::shown(&ResourceList { resources, paging }))
}

/// All the resources of the account in the order of ids: so many that every node keeps them in memory.
struct Whole(Vec<Resource>);

/// The one order there is.
#[derive(Clone, Copy)]
struct ById;

impl Listing for Whole {
    type Record = Resource;
    type Key = ById;

    const SORT_KEYS: &'static [&'static str] = &["id"];

    fn key(_: &str) -> ById {
        ById
    }

    fn shape(ById: ById) -> Shape {
        Shape::Id
    }

    fn place(ById: ById, resource: &Resource) -> Place {
        Place::Id(resource.id.get())
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<Resource>, Fault> {
        Ok(numbered(&self.0, skipped, limit))
    }

    async fn count(&self) -> Result<i64, Fault> {
        Ok(i64::try_from(self.0.len()).unwrap_or(i64::MAX))
    }

    async fn page(&self, ById: ById, page: &Page) -> Result<Vec<Resource>, Fault> {
        let Place::Id(id) = page.place else { return Ok(Vec::new()) };
        Ok(beside(&self.0, page, |resource| resource.id.get().cmp(&id)))
    }
}

/// Shows a resource.
#[utoipa::path(get, path = "/api/v1/resources/{id}", tag = "Resources",
    responses((status = 200, description = "The resource", body = ResourceBody)))]
pub(crate) async fn show(admin: AdminCaller<OauthRead>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let resource = existing(&caller, call.id()).await?;
    Ok(told(&caller, &resource))
}

/// Makes a resource.
#[utoipa::path(post, path = "/api/v1/resources", tag = "Resources", request_body = ResourceRequestBody,
    responses((status = 201, description = "The resource", body = ResourceBody)))]
pub(crate) async fn create(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let mut draft = ResourceDraft::default();
    request(call).await?.apply_to(&mut draft);
    let resource = caller
        .change(move |ctx, account, actor| async move {
            resources::create_drafted(&ctx, actor, account.id, &draft).await
        })
        .await
        .map_err(refused)?;
    let body = ResourceBody { resource: ResourceObject::new(&resource, &caller.origin.base_url) };
    Ok(Reply::created(&body, &body.resource.url))
}

/// Changes what the body says; the rest of the resource stays.
#[utoipa::path(put, path = "/api/v1/resources/{id}", tag = "Resources", request_body = ResourceRequestBody,
    responses((status = 200, description = "The resource", body = ResourceBody)))]
pub(crate) async fn update(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = existing(&caller, call.id()).await?.id;
    let request = request(call).await?;
    let resource = caller
        .change(move |ctx, account, actor| async move {
            let edit = |draft: &mut ResourceDraft| request.clone().apply_to(draft);
            resources::update_drafted(&ctx, actor, (account.id, id), edit).await
        })
        .await
        .map_err(refused)?;
    Ok(told(&caller, &resource))
}

/// Deletes a resource: nothing can be asked for it any more.
#[utoipa::path(delete, path = "/api/v1/resources/{id}", tag = "Resources",
    responses((status = 204, description = "It is deleted")))]
pub(crate) async fn delete(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = call.id().map_err(Failure::Refused)?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(move |ctx, account, actor| async move {
            resources::delete(&ctx, actor, account.id, id).await
        })
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

/// The resource that there is: asked before the body is judged.
async fn existing(
    caller: &Caller,
    id: Result<ResourceId, ApiError>,
) -> Decision<Resource, ApiError> {
    let id = id.map_err(Failure::Refused)?;
    resources::show(caller.site.ctx(), caller.origin.account.id, id).await.map_err(refused)
}

fn told(caller: &Caller, resource: &Resource) -> Reply {
    Reply::shown(&ResourceBody { resource: ResourceObject::new(resource, &caller.origin.base_url) })
}

async fn request(call: Call) -> Decision<ResourceRequest, ApiError> {
    let body = call.body().await.map_err(Failure::Refused)?;
    ResourceRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))
}

fn refused(failure: Failure<EditRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        EditRefused::Invalid(faults) => faults.into(),
        EditRefused::Unknown => ApiError::RecordNotFound,
    })
}
