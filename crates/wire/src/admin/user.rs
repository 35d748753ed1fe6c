//! The user object of our own API: what an administrator sees and changes of a person.

use domain::{BaseUrl, Secret, User, UserDraft};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Fields;
use crate::json::JsonRefused;
use crate::zendesk::{Date, PagingEnvelope, Patch, role_name};

/// One user, under its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AccountUserBody))]
pub struct UserBody {
    /// The user.
    pub user: UserObject,
}

/// A page of users.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AccountUserList))]
pub struct UserList {
    /// The users.
    pub users: Vec<UserObject>,
    /// Where the page stands.
    #[serde(flatten)]
    pub paging: PagingEnvelope,
}

/// A user as an administrator sees him. All keys are always present.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AccountUser))]
pub struct UserObject {
    /// The resource id; its decimal form is the `sub` of tokens.
    pub id: i64,
    /// Where he is.
    pub url: String,
    /// The address to sign in with.
    pub email: String,
    /// The full name.
    pub name: String,
    /// `end-user`, `agent` or `admin`.
    pub role: String,
    /// Single permissions beside the role.
    pub permissions: Vec<String>,
    /// Whether he runs the platform.
    pub operator: bool,
    /// Whether he is locked out.
    pub suspended: bool,
    /// OpenID Connect standard claims.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub claims: Map<String, Value>,
    /// When he was made.
    pub created_at: Date,
    /// When he was last changed.
    pub updated_at: Date,
    /// When he last signed in.
    pub last_login_at: Option<Date>,
}

impl UserObject {
    /// The user.
    pub fn new(user: &User, base_url: &BaseUrl) -> Self {
        let id = user.id.get();
        Self {
            id,
            url: format!("{}/api/v1/users/{id}.json", base_url.as_str()),
            email: user.email.as_str().to_owned(),
            name: user.name.clone(),
            role: role_name(user.role).to_owned(),
            permissions: user.permissions.clone(),
            operator: user.operator_at.is_some(),
            suspended: !user.is_active(),
            claims: serde_json::from_str(&user.claims).unwrap_or_default(),
            created_at: user.created_at.into(),
            updated_at: user.updated_at.into(),
            last_login_at: user.last_login_at.map(Date::from),
        }
    }
}

/// What a create or update says of a user, field by field.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = AccountUserFields))]
pub struct UserRequest {
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    email: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    name: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    role: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    permissions: Patch<Vec<String>>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    claims: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    operator: Patch<bool>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<bool>))]
    suspended: Patch<bool>,
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    password: Patch<String>,
    #[cfg_attr(feature = "openapi", schema(ignore))]
    unreadable: Vec<&'static str>,
}

impl UserRequest {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "user")?;
        Ok(Self {
            email: fields.text("email"),
            name: fields.text("name"),
            role: fields.text("role"),
            permissions: fields.texts("permissions"),
            claims: fields.take("claims", |value| value.is_object().then(|| value.to_string())),
            operator: fields.flag("operator"),
            suspended: fields.flag("suspended"),
            password: fields.text("password"),
            unreadable: fields.into_unreadable(),
        })
    }

    /// The password of a new user. An update does not look at it: it has a path of its own.
    pub fn password(&self) -> Option<Secret> {
        self.password.clone().value().map(Secret::new)
    }

    /// Changes the draft of a new or stored user: null empties `permissions` and `claims`, and counts
    /// as absent elsewhere.
    pub fn apply_to(self, draft: &mut UserDraft) {
        let Self { email, name, role, operator, suspended, .. } = self;
        for (sent, field) in
            [(email, &mut draft.email), (name, &mut draft.name), (role, &mut draft.role)]
        {
            if let Some(text) = sent.value() {
                *field = text;
            }
        }
        if let Some(operator) = operator.value() {
            draft.is_operator = operator;
        }
        if let Some(suspended) = suspended.value() {
            draft.is_suspended = suspended;
        }
        match self.permissions {
            Patch::Absent => {}
            Patch::Null => draft.permissions = Vec::new(),
            Patch::Value(permissions) => draft.permissions = permissions,
        }
        match self.claims {
            Patch::Absent => {}
            Patch::Null => "{}".clone_into(&mut draft.claims),
            Patch::Value(claims) => draft.claims = claims,
        }
        draft.unreadable = self.unreadable;
    }
}

/// The body that sets a password.
#[derive(Debug)]
pub struct PasswordRequest {
    /// The password; nothing is blank.
    pub password: Secret,
    /// What was sent as something else than text.
    pub unreadable: Vec<&'static str>,
}

impl PasswordRequest {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, JsonRefused> {
        let mut fields = Fields::parse(body, "user")?;
        let password = fields.text("password").value().unwrap_or_default();
        Ok(Self { password: Secret::new(password), unreadable: fields.into_unreadable() })
    }
}

/// The body that sets a password, for descriptions.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct PasswordRequestBody {
    /// The password under the user's key.
    pub user: PasswordFields,
}

/// What such a body says.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct PasswordFields {
    /// The password.
    pub password: String,
}

/// The body that makes or changes a user, for descriptions.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
pub struct UserRequestBody {
    /// The fields.
    pub user: UserRequest,
}
