//! `/api/v1/accounts`: every account of the platform, for its operators.

use domain::{Account, AccountDraft, AccountId, FaultCode, RecordFault};
use protocol::accounts::{self, AccountRefused, Manager};
use store::{Failure, Fault, Page, Place, Shape};
use wire::admin::{AccountBody, AccountList, AccountObject, AccountRequest, AccountRequestBody};
use wire::zendesk::ApiError;

use crate::api::{
    AccountSettingsRead, AccountSettingsWrite, Answer, Call, Caller, Listing, OperatorCaller,
    Pages, PagingQuery, Recently, Reply,
};

/// Lists the accounts.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "Accounts", params(PagingQuery),
    responses((status = 200, description = "A page of accounts", body = AccountList)))]
pub(crate) async fn list(operator: OperatorCaller<AccountSettingsRead>, call: Call) -> Answer {
    let caller = &operator.into_caller();
    let pages = Pages { caller, path: "/api/v1/accounts.json", list: Accounts { caller } };
    let (found, paging) = pages.show(&call.into_query()).await?;
    let accounts = found.iter().map(|account| object(account, caller)).collect();
    Ok(Reply::shown(&AccountList { accounts, paging }))
}

/// Makes an account.
#[utoipa::path(post, path = "/api/v1/accounts", tag = "Accounts", request_body = AccountRequestBody,
    responses((status = 201, description = "The account", body = AccountBody)))]
pub(crate) async fn create(
    operator: Recently<OperatorCaller<AccountSettingsWrite>>,
    call: Call,
) -> Answer {
    let caller = operator.into_guard().into_caller();
    let body = call.body().await.map_err(Failure::Refused)?;
    let request = AccountRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let mut draft = AccountDraft::default();
    request.apply_to(&mut draft);
    let made = caller
        .change(move |ctx, home, actor| async move {
            accounts::create(&ctx, Manager::from_home(home.id, actor), &draft).await
        })
        .await
        .map_err(refused)?;
    let body = AccountBody { account: object(&made, &caller) };
    Ok(Reply::created(&body, &body.account.url))
}

/// Shows an account.
#[utoipa::path(get, path = "/api/v1/accounts/{id}", tag = "Accounts",
    responses((status = 200, description = "The account", body = AccountBody)))]
pub(crate) async fn show(operator: OperatorCaller<AccountSettingsRead>, call: Call) -> Answer {
    let caller = operator.into_caller();
    let account = known(&caller, call.id()).await?;
    Ok(told(&account, &caller))
}

/// Changes what the body says, or suspends the account, or ends that; the rest of it stays.
#[utoipa::path(put, path = "/api/v1/accounts/{id}", tag = "Accounts", request_body = AccountRequestBody,
    responses((status = 200, description = "The account", body = AccountBody)))]
pub(crate) async fn update(
    operator: Recently<OperatorCaller<AccountSettingsWrite>>,
    call: Call,
) -> Answer {
    let caller = operator.into_guard().into_caller();
    let id = known(&caller, call.id()).await?.id;
    let body = call.body().await.map_err(Failure::Refused)?;
    let request = AccountRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let changed = caller
        .change(move |ctx, home, actor| async move {
            let edit = |draft: &mut AccountDraft| request.clone().apply_to(draft);
            accounts::update(&ctx, Manager::from_home(home.id, actor), id, edit).await
        })
        .await
        .map_err(refused)?;
    Ok(told(&changed, &caller))
}

/// The accounts, by id.
struct Accounts<'a> {
    caller: &'a Caller,
}

impl Listing for Accounts<'_> {
    type Record = Account;
    type Key = ();

    const SORT_KEYS: &'static [&'static str] = &["id"];

    fn key(_: &str) {}

    fn shape((): ()) -> Shape {
        Shape::Id
    }

    fn place((): (), account: &Account) -> Place {
        Place::Id(account.id.get())
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<Account>, Fault> {
        store::accounts::by_number(self.caller.store(), skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        store::accounts::count(self.caller.store()).await
    }

    async fn page(&self, (): (), page: &Page) -> Result<Vec<Account>, Fault> {
        store::accounts::page(self.caller.store(), page).await
    }
}

/// The account that there is, as the database has it: asked before the body is judged.
pub(super) async fn known(
    caller: &Caller,
    id: Result<AccountId, ApiError>,
) -> Result<Account, Failure<ApiError>> {
    let id = id.map_err(Failure::Refused)?;
    let account = store::accounts::show(caller.store(), id).await?;
    account.ok_or(Failure::Refused(ApiError::RecordNotFound))
}

fn object(account: &Account, caller: &Caller) -> AccountObject {
    AccountObject::new(account, &caller.origin.base_url)
}

fn told(account: &Account, caller: &Caller) -> Reply {
    Reply::shown(&AccountBody { account: object(account, caller) })
}

pub(super) fn refused(failure: Failure<AccountRefused>) -> Failure<ApiError> {
    failure.map_refused(|refused| match refused {
        AccountRefused::Unknown => ApiError::RecordNotFound,
        AccountRefused::Invalid(faults) => faults.into(),
        AccountRefused::Home => {
            let text = refused.to_string();
            vec![RecordFault::new("base", FaultCode::InvalidValue, &text)].into()
        }
    })
}
