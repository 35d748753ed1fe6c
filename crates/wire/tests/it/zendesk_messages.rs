//! The replies under `/api/v2/`, pinned byte for byte (zendesk-wire §1–4, §9).

use domain::{ClientFault, ClientField, ClientKind, FaultCode, Role, Secret};
use wire::JsonRefused;
use wire::zendesk::{
    AnonymousUser, ApiError, ClientBody, ClientList, ClientObject, CurrentUser, CursorEnvelope,
    CursorPage, CursorPaging, CursorPosition, ListUrl, OffsetEnvelope, OffsetPaging, Paging,
    PagingEnvelope, Sort, TokenBody, TokenList, TokenObject, UserBody, UserObject,
};

use crate::fixtures::{at, base_url, client, token, user};
use crate::{assert_golden, assert_round_trip};

const LIST: ListUrl<'static> =
    ListUrl { url: "https://acme.example/api/v2/oauth/clients.json", filters: &[] };

fn clients(paging: PagingEnvelope) -> ClientList {
    ClientList { clients: vec![ClientObject::new(&client(), &base_url())], paging }
}

fn cursor_paging(position: CursorPosition) -> CursorPaging {
    CursorPaging { size: 1, position, sort: Sort::DEFAULT }
}

#[test]
fn a_client_shows_what_its_newest_secret_begins_with() {
    let golden = include_str!("golden/zendesk/client.json");
    assert_golden(&ClientBody::from(ClientObject::new(&client(), &base_url())), golden);
    assert_round_trip::<ClientBody>(golden);
}

/// At the base URL that was asked, with the picture's hash in its name.
#[test]
fn a_logo_is_at_an_absolute_url() {
    let mut client = client();
    client.logo = Some(domain::LogoHash::from_bytes([0xAB; 32]));
    let logo_url = ClientObject::new(&client, &base_url()).logo_url;
    let expected = format!("{}/logos/4302177-abababababababab.png", base_url().as_str());
    assert_eq!(logo_url, Some(expected));
}

#[test]
fn a_client_just_made_shows_its_whole_secret_and_its_nulls() {
    let mut client = client();
    client.kind = ClientKind::Unknown;
    client.company = None;
    client.scopes = None;
    client.redirect_uris.clear();
    client.updated_at = client.created_at;
    let secret = Secret::new("cstcs_7Hq2mLpX0eYt4RwZb8NcVu1JdFk6SaGi5ToQyBxKz3");
    let object = ClientObject::with_secret(&client, &secret, &base_url());
    assert!(!format!("{object:?}").contains("cstcs_"));
    assert_golden(&ClientBody::from(object), include_str!("golden/zendesk/client_created.json"));
}

#[test]
fn a_token_shows_ten_characters_and_every_date() {
    let golden = include_str!("golden/zendesk/token.json");
    assert_golden(&TokenBody { token: TokenObject::new(&token(), &base_url()) }, golden);
    assert_round_trip::<TokenBody>(golden);
}

#[test]
fn a_token_just_made_shows_the_whole_of_it_once() {
    let mut token = token();
    token.hint = "cstat_Hb3n".to_owned();
    token.refresh_hint = None;
    token.expires_at = None;
    token.refresh_expires_at = None;
    let mut object = TokenObject::new(&token, &base_url());
    object.full_token = Some(Secret::new("cstat_Hb3nW6sYq1XzLk8pTd5VcJm0RfUa7GgEi2SoNtBwKx9"));
    let golden = include_str!("golden/zendesk/token_created.json");
    assert_golden(&TokenBody { token: object }, golden);
}

#[test]
fn a_list_of_tokens_repeats_its_filters_in_its_links() {
    let filters = &[("all", "true"), ("client_id", "4302177")];
    let list = ListUrl { url: "https://acme.example/api/v2/oauth/tokens.json", filters };
    let page = CursorPage {
        first: "k1.YmFy".to_owned(),
        last: "k1.YmFy".to_owned(),
        is_preceded: false,
        is_followed: true,
    };
    let envelope = CursorEnvelope::new(&list, &cursor_paging(CursorPosition::Start), Some(page));
    let tokens = vec![TokenObject::new(&token(), &base_url())];
    let golden = include_str!("golden/zendesk/tokens.json");
    assert_golden(&TokenList { tokens, paging: PagingEnvelope::Cursor(envelope) }, golden);
    assert_round_trip::<TokenList>(golden);
}

#[test]
fn a_user_has_defaults_for_what_nobody_said() {
    let object = UserObject::new(&user(), &base_url());
    let body = UserBody { user: CurrentUser::Known(Box::new(object)) };
    let golden = include_str!("golden/zendesk/user.json");
    assert_golden(&body, golden);
    assert_round_trip::<UserBody>(golden);
}

#[test]
fn a_user_has_what_his_claims_say() {
    let mut user = user();
    user.role = Role::EndUser;
    user.claims = r#"{"locale":"en-GB","zoneinfo":"Europe/London","email_verified":false,
        "address":{"country":"GB"}}"#
        .to_owned();
    user.suspended_at = Some(user.created_at);
    user.last_login_at = Some(at("2026-05-04T09:30:00Z"));
    let object = UserObject::new(&user, &base_url());
    let body = UserBody { user: CurrentUser::Known(Box::new(object)) };
    assert_golden(&body, include_str!("golden/zendesk/user_with_claims.json"));
}

#[test]
fn a_caller_without_credentials_is_the_anonymous_user() {
    let body = UserBody { user: CurrentUser::Anonymous(AnonymousUser::default()) };
    let golden = include_str!("golden/zendesk/user_anonymous.json");
    assert_golden(&body, golden);
    assert_round_trip::<UserBody>(golden);
}

#[test]
fn a_page_by_cursor_has_both_cursors_and_one_link() {
    let page = CursorPage {
        first: "k1.YmFy".to_owned(),
        last: "k1.Zm9v".to_owned(),
        is_preceded: false,
        is_followed: true,
    };
    let envelope = CursorEnvelope::new(&LIST, &cursor_paging(CursorPosition::Start), Some(page));
    let golden = include_str!("golden/zendesk/list_cursor.json");
    assert_golden(&clients(PagingEnvelope::Cursor(envelope)), golden);
    assert_round_trip::<ClientList>(golden);
}

#[test]
fn w_12_an_empty_page_by_cursor_ends_every_loop() {
    let end = cursor_paging(CursorPosition::After("end".to_owned()));
    let envelope = CursorEnvelope::new(&LIST, &end, None);
    let golden = include_str!("golden/zendesk/list_cursor_end.json");
    let paging = PagingEnvelope::Cursor(envelope);
    assert_golden(&ClientList { clients: Vec::new(), paging }, golden);
    assert_round_trip::<ClientList>(golden);
}

#[test]
fn backwards_more_means_before_and_links_repeat_sort_and_filter() {
    let list = ListUrl { filters: &[("client_id", "7")], ..LIST };
    let sort = Sort { key: "name", descending: true };
    let position = CursorPosition::Before("x".to_owned());
    let page = CursorPage {
        first: "a b".to_owned(),
        last: "c".to_owned(),
        is_preceded: true,
        is_followed: false,
    };
    let envelope =
        CursorEnvelope::new(&list, &CursorPaging { size: 2, position, sort }, Some(page));
    assert!(envelope.meta.has_more);
    assert_eq!(envelope.links.next, None);
    let prev = "https://acme.example/api/v2/oauth/clients.json\
        ?page%5Bbefore%5D=a+b&page%5Bsize%5D=2&sort=-name&client_id=7";
    assert_eq!(envelope.links.prev.as_deref(), Some(prev));
}

#[test]
fn a_page_by_number_has_its_neighbours_and_the_count() {
    let paging = OffsetPaging { page: 2, per_page: 100 };
    let envelope = OffsetEnvelope::new(&LIST, paging, 101);
    let golden = include_str!("golden/zendesk/list_offset.json");
    assert_golden(&clients(PagingEnvelope::Offset(envelope)), golden);
    assert_round_trip::<ClientList>(golden);
}

#[test]
fn the_last_page_by_number_has_no_next_one() {
    let next = |page, count| {
        OffsetEnvelope::new(&LIST, OffsetPaging { page, per_page: 2 }, count).next_page
    };
    let second = "https://acme.example/api/v2/oauth/clients.json?page=2&per_page=2";
    assert_eq!(next(1, 3).as_deref(), Some(second));
    assert_eq!(next(1, 2), None);
    assert_eq!(next(9, 2), None);
    assert_eq!(next(1, 0), None);
}

#[test]
fn errors_have_the_four_envelopes_that_clients_parse() {
    let refused = |query: &[u8]| Paging::parse(query, &["id"]).expect_err("a refusal").into();
    let blank = ClientFault::new(ClientField::Name, FaultCode::BlankValue, "must not be blank");
    let errors: [ApiError; 16] = [
        ApiError::NotAuthenticated,
        ApiError::InvalidToken,
        JsonRefused::RepeatedKey.into(),
        refused(b"page[size]=0"),
        refused(b"page=101"),
        ApiError::RoleForbidden,
        ApiError::MissingScopes(&["oauth:read", "read"]),
        ApiError::InvalidEndpoint,
        ApiError::RecordNotFound,
        ApiError::MethodNotAllowed,
        ApiError::PayloadTooLarge,
        ApiError::UnsupportedMediaType,
        vec![blank, ClientFault::duplicate_identifier()].into(),
        ApiError::TooManyRequests,
        ApiError::InternalError,
        ApiError::ServiceUnavailable,
    ];
    let golden = include_str!("golden/zendesk/errors.txt");
    assert_eq!(golden.lines().count(), errors.len());
    for (error, line) in errors.iter().zip(golden.lines()) {
        let body = String::from_utf8(wire::to_bytes(error)).expect("JSON is UTF-8");
        assert_eq!(format!("{} {body}", error.status()), line);
    }
}
