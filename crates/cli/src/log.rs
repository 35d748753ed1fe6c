//! Where log lines go: standard error, as text, coloured on a terminal, or JSON. No secret is ever logged by anybody.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::settings::LogSettings;

/// Starts logging from `least` severe on, or as the settings say if they say more than usual.
pub(crate) fn start(settings: &LogSettings, least: &str, color: bool) {
    let level = if settings.level == "info" { least } else { &settings.level };
    let filter = EnvFilter::new(level);
    let color = color && std::io::stderr().is_terminal();
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(color);
    // A second start, as in a test, keeps the first.
    let _ = match settings.format.as_str() {
        "json" => builder.json().try_init(),
        _ => builder.try_init(),
    };
}
