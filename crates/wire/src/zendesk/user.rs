//! The user object (zendesk-wire §9).

use domain::{BaseUrl, Role, User};
use serde::{Deserialize, Serialize};

use super::Date;

/// One user, under its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserBody {
    /// The user.
    pub user: CurrentUser,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum CurrentUser {
    /// A user of the account.
    Known(Box<UserObject>),
    /// Nobody in particular.
    Anonymous(AnonymousUser),
}

/// A user as the API shows him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserObject {
    /// The resource id.
    pub id: i64,
    /// Where he is.
    pub url: String,
    /// The full name.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// `end-user`, `agent` or `admin`.
    pub role: String,
    /// Whether the address is known to be his.
    pub verified: bool,
    /// Whether the record is in use.
    pub active: bool,
    /// Whether he is locked out.
    pub suspended: bool,
    /// The language tag.
    pub locale: String,
    /// The time zone's name.
    pub time_zone: String,
    /// When he was made.
    pub created_at: Date,
    /// When he was last changed.
    pub updated_at: Date,
    /// When he last signed in.
    pub last_login_at: Option<Date>,
}

impl UserObject {
    /// The user; locale, time zone and `verified` come from his OpenID Connect claims.
    pub fn new(user: &User, base_url: &BaseUrl) -> Self {
        let id = user.id.get();
        let claims: KnownClaims = serde_json::from_str(&user.claims).unwrap_or_default();
        Self {
            id,
            url: format!("{}/api/v2/users/{id}.json", base_url.as_str()),
            name: user.name.clone(),
            email: user.email.as_str().to_owned(),
            role: role_name(user.role).to_owned(),
            verified: claims.email_verified.unwrap_or(true),
            active: true,
            suspended: !user.is_active(),
            locale: claims.locale.unwrap_or_else(|| "en-US".to_owned()),
            time_zone: claims.zoneinfo.unwrap_or_else(|| "UTC".to_owned()),
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
            last_login_at: user.last_login_at.map(Date::from),
        }
    }
}

/// A caller without credentials, as the API shows him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AnonymousUser {
    #[cfg_attr(feature = "openapi", schema(required, schema_with = always_null))]
    id: Option<i64>,
    #[cfg_attr(feature = "openapi", schema(required, schema_with = always_null))]
    url: Option<String>,
    name: String,
    #[cfg_attr(feature = "openapi", schema(required, schema_with = always_null))]
    email: Option<String>,
    role: String,
    verified: bool,
    active: bool,
}

/// What tells him from a user of the account.
#[cfg(feature = "openapi")]
fn always_null() -> utoipa::openapi::schema::Object {
    utoipa::openapi::schema::Object::with_type(utoipa::openapi::Type::Null)
}

impl Default for AnonymousUser {
    fn default() -> Self {
        Self {
            id: None,
            url: None,
            name: "Anonymous user".to_owned(),
            email: None,
            role: role_name(Role::EndUser).to_owned(),
            verified: false,
            active: true,
        }
    }
}

/// The name of a role on this wire, which spells `end-user` with a hyphen (zendesk-wire §1).
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::EndUser => "end-user",
        Role::Agent | Role::Admin => role.as_str(),
    }
}

/// The claims that the object shows (OpenID Connect Core §5.1).
#[derive(Default, Deserialize)]
struct KnownClaims {
    locale: Option<String>,
    zoneinfo: Option<String>,
    email_verified: Option<bool>,
}
