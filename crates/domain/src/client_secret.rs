//! A client's secrets: several at once, each with its own end, so that one can replace another
//! without a moment in which neither works.

use crate::{
    AccountId, Checked, ClientId, FaultCode, Id, Lifetime, RecordFault, RecordFaults, SecretHash,
    Timestamp, UserId, bounded_text,
};

/// The most characters of a label.
const LABEL_LIMIT: usize = 255;

/// The id of a [`ClientSecret`].
pub type ClientSecretId = Id<ClientSecret>;

/// One of a client's secrets. The secret itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// Its id.
    pub id: ClientSecretId,
    /// The keyed hash of the secret.
    pub hash: SecretHash,
    /// Its first nine characters.
    pub hint: String,
    /// What it is for.
    pub label: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; none: when it is replaced or removed.
    pub expires_at: Option<Timestamp>,
}

impl ClientSecret {
    /// Whether it still authenticates.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| expires_at > now)
    }
}

/// A secret with what people want to know of it, beside what decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedSecret {
    /// The secret.
    pub secret: ClientSecret,
    /// The account of its client.
    pub account_id: AccountId,
    /// Its client.
    pub client_id: ClientId,
    /// Who made it; none: the operator.
    pub created_by: Option<UserId>,
    /// When it was last used; may lag behind.
    pub used_at: Option<Timestamp>,
}

/// What somebody wants of a secret, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SecretDraft {
    /// What it is for.
    pub label: Option<String>,
    /// When it ends; none: when it is replaced or removed.
    pub expires_at: Option<Timestamp>,
    /// The same in seconds from now; only one of the two may be said.
    pub expires_in: Option<i64>,
    /// In how many seconds the client's other secrets end; none: they stay as they are.
    pub expire_others_in: Option<i64>,
    /// The keys that were sent as something that cannot be read.
    pub unreadable: Vec<&'static str>,
}

impl SecretDraft {
    /// A secret as it is: what an update begins with.
    pub fn of(secret: &ClientSecret) -> Self {
        let (label, expires_at) = (secret.label.clone(), secret.expires_at);
        Self { label, expires_at, ..Self::default() }
    }

    /// Checks it all, and reports every fault together.
    pub fn validate(
        &self,
        now: Timestamp,
        limit: Lifetime,
    ) -> Result<SecretTerms, Vec<RecordFault>> {
        let mut faults = RecordFaults::new(&self.unreadable);
        let label = self.label.as_deref().map(|label| bounded_text(label, LABEL_LIMIT));
        let label = faults.take("label", label.transpose());
        if self.expires_at.is_some() && self.expires_in.is_some() {
            let text = "must not stand beside expires_at";
            faults.note("expires_in", FaultCode::InvalidValue, text);
        }
        let at = self.expires_at.map(|at| moment(at, now, limit)).transpose();
        let at = faults.take("expires_at", at);
        let after = |seconds| span(seconds, 1, limit).map(|lifetime| now + lifetime);
        let then = faults.take("expires_in", self.expires_in.map(after).transpose());
        let others = self.expire_others_in.map(|seconds| span(seconds, 0, limit));
        let others = faults.take("expire_others_in", others.transpose());
        let terms = || {
            let others_end_at = others?.map(|lifetime| now + lifetime);
            Some(SecretTerms { label: label?, expires_at: at?.or(then?), others_end_at })
        };
        faults.settle(terms())
    }
}

/// What a secret may be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretTerms {
    /// What it is for.
    pub label: Option<String>,
    /// When it ends; none: when it is replaced or removed.
    pub expires_at: Option<Timestamp>,
    /// When the client's other secrets end at the latest; none: they stay as they are.
    pub others_end_at: Option<Timestamp>,
}

fn moment(at: Timestamp, now: Timestamp, limit: Lifetime) -> Checked<Timestamp> {
    if now < at && at <= now + limit {
        return Ok(at);
    }
    let days = limit.as_seconds() / 86_400;
    let text = format!("must be later than now, and within {days} days");
    Err((FaultCode::InvalidValue, text))
}

fn span(seconds: i64, least: i64, limit: Lifetime) -> Checked<Lifetime> {
    let most = limit.as_seconds();
    if (least..=most).contains(&seconds) {
        return Ok(Lifetime::seconds(seconds));
    }
    let text = format!("must be a whole number of seconds from {least} to {most}");
    Err((FaultCode::InvalidValue, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_777_887_000_000);
    const LIMIT: Lifetime = Lifetime::days(30);

    fn faults(draft: &SecretDraft) -> Vec<(&'static str, FaultCode)> {
        let found = draft.validate(NOW, LIMIT).expect_err("it has faults");
        found.iter().map(|fault| (fault.field, fault.code)).collect()
    }

    #[test]
    fn an_end_is_told_as_a_moment_or_from_now() {
        let draft = SecretDraft {
            label: Some("Rollout".to_owned()),
            expires_in: Some(60),
            expire_others_in: Some(0),
            ..SecretDraft::default()
        };
        let end = NOW + Lifetime::seconds(60);
        let terms = SecretTerms {
            label: draft.label.clone(),
            expires_at: Some(end),
            others_end_at: Some(NOW),
        };
        assert_eq!(draft.validate(NOW, LIMIT), Ok(terms.clone()));
        let draft = SecretDraft { expires_in: None, expires_at: Some(end), ..draft };
        assert_eq!(draft.validate(NOW, LIMIT), Ok(terms));
        let nothing = SecretTerms { label: None, expires_at: None, others_end_at: None };
        assert_eq!(SecretDraft::default().validate(NOW, LIMIT), Ok(nothing));
    }

    #[test]
    fn every_fault_is_told_together() {
        let draft = SecretDraft {
            label: Some("x".repeat(256)),
            expires_at: Some(NOW),
            expires_in: Some(0),
            expire_others_in: Some(-1),
            unreadable: Vec::new(),
        };
        let invalid = FaultCode::InvalidValue;
        let expected = [
            ("label", FaultCode::TooLong),
            ("expires_in", invalid),
            ("expires_at", invalid),
            ("expires_in", invalid),
            ("expire_others_in", invalid),
        ];
        assert_eq!(faults(&draft), expected);
    }

    #[test]
    fn an_end_lies_ahead_and_within_the_limit() {
        let ends = [(-1, false), (0, false), (1, true), (LIMIT.as_millis(), true)];
        for (millis, is_good) in [&ends[..], &[(LIMIT.as_millis() + 1, false)]].concat() {
            let expires_at = Some(NOW + Lifetime::millis(millis));
            let draft = SecretDraft { expires_at, ..SecretDraft::default() };
            assert_eq!(draft.validate(NOW, LIMIT).is_ok(), is_good, "{millis} ms from now");
        }
        for seconds in [i64::MIN, 0, LIMIT.as_seconds() + 1, i64::MAX] {
            let draft = SecretDraft { expires_in: Some(seconds), ..SecretDraft::default() };
            assert_eq!(faults(&draft), [("expires_in", FaultCode::InvalidValue)], "{seconds}");
        }
    }

    #[test]
    fn a_secret_lives_until_its_end_and_not_at_it() {
        let secret = |expires_at| ClientSecret {
            id: Id::new(1),
            hash: SecretHash::from_bytes([0; 32]),
            hint: String::new(),
            label: None,
            created_at: NOW,
            expires_at,
        };
        assert!(secret(None).is_live(NOW));
        assert!(secret(Some(NOW + Lifetime::millis(1))).is_live(NOW));
        assert!(!secret(Some(NOW)).is_live(NOW));
    }
}
