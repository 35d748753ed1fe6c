//! Recognised parameters of an urlencoded form or query, or of a flat JSON object.
//!
//! A recognised parameter sent twice is an error (RFC 6749 §3.1); unrecognised ones are ignored
//! however often they occur; an empty value counts as absent.

mod json_object;

use std::borrow::Cow;
use std::fmt;

use crate::json::JsonRefused;
use crate::percent_encoding::form_decode;

/// How many fields a form may have, and how many values a repeatable parameter (zendesk-wire §1).
const MAX_FIELDS: usize = 64;

/// What stands for a JSON value that is neither text nor a whole number. No scope, code, URI or
/// number contains a quotation mark, so that it is refused where the value is judged.
const NOT_TEXT: &str = "\"";

/// What a request body is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`.
    Json,
}

impl BodyFormat {
    /// The format that a `Content-Type` names; none: 415 (zendesk-wire §6).
    pub fn of(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Some(Self::Form)
        } else if essence.eq_ignore_ascii_case("application/json") {
            Some(Self::Json)
        } else {
            None
        }
    }
}

/// The parameters that an endpoint recognises.
#[derive(Debug)]
pub struct ParameterNames {
    names: &'static [&'static str],
    repeatable: &'static [&'static str],
}

impl ParameterNames {
    /// Those of `names`; the ones that are also in `repeatable` may be sent several times.
    ///
    /// # Panics
    /// With more than 64 names: at compile time, as the names are constants.
    pub const fn new(names: &'static [&'static str], repeatable: &'static [&'static str]) -> Self {
        assert!(names.len() <= 64, "names are counted in 64 bits");
        Self { names, repeatable }
    }

    /// Whether a parameter is one of them.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| *known == name)
    }
}

/// Why the parameters of a request are not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParametersRefused {
    /// A recognised parameter is sent twice (RFC 6749 §3.1).
    #[error("the parameter {0} is repeated")]
    Repeated(&'static str),
    /// A required parameter is absent.
    #[error("the parameter {0} is missing")]
    Missing(&'static str),
    /// A value is longer than its limit.
    #[error("the parameter {0} is too long")]
    TooLong(&'static str),
    /// A value holds the character NUL, which no database keeps.
    #[error("the parameter {0} holds a NUL character")]
    Nul(&'static str),
    /// The form has more than 64 fields.
    #[error("the request has more than 64 parameters")]
    TooMany,
    /// An escape is broken, or the text is no UTF-8.
    #[error("the parameters are not correctly encoded")]
    Encoding,
    /// The JSON body is refused.
    #[error(transparent)]
    Json(#[from] JsonRefused),
}

/// The recognised parameters of one request that are not empty, in the order sent.
pub struct Parameters {
    presented: Vec<(&'static str, String)>,
}

impl Parameters {
    /// Reads a body.
    pub fn read(
        format: BodyFormat,
        body: &[u8],
        names: &'static ParameterNames,
    ) -> Result<Self, ParametersRefused> {
        match format {
            BodyFormat::Form => Self::from_form(body, names),
            BodyFormat::Json => json_object::read(body, names),
        }
    }

    /// Reads a form body, or a query without its question mark.
    pub fn from_form(
        form: &[u8],
        names: &'static ParameterNames,
    ) -> Result<Self, ParametersRefused> {
        let mut collected = Collected::new(names);
        for pair in form_pairs(form) {
            let (name, value) = pair?;
            if let Some(index) = names.find(&name) {
                collected.note(index)?;
                collected.add(index, value)?;
            }
        }
        Ok(collected.into_parameters())
    }

    /// The value of a parameter, left in place.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.presented.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter, taken out.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let index = self.presented.iter().position(|(known, _)| *known == name)?;
        Some(self.presented.remove(index).1)
    }

    /// The value of a parameter that the endpoint cannot do without.
    pub fn require(&mut self, name: &'static str) -> Result<String, ParametersRefused> {
        self.take(name).ok_or(ParametersRefused::Missing(name))
    }

    /// The value of a parameter that counts seconds.
    pub fn take_seconds(&mut self, name: &str) -> Option<PresentedSeconds> {
        self.take(name).map(PresentedSeconds)
    }

    /// All values of a repeatable parameter, in the order sent.
    pub fn take_all(&mut self, name: &str) -> Vec<String> {
        self.presented.extract_if(.., |(known, _)| *known == name).map(|(_, value)| value).collect()
    }
}

/// Shows the names only: values may be secrets.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.presented.iter().map(|(name, _)| name)).finish()
    }
}

/// A number of seconds as presented: a JSON number, or a string of digits (zendesk-wire §6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedSeconds(String);

impl PresentedSeconds {
    /// The number, if it is a whole one and not negative.
    pub fn whole(&self) -> Option<i64> {
        let digits = !self.0.is_empty() && self.0.bytes().all(|byte| byte.is_ascii_digit());
        if digits { self.0.parse().ok() } else { None }
    }

    /// The text as presented.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PresentedSeconds {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// What is collected while a request is read, with the names seen so far.
struct Collected {
    names: &'static ParameterNames,
    seen: u64,
    presented: Vec<(&'static str, String)>,
}

impl Collected {
    fn new(names: &'static ParameterNames) -> Self {
        Self { names, seen: 0, presented: Vec::with_capacity(8) }
    }

    /// Refuses the second sight of a name, be the value empty or not.
    fn note(&mut self, index: usize) -> Result<(), ParametersRefused> {
        let name = self.names.names[index];
        let bit = 1 << index;
        if self.seen & bit != 0 && !self.names.repeatable.contains(&name) {
            return Err(ParametersRefused::Repeated(name));
        }
        self.seen |= bit;
        Ok(())
    }

    fn add(&mut self, index: usize, value: Cow<'_, str>) -> Result<(), ParametersRefused> {
        let name = self.names.names[index];
        if value.contains('\0') {
            return Err(ParametersRefused::Nul(name));
        }
        if !value.is_empty() {
            self.presented.push((name, value.into_owned()));
        }
        Ok(())
    }

    fn into_parameters(self) -> Parameters {
        Parameters { presented: self.presented }
    }
}

/// The pairs of a form, decoded; at most 64.
pub(crate) fn form_pairs(
    form: &[u8],
) -> impl Iterator<Item = Result<(Cow<'_, str>, Cow<'_, str>), ParametersRefused>> {
    form.split(|byte| *byte == b'&').filter(|field| !field.is_empty()).enumerate().map(
        |(index, field)| {
            if index >= MAX_FIELDS {
                return Err(ParametersRefused::TooMany);
            }
            let middle = field.iter().position(|byte| *byte == b'=').unwrap_or(field.len());
            let (name, value) = field.split_at(middle);
            let value = value.strip_prefix(b"=").unwrap_or_default();
            form_decode(name).zip(form_decode(value)).ok_or(ParametersRefused::Encoding)
        },
    )
}
