//! An initial access token (RFC 7591 §1.2): whoever presents one may register clients, which belong to
//! whoever made it.

use crate::{
    AccountId, Checked, FaultCode, Id, Lifetime, RecordFault, RecordFaults, SecretHash, Timestamp,
    UserId, required_text,
};

/// The most characters of a label.
const LABEL_LIMIT: usize = 255;

/// The id of a [`RegistrationToken`].
pub type RegistrationTokenId = Id<RegistrationToken>;

/// A permission to register clients. The token itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationToken {
    /// Its id.
    pub id: RegistrationTokenId,
    /// The account it is good at.
    pub account_id: AccountId,
    /// Who made it: the clients belong to him.
    pub user_id: UserId,
    /// What it is for.
    pub label: String,
    /// The keyed hash of the token.
    pub hash: SecretHash,
    /// Its first nine characters.
    pub hint: String,
    /// How many clients it may register; none: any number.
    pub use_limit: Option<i64>,
    /// How many it has registered.
    pub use_count: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; none: when it is revoked.
    pub expires_at: Option<Timestamp>,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl RegistrationToken {
    /// Whether it registers one more client. The database decides it again when it does.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none()
            && self.expires_at.is_none_or(|expires_at| expires_at > now)
            && self.use_limit.is_none_or(|limit| self.use_count < limit)
    }
}

/// What somebody wants of an initial access token, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationTokenDraft {
    /// What it is for.
    pub label: String,
    /// When it ends; none: when it is revoked.
    pub expires_at: Option<Timestamp>,
    /// The same in seconds from now; only one of the two may be said.
    pub expires_in: Option<i64>,
    /// How many clients it may register; none: any number.
    pub use_limit: Option<i64>,
    /// The keys that were sent as something that cannot be read.
    pub unreadable: Vec<&'static str>,
}

impl RegistrationTokenDraft {
    /// The most clients that a token with a limit may register.
    pub const USE_LIMIT: i64 = 1_000_000;

    /// Checks it all, and reports every fault together.
    pub fn validate(
        &self,
        now: Timestamp,
        limit: Lifetime,
    ) -> Result<RegistrationTokenTerms, Vec<RecordFault>> {
        let mut faults = RecordFaults::new(&self.unreadable);
        let label = faults.take("label", required_text(&self.label, LABEL_LIMIT));
        if self.expires_at.is_some() && self.expires_in.is_some() {
            let text = "must not stand beside expires_at";
            faults.note("expires_in", FaultCode::InvalidValue, text);
        }
        let at = self.expires_at.map(|at| moment(at, now, limit)).transpose();
        let at = faults.take("expires_at", at);
        let after = self.expires_in.map(|seconds| span(seconds, limit).map(|it| now + it));
        let after = faults.take("expires_in", after.transpose());
        let use_limit = faults.take("use_limit", self.use_limit());
        let terms = || {
            let (label, expires_at) = (label?, at?.or(after?));
            Some(RegistrationTokenTerms { label, expires_at, use_limit: use_limit? })
        };
        faults.settle(terms())
    }

    fn use_limit(&self) -> Checked<Option<i64>> {
        match self.use_limit {
            Some(limit) if !(1..=Self::USE_LIMIT).contains(&limit) => {
                let text = format!("must be 1 to {}", Self::USE_LIMIT);
                Err((FaultCode::InvalidValue, text))
            }
            limit => Ok(limit),
        }
    }
}

/// What an initial access token may be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationTokenTerms {
    /// What it is for.
    pub label: String,
    /// When it ends; none: when it is revoked.
    pub expires_at: Option<Timestamp>,
    /// How many clients it may register; none: any number.
    pub use_limit: Option<i64>,
}

fn moment(at: Timestamp, now: Timestamp, limit: Lifetime) -> Checked<Timestamp> {
    if now < at && at <= now + limit {
        return Ok(at);
    }
    let days = limit.as_seconds() / 86_400;
    let text = format!("must be later than now, and within {days} days");
    Err((FaultCode::InvalidValue, text))
}

fn span(seconds: i64, limit: Lifetime) -> Checked<Lifetime> {
    let most = limit.as_seconds();
    if (1..=most).contains(&seconds) {
        return Ok(Lifetime::seconds(seconds));
    }
    let text = format!("must be a whole number of seconds from 1 to {most}");
    Err((FaultCode::InvalidValue, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_777_887_000_000);
    const LIMIT: Lifetime = Lifetime::days(30);

    fn draft() -> RegistrationTokenDraft {
        RegistrationTokenDraft { label: "CI".to_owned(), ..RegistrationTokenDraft::default() }
    }

    #[test]
    fn an_end_is_told_as_a_moment_or_from_now() {
        let end = NOW + Lifetime::seconds(60);
        let by_span = RegistrationTokenDraft { expires_in: Some(60), ..draft() };
        let by_moment = RegistrationTokenDraft { expires_at: Some(end), ..draft() };
        for draft in [by_span, by_moment] {
            let terms = draft.validate(NOW, LIMIT).expect("no fault");
            assert_eq!(terms.expires_at, Some(end));
        }
        assert_eq!(draft().validate(NOW, LIMIT).expect("no fault").expires_at, None);
    }

    #[test]
    fn every_fault_is_told_together() {
        let wrong = RegistrationTokenDraft {
            label: " ".to_owned(),
            expires_at: Some(NOW),
            expires_in: Some(LIMIT.as_seconds() + 1),
            use_limit: Some(0),
            unreadable: Vec::new(),
        };
        let found = wrong.validate(NOW, LIMIT).expect_err("it has faults");
        let found: Vec<_> = found.iter().map(|fault| (fault.field, fault.code)).collect();
        let expected = [
            ("label", FaultCode::BlankValue),
            ("expires_in", FaultCode::InvalidValue),
            ("expires_at", FaultCode::InvalidValue),
            ("expires_in", FaultCode::InvalidValue),
            ("use_limit", FaultCode::InvalidValue),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_token_registers_until_its_end_and_as_often_as_it_may() {
        let token = RegistrationToken {
            id: Id::new(1),
            account_id: Id::new(2),
            user_id: Id::new(3),
            label: "CI".to_owned(),
            hash: SecretHash::from_bytes([0; 32]),
            hint: String::new(),
            use_limit: Some(2),
            use_count: 1,
            created_at: NOW,
            expires_at: Some(NOW + Lifetime::millis(1)),
            used_at: None,
            revoked_at: None,
        };
        assert!(token.is_live(NOW));
        assert!(!token.is_live(NOW + Lifetime::millis(1)));
        assert!(!RegistrationToken { use_count: 2, ..token.clone() }.is_live(NOW));
        assert!(!RegistrationToken { revoked_at: Some(NOW), ..token }.is_live(NOW));
    }
}
