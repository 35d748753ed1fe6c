//! Whether apps may watch from a frame whether their user's session is still the same (OpenID Connect Session
//! Management 1.0).

/// Whether the check-session iframe is offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionManagement {
    /// It is not there.
    #[default]
    Off,
    /// It is there, for accounts that are reached by https.
    On,
}

impl SessionManagement {
    /// Its name in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
        }
    }

    /// What this name stands for.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Off, Self::On].into_iter().find(|it| it.as_str() == name)
    }
}
