//! The database URL, in the forms of PostgreSQL's own tools, with the TLS settings that the driver does not know.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

use crate::Fault;

const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
/// A server that is gone is noticed after this long.
const DEAD_PEER: Duration = Duration::from_secs(5);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

/// Where the database is and how its certificate is checked.
#[derive(Debug)]
pub(super) struct Options {
    config: Config,
    /// Whether the server must prove who it is.
    pub(super) verify: bool,
    /// The authorities that may vouch for it; none: the ones that browsers trust.
    pub(super) root_certificates: Option<PathBuf>,
}

/// The two settings that are taken out of the text before the driver reads it.
#[derive(Default)]
struct Tls {
    mode: Option<String>,
    root_certificates: Option<String>,
}

impl Options {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let (text, tls) = if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            take_from_url(text)
        } else {
            take_from_pairs(text)?
        };
        let mut config = Config::from_str(&text).map_err(|error| unusable(&error_text(&error)))?;
        let root_certificates = tls.root_certificates.filter(|file| file != "system");
        let verify = set_mode(&mut config, tls.mode.as_deref())? || root_certificates.is_some();
        set_defaults(&mut config);
        Ok(Self { config, verify, root_certificates: root_certificates.map(PathBuf::from) })
    }

    pub(super) const fn config(&self) -> &Config {
        &self.config
    }
}

/// Sets what the driver understands of `sslmode`, and returns whether the server must be verified.
fn set_mode(config: &mut Config, mode: Option<&str>) -> Result<bool, Fault> {
    let (mode, verify) = match mode {
        None | Some("prefer" | "allow") => (SslMode::Prefer, false),
        Some("disable") => (SslMode::Disable, false),
        Some("require") => (SslMode::Require, false),
        Some("verify-full" | "verify-ca") => (SslMode::Require, true),
        Some(other) => {
            return Err(unusable(&format!(
                "sslmode {other} is unknown: use disable, prefer, require or verify-full"
            )));
        }
    };
    config.ssl_mode(mode);
    Ok(verify)
}

fn set_defaults(config: &mut Config) {
    if config.get_application_name().is_none() {
        config.application_name("consentry");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_PATIENCE);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(DEAD_PEER);
    }
    config.keepalives_idle(KEEPALIVE_IDLE.min(config.get_keepalives_idle()));
    // Of several hosts the one that takes writes: authorization state is never read from a replica.
    let several = config.get_hosts().len() > 1;
    if several && config.get_target_session_attrs() == TargetSessionAttrs::Any {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

fn take_from_url(url: &str) -> (String, Tls) {
    let mut tls = Tls::default();
    let Some((place, query)) = url.split_once('?') else { return (url.to_owned(), tls) };
    let kept = query.split('&').filter(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        !tls.take(name, &percent_decoded(value))
    });
    let kept = kept.collect::<Vec<_>>().join("&");
    (format!("{place}?{kept}").trim_end_matches('?').to_owned(), tls)
}

/// Reads `name = value` and `name = 'quoted value'`, as libpq does.
fn take_from_pairs(text: &str) -> Result<(String, Tls), Fault> {
    let mut tls = Tls::default();
    let mut kept = String::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').ok_or_else(|| unusable("a setting has no `=`"))?;
        let after = after.trim_start();
        let end = value_end(after).ok_or_else(|| unusable("a quote stays open"))?;
        let (value, next) = after.split_at(end);
        if !tls.take(name.trim(), &unquoted(value)) {
            kept.extend([name.trim(), "=", value, " "]);
        }
        rest = next.trim_start();
    }
    Ok((kept, tls))
}

impl Tls {
    fn take(&mut self, name: &str, value: &str) -> bool {
        let place = match name {
            "sslmode" => &mut self.mode,
            "sslrootcert" => &mut self.root_certificates,
            _ => return false,
        };
        *place = Some(value.to_owned());
        true
    }
}

/// Where a value ends: at a space, or behind its closing quote.
fn value_end(text: &str) -> Option<usize> {
    let quoted = text.starts_with('\'');
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        let closes =
            if quoted { character == '\'' && index > 0 } else { character.is_whitespace() };
        if closes && !escaped {
            return Some(index + usize::from(quoted));
        }
        escaped = character == '\\' && !escaped;
    }
    (!quoted).then_some(text.len())
}

fn unquoted(value: &str) -> String {
    let inner = value.strip_prefix('\'').and_then(|value| value.strip_suffix('\''));
    let mut characters = inner.unwrap_or(value).chars();
    let mut text = String::new();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    text
}

fn percent_decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        let decoded = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn error_text(error: &tokio_postgres::Error) -> String {
    use std::error::Error as _;
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

fn unusable(problem: &str) -> Fault {
    Fault::Setting(format!("the database URL cannot be used: {problem}"))
}

#[cfg(test)]
mod tests {
    use super::{Options, SslMode, TargetSessionAttrs};

    #[test]
    fn both_forms_carry_the_tls_settings() {
        for text in [
            "postgres://a:b@one.example:5432,two.example/db?sslmode=verify-full&sslrootcert=%2Ftmp%2Froot%20ca.pem",
            "host = one.example,two.example port=5432 user=a password='b \\' c' dbname=db sslmode=verify-full sslrootcert='/tmp/root ca.pem'",
        ] {
            let options = Options::parse(text).expect("understood");
            assert!(options.verify);
            assert_eq!(options.config.get_ssl_mode(), SslMode::Require);
            assert_eq!(options.config.get_hosts().len(), 2);
            assert_eq!(options.config.get_dbname(), Some("db"));
            assert_eq!(
                options.root_certificates.as_deref(),
                Some(std::path::Path::new("/tmp/root ca.pem"))
            );
            assert_eq!(options.config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
        }
    }

    #[test]
    fn the_modes_mean_what_libpq_says() {
        for (mode, ssl, verify) in [
            ("disable", SslMode::Disable, false),
            ("prefer", SslMode::Prefer, false),
            ("require", SslMode::Require, false),
            ("verify-full", SslMode::Require, true),
        ] {
            let options = Options::parse(&format!("host=a sslmode={mode}")).expect("understood");
            assert_eq!((options.config.get_ssl_mode(), options.verify), (ssl, verify), "{mode}");
        }
        let options = Options::parse("host=a sslmode=require sslrootcert=/x").expect("understood");
        assert!(options.verify, "a root certificate asks for verification");
    }

    #[test]
    fn an_unusable_url_is_told_without_its_password() {
        for text in [
            "postgres://a:hunter2@h/db?sslmode=never",
            "host=h password=hunter2 colour=red",
            "hunter2",
        ] {
            let message = Options::parse(text).expect_err("refused").to_string();
            assert!(message.starts_with("the database URL cannot be used: "), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
