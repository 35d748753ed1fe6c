//! A TOML file read key by key. Every fault names the file, the line and the key, says what is
//! wrong and what would be right; all of them are collected before anything is refused.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use domain::Lifetime;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The file and line, the variable or the flag.
    pub(crate) place: String,
    /// The key path, `clients[0].kind`; empty if the file as a whole is meant.
    pub(crate) key: String,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(f, "{}: {}", self.place, self.message),
            key => write!(f, "{}: {key}: {}", self.place, self.message),
        }
    }
}

/// Everything that is wrong, one per line.
#[derive(Debug)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl From<Faults> for String {
    fn from(faults: Faults) -> Self {
        faults.to_string()
    }
}

impl std::error::Error for Faults {}

/// A parsed file, its name and what was found wrong so far.
pub(crate) struct Document<'i> {
    name: String,
    text: &'i str,
    root: DeTable<'i>,
    substitutions: Vec<(&'static str, String)>,
    faults: RefCell<Vec<Fault>>,
}

impl<'i> Document<'i> {
    /// Parses the text; `substitutions` are replaced in every string that is read.
    pub(crate) fn parse(
        name: &str,
        text: &'i str,
        substitutions: Vec<(&'static str, String)>,
    ) -> Result<Self, Faults> {
        let root = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_at(text, &span));
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            let place = format!("{name}:{line}");
            Faults(vec![Fault { place, key: String::new(), message }])
        })?;
        let root = root.into_inner();
        let faults = RefCell::default();
        Ok(Self { name: name.to_owned(), text, root, substitutions, faults })
    }

    /// The table at the top of the file.
    pub(crate) fn root(&self) -> Section<'_> {
        Section { document: self, table: &self.root, path: String::new(), asked: Vec::new() }
    }

    /// Notes a fault at a key path, or at the nearest table above it that is there.
    pub(crate) fn fault(&self, key: &str, message: impl Into<String>) {
        let place = match self.line_of(key) {
            Some(line) => format!("{}:{line}", self.name),
            None => self.name.clone(),
        };
        let fault = Fault { place, key: key.to_owned(), message: message.into() };
        self.faults.borrow_mut().push(fault);
    }

    /// Whether a fault was noted at this key path already, or inside what stands there.
    pub(crate) fn has_fault_at(&self, key: &str) -> bool {
        let faults = self.faults.borrow();
        let mut inside = faults.iter().filter_map(|fault| fault.key.strip_prefix(key));
        inside.any(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
    }

    /// Refuses if anything was wrong.
    pub(crate) fn verdict(&self) -> Result<(), Faults> {
        let faults = self.faults.take();
        if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
    }

    /// Where the value of a key path stands, `server.toml:3`.
    pub(crate) fn place_of(&self, key: &str) -> String {
        self.line_of(key).map_or_else(|| self.name.clone(), |line| format!("{}:{line}", self.name))
    }

    fn line_of(&self, path: &str) -> Option<usize> {
        let mut table = &self.root;
        let mut found = None;
        for step in path.split('.') {
            let (key, index) = split_index(step);
            let Some((name, value)) = table.iter().find(|(name, _)| name.get_ref() == key) else {
                return found;
            };
            found = Some(line_at(self.text, &name.span()));
            let value = match (index, value.get_ref()) {
                (Some(index), DeValue::Array(items)) => match items.get(index) {
                    Some(item) => {
                        found = Some(line_at(self.text, &item.span()));
                        item.get_ref()
                    }
                    None => return found,
                },
                (_, value) => value,
            };
            let DeValue::Table(inner) = value else { return found };
            table = inner;
        }
        found
    }

    fn substituted(&self, text: &str) -> String {
        self.substitutions.iter().fold(text.to_owned(), |text, (name, value)| {
            if text.contains(name) { text.replace(name, value) } else { text }
        })
    }
}

/// `redirect_uris[1]` is the key and the index.
fn split_index(step: &str) -> (&str, Option<usize>) {
    let Some((key, rest)) = step.split_once('[') else { return (step, None) };
    (key, rest.trim_end_matches(']').parse().ok())
}

fn line_at(text: &str, span: &Range<usize>) -> usize {
    text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1
}

/// One table of the file. What was not asked for when it is closed is an unknown key.
pub(crate) struct Section<'a> {
    document: &'a Document<'a>,
    table: &'a DeTable<'a>,
    path: String,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The full path of a key of this table.
    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Notes a fault at a key of this table.
    pub(crate) fn fault(&self, key: &str, message: impl Into<String>) {
        self.document.fault(&self.path_of(key), message);
    }

    /// The value of a key, whatever it is.
    pub(crate) fn value(&mut self, key: &'static str) -> Option<&'a DeValue<'a>> {
        self.asked.push(key);
        self.table.get(key).map(Spanned::get_ref)
    }

    /// A string.
    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        self.verbatim(key).map(|text| self.document.substituted(&text))
    }

    /// A string in which nothing is substituted.
    pub(crate) fn verbatim(&mut self, key: &'static str) -> Option<String> {
        match self.value(key)? {
            DeValue::String(text) => Some(text.clone().into_owned()),
            other => self.wrong_type(key, other, "a string in quotes"),
        }
    }

    /// A string that must be there; empty if it is not, which is then a fault already.
    pub(crate) fn required_text(&mut self, key: &'static str, example: &str) -> String {
        if !self.table.contains_key(key) {
            self.fault(key, format!("is missing; write {key} = \"{example}\""));
        }
        self.text(key).unwrap_or_default()
    }

    /// A list of strings.
    pub(crate) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        let value = self.value(key)?;
        let wanted = "a list of strings, like [\"one\", \"two\"]";
        let DeValue::Array(items) = value else { return self.wrong_type(key, value, wanted) };
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.get_ref() {
                DeValue::String(text) => texts.push(self.document.substituted(text)),
                other => {
                    let key = format!("{key}[{index}]");
                    self.wrong_type::<()>(&key, other, "a string in quotes");
                }
            }
        }
        Some(texts)
    }

    /// A whole number.
    pub(crate) fn number(&mut self, key: &'static str) -> Option<i64> {
        let value = self.value(key)?;
        let DeValue::Integer(number) = value else {
            return self.wrong_type(key, value, "a whole number");
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok();
        if number.is_none() {
            self.fault(key, "is not a whole number that can be read");
        }
        number
    }

    /// `true` or `false`.
    pub(crate) fn flag(&mut self, key: &'static str) -> Option<bool> {
        match self.value(key)? {
            DeValue::Boolean(flag) => Some(*flag),
            other => self.wrong_type(key, other, "true or false"),
        }
    }

    /// A duration like `"30m"`.
    pub(crate) fn lifetime(&mut self, key: &'static str) -> Option<Lifetime> {
        let text = self.text(key)?;
        let lifetime = parse_lifetime(&text);
        if lifetime.is_none() {
            let message = format!(
                "\"{text}\" is not a duration; write a number and s, m, h or d, like \"30m\""
            );
            self.fault(key, message);
        }
        lifetime
    }

    /// One of several names.
    pub(crate) fn choice<T>(
        &mut self,
        key: &'static str,
        names: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key)?;
        let choice = parse(&text);
        if choice.is_none() {
            self.fault(key, not_one_of(&text, names));
        }
        choice
    }

    /// The tables of `[[key]]`.
    pub(crate) fn tables(&mut self, key: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let wanted = format!("written as [[{key}]]");
        let DeValue::Array(items) = value else {
            self.wrong_type::<()>(key, value, &wanted);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let step = format!("{key}[{index}]");
            match item.get_ref() {
                DeValue::Table(table) => sections.push(self.inner(&step, table)),
                other => {
                    self.wrong_type::<()>(&step, other, &wanted);
                }
            }
        }
        sections
    }

    /// The table `[key]`.
    pub(crate) fn section(&mut self, key: &'static str) -> Option<Section<'a>> {
        match self.value(key)? {
            DeValue::Table(table) => Some(self.inner(key, table)),
            other => {
                let wanted = format!("a table, [{}]", self.path_of(key));
                self.wrong_type(key, other, &wanted)
            }
        }
    }

    /// Notes every key that nobody asked for.
    pub(crate) fn close(self) {
        for (name, _) in self.table {
            let name = name.get_ref();
            if !self.asked.iter().any(|asked| asked == name) {
                self.fault(name, unknown_key(name, &self.asked));
            }
        }
    }

    fn inner(&self, step: &str, table: &'a DeTable<'a>) -> Section<'a> {
        Section { document: self.document, table, path: self.path_of(step), asked: Vec::new() }
    }

    fn wrong_type<T>(&self, key: &str, found: &DeValue<'_>, wanted: &str) -> Option<T> {
        self.fault(key, format!("is of type {}; it should be {wanted}", found.type_str()));
        None
    }
}

/// What to say about a name that is none of the known ones.
pub(crate) fn not_one_of(text: &str, names: &[&str]) -> String {
    match nearest(text, names) {
        Some(name) => format!("\"{text}\" is not one of {}; did you mean \"{name}\"?", list(names)),
        None => format!("\"{text}\" is not one of {}", list(names)),
    }
}

/// What to say about a key that nobody knows.
pub(crate) fn unknown_key(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(near) => format!("unknown key; did you mean \"{near}\"?"),
        None => format!("unknown key; known here: {}", list(known)),
    }
}

/// The known name that was most probably meant.
pub(crate) fn nearest<'n>(name: &str, known: &[&'n str]) -> Option<&'n str> {
    let folded = name.to_ascii_lowercase();
    let scored = known.iter().map(|near| (strsim::jaro_winkler(&folded, near), *near));
    let best = scored.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (best.0 > 0.8).then_some(best.1)
}

fn list(names: &[&str]) -> String {
    names.join(", ")
}

/// A duration: a number and `s`, `m`, `h` or `d`.
pub(crate) fn parse_lifetime(text: &str) -> Option<Lifetime> {
    let digits = text.trim_end_matches(|last: char| last.is_ascii_alphabetic());
    let number: i64 = digits.parse().ok().filter(|number| (0..1_000_000_000).contains(number))?;
    match &text[digits.len()..] {
        "s" => Some(Lifetime::seconds(number)),
        "m" => Some(Lifetime::minutes(number)),
        "h" => Some(Lifetime::hours(number)),
        "d" => Some(Lifetime::days(number)),
        _ => None,
    }
}
