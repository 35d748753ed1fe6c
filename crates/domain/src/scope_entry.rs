//! A line of an account's scope catalogue: a scope, and where it comes from.

use std::collections::BTreeMap;

use crate::{Scope, ScopeCatalogue, ScopeName};

/// A scope of the catalogue as those who keep it see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeEntry {
    /// What it means in the account.
    pub scope: Scope,
    /// Whether every account has a scope of this name.
    pub is_built_in: bool,
    /// Whether the account has a row for it: its own scope, or one in place of the built-in one.
    pub is_own: bool,
}

impl ScopeEntry {
    /// The whole catalogue of an account with these rows, in the order of names.
    pub fn all(own: Vec<Scope>) -> Vec<Self> {
        let built_in = ScopeCatalogue::new(Vec::new());
        let mut entries: BTreeMap<ScopeName, Self> = built_in
            .iter()
            .map(|scope| {
                let entry = Self { scope: scope.clone(), is_built_in: true, is_own: false };
                (scope.name.clone(), entry)
            })
            .collect();
        for scope in own {
            let is_built_in = built_in.find(&scope.name).is_some();
            let name = scope.name.clone();
            entries.insert(name, Self { scope, is_built_in, is_own: true });
        }
        entries.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Risk;

    #[test]
    fn an_own_row_is_told_from_a_built_in_scope() {
        let own = ["read", "calendar:read"].map(|name| Scope {
            name: ScopeName::parse(name).expect("a name"),
            title: "Own".to_owned(),
            description: "Own.".to_owned(),
            risk: Risk::Low,
            optional_at: None,
            default_at: None,
        });
        let entries = ScopeEntry::all(own.to_vec());
        assert!(entries.is_sorted_by_key(|entry| &entry.scope.name));
        assert_eq!(entries.len(), ScopeCatalogue::new(Vec::new()).iter().count() + 1);
        for (name, expected) in
            [("read", (true, true)), ("write", (true, false)), ("calendar:read", (false, true))]
        {
            let entry = entries.iter().find(|entry| entry.scope.name.as_str() == name);
            let entry = entry.expect("it is there");
            assert_eq!((entry.is_built_in, entry.is_own), expected, "{name}");
            assert_eq!(entry.scope.title == "Own", entry.is_own, "{name}");
        }
    }
}
