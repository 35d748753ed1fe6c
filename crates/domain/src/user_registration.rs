//! A user as an administrator wants him: what was asked for becomes what may be stored, or every
//! fault of it at once. Creating and updating are judged alike, on the resulting record.

use crate::{
    Checked, EmailAddress, EmailAddressRefused, FaultCode, RecordFault, RecordFaults, Role,
    StandardClaims, User, required_text,
};

/// The most characters of a name.
const NAME_LIMIT: usize = 255;

/// The single permissions that there are.
const PERMISSIONS: [&str; 1] = ["manage_api_credentials"];

/// A user as somebody wants him to be, unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserDraft {
    /// The address to sign in with.
    pub email: String,
    /// The full name.
    pub name: String,
    /// The name of the role.
    pub role: String,
    /// Single permissions beside the role.
    pub permissions: Vec<String>,
    /// OpenID Connect standard claims as the text of a JSON object.
    pub claims: String,
    /// Whether the user runs the platform.
    pub is_operator: bool,
    /// Whether the user is locked out.
    pub is_suspended: bool,
    /// The fields that were sent as something that cannot be read, a number for a name: each is a
    /// fault, whatever stands in it here.
    pub unreadable: Vec<&'static str>,
}

impl Default for UserDraft {
    /// A user of whom nothing is said yet.
    fn default() -> Self {
        Self {
            email: String::new(),
            name: String::new(),
            role: Role::EndUser.as_str().to_owned(),
            permissions: Vec::new(),
            claims: "{}".to_owned(),
            is_operator: false,
            is_suspended: false,
            unreadable: Vec::new(),
        }
    }
}

impl UserDraft {
    /// The user as he is: what an update begins with.
    pub fn of(user: &User) -> Self {
        Self {
            email: user.email.as_str().to_owned(),
            name: user.name.clone(),
            role: user.role.as_str().to_owned(),
            permissions: user.permissions.clone(),
            claims: user.claims.clone(),
            is_operator: user.operator_at.is_some(),
            is_suspended: !user.is_active(),
            unreadable: Vec::new(),
        }
    }

    /// Checks the whole record and reports every fault together.
    pub fn validate(&self) -> Result<UserRegistration, Vec<RecordFault>> {
        let mut faults = RecordFaults::new(&self.unreadable);
        let email = faults.take("email", email(&self.email));
        let name = faults.take("name", required_text(&self.name, NAME_LIMIT));
        let role = faults.take("role", role(&self.role));
        let permissions = faults.take("permissions", permissions(&self.permissions));
        let claims = faults.take("claims", StandardClaims::check(&self.claims));
        let registration = || {
            Some(UserRegistration {
                email: email?,
                name: name?,
                role: role?,
                permissions: permissions?,
                claims: claims?,
            })
        };
        faults.settle(registration())
    }
}

/// What may be stored of a user, once the store finds the address free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRegistration {
    /// The address to sign in with.
    pub email: EmailAddress,
    /// The full name.
    pub name: String,
    /// What the user may do in the account.
    pub role: Role,
    /// Single permissions beside the role, each once.
    pub permissions: Vec<String>,
    /// OpenID Connect standard claims as the text of a JSON object.
    pub claims: String,
}

impl UserRegistration {
    /// Puts everything registered into the user; the rest of him stays.
    pub fn apply_to(self, user: &mut User) {
        user.email = self.email;
        user.name = self.name;
        user.role = self.role;
        user.permissions = self.permissions;
        user.claims = self.claims;
    }
}

fn email(text: &str) -> Checked<EmailAddress> {
    EmailAddress::parse(text).map_err(|refused| {
        let code = match refused {
            EmailAddressRefused::Blank => FaultCode::BlankValue,
            EmailAddressRefused::TooLong => FaultCode::TooLong,
            EmailAddressRefused::Form => FaultCode::InvalidValue,
        };
        (code, refused.to_string())
    })
}

/// Zendesk's wire says `end-user`.
fn role(name: &str) -> Checked<Role> {
    let role = if name == "end-user" { Some(Role::EndUser) } else { Role::parse(name) };
    role.ok_or_else(|| invalid("must be end-user, agent or admin"))
}

fn permissions(names: &[String]) -> Checked<Vec<String>> {
    let mut known = Vec::new();
    for name in names {
        if !PERMISSIONS.contains(&name.as_str()) {
            return Err(invalid(&format!("must contain only {}", PERMISSIONS.join(", "))));
        }
        if !known.contains(name) {
            known.push(name.clone());
        }
    }
    Ok(known)
}

fn invalid(text: &str) -> (FaultCode, String) {
    (FaultCode::InvalidValue, text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(edit: impl FnOnce(&mut UserDraft)) -> Vec<(&'static str, FaultCode)> {
        let mut draft = UserDraft {
            email: "zoe@example.com".to_owned(),
            name: "Zoë".to_owned(),
            ..UserDraft::default()
        };
        edit(&mut draft);
        let found = draft.validate().err().unwrap_or_default();
        found.into_iter().map(|fault| (fault.field, fault.code)).collect()
    }

    #[test]
    fn a_user_needs_an_address_and_a_name() {
        assert_eq!(faults(|_| {}), []);
        let blank = [("email", FaultCode::BlankValue), ("name", FaultCode::BlankValue)];
        assert_eq!(faults(|draft| *draft = UserDraft::default()), blank);
        for (address, code) in [
            ("zoe", FaultCode::InvalidValue),
            ("zoe@example.com\n", FaultCode::InvalidValue),
            (&*format!("z@{}", "x".repeat(300)), FaultCode::TooLong),
        ] {
            assert_eq!(faults(|draft| address.clone_into(&mut draft.email)), [("email", code)]);
        }
        for (name, code) in [
            (" \u{2003}", FaultCode::BlankValue),
            ("a\0b", FaultCode::InvalidValue),
            (&*"é".repeat(256), FaultCode::TooLong),
        ] {
            assert_eq!(faults(|draft| name.clone_into(&mut draft.name)), [("name", code)]);
        }
    }

    #[test]
    fn roles_and_permissions_are_among_those_that_there_are() {
        for (name, role) in [
            ("end-user", Some(Role::EndUser)),
            ("end_user", Some(Role::EndUser)),
            ("agent", Some(Role::Agent)),
            ("admin", Some(Role::Admin)),
            ("Admin", None),
            ("operator", None),
            ("", None),
        ] {
            assert_eq!(super::role(name).ok(), role, "{name}");
        }
        let twice = ["manage_api_credentials"; 2].map(str::to_owned);
        assert_eq!(permissions(&twice), Ok(vec!["manage_api_credentials".to_owned()]));
        let unknown = |draft: &mut UserDraft| draft.permissions = vec!["everything".to_owned()];
        assert_eq!(faults(unknown), [("permissions", FaultCode::InvalidValue)]);
    }

    // JW-04
    #[test]
    fn claims_are_standard_claims_and_have_a_limit() {
        let of = |claims: &str| faults(|draft| claims.clone_into(&mut draft.claims));
        assert_eq!(of(r#"{"nickname":"z"}"#), []);
        assert_eq!(of(r#"{"sub":"1"}"#), [("claims", FaultCode::InvalidValue)]);
        let long = format!(r#"{{"website":"https://example.com/{}"}}"#, "x".repeat(9000));
        assert_eq!(of(&long), [("claims", FaultCode::TooLong)]);
    }
}
