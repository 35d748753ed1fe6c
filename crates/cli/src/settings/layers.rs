//! The layers of the settings, merged: of each key the last one that was given, and by whom.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::DeValue;

use crate::document::{Document, Fault, Faults, Section, nearest};

/// The file that is read from the working directory if nobody names one.
const DEFAULT_FILE: &str = "consentry.toml";

/// Every setting. A key without a section stands at the top of the file.
const KEYS: [&str; 16] = [
    "data_dir",
    "master_key_file",
    "global_client_prefix",
    "session_management",
    "server.listen",
    "server.public_url",
    "server.trusted_proxies",
    "server.tls_cert",
    "server.tls_key",
    "server.management_listen",
    "database.url",
    "database.max_connections",
    "keys.rotate_after",
    "log.level",
    "log.format",
    "outbound.allow",
];

/// The one setting that is never in a file of settings.
const MASTER_KEY: &str = "CONSENTRY_MASTER_KEY";

/// Where settings are looked for.
#[derive(Default)]
pub(crate) struct Sources {
    /// The file that was named.
    pub(crate) file: Option<PathBuf>,
    /// The environment.
    pub(crate) environment: Vec<(String, String)>,
    /// What was said on the command line.
    pub(crate) flags: Vec<Flag>,
}

/// A setting from the command line.
pub(crate) struct Flag {
    /// The setting.
    pub(crate) key: &'static str,
    /// How it is spelled there, `--listen`.
    pub(crate) name: &'static str,
    /// What was said.
    pub(crate) values: Vec<String>,
}

impl Sources {
    /// A named file, the process's environment and flags.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn of_process(file: Option<PathBuf>, flags: Vec<Flag>) -> Self {
        let environment = std::env::vars_os()
            .map(|(name, value)| {
                (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
            })
            .collect();
        Self { file, environment, flags }
    }
}

/// What was given for a key, and where.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    place: String,
    values: Vec<String>,
}

impl Given {
    /// The single value.
    pub(crate) fn text(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    /// Each value of a list; one text may hold several, between commas.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.values.iter().flat_map(|value| value.split(',')).map(str::trim)
    }
}

/// The merged layers.
pub(crate) struct Layers {
    given: BTreeMap<&'static str, Given>,
    environment: Vec<(String, String)>,
    faults: Vec<Fault>,
}

impl Layers {
    /// Reads file, environment and flags in this order; a later one wins.
    pub(crate) fn read(sources: Sources) -> Result<Self, Faults> {
        let given = BTreeMap::new();
        let mut layers = Self { given, environment: sources.environment, faults: Vec::new() };
        layers.read_file(sources.file.as_deref())?;
        layers.read_environment();
        for flag in sources.flags {
            let given = Given { place: flag.name.to_owned(), values: flag.values };
            layers.given.insert(flag.key, given);
        }
        Ok(layers)
    }

    /// What was given for a key.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Given> {
        debug_assert!(KEYS.contains(&key), "{key} is not in KEYS");
        self.given.remove(key)
    }

    /// Whether a key was given.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.given.contains_key(key)
    }

    /// A path.
    pub(crate) fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        self.take(key).map(|given| PathBuf::from(given.text()))
    }

    /// A variable that is not a setting by the usual rule.
    pub(crate) fn environment(&self, name: &str) -> Option<String> {
        self.environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Notes what is wrong with a value.
    pub(crate) fn fault(&mut self, key: &str, given: &Given, message: String) {
        self.faults.push(Fault { place: given.place.clone(), key: key.to_owned(), message });
    }

    /// Refuses if anything was wrong.
    pub(crate) fn verdict(self) -> Result<(), Faults> {
        if self.faults.is_empty() { Ok(()) } else { Err(Faults(self.faults)) }
    }

    fn read_file(&mut self, named: Option<&Path>) -> Result<(), Faults> {
        let path = named.unwrap_or(Path::new(DEFAULT_FILE));
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(());
            }
            Err(error) => {
                let message = format!("cannot be read: {error}");
                return Err(Faults(vec![Fault { place: name, key: String::new(), message }]));
            }
        };
        let document = Document::parse(&name, &text, Vec::new())?;
        self.read_sections(&document);
        if let Err(Faults(faults)) = document.verdict() {
            self.faults.extend(faults);
        }
        Ok(())
    }

    fn read_sections(&mut self, document: &Document<'_>) {
        let mut root = document.root();
        for key in KEYS.into_iter().filter(|key| !key.contains('.')) {
            self.read_key(document, &mut root, key, key);
        }
        for name in ["server", "database", "keys", "log", "outbound"] {
            let Some(mut section) = root.section(name) else { continue };
            for key in KEYS {
                if let Some((of, short)) = key.split_once('.')
                    && of == name
                {
                    self.read_key(document, &mut section, key, short);
                }
            }
            section.close();
        }
        root.close();
    }

    fn read_key(
        &mut self,
        document: &Document<'_>,
        section: &mut Section<'_>,
        key: &'static str,
        short: &'static str,
    ) {
        let values = match section.value(short) {
            None => return,
            Some(DeValue::Integer(number)) => vec![number.as_str().to_owned()],
            Some(DeValue::Array(_)) => section.texts(short).unwrap_or_default(),
            Some(_) => match section.text(short) {
                Some(text) => vec![text],
                None => return,
            },
        };
        self.given.insert(key, Given { place: document.place_of(key), values });
    }

    fn read_environment(&mut self) {
        let known: Vec<(String, &'static str)> =
            KEYS.into_iter().map(|key| (variable(key), key)).collect();
        for (name, value) in self.environment.clone() {
            if !name.starts_with("CONSENTRY_") || is_not_ours(&name) {
                continue;
            }
            let exact = known.iter().find(|(variable, _)| *variable == name);
            let in_file = name
                .strip_suffix("_FILE")
                .and_then(|start| known.iter().find(|(variable, _)| variable == start));
            match (exact, in_file) {
                (Some((_, key)), _) => self.insert(key, name, value),
                (None, Some((start, key))) => self.insert_file(key, name, start, &value),
                (None, None) => self.unknown_variable(name, &known),
            }
        }
    }

    fn insert(&mut self, key: &'static str, place: String, value: String) {
        self.given.insert(key, Given { place, values: vec![value] });
    }

    fn insert_file(&mut self, key: &'static str, name: String, start: &str, path: &str) {
        let message = if self.environment(start).is_some() {
            format!("stands beside {start}; keep one of them")
        } else {
            match std::fs::read_to_string(path) {
                Ok(text) => return self.insert(key, name, text.trim_end().to_owned()),
                Err(error) => format!("{path} cannot be read: {error}"),
            }
        };
        self.faults.push(Fault { place: name, key: key.to_owned(), message });
    }

    fn unknown_variable(&mut self, name: String, known: &[(String, &'static str)]) {
        let mut names: Vec<String> = known.iter().map(|(name, _)| name.clone()).collect();
        names.push(MASTER_KEY.to_owned());
        let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let near = nearest(&name, &lower).map(str::to_ascii_uppercase);
        let message = match near {
            Some(near) => format!("unknown variable; did you mean {near}?"),
            None => "unknown variable; settings are CONSENTRY_SECTION__KEY".to_owned(),
        };
        self.faults.push(Fault { place: name, key: String::new(), message });
    }
}

/// How a key is spelled in the environment: `server.listen` is `CONSENTRY_SERVER__LISTEN`.
fn variable(key: &str) -> String {
    format!("CONSENTRY_{}", key.replace('.', "__").to_ascii_uppercase())
}

/// Variables that begin like ours but are somebody else's or have a reader of their own.
fn is_not_ours(name: &str) -> bool {
    // Kubernetes gives these to every pod beside a service named `consentry`.
    let service_links = ["CONSENTRY_SERVICE_", "CONSENTRY_PORT"];
    name == MASTER_KEY
        || name.starts_with("CONSENTRY_TEST_")
        || name == "CONSENTRY_REQUIRE_POSTGRES"
        || service_links.iter().any(|start| name.starts_with(start))
}
