//! The `prompt` parameter (OpenID Connect Core 1.0 §3.1.2.1): what must be shown, whatever is due.

use super::response::RedirectRefused;

/// One value of the parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// `none`.
    Nothing,
    /// `login`: sign in again.
    SignIn,
    /// `select_account`: say who goes on.
    AccountChoice,
    /// `consent`: ask again.
    Consent,
}

impl Shown {
    fn parse(value: &str) -> Option<Self> {
        match value {
            "none" => Some(Self::Nothing),
            "login" => Some(Self::SignIn),
            "select_account" => Some(Self::AccountChoice),
            "consent" => Some(Self::Consent),
            _ => None,
        }
    }
}

/// The whole parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prompt(Vec<Shown>);

impl Prompt {
    /// Reads it. `none` stands alone, and what is unknown is refused, not ignored.
    pub(super) fn parse(presented: &str) -> Result<Self, RedirectRefused> {
        let values = presented.split(' ').filter(|value| !value.is_empty()).map(Shown::parse);
        let values: Option<Vec<Shown>> = values.collect();
        let prompt = Self(values.ok_or(RedirectRefused::PromptInvalid)?);
        let stands_alone = prompt.0.iter().all(|value| *value == Shown::Nothing);
        if prompt.is_silent() && !stands_alone {
            return Err(RedirectRefused::PromptInvalid);
        }
        Ok(prompt)
    }

    /// Whether nothing may be shown.
    pub(super) fn is_silent(&self) -> bool {
        self.wants(Shown::Nothing)
    }

    /// Whether this must be shown.
    pub(super) fn wants(&self, shown: Shown) -> bool {
        self.0.contains(&shown)
    }
}

#[cfg(test)]
mod tests {
    use super::{Prompt, Shown};

    #[test]
    fn none_stands_alone() {
        for good in ["", "none", "login", "consent login", " select_account  login ", "none none"] {
            assert!(Prompt::parse(good).is_ok(), "{good}");
        }
        for bad in ["none login", "consent none", "NONE", "create", "login,consent", "none\tnone"] {
            assert!(Prompt::parse(bad).is_err(), "{bad}");
        }
        let both = Prompt::parse("select_account consent").expect("good");
        assert!(both.wants(Shown::AccountChoice) && both.wants(Shown::Consent));
        assert!(!both.wants(Shown::SignIn) && !both.is_silent());
    }
}
