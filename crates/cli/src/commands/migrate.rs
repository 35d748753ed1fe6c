//! `migrate status|up`.

use serde_json::json;
use store::MigrationState;

use super::Call;
use crate::arguments::MigrateCommand;
use crate::output::{Rows, say};
use crate::startup::{self, Missing};

/// Does what was asked.
pub(super) async fn run(call: &Call, command: MigrateCommand) -> anyhow::Result<()> {
    match command {
        MigrateCommand::Status(data) => {
            let settings = call.quiet_settings(data.flags())?;
            let store = startup::open_store(&settings, Missing::Refuse).await?;
            let status = store.migration_status().await?;
            let rows = status.iter().map(|it| vec![json!(it.name), json!(state(it.state))]);
            Ok(Rows::list(&["name", "state"], rows.collect()).print(call.format)?)
        }
        MigrateCommand::Up(data) => {
            let settings = call.quiet_settings(data.flags())?;
            let store = startup::open_store(&settings, Missing::Make).await?;
            let report = store.migrate().await?;
            let rows: Vec<_> = report.applied.iter().map(|name| vec![json!(name)]).collect();
            say(&format!(
                "{} applied now, {} before",
                report.applied.len(),
                report.already_applied
            ));
            Ok(Rows::list(&["name"], rows).print(call.format)?)
        }
    }
}

const fn state(state: MigrationState) -> &'static str {
    match state {
        MigrationState::Applied => "applied",
        MigrationState::Pending => "pending",
        MigrationState::Changed => "changed",
        MigrationState::Newer => "newer",
    }
}
