//! The account object: a tenant's settings, as its admins and the operators see and change them.

use domain::{Account, AccountDraft, BaseUrl, Lifetime};
use serde::{Deserialize, Serialize};

use super::Fields;
use crate::json::JsonRefused;
use crate::zendesk::{Date, PagingEnvelope, Patch};

/// More seconds than any setting has. Lengths beyond are out of range like it, and can be reckoned with.
const TOO_MANY_SECONDS: i64 = 1_000_000_000;

/// One account, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountBody {
    /// The account.
    pub account: AccountObject,
}

/// A page of accounts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountList {
    /// The accounts.
    pub accounts: Vec<AccountObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// An account. All keys are always present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountObject {
    /// The resource id.
    pub id: i64,
    /// Where it is.
    pub url: String,
    /// Its short name, which never changes.
    pub slug: String,
    /// What people call it.
    pub name: String,
    /// Where it answers; the first one is its issuer.
    pub base_urls: Vec<String>,
    /// `remember` or `always`.
    pub consent: String,
    /// `public_clients` or `all_clients`.
    pub pkce: String,
    /// For how many seconds a rotated refresh token still returns its successor.
    pub refresh_grace: i64,
    /// `allowed` or `refused`.
    pub api_tokens: String,
    /// `always` or `legacy`.
    pub token_expiry: String,
    /// How many calls of this API it may make in a minute; null: as many as any account.
    pub api_requests_per_minute: Option<u32>,
    /// `open`, `token` or `off`: who may register a client.
    pub registration: String,
    /// Whether nobody is served there.
    pub suspended: bool,
    /// When it was made.
    pub created_at: Date,
    /// When it was last changed.
    pub updated_at: Date,
}

impl AccountObject {
    /// The account, as the operators have it among all of them.
    pub fn new(account: &Account, base_url: &BaseUrl) -> Self {
        let id = account.id.get();
        Self::at(account, format!("{}/api/v1/accounts/{id}.json", base_url.as_str()))
    }

    /// The account of whoever asks.
    pub fn own(account: &Account, base_url: &BaseUrl) -> Self {
        Self::at(account, format!("{}/api/v1/account.json", base_url.as_str()))
    }

    fn at(account: &Account, url: String) -> Self {
        Self {
            id: account.id.get(),
            url,
            slug: account.slug.clone(),
            name: account.name.clone(),
            base_urls: account.base_urls.iter().map(|url| url.as_str().to_owned()).collect(),
            consent: account.consent.as_str().to_owned(),
            pkce: account.pkce.as_str().to_owned(),
            refresh_grace: account.refresh_grace.as_seconds(),
            api_tokens: account.api_tokens.as_str().to_owned(),
            token_expiry: account.token_expiry.as_str().to_owned(),
            api_requests_per_minute: account.api_requests_per_minute,
            registration: account.registration.as_str().to_owned(),
            suspended: !account.is_active(),
            created_at: account.created_at.into(),
            updated_at: account.updated_at.into(),
        }
    }
}

/// What a create or update says of an account, field by field.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountRequest {
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    slug: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    name: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    base_urls: Patch<Vec<String>>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    consent: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pkce: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    refresh_grace: Patch<Lifetime>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    api_tokens: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    token_expiry: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>))]
    api_requests_per_minute: Patch<i64>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    registration: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    suspended: Patch<bool>,
    #[cfg_attr(feature = "openapi", schema(ignore))]
    unreadable: Vec<&'static str>,
}

impl AccountRequest {
    /// Reads what an operator says.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "account")?;
        Ok(Self {
            slug: fields.text("slug"),
            base_urls: fields.texts("base_urls"),
            api_requests_per_minute: fields.number("api_requests_per_minute"),
            suspended: fields.flag("suspended"),
            ..Self::settings(fields)
        })
    }

    /// Reads what an admin says of his own account. Where it answers, how much it may call and whether
    /// it is suspended are not his to say: those keys are ignored.
    pub fn parse_own(body: &[u8]) -> Result<Self, JsonRefused> {
        Ok(Self::settings(Fields::parse(body, "account")?))
    }

    fn settings(mut fields: Fields) -> Self {
        Self {
            name: fields.text("name"),
            consent: fields.text("consent"),
            pkce: fields.text("pkce"),
            refresh_grace: fields.take("refresh_grace", |value| value.as_i64().map(seconds)),
            api_tokens: fields.text("api_tokens"),
            token_expiry: fields.text("token_expiry"),
            registration: fields.text("registration"),
            unreadable: fields.into_unreadable(),
            ..Self::default()
        }
    }

    /// Changes the draft of a new or stored account: null gives a setting its default, and counts as
    /// absent of `slug` and `suspended`.
    pub fn apply_to(self, draft: &mut AccountDraft) {
        if let Some(slug) = self.slug.value() {
            draft.slug = slug;
        }
        match self.base_urls {
            Patch::Absent => {}
            Patch::Null => draft.base_urls = Vec::new(),
            Patch::Value(urls) => draft.base_urls = urls,
        }
        self.name.change(&mut draft.name);
        self.consent.change(&mut draft.consent);
        self.pkce.change(&mut draft.pkce);
        self.refresh_grace.change(&mut draft.refresh_grace);
        self.api_tokens.change(&mut draft.api_tokens);
        self.token_expiry.change(&mut draft.token_expiry);
        self.registration.change(&mut draft.registration);
        self.api_requests_per_minute.change(&mut draft.api_requests_per_minute);
        if let Some(suspended) = self.suspended.value() {
            draft.is_suspended = suspended;
        }
        draft.unreadable = self.unreadable;
    }
}

fn seconds(number: i64) -> Lifetime {
    Lifetime::seconds(number.clamp(-TOO_MANY_SECONDS, TOO_MANY_SECONDS))
}

/// The body that makes or changes an account, for descriptions.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct AccountRequestBody {
    /// The fields.
    pub account: AccountRequest,
}

/// The body that changes one's own account, for descriptions.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct AccountSettingsBody {
    /// The fields.
    pub account: AccountSettings,
}

/// What an admin may change of his own account.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct AccountSettings {
    /// What people call it.
    pub name: Option<String>,
    /// `remember` or `always`.
    pub consent: Option<String>,
    /// `public_clients` or `all_clients`.
    pub pkce: Option<String>,
    /// 0 to 60 seconds.
    pub refresh_grace: Option<i64>,
    /// `allowed` or `refused`.
    pub api_tokens: Option<String>,
    /// `always` or `legacy`.
    pub token_expiry: Option<String>,
    /// `open`, `token` or `off`.
    pub registration: Option<String>,
}
