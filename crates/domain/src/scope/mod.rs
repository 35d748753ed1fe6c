//! Scopes (RFC 6749 §3.3): names, sets of names, and what covers what.

use std::fmt;

use crate::scope_catalogue;

/// The name of a scope: `read`, `tickets:write`, `tickets`, `openid`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeName(String);

impl ScopeName {
    /// Takes a `scope-token` (RFC 6749 §3.3).
    pub fn parse(text: &str) -> Result<Self, ScopeRefused> {
        let allowed = |it: u8| matches!(it, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if text.is_empty() || !text.bytes().all(allowed) {
            return Err(ScopeRefused::Character);
        }
        if text.len() > ScopeSet::BYTE_LIMIT {
            return Err(ScopeRefused::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether OpenID Connect gives the name its meaning, the same in every account.
    pub fn is_of_openid(&self) -> bool {
        scope_catalogue::OPENID.contains(&self.as_str())
    }

    fn meaning(&self) -> Meaning<'_> {
        if let Some(access) = Access::parse(&self.0) {
            return Meaning::Everything(access);
        }
        if scope_catalogue::is_resource(&self.0) {
            return Meaning::Resource(&self.0);
        }
        match self.0.rsplit_once(':').map(|(resource, word)| (resource, Access::parse(word))) {
            Some((resource, Some(access))) if !resource.is_empty() => {
                Meaning::Part(resource, access)
            }
            _ => Meaning::Atom,
        }
    }

    /// The names it falls into: `tickets` is `tickets:read` and `tickets:write`.
    fn parts(&self) -> Vec<Self> {
        match self.meaning() {
            Meaning::Resource(resource) => Access::ALL
                .iter()
                .map(|access| Self(format!("{resource}:{}", access.as_str())))
                .collect(),
            _ => vec![self.clone()],
        }
    }
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a name stands for.
enum Meaning<'a> {
    /// `read`, `write`: that access to every resource.
    Everything(Access),
    /// `tickets`: every access to the resource.
    Resource(&'a str),
    /// `tickets:read`: one access to one resource.
    Part(&'a str, Access),
    /// `openid`, `impersonate`, any other name: itself only.
    Atom,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

impl Access {
    const ALL: [Self; 2] = [Self::Read, Self::Write];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.as_str() == word)
    }
}

/// Scope names without repetition, in the order in which they were named. Two sets are equal if
/// they have the same names.
#[derive(Clone, Debug, Default)]
pub struct ScopeSet(Vec<ScopeName>);

impl ScopeSet {
    /// The most names that a `scope` parameter may have.
    pub const NAME_LIMIT: usize = 64;
    /// The most bytes that a `scope` parameter may have.
    pub const BYTE_LIMIT: usize = 2048;

    /// Takes names separated by spaces.
    pub fn parse(text: &str) -> Result<Self, ScopeRefused> {
        if text.len() > Self::BYTE_LIMIT {
            return Err(ScopeRefused::TooLong);
        }
        let names = text.split(' ').filter(|name| !name.is_empty());
        let set: Self = names.map(ScopeName::parse).collect::<Result<_, _>>()?;
        if set.0.len() > Self::NAME_LIMIT {
            return Err(ScopeRefused::TooMany);
        }
        Ok(set)
    }

    /// The set of these names.
    pub fn from_names(names: impl IntoIterator<Item = ScopeName>) -> Self {
        let mut set = Self::default();
        names.into_iter().for_each(|name| set.insert(name));
        set
    }

    /// The names in order.
    pub fn iter(&self) -> std::slice::Iter<'_, ScopeName> {
        self.0.iter()
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the name itself is here.
    pub fn contains(&self, name: &ScopeName) -> bool {
        self.0.contains(name)
    }

    /// Whether a name of this spelling is here.
    pub fn names(&self, name: &str) -> bool {
        self.iter().any(|own| own.as_str() == name)
    }

    /// Whether everything that the name allows is allowed here: `read` covers `tickets:read`.
    pub fn covers(&self, name: &ScopeName) -> bool {
        if self.contains(name) {
            return true;
        }
        match name.meaning() {
            Meaning::Resource(resource) => {
                Access::ALL.iter().all(|access| self.covers_part(resource, *access))
            }
            Meaning::Part(resource, access) => self.covers_part(resource, access),
            Meaning::Everything(_) | Meaning::Atom => false,
        }
    }

    /// Whether every name of the other set is covered.
    pub fn covers_all(&self, other: &Self) -> bool {
        other.iter().all(|name| self.covers(name))
    }

    /// What both this set and the ceiling allow, in the order of this set.
    #[must_use]
    pub fn intersect_coverage(&self, ceiling: &Self) -> Self {
        let mut common = Self::default();
        for name in self {
            if ceiling.covers(name) {
                common.insert(name.clone());
                continue;
            }
            for part in name.parts() {
                common.insert_common(part, ceiling);
            }
        }
        common
    }

    /// The names of both sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::from_names(self.iter().chain(other).cloned())
    }

    /// The names of this set that the other does not have.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self(self.iter().filter(|name| !other.contains(name)).cloned().collect())
    }

    /// The names as texts, for lists on the wire and in the database.
    pub fn to_vec(&self) -> Vec<String> {
        self.iter().map(|name| name.0.clone()).collect()
    }

    fn covers_part(&self, resource: &str, access: Access) -> bool {
        self.iter().any(|own| match own.meaning() {
            Meaning::Everything(own_access) => own_access == access,
            Meaning::Resource(own_resource) => own_resource == resource,
            Meaning::Part(own_resource, own_access) => {
                own_resource == resource && own_access == access
            }
            Meaning::Atom => false,
        })
    }

    /// Adds what an indivisible name and the ceiling have in common.
    fn insert_common(&mut self, part: ScopeName, ceiling: &Self) {
        if ceiling.covers(&part) {
            return self.insert(part);
        }
        let whole = Self(vec![part]);
        let narrower = ceiling.iter().flat_map(ScopeName::parts).filter(|it| whole.covers(it));
        narrower.for_each(|name| self.insert(name));
    }

    fn insert(&mut self, name: ScopeName) {
        if !self.contains(&name) {
            self.0.push(name);
        }
    }
}

impl PartialEq for ScopeSet {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|name| other.contains(name))
    }
}

impl Eq for ScopeSet {}

impl FromIterator<ScopeName> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = ScopeName>>(names: I) -> Self {
        Self::from_names(names)
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a ScopeName;
    type IntoIter = std::slice::Iter<'a, ScopeName>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in self.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{name}")?;
        }
        Ok(())
    }
}

/// Why a `scope` is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeRefused {
    /// It has a tab, quote, backslash, control or non-ASCII character.
    #[error("a scope name is printable ASCII without spaces, quotes and backslashes")]
    Character,
    /// It has more than 2,048 bytes.
    #[error("scope must have at most 2048 bytes")]
    TooLong,
    /// It has more than 64 names.
    #[error("scope must have at most 64 names")]
    TooMany,
}

#[cfg(test)]
mod tests;
