//! The scope catalogue of an account: the built-in scopes, overlaid by the account's own rows.

use std::collections::HashMap;

use crate::{ScopeName, ScopeSet, Timestamp};

/// A scope as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Its name in requests.
    pub name: ScopeName,
    /// A few words, as on a button.
    pub title: String,
    /// A sentence for the consent page.
    pub description: String,
    /// How much harm it can do.
    pub risk: Risk,
    /// Since when a user may leave it out.
    pub optional_at: Option<Timestamp>,
    /// Since when a request without `scope` asks for it.
    pub default_at: Option<Timestamp>,
}

/// How much harm a scope can do; high ones are marked on the consent page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// Little.
    Low,
    /// Some.
    Medium,
    /// Much.
    High,
}

impl Risk {
    /// Its name in files and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The risk of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|risk| risk.as_str() == name)
    }
}

/// Every scope that means something in an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeCatalogue {
    scopes: Vec<Scope>,
    places: HashMap<ScopeName, usize>,
}

impl ScopeCatalogue {
    /// The built-in scopes and the account's own rows; an own row stands in for the built-in one
    /// of its name.
    pub fn new(own: Vec<Scope>) -> Self {
        let mut catalogue = Self { scopes: Vec::new(), places: HashMap::new() };
        built_in().into_iter().chain(own).for_each(|scope| catalogue.put(scope));
        catalogue
    }

    /// The scope of this name.
    pub fn find(&self, name: &ScopeName) -> Option<&Scope> {
        self.places.get(name).map(|place| &self.scopes[*place])
    }

    /// Every scope, the built-in ones first.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.scopes.iter()
    }

    /// The names that are in the catalogue; the others are dropped.
    pub fn recognised(&self, names: &ScopeSet) -> ScopeSet {
        names.iter().filter(|name| self.find(name).is_some()).cloned().collect()
    }

    /// What a request without `scope` asks for (RFC 6749 §3.3).
    pub fn defaults(&self) -> ScopeSet {
        let defaults = self.iter().filter(|scope| scope.default_at.is_some());
        defaults.map(|scope| scope.name.clone()).collect()
    }

    /// What a client that registers by itself may ask for at most: the scopes of OpenID Connect, and of the
    /// defaults those that cannot do much harm.
    pub fn registrable(&self) -> ScopeSet {
        let is_openid = |scope: &Scope| OPENID.contains(&scope.name.as_str());
        let is_harmless = |scope: &Scope| scope.default_at.is_some() && scope.risk < Risk::High;
        let registrable = self.iter().filter(|scope| is_openid(scope) || is_harmless(scope));
        registrable.map(|scope| scope.name.clone()).collect()
    }

    /// Whether the user may leave this scope out.
    pub fn is_optional(&self, name: &ScopeName) -> bool {
        self.find(name).is_some_and(|scope| scope.optional_at.is_some())
    }

    fn put(&mut self, scope: Scope) {
        if let Some(place) = self.places.get(&scope.name) {
            self.scopes[*place] = scope;
            return;
        }
        self.places.insert(scope.name.clone(), self.scopes.len());
        self.scopes.push(scope);
    }
}

impl<'a> IntoIterator for &'a ScopeCatalogue {
    type Item = &'a Scope;
    type IntoIter = std::slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Whether this is a built-in resource with both accesses, so that its bare name means both.
pub(crate) fn is_resource(name: &str) -> bool {
    RESOURCES.iter().any(|resource| resource.0 == name)
}

/// The names of OpenID Connect Core §5.4 and §11.
pub(crate) const OPENID: [&str; 6] =
    ["openid", "profile", "email", "address", "phone", "offline_access"];

/// Name, title, sentence and risk of the scopes that are not a resource with two accesses.
const SINGLE: &[(&str, &str, &str, Risk)] = &[
    ("openid", "Confirm who you are", "Know which user you are when you sign in.", Risk::Low),
    ("profile", "See your profile", "Read your name, picture, language and time zone.", Risk::Low),
    ("email", "See your e-mail address", "Read your e-mail address.", Risk::Low),
    ("address", "See your postal address", "Read your postal address.", Risk::Medium),
    ("phone", "See your phone number", "Read your phone number.", Risk::Medium),
    (
        "offline_access",
        "Keep access while you are away",
        "Keep access when you are not using the app, until you take it back.",
        Risk::Medium,
    ),
    ("read", "See everything", "Read everything that you can see.", Risk::Medium),
    (
        "write",
        "Change everything",
        "Create, change and delete everything that you can change.",
        Risk::High,
    ),
    ("impersonate", "Act as other users", "Act in the name of your end users.", Risk::High),
    ("auditlogs:read", "See the audit log", "Read who changed what, and when.", Risk::Medium),
    ("security:read", "See security settings", "Read the security settings.", Risk::Medium),
    (
        "any_channel:write",
        "Post through channels",
        "Send messages through integrated channels.",
        Risk::Medium,
    ),
    ("web_widget:write", "Change the web widget", "Change the web widget.", Risk::Medium),
];

/// Name, what people call it, and the risks of reading and of writing.
const RESOURCES: &[(&str, &str, Risk, Risk)] = &[
    ("tickets", "tickets", Risk::Low, Risk::Medium),
    ("users", "users", Risk::Medium, Risk::High),
    ("organizations", "organizations", Risk::Low, Risk::Medium),
    ("hc", "the help center", Risk::Low, Risk::Medium),
    ("apps", "installed apps", Risk::Low, Risk::High),
    ("triggers", "triggers", Risk::Low, Risk::High),
    ("automations", "automations", Risk::Low, Risk::High),
    ("targets", "targets", Risk::Low, Risk::High),
    ("webhooks", "webhooks", Risk::Low, Risk::High),
    ("macros", "macros", Risk::Low, Risk::Medium),
    ("requests", "requests", Risk::Low, Risk::Medium),
    ("satisfaction_ratings", "satisfaction ratings", Risk::Low, Risk::Medium),
    ("dynamic_content", "dynamic content", Risk::Low, Risk::Medium),
    ("zis", "integration services", Risk::Low, Risk::High),
    ("unrestricted", "unrestricted data", Risk::High, Risk::High),
    ("themes", "themes", Risk::Low, Risk::Medium),
    ("account_settings", "account settings", Risk::Medium, Risk::High),
    ("brands", "brands", Risk::Low, Risk::Medium),
    ("custom_objects", "custom objects", Risk::Low, Risk::Medium),
    ("deletion_schedules", "deletion schedules", Risk::Low, Risk::High),
    ("groups", "groups", Risk::Low, Risk::Medium),
    ("sla_policies", "service level policies", Risk::Low, Risk::Medium),
    ("ticket_attachments", "ticket attachments", Risk::Medium, Risk::Medium),
    ("ticket_views", "ticket views", Risk::Low, Risk::Medium),
    // "oauth" is told apart below: writing it makes apps, and so obtains more rights.
    ("oauth", "apps and tokens", Risk::Medium, Risk::High),
];

fn built_in() -> Vec<Scope> {
    let singles = SINGLE.iter().map(|(name, title, sentence, risk)| {
        scope(name, (*title).to_owned(), (*sentence).to_owned(), *risk)
    });
    singles.chain(RESOURCES.iter().flat_map(of_resource)).collect()
}

fn of_resource((name, noun, reading, writing): &(&str, &str, Risk, Risk)) -> [Scope; 3] {
    let warning = if *name == "oauth" {
        " With new apps it can obtain more rights than you see here."
    } else {
        ""
    };
    [
        scope(
            &format!("{name}:read"),
            format!("See {noun}"),
            format!("Read {noun} that you can see."),
            *reading,
        ),
        scope(
            &format!("{name}:write"),
            format!("Change {noun}"),
            format!("Create, change and delete {noun}.{warning}"),
            *writing,
        ),
        scope(
            name,
            format!("See and change {noun}"),
            format!("Read, create, change and delete {noun}.{warning}"),
            (*reading).max(*writing),
        ),
    ]
}

fn scope(name: &str, title: String, description: String, risk: Risk) -> Scope {
    let name = ScopeName::parse(name).expect("built-in scope names are well-formed");
    Scope { name, title, description, risk, optional_at: None, default_at: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ScopeName {
        ScopeName::parse(text).expect(text)
    }

    #[test]
    fn the_built_in_scopes_are_recognised_and_nothing_else() {
        let catalogue = ScopeCatalogue::new(Vec::new());
        let sent = "openid admin tickets:read auditlogs:write auditlogs:read Read oauth:write read";
        let sent = ScopeSet::parse(sent).expect("well-formed");
        let recognised = "openid tickets:read auditlogs:read oauth:write read";
        assert_eq!(catalogue.recognised(&sent).to_string(), recognised);
        assert!(catalogue.defaults().is_empty());
    }

    #[test]
    fn every_built_in_scope_has_words_for_people_and_a_name_of_its_own() {
        let catalogue = ScopeCatalogue::new(Vec::new());
        assert_eq!(catalogue.iter().count(), SINGLE.len() + 3 * RESOURCES.len());
        for scope in &catalogue {
            assert!(!scope.title.is_empty() && scope.description.ends_with('.'), "{}", scope.name);
            assert!(!catalogue.is_optional(&scope.name));
        }
    }

    #[test]
    fn an_own_row_stands_in_for_the_built_in_one() {
        let now = Some(Timestamp::from_millis(1));
        let mut read = scope("read", "Lesen".into(), "Alles lesen.".into(), Risk::Low);
        read.default_at = now;
        let mut own = scope("calendar:read", "See".into(), "See it.".into(), Risk::Low);
        own.optional_at = now;
        let catalogue = ScopeCatalogue::new(vec![read, own]);
        assert_eq!(catalogue.find(&name("read")).map(|it| it.title.as_str()), Some("Lesen"));
        assert_eq!(catalogue.defaults().to_string(), "read");
        let registrable = "openid profile email address phone offline_access read";
        assert_eq!(catalogue.registrable().to_string(), registrable);
        assert!(catalogue.is_optional(&name("calendar:read")));
    }
}
