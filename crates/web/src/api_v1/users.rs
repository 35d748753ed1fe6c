//! `/api/v1/users`: the people of the account, for its admins.

use domain::{FaultCode, RecordFault, Role, User, UserDraft, UserId};
use protocol::api_caller::FULL_RIGHTS;
use protocol::users::{self, EditRefused};
use store::users::{UserFilter, UserSort};
use store::{Failure, Fault, Page, Place, Shape};
use wire::admin::{
    FilterRefused, Filters, PasswordRequest, PasswordRequestBody, UserBody, UserList, UserObject,
    UserRequest, UserRequestBody,
};
use wire::zendesk::ApiError;

use crate::api::{
    AdminCaller, Answer, Call, Caller, Listing, Pages, PagingQuery, Recently, Reply, UsersRead,
    UsersWrite,
};
use crate::openapi::RecordInvalid;
use crate::origin::Origin;

/// Lists the account's users.
#[utoipa::path(get, path = "/api/v1/users", tag = "Users", params(PagingQuery, UserQuery),
    responses((status = 200, description = "A page of users", body = UserList)))]
pub(crate) async fn list(admin: AdminCaller<UsersRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let query = call.into_query();
    let filters = Filters::parse(&query, &["role", "email"]);
    let list = filters.and_then(|filters| AccountUsers::new(caller, filters));
    let list = list.map_err(|refused| Failure::Refused(refused.into()))?;
    let pages = Pages { caller, path: "/api/v1/users.json", list };
    let (users, paging) = pages.show(&query).await?;
    let base_url = &caller.origin.base_url;
    let users = users.iter().map(|user| UserObject::new(user, base_url)).collect();
    Ok(Reply::shown(&UserList { users, paging }))
}

/// What a query may ask of the users.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description of the filters that AccountUsers reads")]
pub(crate) struct UserQuery {
    /// Only users with this role: `end-user`, `agent` or `admin`.
    role: Option<String>,
    /// Only the user with this address.
    email: Option<String>,
}

/// The account's users, or those that pass a filter.
struct AccountUsers<'a> {
    caller: &'a Caller,
    filters: Filters,
    filter: UserFilter,
}

impl<'a> AccountUsers<'a> {
    fn new(caller: &'a Caller, filters: Filters) -> Result<Self, FilterRefused> {
        let role = match filters.text("role") {
            None => None,
            Some("end-user") => Some(Role::EndUser),
            Some("agent") => Some(Role::Agent),
            Some("admin") => Some(Role::Admin),
            Some(_) => return Err(FilterRefused::Value("role", "end-user, agent or admin")),
        };
        let email = filters.text("email").map(str::to_ascii_lowercase);
        Ok(Self { caller, filters, filter: UserFilter { role, email } })
    }
}

impl Listing for AccountUsers<'_> {
    type Record = User;
    type Key = UserSort;

    const SORT_KEYS: &'static [&'static str] = &["id", "name", "email", "created_at"];

    fn key(name: &str) -> UserSort {
        match name {
            "id" => UserSort::Id,
            "name" => UserSort::Name,
            "email" => UserSort::Email,
            _ => UserSort::CreatedAt,
        }
    }

    fn shape(key: UserSort) -> Shape {
        key.shape()
    }

    fn place(key: UserSort, user: &User) -> Place {
        key.place(user)
    }

    fn filters(&self) -> Vec<(&'static str, String)> {
        self.filters.pairs()
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<User>, Fault> {
        let account_id = self.caller.origin.account.id;
        store::users::by_number(self.caller.store(), account_id, &self.filter, skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        let account_id = self.caller.origin.account.id;
        store::users::count(self.caller.store(), account_id, &self.filter).await
    }

    async fn page(&self, key: UserSort, page: &Page) -> Result<Vec<User>, Fault> {
        let account_id = self.caller.origin.account.id;
        store::users::page(self.caller.store(), account_id, &self.filter, key, page).await
    }
}

/// Shows a user.
#[utoipa::path(get, path = "/api/v1/users/{id}", tag = "Users",
    responses((status = 200, description = "The user", body = UserBody)))]
pub(crate) async fn show(admin: AdminCaller<UsersRead>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let user = existing(&caller, call.id()).await?;
    Ok(told(&user, &caller.origin))
}

/// Makes a user.
#[utoipa::path(post, path = "/api/v1/users", tag = "Users", request_body = UserRequestBody,
    responses((status = 201, description = "The user", body = UserBody)))]
pub(crate) async fn create(admin: Recently<AdminCaller<UsersWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let editor = caller.editor();
    let body = call.body().await.map_err(Failure::Refused)?;
    let request = UserRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let password = request.password();
    let mut draft = UserDraft::default();
    request.apply_to(&mut draft);
    let user = caller
        .change(move |ctx, account, _| async move {
            users::create_drafted(&ctx, &account, editor, &draft, password).await
        })
        .await
        .map_err(refused)?;
    let user = UserObject::new(&user, &caller.origin.base_url);
    let url = user.url.clone();
    Ok(Reply::created(&UserBody { user }, &url))
}

/// Changes what the body says; the rest of the user stays.
#[utoipa::path(put, path = "/api/v1/users/{id}", tag = "Users", request_body = UserRequestBody,
    responses((status = 200, description = "The user", body = UserBody)))]
pub(crate) async fn update(admin: Recently<AdminCaller<UsersWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let (id, editor) = (existing(&caller, call.id()).await?.id, caller.editor());
    let body = call.body().await.map_err(Failure::Refused)?;
    let request = UserRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let user = caller
        .change(move |ctx, account, _| async move {
            let edit = |draft: &mut UserDraft| request.clone().apply_to(draft);
            users::edit(&ctx, &account, editor, id, edit).await
        })
        .await
        .map_err(refused)?;
    Ok(told(&user, &caller.origin))
}

/// Sets a user's password: his sessions and refresh tokens end.
#[utoipa::path(put, path = "/api/v1/users/{id}/password", tag = "Users", request_body = PasswordRequestBody,
    responses((status = 200, description = "The user", body = UserBody)))]
pub(crate) async fn set_password(admin: Recently<AdminCaller<UsersWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let (id, editor) = (existing(&caller, call.id()).await?.id, caller.editor());
    let body = call.body().await.map_err(Failure::Refused)?;
    let request =
        PasswordRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    if let Some(fault) = blank(&request) {
        return Err(Failure::Refused(ApiError::from(vec![fault])));
    }
    caller
        .change(move |ctx, account, _| async move {
            users::change_password(&ctx, &account, editor, id, request.password).await
        })
        .await
        .map_err(refused)?;
    let user = existing(&caller, Ok(id)).await?;
    Ok(told(&user, &caller.origin))
}

fn blank(request: &PasswordRequest) -> Option<RecordFault> {
    if !request.password.expose().is_empty() {
        return None;
    }
    let (code, text) = if request.unreadable.is_empty() {
        (FaultCode::BlankValue, "must not be blank")
    } else {
        (FaultCode::InvalidValue, "is not of the right type")
    };
    Some(RecordFault::new("password", code, text))
}

/// Deletes a user, and ends everything of his.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "Users",
    responses((status = 204, description = "He is deleted"), (status = 422, description = "He cannot go: what is wrong with it", body = RecordInvalid)))]
pub(crate) async fn delete(admin: Recently<AdminCaller<UsersWrite>>, call: Call) -> Answer {
    let caller = admin.into_guard().into_caller();
    let (id, editor) = (existing(&caller, call.id()).await?.id, caller.editor());
    call.ignore_body().await.map_err(Failure::Refused)?;
    caller
        .change(
            move |ctx, account, _| async move { users::delete(&ctx, &account, editor, id).await },
        )
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

/// The user that there is: asked before the body is judged.
async fn existing(
    caller: &Caller,
    id: Result<UserId, ApiError>,
) -> Result<User, Failure<ApiError>> {
    let id = id.map_err(Failure::Refused)?;
    let user = users::show(caller.site.ctx(), caller.origin.account.id, id).await;
    user.map_err(|failure| failure.map_refused(|_| ApiError::RecordNotFound))
}

fn told(user: &User, origin: &Origin) -> Reply {
    Reply::shown(&UserBody { user: UserObject::new(user, &origin.base_url) })
}

fn refused(failure: Failure<EditRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        EditRefused::Invalid(faults) => faults.into(),
        EditRefused::Unknown => ApiError::RecordNotFound,
        EditRefused::NotAllowed => ApiError::RoleForbidden,
        EditRefused::RightsMissing => ApiError::MissingScopes(FULL_RIGHTS),
        EditRefused::Busy => ApiError::ServiceUnavailable,
    })
}
