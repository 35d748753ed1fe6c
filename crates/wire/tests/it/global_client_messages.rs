//! Global clients in both administration APIs, pinned byte for byte (zendesk-wire §8).

use domain::{ClientIdentifier, ClientKind, GlobalClient, GlobalClientRequest, Id, RequestState};
use wire::admin::{
    AccountGlobalClientList, AccountGlobalClientObject, GlobalClientRequestList,
    GlobalClientRequestObject, PromotionBody, VerdictRequest,
};
use wire::zendesk::{
    ApiError, GlobalClientBody, GlobalClientList, GlobalClientObject, ListUrl, OffsetEnvelope,
    OffsetPaging, PagingEnvelope, SummaryFilters, TokenSummaryList, TokenSummaryObject,
};

use crate::fixtures::{at, base_url, client};
use crate::{assert_golden, assert_round_trip};

fn global_client() -> GlobalClient {
    GlobalClient {
        id: Id::new(9120),
        identifier: ClientIdentifier::parse("zdg-parcel-desk").expect("an identifier"),
        name: "Parcel Desk".to_owned(),
        company: Some("Parcel Co".to_owned()),
        description: Some("Shipping labels".to_owned()),
        kind: ClientKind::Confidential,
        logo: None,
        created_at: at("2026-05-04T07:00:00Z"),
        blocked_at: None,
        is_authorized: true,
        tokens_count: 3,
        last_used_at: Some(at("2026-05-04T08:00:00Z")),
    }
}

fn request(state: RequestState) -> GlobalClientRequest {
    GlobalClientRequest {
        id: Id::new(31),
        account_id: Id::new(1),
        client_id: client().id,
        user_id: Id::new(88120),
        created_at: at("2026-05-04T08:00:00Z"),
        state,
    }
}

fn one() -> PagingEnvelope {
    let list = ListUrl { url: "https://acme.example/", filters: &[] };
    PagingEnvelope::Offset(OffsetEnvelope::new(&list, OffsetPaging { page: 1, per_page: 100 }, 1))
}

#[test]
fn a_global_client_shows_neither_secret_nor_redirect_uris() {
    let golden = include_str!("golden/zendesk/global_client.json");
    let object = || GlobalClientObject::new(&global_client(), &base_url());
    assert_golden(&GlobalClientBody { global_client: object() }, golden);
    assert_round_trip::<GlobalClientBody>(golden);
    let golden = include_str!("golden/zendesk/global_clients.json");
    let list = GlobalClientList { global_clients: vec![object()], paging: one() };
    assert_golden(&list, golden);
    assert_round_trip::<GlobalClientList>(golden);
}

#[test]
fn a_summary_has_figures_alone() {
    let golden = include_str!("golden/zendesk/token_summary.json");
    let list = TokenSummaryList { global_clients: vec![(&global_client()).into()], paging: one() };
    assert_golden(&list, golden);
    assert_round_trip::<TokenSummaryList>(golden);
    let never = GlobalClient { last_used_at: None, tokens_count: 0, ..global_client() };
    let never = String::from_utf8(wire::to_bytes(&TokenSummaryObject::from(&never)));
    let written = r#"{"id":9120,"last_used_at":null,"tokens_count":0}"#;
    assert_eq!(never.as_deref(), Ok(written));
}

#[test]
fn an_account_sees_what_it_has_to_do_with_a_global_client() {
    let golden = include_str!("golden/admin/global_clients.json");
    let global_clients = vec![AccountGlobalClientObject::new(&global_client(), &base_url())];
    assert_golden(&AccountGlobalClientList { global_clients, paging: one() }, golden);
    assert_round_trip::<AccountGlobalClientList>(golden);
}

#[test]
fn those_who_asked_read_the_reason_and_the_operator_the_client() {
    let reason = "The description says nothing.".to_owned();
    let refused = RequestState::Refused { at: at("2026-05-04T09:30:00Z"), reason };
    let golden = include_str!("golden/admin/promotion.json");
    assert_golden(&PromotionBody { promotion: (&request(refused)).into() }, golden);
    assert_round_trip::<PromotionBody>(golden);
    let pending = request(RequestState::Pending);
    let golden = include_str!("golden/admin/global_client_requests.json");
    let requests = vec![GlobalClientRequestObject::new(&pending, "acme", &client())];
    let list = GlobalClientRequestList { global_client_requests: requests, paging: one() };
    assert_golden(&list, golden);
    assert_round_trip::<GlobalClientRequestList>(golden);
}

#[test]
fn a_verdict_is_a_state_and_a_reason() {
    let text = |text: &str| Some(text.to_owned());
    for (body, state, reason) in [
        (
            r#"{"global_client_request":{"state":"refused","reason":"No"}}"#,
            text("refused"),
            text("No"),
        ),
        (r#"{"global_client_request":{"state":true,"reason":null}}"#, None, None),
        ("", None, None),
    ] {
        let read = VerdictRequest::parse(body.as_bytes());
        assert_eq!(read, Ok(VerdictRequest { state, reason }), "{body}");
    }
}

#[test]
fn a_summary_is_narrowed_by_an_integer_and_a_yes_or_no() {
    let filters = |query: &str| SummaryFilters::parse(query.as_bytes());
    let all = SummaryFilters::default();
    for query in ["", "global_client_id=&include_expired=", "include_expired=false&sort=x"] {
        assert_eq!(filters(query), Ok(all), "{query}");
    }
    let both = SummaryFilters { global_client_id: Some(9120), include_expired: true };
    assert_eq!(filters("page[size]=2&include_expired=true&global_client_id=9120"), Ok(both));
    let repeated = [("global_client_id", "9120"), ("include_expired", "true")];
    assert_eq!(both.repeated(), repeated.map(|(name, value)| (name, value.to_owned())));
    for query in [
        "global_client_id=zdg-parcel-desk",
        "global_client_id=1.5",
        "include_expired=yes",
        "global_client_id=1&global_client_id=2",
        "global_client_id=%zz",
    ] {
        assert!(matches!(filters(query), Err(ApiError::InvalidRequest(_))), "{query}");
    }
}
