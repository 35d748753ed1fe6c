//! `/api/v1/audit_events`: who did what in the account, for its admins.

use domain::BaseUrl;
use store::audit_events::{EventFilter, EventSort, RecordedEvent};
use store::{Failure, Fault, Page, Place, Shape};
use wire::admin::{
    self, AuditEventBody, AuditEventList, AuditEventObject, FilterRefused, Filters, TargetObject,
};
use wire::zendesk::ApiError;

use crate::api::{
    AdminCaller, Answer, AuditRead, Call, Caller, Listing, Pages, PagingQuery, Reply,
};

/// The filters that a query may name.
const FILTERS: [&str; 6] = ["actor_id", "action", "target_kind", "target_id", "since", "until"];

/// Lists the account's audit events.
#[utoipa::path(get, path = "/api/v1/audit_events", tag = "Audit log", params(PagingQuery, EventQuery),
    responses((status = 200, description = "A page of events", body = AuditEventList)))]
pub(crate) async fn list(admin: AdminCaller<AuditRead>, call: Call) -> Answer {
    let caller = &admin.into_caller();
    let query = call.into_query();
    let filters = Filters::parse(&query, &FILTERS);
    let list = filters.and_then(|filters| Events::new(caller, filters));
    let list = list.map_err(|refused| Failure::Refused(refused.into()))?;
    let pages = Pages { caller, path: "/api/v1/audit_events.json", list };
    let (events, paging) = pages.show(&query).await?;
    let base_url = &caller.origin.base_url;
    let audit_events = events.iter().map(|event| object(event, base_url)).collect();
    Ok(Reply::shown(&AuditEventList { audit_events, paging }))
}

/// What a query may ask of the log.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description of the filters that Events reads")]
pub(crate) struct EventQuery {
    /// Only what this user or client did, or what was done in this user's name.
    actor_id: Option<i64>,
    /// Only this action, like `client.created`.
    action: Option<String>,
    /// Only what was done to things of this kind.
    target_kind: Option<String>,
    /// Only what was done to the thing with this id.
    target_id: Option<i64>,
    /// Only what happened then or later, like `2026-05-04T09:30:00Z`.
    since: Option<String>,
    /// Only what happened earlier.
    until: Option<String>,
}

/// The account's audit events, or those that pass a filter.
struct Events<'a> {
    caller: &'a Caller,
    filters: Filters,
    filter: EventFilter,
}

impl<'a> Events<'a> {
    fn new(caller: &'a Caller, filters: Filters) -> Result<Self, FilterRefused> {
        let text = |name: &str| filters.text(name).map(str::to_owned);
        let filter = EventFilter {
            actor_id: filters.id("actor_id")?,
            action: text("action"),
            target_kind: text("target_kind"),
            target_id: filters.id("target_id")?,
            since: filters.moment("since")?,
            until: filters.moment("until")?,
        };
        Ok(Self { caller, filters, filter })
    }
}

impl Listing for Events<'_> {
    type Record = RecordedEvent;
    type Key = EventSort;

    const SORT_KEYS: &'static [&'static str] = &["id", "created_at"];

    fn key(name: &str) -> EventSort {
        if name == "id" { EventSort::Id } else { EventSort::Time }
    }

    fn shape(key: EventSort) -> Shape {
        key.shape()
    }

    fn place(key: EventSort, event: &RecordedEvent) -> Place {
        key.place(event)
    }

    fn filters(&self) -> Vec<(&'static str, String)> {
        self.filters.pairs()
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<RecordedEvent>, Fault> {
        let account_id = self.caller.origin.account.id;
        let (store, filter) = (self.caller.store(), &self.filter);
        store::audit_events::by_number(store, account_id, filter, skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        let account_id = self.caller.origin.account.id;
        store::audit_events::count(self.caller.store(), account_id, &self.filter).await
    }

    async fn page(&self, key: EventSort, page: &Page) -> Result<Vec<RecordedEvent>, Fault> {
        let account_id = self.caller.origin.account.id;
        store::audit_events::page(self.caller.store(), account_id, &self.filter, key, page).await
    }
}

/// Shows an audit event.
#[utoipa::path(get, path = "/api/v1/audit_events/{id}", tag = "Audit log",
    responses((status = 200, description = "The event", body = AuditEventBody)))]
pub(crate) async fn show(admin: AdminCaller<AuditRead>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let id = call.id().map_err(Failure::Refused)?;
    let event = store::audit_events::show(caller.store(), caller.origin.account.id, id).await?;
    let event = event.ok_or(Failure::Refused(ApiError::RecordNotFound))?;
    let audit_event = object(&event, &caller.origin.base_url);
    Ok(Reply::shown(&AuditEventBody { audit_event }))
}

fn object(event: &RecordedEvent, base_url: &BaseUrl) -> AuditEventObject {
    let id = event.id.get();
    let (target_kind, target_id) = &event.target;
    AuditEventObject {
        id,
        url: format!("{}/api/v1/audit_events/{id}.json", base_url.as_str()),
        occurred_at: event.occurred_at.into(),
        actor: event.actor.into(),
        on_behalf_of: admin::on_behalf_of(event.actor),
        action: event.action.clone(),
        target: TargetObject { kind: target_kind.clone(), id: *target_id },
        details: serde_json::from_str(&event.details).unwrap_or_default(),
    }
}
