//! The consent page: who asks, for what, for how long, and where the answer goes.

use askama::Template;
use domain::{Lifetime, Risk};

use super::parts::{App, Form, Layout, Person, lifetime_in_words};

/// The consent page. Its form posts `decision` (`allow` or `deny`) and one `scope` for each ticked
/// optional scope; scopes that are not optional are not posted.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/consent.html")]
pub struct Consent {
    /// What surrounds the page.
    pub layout: Layout,
    /// Posts to `/oauth/authorizations/{id}/decision`.
    pub form: Form,
    /// The app that asks.
    pub app: App,
    /// How sure it is that the app is what it says.
    pub identity: Identity,
    /// Who is signed in.
    pub user: Person,
    /// Where "Not you?" leads.
    pub switch_user_url: String,
    /// Every scope of the request, those granted before included.
    pub scopes: Vec<ConsentScope>,
    /// The APIs that the access is for, by name; empty: the account itself.
    pub resources: Vec<String>,
    /// How long the access lasts.
    pub access_span: AccessSpan,
    /// The host of the redirect URI, or its scheme if it has no host.
    pub redirect_host: String,
    /// Where the app says how it uses people's data.
    pub policy_uri: Option<String>,
    /// Where its terms of service are.
    pub tos_uri: Option<String>,
}

/// How sure it is that an app is what it says (RFC 6819 §4.4.1.4, RFC 8252 §8.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The operator has checked that the publisher owns this domain.
    Verified {
        /// The domain.
        domain: String,
    },
    /// Nobody has checked the publisher, but only he gets the answer.
    NotVerified,
    /// The answer goes to whatever program listens on the person's device.
    OnThisDevice,
    /// The app registered by itself.
    SelfRegistered,
}

/// One scope that an app asks for.
#[derive(Clone, Debug)]
pub struct ConsentScope {
    /// Its name on the wire.
    pub name: String,
    /// A few words that say what it allows.
    pub title: String,
    /// One sentence for people.
    pub description: String,
    /// How much harm it could do.
    pub risk: Risk,
    /// Whether it was granted before.
    pub standing: Standing,
    /// Whether the person may untick it.
    pub is_optional: bool,
}

/// How a scope stands to what was granted before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The app had no access before.
    Asked,
    /// The app has access, but not this.
    New,
    /// Granted before.
    Granted,
}

/// How long the access lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessSpan {
    /// One access token, and then the app asks again.
    Once(Lifetime),
    /// Refreshed until it rests for too long or reaches its age.
    Renewed {
        /// It ends after this time without use.
        idle: Lifetime,
        /// It ends after this time in any case.
        absolute: Lifetime,
    },
}

impl AccessSpan {
    fn sentence(self) -> String {
        match self {
            Self::Once(lifetime) => {
                format!("Access lasts {}. Then the app asks again.", lifetime_in_words(lifetime))
            }
            Self::Renewed { idle, absolute } => format!(
                "Access lasts up to {} and ends after {} without use.",
                lifetime_in_words(absolute),
                lifetime_in_words(idle)
            ),
        }
    }
}

impl ConsentScope {
    fn is_high_risk(&self) -> bool {
        self.risk == Risk::High
    }

    fn is_new(&self) -> bool {
        self.standing == Standing::New
    }

    fn group(&self) -> ScopeGroup {
        match self.name.as_str() {
            "openid" | "profile" | "email" | "address" | "phone" => ScopeGroup::Identity,
            "offline_access" => ScopeGroup::Presence,
            "read" => ScopeGroup::View,
            name if name.ends_with(":read") => ScopeGroup::View,
            _ => ScopeGroup::Act,
        }
    }
}

/// What kind of thing a scope allows; people read one kind at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ScopeGroup {
    Identity,
    View,
    Act,
    Presence,
}

impl ScopeGroup {
    const ALL: [Self; 4] = [Self::Identity, Self::View, Self::Act, Self::Presence];

    fn title(self) -> &'static str {
        match self {
            Self::Identity => "Know who you are",
            Self::View => "See your data",
            Self::Act => "Act for you",
            Self::Presence => "Stay connected",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Identity => "person",
            Self::View => "eye",
            Self::Act => "pencil",
            Self::Presence => "clock",
        }
    }
}

impl Consent {
    /// What is asked for and was not granted before, by kind.
    fn groups(&self) -> Vec<(ScopeGroup, Vec<&ConsentScope>)> {
        let members = |group| {
            let asked = self.scopes.iter().filter(|scope| scope.standing != Standing::Granted);
            asked.filter(|scope| scope.group() == group).collect::<Vec<_>>()
        };
        let groups = ScopeGroup::ALL.map(|group| (group, members(group)));
        groups.into_iter().filter(|(_, scopes)| !scopes.is_empty()).collect()
    }

    fn granted_before(&self) -> Vec<&ConsentScope> {
        self.scopes.iter().filter(|scope| scope.standing == Standing::Granted).collect()
    }
}
