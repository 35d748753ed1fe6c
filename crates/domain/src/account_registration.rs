//! An account as somebody wants it becomes what may be stored, or every fault of it at once. Creating
//! and updating are judged alike, on the resulting record.

use std::collections::HashSet;

use crate::{
    Account, ApiTokenPolicy, BaseUrl, Checked, ConsentPolicy, FaultCode, Lifetime, PkcePolicy,
    Policy, RecordFault, RecordFaults, RegistrationPolicy, TokenExpiryPolicy, required_text,
};

/// The most characters of a name.
const NAME_LIMIT: usize = 255;
/// An account as somebody wants it to be, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountDraft {
    /// Its short name; it never changes.
    pub slug: String,
    /// What people call it; none: its slug.
    pub name: Option<String>,
    /// Where it answers; `*` as a first label stands for the slug.
    pub base_urls: Vec<String>,
    /// The name of its consent policy; none: `remember`.
    pub consent: Option<String>,
    /// The name of its PKCE policy; none: `public_clients`.
    pub pkce: Option<String>,
    /// How long a rotated refresh token still returns its successor pair; none: the policy's time.
    pub refresh_grace: Option<Lifetime>,
    /// The name of its policy for API tokens; none: `allowed`.
    pub api_tokens: Option<String>,
    /// The name of its policy for the expiry of tokens; none: `always`.
    pub token_expiry: Option<String>,
    /// How many calls of the administration API it may make in a minute; none: the policy's number.
    pub api_requests_per_minute: Option<i64>,
    /// The name of its policy for registrations; none: `token`.
    pub registration: Option<String>,
    /// Whether nobody is served there.
    pub is_suspended: bool,
    /// The fields that were sent as something that cannot be read, a number for a name: each is a
    /// fault, whatever stands in it here.
    pub unreadable: Vec<&'static str>,
}

impl AccountDraft {
    /// The most calls of the administration API in a minute that an account may be allowed.
    pub const API_REQUESTS_LIMIT: i64 = 1_000_000;

    /// The account as it is: what an update begins with.
    pub fn of(account: &Account) -> Self {
        Self {
            slug: account.slug.clone(),
            name: Some(account.name.clone()),
            base_urls: account.base_urls.iter().map(|url| url.as_str().to_owned()).collect(),
            consent: Some(account.consent.as_str().to_owned()),
            pkce: Some(account.pkce.as_str().to_owned()),
            refresh_grace: Some(account.refresh_grace),
            api_tokens: Some(account.api_tokens.as_str().to_owned()),
            token_expiry: Some(account.token_expiry.as_str().to_owned()),
            api_requests_per_minute: account.api_requests_per_minute.map(i64::from),
            registration: Some(account.registration.as_str().to_owned()),
            is_suspended: !account.is_active(),
            unreadable: Vec::new(),
        }
    }

    /// Checks the whole record and reports every fault together.
    pub fn validate(&self, policy: &Policy) -> Result<AccountRegistration, Vec<RecordFault>> {
        let mut faults = RecordFaults::new(&self.unreadable);
        let slug = faults.take("slug", slug(&self.slug));
        let name = faults.take("name", self.name());
        let base_urls = faults.take("base_urls", self.base_urls());
        let consent =
            chosen(self.consent.as_deref(), ConsentPolicy::Remember, ConsentPolicy::parse);
        let consent = consent.ok_or_else(|| invalid("must be remember or always"));
        let consent = faults.take("consent", consent);
        let pkce = chosen(self.pkce.as_deref(), PkcePolicy::PublicClients, PkcePolicy::parse);
        let pkce = pkce.ok_or_else(|| invalid("must be public_clients or all_clients"));
        let pkce = faults.take("pkce", pkce);
        let refresh_grace = faults.take("refresh_grace", self.refresh_grace(policy));
        let api_tokens =
            chosen(self.api_tokens.as_deref(), ApiTokenPolicy::Allowed, ApiTokenPolicy::parse);
        let api_tokens = api_tokens.ok_or_else(|| invalid("must be allowed or refused"));
        let api_tokens = faults.take("api_tokens", api_tokens);
        let expiry = chosen(
            self.token_expiry.as_deref(),
            TokenExpiryPolicy::Always,
            TokenExpiryPolicy::parse,
        );
        let expiry = expiry.ok_or_else(|| invalid("must be always or legacy"));
        let expiry = faults.take("token_expiry", expiry);
        let volume = faults.take("api_requests_per_minute", self.volume());
        let registration = faults.take("registration", self.registration());
        let checked = || {
            Some(AccountRegistration {
                slug: slug?,
                name: name?,
                base_urls: base_urls?,
                consent: consent?,
                pkce: pkce?,
                refresh_grace: refresh_grace?,
                api_tokens: api_tokens?,
                token_expiry: expiry?,
                api_requests_per_minute: volume?,
                registration: registration?,
            })
        };
        faults.settle(checked())
    }

    fn name(&self) -> Checked<String> {
        // A bad slug is a fault of its own, not one of the name that nobody gave.
        self.name
            .as_deref()
            .map_or_else(|| Ok(self.slug.clone()), |it| required_text(it, NAME_LIMIT))
    }

    fn base_urls(&self) -> Checked<Vec<BaseUrl>> {
        if self.base_urls.is_empty() {
            return Err((FaultCode::BlankValue, "must be at least one".to_owned()));
        }
        if self.base_urls.len() > Account::BASE_URL_LIMIT {
            let text = format!("must be at most {}", Account::BASE_URL_LIMIT);
            return Err((FaultCode::TooLong, text));
        }
        // A bad slug is a fault of its own, not one of each base URL with a star.
        let slug = if Account::is_slug(&self.slug) { &self.slug } else { "slug" };
        let mut urls = Vec::with_capacity(self.base_urls.len());
        for text in &self.base_urls {
            let url = BaseUrl::parse_for(slug, text);
            urls.push(url.map_err(|refused| invalid(&format!("\"{text}\" {refused}")))?);
        }
        let mut seen = HashSet::new();
        match urls.iter().find(|url| !seen.insert(url.as_str())) {
            Some(twice) => Err(invalid(&format!("{twice} is there twice"))),
            None => Ok(urls),
        }
    }

    fn refresh_grace(&self, policy: &Policy) -> Checked<Lifetime> {
        let grace = self.refresh_grace.unwrap_or(policy.refresh_grace);
        if policy.refresh_grace_range.contains(&grace) {
            return Ok(grace);
        }
        let limit = policy.refresh_grace_range.end().as_seconds();
        Err(invalid(&format!("must be 0 to {limit} seconds")))
    }

    fn registration(&self) -> Checked<RegistrationPolicy> {
        let named = self.registration.as_deref();
        chosen(named, RegistrationPolicy::Token, RegistrationPolicy::parse)
            .ok_or_else(|| invalid("must be open, token or off"))
    }

    fn volume(&self) -> Checked<Option<u32>> {
        let Some(number) = self.api_requests_per_minute else { return Ok(None) };
        let number = Some(number).filter(|number| (1..=Self::API_REQUESTS_LIMIT).contains(number));
        number
            .and_then(|number| u32::try_from(number).ok())
            .map(Some)
            .ok_or_else(|| invalid(&format!("must be 1 to {}", Self::API_REQUESTS_LIMIT)))
    }
}

/// What an account may be made of, once the store finds its slug and base URLs free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRegistration {
    /// Its short name.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Where it answers, concrete.
    pub base_urls: Vec<BaseUrl>,
    /// Whether consent is remembered.
    pub consent: ConsentPolicy,
    /// Who must use PKCE.
    pub pkce: PkcePolicy,
    /// How long a rotated refresh token still returns its successor pair.
    pub refresh_grace: Lifetime,
    /// Whether API tokens are accepted.
    pub api_tokens: ApiTokenPolicy,
    /// Whether every token ends.
    pub token_expiry: TokenExpiryPolicy,
    /// How many calls of the administration API it may make in a minute; none: the policy's number.
    pub api_requests_per_minute: Option<u32>,
    /// Who may register a client.
    pub registration: RegistrationPolicy,
}

impl AccountRegistration {
    /// Puts everything registered but the slug into the account; the rest of it stays.
    pub fn apply_to(self, account: &mut Account) {
        account.name = self.name;
        account.base_urls = self.base_urls;
        account.consent = self.consent;
        account.pkce = self.pkce;
        account.refresh_grace = self.refresh_grace;
        account.api_tokens = self.api_tokens;
        account.token_expiry = self.token_expiry;
        account.api_requests_per_minute = self.api_requests_per_minute;
        account.registration = self.registration;
    }
}

fn invalid(text: &str) -> (FaultCode, String) {
    (FaultCode::InvalidValue, text.to_owned())
}

fn slug(text: &str) -> Checked<String> {
    if text.is_empty() {
        return Err((FaultCode::BlankValue, "must not be blank".to_owned()));
    }
    if Account::is_slug(text) {
        return Ok(text.to_owned());
    }
    Err(invalid("must be 1 to 63 of a-z, 0-9 and -, and neither begin nor end with -"))
}

/// The policy of this name, or the default; none: there is none of this name.
fn chosen<T>(name: Option<&str>, default: T, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    name.map_or(Some(default), parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> AccountDraft {
        AccountDraft {
            slug: "acme".to_owned(),
            base_urls: vec!["https://*.example.com".to_owned(), "https://acme.example".to_owned()],
            ..AccountDraft::default()
        }
    }

    #[test]
    fn what_is_not_said_has_a_default_and_a_star_is_the_slug() {
        let made = draft().validate(&Policy::default()).expect("valid");
        let urls: Vec<_> = made.base_urls.iter().map(BaseUrl::as_str).collect();
        assert_eq!(urls, ["https://acme.example.com", "https://acme.example"]);
        assert_eq!(made.name, "acme");
        assert_eq!(made.refresh_grace, Policy::default().refresh_grace);
        assert_eq!(made.api_tokens, ApiTokenPolicy::Allowed);
        assert_eq!(made.token_expiry, TokenExpiryPolicy::Always);
        assert_eq!(made.api_requests_per_minute, None);
        assert_eq!(made.registration, RegistrationPolicy::Token);
    }

    #[test]
    fn every_fault_is_told_together() {
        use FaultCode::{BlankValue, InvalidValue};
        let wrong = AccountDraft {
            slug: "-acme".to_owned(),
            name: Some(" ".to_owned()),
            base_urls: Vec::new(),
            consent: Some("never".to_owned()),
            pkce: Some("some".to_owned()),
            refresh_grace: Some(Lifetime::seconds(61)),
            api_tokens: Some("maybe".to_owned()),
            token_expiry: Some("none".to_owned()),
            api_requests_per_minute: Some(0),
            registration: Some("closed".to_owned()),
            is_suspended: false,
            unreadable: Vec::new(),
        };
        let faults = wrong.validate(&Policy::default()).expect_err("refused");
        let told: Vec<_> = faults.iter().map(|fault| (fault.field, fault.code)).collect();
        assert_eq!(
            told,
            [
                ("slug", InvalidValue),
                ("name", BlankValue),
                ("base_urls", BlankValue),
                ("consent", InvalidValue),
                ("pkce", InvalidValue),
                ("refresh_grace", InvalidValue),
                ("api_tokens", InvalidValue),
                ("token_expiry", InvalidValue),
                ("api_requests_per_minute", InvalidValue),
                ("registration", InvalidValue),
            ]
        );
        for fault in faults {
            assert!(fault.message.contains(": must"), "{}", fault.message);
        }
    }

    #[test]
    fn base_urls_are_one_to_eight_and_each_is_there_once() {
        let many: Vec<String> = (0..9).map(|it| format!("https://a{it}.example.com")).collect();
        for (urls, message) in [
            (many, "Base urls: must be at most 8"),
            (
                vec!["https://acme.example".into(), "https://acme.example".into()],
                "Base urls: https://acme.example is there twice",
            ),
            (
                vec!["https://*.example".into()],
                "Base urls: \"https://*.example\" must have its one * as the whole first label of a \
                 domain, like https://*.example.com",
            ),
        ] {
            let faults = AccountDraft { base_urls: urls, ..draft() }.validate(&Policy::default());
            let faults = faults.expect_err(message);
            assert_eq!(faults.len(), 1);
            assert_eq!(faults[0].message, message);
        }
    }

    #[test]
    fn an_unreadable_field_is_a_fault_whatever_it_holds() {
        let unreadable = vec!["base_urls"];
        let faults = AccountDraft { unreadable, ..draft() }.validate(&Policy::default());
        let faults = faults.expect_err("refused");
        assert_eq!(faults[0].message, "Base urls: is not of the right type");
    }

    #[test]
    fn the_numbers_have_ends() {
        for (number, good) in
            [(i64::MIN, false), (0, false), (1, true), (1_000_000, true), (1_000_001, false)]
        {
            let wanted = AccountDraft { api_requests_per_minute: Some(number), ..draft() };
            assert_eq!(wanted.validate(&Policy::default()).is_ok(), good, "{number}");
        }
        for (seconds, good) in [(-1, false), (0, true), (60, true), (61, false)] {
            let grace = Some(Lifetime::seconds(seconds));
            let wanted = AccountDraft { refresh_grace: grace, ..draft() };
            assert_eq!(wanted.validate(&Policy::default()).is_ok(), good, "{seconds}");
        }
    }

    #[test]
    fn an_account_is_a_draft_that_changes_nothing() {
        let policy = Policy::default();
        let now = crate::Timestamp::from_millis(0);
        let mut account = Account {
            id: crate::AccountId::new(1),
            slug: "acme".to_owned(),
            name: String::new(),
            base_urls: Vec::new(),
            consent: ConsentPolicy::Remember,
            pkce: PkcePolicy::PublicClients,
            refresh_grace: Lifetime::seconds(0),
            api_tokens: ApiTokenPolicy::Allowed,
            token_expiry: TokenExpiryPolicy::Always,
            api_requests_per_minute: None,
            registration: RegistrationPolicy::Token,
            created_at: now,
            updated_at: now,
            suspended_at: None,
            not_before: None,
        };
        let wanted = AccountDraft {
            consent: Some("always".to_owned()),
            pkce: Some("all_clients".to_owned()),
            api_tokens: Some("refused".to_owned()),
            token_expiry: Some("legacy".to_owned()),
            api_requests_per_minute: Some(7),
            registration: Some("open".to_owned()),
            ..draft()
        };
        wanted.validate(&policy).expect("valid").apply_to(&mut account);
        let before = account.clone();
        AccountDraft::of(&before).validate(&policy).expect("valid").apply_to(&mut account);
        assert_eq!(account, before);
        assert_eq!(account.api_requests_per_minute, Some(7));
    }
}
