//! `/api/v1/global_client_requests`: what accounts ask of the operators, and what those decide.

use domain::{FaultCode, GlobalClientRequestId, RecordFault};
use protocol::clients::ClientRefused;
use protocol::clients::promotion::{self, RequestRefused, Verdict};
use store::global_client_requests::{self as requests, ReviewedRequest};
use store::{Failure, Fault, Page, Place, Shape};
use wire::admin::{
    GlobalClientRequestBody, GlobalClientRequestList, GlobalClientRequestObject, VerdictRequest,
    VerdictRequestBody,
};
use wire::zendesk::ApiError;

use crate::api::{
    Answer, Call, Caller, Listing, OauthRead, OauthWrite, OperatorCaller, Pages, PagingQuery,
    Recently, Reply,
};

/// Lists what waits for a decision, oldest first.
#[utoipa::path(get, path = "/api/v1/global_client_requests", tag = "Global clients", params(PagingQuery),
    responses((status = 200, description = "A page of requests", body = GlobalClientRequestList)))]
pub(crate) async fn list(operator: OperatorCaller<OauthRead>, call: Call) -> Answer {
    let caller = &operator.into_caller();
    let list = PendingRequests { caller };
    let pages = Pages { caller, path: "/api/v1/global_client_requests.json", list };
    let (found, paging) = pages.show(&call.into_query()).await?;
    let global_client_requests = found.iter().map(object).collect();
    Ok(Reply::shown(&GlobalClientRequestList { global_client_requests, paging }))
}

/// Shows a request, decided or not.
#[utoipa::path(get, path = "/api/v1/global_client_requests/{id}", tag = "Global clients",
    responses((status = 200, description = "The request", body = GlobalClientRequestBody)))]
pub(crate) async fn show(operator: OperatorCaller<OauthRead>, call: Call) -> Answer {
    let caller = &operator.into_caller();
    Ok(told(&reviewed(caller, call.id().map_err(Failure::Refused)?).await?))
}

/// Decides a request.
#[utoipa::path(put, path = "/api/v1/global_client_requests/{id}", tag = "Global clients",
    request_body = VerdictRequestBody,
    responses((status = 200, description = "The request", body = GlobalClientRequestBody)))]
pub(crate) async fn update(operator: Recently<OperatorCaller<OauthWrite>>, call: Call) -> Answer {
    let caller = operator.into_guard().into_caller();
    let id = call.id().map_err(Failure::Refused)?;
    reviewed(&caller, id).await?;
    let body = call.body().await.map_err(Failure::Refused)?;
    let said = VerdictRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let verdict = verdict(said).map_err(Failure::Refused)?;
    let operator = caller.user().clone();
    let decided = caller
        .change(move |ctx, _, _| async move {
            promotion::decide(&ctx, Some(&operator), id, &verdict).await
        })
        .await
        .map_err(refused)?;
    Ok(told(&decided))
}

/// Pending requests of all accounts, whose ids are in the order of their making.
struct PendingRequests<'a> {
    caller: &'a Caller,
}

impl Listing for PendingRequests<'_> {
    type Record = ReviewedRequest;
    type Key = ();

    const SORT_KEYS: &'static [&'static str] = &["id"];

    fn key(_: &str) {}

    fn shape((): ()) -> Shape {
        Shape::Id
    }

    fn place((): (), record: &ReviewedRequest) -> Place {
        Place::Id(record.request.id.get())
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<ReviewedRequest>, Fault> {
        requests::list(self.caller.store(), skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        requests::count(self.caller.store()).await
    }

    async fn page(&self, (): (), page: &Page) -> Result<Vec<ReviewedRequest>, Fault> {
        requests::page(self.caller.store(), page).await
    }
}

async fn reviewed(
    caller: &Caller,
    id: GlobalClientRequestId,
) -> Result<ReviewedRequest, Failure<ApiError>> {
    let found = requests::show(caller.store(), id).await?;
    found.ok_or(Failure::Refused(ApiError::RecordNotFound))
}

fn verdict(said: VerdictRequest) -> Result<Verdict, ApiError> {
    match said.state.as_deref() {
        Some("approved") => Ok(Verdict::Approve),
        Some("refused") => Ok(Verdict::Refuse(said.reason.unwrap_or_default())),
        _ => {
            let text = "must be approved or refused";
            Err(vec![RecordFault::new("state", FaultCode::InvalidValue, text)].into())
        }
    }
}

fn object(reviewed: &ReviewedRequest) -> GlobalClientRequestObject {
    GlobalClientRequestObject::new(&reviewed.request, &reviewed.account, &reviewed.client)
}

fn told(reviewed: &ReviewedRequest) -> Reply {
    Reply::shown(&GlobalClientRequestBody { global_client_request: object(reviewed) })
}

fn refused(failure: Failure<RequestRefused>) -> Failure<ApiError> {
    let fault = |fault: RecordFault| ApiError::from(vec![fault]);
    failure.map_refused(|refused| match refused {
        RequestRefused::Unknown | RequestRefused::Client(ClientRefused::Unknown) => {
            ApiError::RecordNotFound
        }
        RequestRefused::Decided | RequestRefused::Client(ClientRefused::Global) => {
            fault(RecordFault::new("state", FaultCode::InvalidValue, "was decided before"))
        }
        RequestRefused::Client(ClientRefused::OwnerUnknown) => {
            let text = "the client's owner is no user any more";
            fault(RecordFault::new("base", FaultCode::InvalidValue, text))
        }
        RequestRefused::Reason(reason) => fault(reason),
        RequestRefused::Client(ClientRefused::Invalid(faults)) => faults.into(),
    })
}
