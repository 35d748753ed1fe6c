//! The grammar of scopes, and the laws of covering and narrowing.

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;

fn set(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect(text)
}

// GR-04
#[test]
fn a_scope_is_names_between_spaces() {
    for (text, names) in [
        ("", ""),
        ("read  read", "read"),
        (" write read ", "write read"),
        ("Read read", "Read read"),
        ("tickets:read", "tickets:read"),
    ] {
        assert_eq!(set(text).to_string(), names, "{text:?}");
    }
    for text in ["read\twrite", "\"read\"", "re\\ad", "read\n", "réad", "read\0", "\u{a0}read"] {
        assert_eq!(ScopeSet::parse(text), Err(ScopeRefused::Character), "{text:?}");
    }
}

// GR-04
#[test]
fn a_scope_has_at_most_64_names_and_2048_bytes() {
    let names = |count: usize| (0..count).map(|it| it.to_string()).collect::<Vec<_>>().join(" ");
    assert!(ScopeSet::parse(&names(64)).is_ok());
    assert_eq!(ScopeSet::parse(&names(65)), Err(ScopeRefused::TooMany));
    assert!(ScopeSet::parse(&"a".repeat(2048)).is_ok());
    assert_eq!(ScopeSet::parse(&"a".repeat(2049)), Err(ScopeRefused::TooLong));
    assert_eq!(ScopeSet::parse(&" read".repeat(200_000)), Err(ScopeRefused::TooLong));
}

#[test]
fn a_set_covers_what_its_names_mean() {
    for (whole, part, covered) in [
        ("read", "tickets:read", true),
        ("read", "calendar:read", true),
        ("read", "tickets:write", false),
        ("read", "tickets", false),
        ("tickets:read", "read", false),
        ("tickets", "tickets:read tickets:write", true),
        ("tickets:read tickets:write", "tickets", true),
        ("read tickets:write", "tickets", true),
        ("read write", "tickets", true),
        ("write", "read", false),
        ("read write", "impersonate", false),
        ("read write", "openid", false),
        ("read write", "offline_access", false),
        ("read write", "calendar", false),
        ("calendar", "calendar:read", false),
        ("read write", "calendar:share", false),
        ("read", ":read", false),
        ("tickets", "ticket_views:read", false),
        ("READ", "tickets:read", false),
    ] {
        assert_eq!(set(whole).covers_all(&set(part)), covered, "{whole} covers {part}");
    }
}

#[test]
fn narrowing_finds_the_common_part() {
    for (asked, ceiling, common) in [
        ("read", "tickets:read users", "tickets:read users:read"),
        ("tickets", "read", "tickets:read"),
        ("tickets openid", "read write", "tickets"),
        ("write read", "read write", "write read"),
        ("openid", "profile", ""),
        ("read", "", ""),
    ] {
        let narrowed = set(asked).intersect_coverage(&set(ceiling));
        assert_eq!(narrowed.to_string(), common, "{asked} under {ceiling}");
    }
}

const NAMES: [&str; 12] = [
    "read",
    "write",
    "tickets",
    "tickets:read",
    "tickets:write",
    "users",
    "users:read",
    "openid",
    "impersonate",
    "calendar",
    "calendar:read",
    "calendar:share",
];

fn any_set() -> impl Strategy<Value = ScopeSet> {
    subsequence(NAMES.to_vec(), 0..=NAMES.len()).prop_map(|names| set(&names.join(" ")))
}

proptest! {
    #[test]
    fn covering_is_a_partial_order(a in any_set(), b in any_set(), c in any_set()) {
        prop_assert!(a.covers_all(&a));
        let chain = a.covers_all(&b) && b.covers_all(&c);
        prop_assert!(!chain || a.covers_all(&c));
    }

    #[test]
    fn a_union_is_the_least_that_covers_both(a in any_set(), b in any_set(), c in any_set()) {
        let union = a.union(&b);
        prop_assert_eq!(&union, &b.union(&a));
        prop_assert!(union.covers_all(&a) && union.covers_all(&b));
        let both = c.covers_all(&a) && c.covers_all(&b);
        prop_assert_eq!(both, c.covers_all(&union));
    }

    #[test]
    fn narrowing_gives_the_most_that_both_cover(a in any_set(), b in any_set(), c in any_set()) {
        let common = a.intersect_coverage(&b);
        prop_assert!(a.covers_all(&common) && b.covers_all(&common));
        let both = a.covers_all(&c) && b.covers_all(&c);
        prop_assert_eq!(both, common.covers_all(&c));
    }

    #[test]
    fn narrowing_is_monotone(a in any_set(), b in any_set(), ceiling in any_set()) {
        let wider = a.union(&b).intersect_coverage(&ceiling);
        prop_assert!(wider.covers_all(&a.intersect_coverage(&ceiling)));
    }

    #[test]
    fn what_is_taken_away_and_put_back_is_the_union(a in any_set(), b in any_set()) {
        prop_assert_eq!(a.minus(&b).union(&b), a.union(&b));
        prop_assert!(a.minus(&b).iter().all(|name| !b.contains(name)));
    }

    #[test]
    fn what_is_printed_is_read_back(a in any_set()) {
        prop_assert_eq!(set(&a.to_string()).to_vec(), a.to_vec());
    }
}
