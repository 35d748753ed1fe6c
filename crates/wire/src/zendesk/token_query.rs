//! What the query of a list of tokens asks for, besides its page (zendesk-wire §4.2).

use crate::parameters::{ParameterNames, Parameters, ParametersRefused};

static NAMES: ParameterNames =
    ParameterNames::new(&["all", "client_id", "global_client_id", "include_expired"], &[]);

/// The filters of a list of tokens. An empty value is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenFilters {
    /// Whether those of the whole account are asked for, not only the caller's own.
    pub all: bool,
    /// The id of a client of the account.
    pub client_id: Option<i64>,
    /// The id of a global client.
    pub global_client_id: Option<i64>,
    /// Whether those that have ended are asked for too.
    pub include_expired: bool,
}

/// Why a query is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenFiltersRefused {
    /// It cannot be read, or a filter is repeated.
    #[error(transparent)]
    Query(#[from] ParametersRefused),
    /// A filter is no whole number.
    #[error("{0} must be the id of a client, which is an integer")]
    NotAnId(&'static str),
    /// A filter is neither `true` nor `false`.
    #[error("{0} must be true or false")]
    NotATruth(&'static str),
    /// Expired tokens are asked for in a list of the caller's own.
    #[error("include_expired=true needs all=true")]
    NotAll,
}

/// A query whose filters are not judged yet: whether it asks for all decides who may ask.
pub struct TokenQuery {
    parameters: Parameters,
    /// Whether those of the whole account are asked for.
    pub all: bool,
}

impl TokenQuery {
    /// Reads a query without its question mark.
    pub fn parse(query: &[u8]) -> Result<Self, TokenFiltersRefused> {
        let parameters = Parameters::from_form(query, &NAMES)?;
        let all = truth(&parameters, "all")?;
        Ok(Self { parameters, all })
    }

    /// The filters.
    pub fn filters(&self) -> Result<TokenFilters, TokenFiltersRefused> {
        let include_expired = truth(&self.parameters, "include_expired")?;
        if include_expired && !self.all {
            return Err(TokenFiltersRefused::NotAll);
        }
        Ok(TokenFilters {
            all: self.all,
            client_id: id(&self.parameters, "client_id")?,
            global_client_id: id(&self.parameters, "global_client_id")?,
            include_expired,
        })
    }
}

impl TokenFilters {
    /// The filters as links repeat them.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let truth = |name, is_set: bool| is_set.then(|| (name, "true".to_owned()));
        let id = |name, id: Option<i64>| id.map(|id| (name, id.to_string()));
        [
            truth("all", self.all),
            id("client_id", self.client_id),
            id("global_client_id", self.global_client_id),
            truth("include_expired", self.include_expired),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn truth(parameters: &Parameters, name: &'static str) -> Result<bool, TokenFiltersRefused> {
    match parameters.get(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(TokenFiltersRefused::NotATruth(name)),
    }
}

/// A whole number, however large: what does not fit is the id of nothing.
fn id(parameters: &Parameters, name: &'static str) -> Result<Option<i64>, TokenFiltersRefused> {
    let Some(value) = parameters.get(name) else { return Ok(None) };
    if !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(TokenFiltersRefused::NotAnId(name));
    }
    Ok(Some(value.parse().unwrap_or(i64::MAX)))
}
