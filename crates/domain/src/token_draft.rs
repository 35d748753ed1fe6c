//! What an admin says of a token that he makes through the API, and whether it can be made
//! (zendesk-wire §4.3).

use crate::{
    Client, ClientId, FaultCode, Lifetime, Policy, RecordFault, RecordFaults, ScopeCatalogue,
    ScopeName, ScopeSet,
};

const CLIENT_ID: &str = "client_id";
const SCOPES: &str = "scopes";
const EXPIRES_IN: &str = "expires_in";

/// A token to be made, as asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenDraft {
    /// The client that it is for.
    pub client_id: Option<ClientId>,
    /// The names of its scopes.
    pub scopes: Option<Vec<String>>,
    /// How many seconds it lasts; none: the default.
    pub expires_in: Option<i64>,
    /// The keys that held something that could not be read.
    pub unreadable: Vec<&'static str>,
}

/// What a draft comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenTerms {
    /// What the token may be used for.
    pub scopes: ScopeSet,
    /// How long it lasts; none: the default.
    pub lifetime: Option<Lifetime>,
}

impl TokenDraft {
    /// The scopes that mean something in the account; the other names are dropped.
    pub fn recognised(&self, catalogue: &ScopeCatalogue) -> ScopeSet {
        let names = self.scopes.iter().flatten().take(ScopeSet::NAME_LIMIT);
        let names = names.filter_map(|name| ScopeName::parse(name).ok());
        catalogue.recognised(&names.collect())
    }

    /// Judges the draft: `client` is the one it names, if it can be used, and `recognised` are its
    /// scopes. Says everything that is wrong together.
    pub fn validate(
        &self,
        client: Option<&Client>,
        recognised: ScopeSet,
        policy: &Policy,
    ) -> Result<TokenTerms, Vec<RecordFault>> {
        let mut faults = RecordFaults::new(&self.unreadable);
        if self.client_id.is_none() {
            faults.note(CLIENT_ID, FaultCode::BlankValue, "must not be blank");
        } else if client.is_none() {
            faults.note(CLIENT_ID, FaultCode::InvalidValue, "is not the id of a client");
        }
        if let Err((code, text)) = self.check_scopes(client, &recognised) {
            faults.note(SCOPES, code, text);
        }
        let lifetime = self.expires_in.and_then(|seconds| allowed_lifetime(policy, seconds));
        if self.expires_in.is_some() && lifetime.is_none() {
            let text = "must be from 300 to 172800 seconds";
            faults.note(EXPIRES_IN, FaultCode::InvalidValue, text);
        }
        faults.settle(Some(TokenTerms { scopes: recognised, lifetime }))
    }

    fn check_scopes(
        &self,
        client: Option<&Client>,
        recognised: &ScopeSet,
    ) -> Result<(), (FaultCode, &'static str)> {
        let count = self.scopes.as_ref().map_or(0, Vec::len);
        let ceiling = client.and_then(|client| client.scopes.as_ref());
        if count == 0 {
            Err((FaultCode::BlankValue, "must not be blank"))
        } else if count > ScopeSet::NAME_LIMIT {
            Err((FaultCode::InvalidValue, "must be at most 64 names"))
        } else if recognised.is_empty() {
            Err((FaultCode::InvalidValue, "are all unknown"))
        } else if ceiling.is_some_and(|ceiling| !ceiling.covers_all(recognised)) {
            Err((FaultCode::InvalidValue, "go beyond what the client is allowed"))
        } else {
            Ok(())
        }
    }
}

fn allowed_lifetime(policy: &Policy, seconds: i64) -> Option<Lifetime> {
    // More would not fit into milliseconds.
    let seconds = i32::try_from(seconds).ok()?;
    let lifetime = Lifetime::seconds(seconds.into());
    Some(lifetime).filter(|lifetime| policy.access_token_lifetime_range.contains(lifetime))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(scopes: &[&str]) -> TokenDraft {
        let scopes = Some(scopes.iter().map(|name| (*name).to_owned()).collect());
        TokenDraft { client_id: Some(ClientId::new(1)), scopes, ..TokenDraft::default() }
    }

    fn faults(draft: &TokenDraft) -> Vec<String> {
        let recognised = draft.recognised(&ScopeCatalogue::new(Vec::new()));
        let judged = draft.validate(None, recognised, &Policy::default());
        let found = judged.expect_err("there is no client").into_iter();
        found.map(|fault| format!("{} {}", fault.field, fault.code.as_str())).collect()
    }

    #[test]
    fn what_means_nothing_is_dropped_and_what_is_malformed_too() {
        let draft = draft(&["read", "admin", "read write", "tickets:write", "a\\b", "read"]);
        let recognised = draft.recognised(&ScopeCatalogue::new(Vec::new()));
        assert_eq!(recognised.to_vec(), ["read", "tickets:write"]);
    }

    #[test]
    fn every_fault_is_told() {
        let blank = TokenDraft::default();
        assert_eq!(faults(&blank), ["client_id BlankValue", "scopes BlankValue"]);
        let unreadable = TokenDraft {
            unreadable: vec!["client_id", "scopes", "expires_in"],
            ..TokenDraft::default()
        };
        let told = ["client_id InvalidValue", "scopes InvalidValue", "expires_in InvalidValue"];
        assert_eq!(faults(&unreadable), told);
        let many = vec!["read"; ScopeSet::NAME_LIMIT + 1];
        for scopes in [&["admin"][..], &many] {
            assert_eq!(faults(&draft(scopes)), ["client_id InvalidValue", "scopes InvalidValue"]);
        }
        for seconds in [i64::MIN, -1, 0, 299, 172_801, i64::MAX] {
            let draft = TokenDraft { expires_in: Some(seconds), ..draft(&["read"]) };
            let told = ["client_id InvalidValue", "expires_in InvalidValue"];
            assert_eq!(faults(&draft), told, "{seconds}");
        }
        for seconds in [300, 172_800] {
            let draft = TokenDraft { expires_in: Some(seconds), ..draft(&["read"]) };
            assert_eq!(faults(&draft), ["client_id InvalidValue"], "{seconds}");
        }
    }
}
