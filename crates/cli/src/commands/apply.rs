//! `apply FILE`.

use domain::Secret;
use protocol::apply::{self, Mode, Report};
use serde_json::json;
use store::Failure;

use super::Call;
use crate::arguments::ApplyArguments;
use crate::exit::Refusal;
use crate::output::{Format, Rows, say};
use crate::seed::Seed;
use crate::startup::{self, Missing};

const COLUMNS: [&str; 6] = ["name", "noun", "account", "action", "changes", "secret"];

/// Does what was asked.
pub(super) async fn run(call: &Call, arguments: ApplyArguments) -> anyhow::Result<()> {
    let settings = call.quiet_settings(arguments.flags())?;
    let local = settings.server.local_url("localhost", settings.server.listen.port());
    let origin = settings.server.public_url.as_ref().map_or(local.as_str(), |url| url.as_str());
    let seed = Seed::load(&arguments.file, origin).map_err(Refusal::invalid)?;
    let (mode, missing) = if arguments.dry_run {
        (Mode::DryRun, Missing::Refuse)
    } else {
        (Mode::Apply, Missing::Make)
    };
    let ctx = startup::open(&settings, missing).await?;
    let report = apply_seed(&ctx, &seed, mode).await?;
    summarise(&report, mode);
    if call.format == Format::Id {
        tell_secrets(&report);
    }
    Ok(rows(&report).print(call.format)?)
}

/// Applies a seed; its faults bear the lines of the file.
pub(super) async fn apply_seed(
    ctx: &protocol::Context,
    seed: &Seed,
    mode: Mode,
) -> anyhow::Result<Report> {
    apply::apply(ctx, &seed.declaration, mode).await.map_err(|failure| match failure {
        Failure::Refused(faults) => Refusal::invalid(seed.locate(faults)).into(),
        Failure::Fault(fault) => fault.into(),
    })
}

fn rows(report: &Report) -> Rows {
    let rows = report.changes.iter().map(|change| {
        vec![
            json!(change.name),
            json!(change.noun),
            json!(change.account),
            json!(change.verb.as_str()),
            json!(change.differences),
            json!(change.made_secret.as_ref().map(Secret::expose)),
        ]
    });
    Rows::list(&COLUMNS, rows.collect())
}

/// Where only names are printed, secrets are told beside them: nobody can ask for them again.
fn tell_secrets(report: &Report) {
    for change in &report.changes {
        if let Some(secret) = &change.made_secret {
            say(&format!("{} {}: {}", change.noun, change.name, secret.expose()));
        }
    }
}

fn summarise(report: &Report, mode: Mode) {
    if report.changes.iter().any(|change| change.made_secret.is_some()) {
        say("the secrets that were made are shown this once");
    }
    match (mode, report.is_empty()) {
        (_, true) => say("everything is as declared already"),
        (Mode::DryRun, false) => say("nothing was changed: this is the plan"),
        (Mode::Apply, false) => {}
    }
}
