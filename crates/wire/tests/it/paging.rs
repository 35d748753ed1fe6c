//! The paging part of a query: W-11 to W-16, zendesk-wire §2.

use wire::zendesk::{CursorPaging, CursorPosition, OffsetPaging, Paging, PagingRefused, Sort};

const SORT_KEYS: &[&str] = &["id", "name", "created_at", "updated_at"];

fn parse(query: &str) -> Result<Paging, PagingRefused> {
    Paging::parse(query.as_bytes(), SORT_KEYS)
}

fn offset(query: &str) -> OffsetPaging {
    match parse(query) {
        Ok(Paging::Offset(paging)) => paging,
        other => panic!("{query}: {other:?}"),
    }
}

fn cursor(query: &str) -> CursorPaging {
    match parse(query) {
        Ok(Paging::Cursor(paging)) => paging,
        other => panic!("{query}: {other:?}"),
    }
}

#[test]
fn without_a_cursor_key_pages_are_numbered() {
    let first = OffsetPaging { page: 1, per_page: 100 };
    for query in ["", "foo=1", "sort_by=name&sort_order=desc", "per_page=500", "sort=secret"] {
        assert_eq!(offset(query), first, "{query}");
    }
    let second = offset("per_page=2&page=2");
    assert_eq!(second, OffsetPaging { page: 2, per_page: 2 });
    assert_eq!(second.skipped(), 2);
}

#[test]
fn w_11_brackets_are_raw_or_percent_encoded() {
    let start = CursorPaging { size: 2, position: CursorPosition::Start, sort: Sort::DEFAULT };
    assert_eq!(cursor("page[size]=2"), start);
    assert_eq!(cursor("page%5Bsize%5D=2"), start);
    assert_eq!(cursor("page%5bsize%5d=2&page=x&per_page=x"), start);
}

#[test]
fn a_cursor_alone_has_pages_of_100() {
    let after = cursor("page[after]=k1.Zm9v");
    assert_eq!(after.position, CursorPosition::After("k1.Zm9v".to_owned()));
    assert_eq!(after.size, 100);
    assert_eq!(cursor("page[before]=x").position, CursorPosition::Before("x".to_owned()));
    assert_eq!(cursor("page[size]=101").size, 100);
    assert_eq!(cursor("page[size]=99999999999999999999").size, 100);
}

#[test]
fn a_minus_turns_the_order_round() {
    assert_eq!(cursor("page[size]=2&sort=name").sort, Sort { key: "name", descending: false });
    let newest = cursor("page[size]=2&sort=-created_at").sort;
    assert_eq!(newest, Sort { key: "created_at", descending: true });
}

#[test]
fn w_13_w_14_bad_paging_parameters_are_refused() {
    for query in [
        "page[size]=0",
        "page[size]=-1",
        "page[size]=+1",
        "page[size]=x",
        "page[size]=",
        "page[size]=1.5",
        "page[size]=2&page[size]=2",
        "page[after]=x&page[before]=y",
        "page[size]=2&sort=secret",
        "page[size]=2&sort=",
        "page[size]=2&sort=--name",
        "page[size]=2&sort=Name",
        "page=0",
        "page=-1",
        "page=x",
        "page=",
        "per_page=0",
        "per_page=all",
        "page=1&page=1",
    ] {
        let refused = parse(query).expect_err(query);
        assert!(matches!(refused, PagingRefused::Parameter(_)), "{query}: {refused}");
    }
}

#[test]
fn w_16_numbered_pages_end_at_10000_records() {
    assert_eq!(offset("per_page=100&page=100").skipped(), 9_900);
    assert_eq!(offset("per_page=1&page=10000").skipped(), 9_999);
    for query in [
        "per_page=100&page=101",
        "page=101",
        "per_page=1&page=10001",
        "page=4294967295",
        "page=99999999999999999999",
    ] {
        assert_eq!(parse(query), Err(PagingRefused::Depth), "{query}");
    }
}

#[test]
fn a_query_that_cannot_be_read_is_refused_as_such() {
    for query in ["page=%zz", "x=%", &"a=1&".repeat(65)] {
        let refused = parse(query).expect_err(query);
        assert!(matches!(refused, PagingRefused::Query(_)), "{query}: {refused}");
    }
}
