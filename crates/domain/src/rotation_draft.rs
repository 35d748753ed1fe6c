//! A rotation of signing keys as somebody asks for it.

use crate::{FaultCode, RecordFault, RecordFaults, SigningAlgorithm};

/// What is to be rotated, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RotationDraft {
    /// The algorithm; none: all of them.
    pub algorithm: Option<String>,
    /// The keys that were sent as something that cannot be read.
    pub unreadable: Vec<&'static str>,
}

impl RotationDraft {
    /// The algorithms, or what is wrong.
    pub fn validate(&self) -> Result<Vec<SigningAlgorithm>, Vec<RecordFault>> {
        let mut faults = RecordFaults::new(&self.unreadable);
        let algorithms = match &self.algorithm {
            None => Some(SigningAlgorithm::ALL.to_vec()),
            Some(name) => faults.take("algorithm", algorithm(name)).map(|it| vec![it]),
        };
        faults.settle(algorithms)
    }
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, (FaultCode, String)> {
    SigningAlgorithm::parse(name).ok_or_else(|| {
        let names = SigningAlgorithm::ALL.map(SigningAlgorithm::as_str).join(", ");
        (FaultCode::InvalidValue, format!("must be one of {names}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_algorithm_is_rotated_or_all_of_them() {
        let draft = |name: Option<&str>| RotationDraft {
            algorithm: name.map(str::to_owned),
            unreadable: Vec::new(),
        };
        assert_eq!(draft(None).validate(), Ok(SigningAlgorithm::ALL.to_vec()));
        assert_eq!(draft(Some("PS256")).validate(), Ok(vec![SigningAlgorithm::Ps256]));
        for name in ["", "rs256", "HS256", "none"] {
            let faults = draft(Some(name)).validate().expect_err("no such algorithm");
            let message = "Algorithm: must be one of RS256, PS256, ES256, EdDSA";
            assert_eq!(faults[0].message, message, "{name}");
        }
        let unreadable = RotationDraft { unreadable: vec!["algorithm"], ..draft(None) };
        assert_eq!(unreadable.validate().expect_err("it is a number").len(), 1);
    }
}
