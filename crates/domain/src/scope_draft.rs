//! What an admin wants of a scope of the account's catalogue, and the rules for it.

use crate::{
    Checked, FaultCode, RecordFault, RecordFaults, Risk, Scope, ScopeCatalogue, ScopeName,
    Timestamp, required_text,
};

/// The most characters of a name and of a title.
const NAME_LIMIT: usize = 255;

/// The most characters of a sentence on the consent page.
const DESCRIPTION_LIMIT: usize = 1000;

/// What somebody wants of a scope, unchecked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeDraft {
    /// Its name in requests; of a new scope only.
    pub name: String,
    /// A few words, as on a button.
    pub title: String,
    /// A sentence for the consent page; none: the title.
    pub description: Option<String>,
    /// How much harm it can do; none: some.
    pub risk: Option<String>,
    /// Whether a user may leave it out.
    pub is_optional: bool,
    /// Whether a request without `scope` asks for it.
    pub is_default: bool,
    /// The keys that were sent as something that cannot be read.
    pub unreadable: Vec<&'static str>,
}

impl ScopeDraft {
    /// A scope as it is: what an update begins with.
    pub fn of(scope: &Scope) -> Self {
        Self {
            name: scope.name.as_str().to_owned(),
            title: scope.title.clone(),
            description: Some(scope.description.clone()),
            risk: Some(scope.risk.as_str().to_owned()),
            is_optional: scope.optional_at.is_some(),
            is_default: scope.default_at.is_some(),
            unreadable: Vec::new(),
        }
    }

    /// A new scope of this catalogue, or every fault together.
    pub fn create(
        &self,
        now: Timestamp,
        catalogue: &ScopeCatalogue,
    ) -> Result<Scope, Vec<RecordFault>> {
        let mut faults = RecordFaults::new(&self.unreadable);
        let name = faults.take("name", free_name(&self.name, catalogue));
        let words = self.words(&mut faults);
        let made = || {
            let (title, description, risk) = words?;
            let optional_at = self.is_optional.then_some(now);
            let default_at = self.is_default.then_some(now);
            Some(Scope { name: name?, title, description, risk, optional_at, default_at })
        };
        faults.settle(made())
    }

    /// A scope as this changes it, or every fault together. Its name stays, and those of OpenID Connect
    /// mean the same everywhere.
    pub fn change(&self, now: Timestamp, stored: &Scope) -> Result<Scope, Vec<RecordFault>> {
        let mut faults = RecordFaults::new(&self.unreadable);
        if stored.name.is_of_openid() {
            let text = "is a scope of OpenID Connect, which cannot be changed";
            faults.note("base", FaultCode::InvalidValue, text);
        }
        let changed = self.words(&mut faults).map(|(title, description, risk)| Scope {
            name: stored.name.clone(),
            title,
            description,
            risk,
            optional_at: self.is_optional.then(|| stored.optional_at.unwrap_or(now)),
            default_at: self.is_default.then(|| stored.default_at.unwrap_or(now)),
        });
        faults.settle(changed)
    }

    /// Title, sentence and risk.
    fn words(&self, faults: &mut RecordFaults) -> Option<(String, String, Risk)> {
        let title = faults.take("title", required_text(&self.title, NAME_LIMIT));
        let description = match &self.description {
            Some(text) => faults.take("description", required_text(text, DESCRIPTION_LIMIT)),
            None => title.clone(),
        };
        let risk = faults.take("risk", self.risk.as_deref().map_or(Ok(Risk::Medium), risk));
        Some((title?, description?, risk?))
    }
}

fn risk(text: &str) -> Checked<Risk> {
    let fault = || (FaultCode::InvalidValue, "must be low, medium or high".to_owned());
    Risk::parse(text).ok_or_else(fault)
}

fn free_name(text: &str, catalogue: &ScopeCatalogue) -> Checked<ScopeName> {
    required_text(text, NAME_LIMIT)?;
    let name = ScopeName::parse(text).map_err(|refused| {
        (FaultCode::InvalidValue, format!("must be the name of a scope: {refused}"))
    })?;
    if catalogue.find(&name).is_some() {
        return Err((FaultCode::DuplicateValue, "is in the catalogue already".to_owned()));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_777_887_000_000);
    const LATER: Timestamp = Timestamp::from_millis(1_777_887_000_001);

    fn draft(name: &str) -> ScopeDraft {
        let (name, title) = (name.to_owned(), "See prints".to_owned());
        ScopeDraft { name, title, ..ScopeDraft::default() }
    }

    fn told(faults: &[RecordFault]) -> Vec<(&'static str, FaultCode)> {
        faults.iter().map(|fault| (fault.field, fault.code)).collect()
    }

    #[test]
    fn a_new_scope_needs_a_name_and_a_title() {
        let catalogue = ScopeCatalogue::new(Vec::new());
        let made = draft("prints:read").create(NOW, &catalogue).expect("it is good");
        assert_eq!((made.description.as_str(), made.risk), ("See prints", Risk::Medium));
        assert_eq!((made.optional_at, made.default_at), (None, None));
        let marked = ScopeDraft { is_optional: true, is_default: true, ..draft("prints:read") };
        let made = marked.create(NOW, &catalogue).expect("it is good");
        assert_eq!((made.optional_at, made.default_at), (Some(NOW), Some(NOW)));
    }

    #[test]
    fn a_name_is_well_formed_and_free() {
        let catalogue = ScopeCatalogue::new(Vec::new());
        let long = "x".repeat(NAME_LIMIT + 1);
        for (name, code) in [
            ("", FaultCode::BlankValue),
            ("two words", FaultCode::InvalidValue),
            ("quo\"te", FaultCode::InvalidValue),
            ("prints\u{e9}", FaultCode::InvalidValue),
            (&long, FaultCode::TooLong),
            ("read", FaultCode::DuplicateValue),
            ("openid", FaultCode::DuplicateValue),
        ] {
            let faults = draft(name).create(NOW, &catalogue).expect_err(name);
            assert_eq!(told(&faults), [("name", code)], "{name}");
        }
        for name in ["https://api.example.com/prints", "a", &long[1..]] {
            assert!(draft(name).create(NOW, &catalogue).is_ok(), "{name}");
        }
    }

    #[test]
    fn every_fault_is_told_together() {
        let all = ScopeDraft {
            description: Some(" ".to_owned()),
            risk: Some("huge".to_owned()),
            unreadable: vec!["default"],
            ..ScopeDraft::default()
        };
        let faults = all.create(NOW, &ScopeCatalogue::new(Vec::new())).expect_err("it is bad");
        let (blank, invalid) = (FaultCode::BlankValue, FaultCode::InvalidValue);
        let expected = [
            ("default", invalid),
            ("name", blank),
            ("title", blank),
            ("description", blank),
            ("risk", invalid),
        ];
        assert_eq!(told(&faults), expected);
    }

    #[test]
    fn a_mark_keeps_its_time_and_a_scope_its_name() {
        let catalogue = ScopeCatalogue::new(Vec::new());
        let marked = ScopeDraft { is_optional: true, ..draft("prints:read") };
        let stored = marked.create(NOW, &catalogue).expect("it is good");
        let mut edited = ScopeDraft::of(&stored);
        assert_eq!(edited.change(LATER, &stored), Ok(stored.clone()));
        edited.name = "read".to_owned();
        edited.is_default = true;
        let changed = edited.change(LATER, &stored).expect("it is good");
        let expected = Scope { default_at: Some(LATER), ..stored };
        assert_eq!(changed, expected);
    }

    #[test]
    fn the_names_of_openid_stay_as_they_are() {
        let catalogue = ScopeCatalogue::new(Vec::new());
        let refused = catalogue.iter().filter(|scope| {
            ScopeDraft { is_default: true, ..ScopeDraft::of(scope) }.change(NOW, scope).is_err()
        });
        let names: Vec<_> = refused.map(|scope| scope.name.as_str()).collect();
        assert_eq!(names, crate::scope_catalogue::OPENID);
    }
}
