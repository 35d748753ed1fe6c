//! What can be typed after `bench`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::case::Case;
use crate::database::Engine;
use crate::seed::Crowd;

/// Measures Consentry against what this machine can do in the same minutes
#[derive(Debug, Parser)]
#[command(name = "bench", subcommand_required = true)]
pub(crate) struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Measure every path beside its limit
    Run(RunArguments),
    /// Measure the limits alone
    Limits(RunArguments),
    /// Ask for more than can be answered, and see how the server gets over it
    Overload(OverloadArguments),
    /// Make a large database that stays, and print how it is served
    Seed {
        #[command(flatten)]
        subject: Subject,
        #[command(flatten)]
        crowd: Crowd,
    },
    /// Compare every path in a small and in a large database
    Growth(GrowthArguments),
    /// Compare what a request costs one node and several, on one PostgreSQL
    Nodes(NodesArguments),
    /// Serve the limit: the least honest work of each endpoint, told by the variables `BIND`, `DB`, `SYNC`, `PG` and `SEED_FILE`
    Reference,
    /// Hash passwords on this core, and print how many a second
    #[command(hide = true)]
    Hashing {
        /// For so long
        #[arg(long, value_parser = seconds)]
        seconds: Duration,
    },
}

/// What every measurement needs to know.
#[derive(Debug, Args)]
pub(crate) struct Subject {
    /// `sqlite`, or the URL of a PostgreSQL database beside which others can be made
    #[arg(long, default_value = "sqlite", value_parser = Engine::parse)]
    pub(crate) database: Engine,
    /// The server's program; the one beside this program, unless it is named
    #[arg(long, default_value_os_t = beside("consentry"), hide_default_value = true, value_name = "FILE")]
    pub(crate) server: PathBuf,
}

impl Subject {
    /// What to type for figures of the same kind.
    pub(crate) fn command(&self, name: &str) -> String {
        let database = match &self.database {
            Engine::Sqlite => "sqlite",
            Engine::Postgres(_) => "postgres://…",
        };
        format!("cargo run --release -p bench -- {name} --database {database}")
    }
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// A program that serves the limit in the place of the reference
    #[arg(long, value_name = "FILE")]
    pub(crate) probe: Option<PathBuf>,
    /// The paths to measure; all of them unless some are named
    #[arg(long = "scenario", value_delimiter = ',', value_enum)]
    pub(crate) scenarios: Vec<Case>,
    /// Numbers of connections
    #[arg(long, value_delimiter = ',', default_value = "16,64", value_parser = connections)]
    pub(crate) connections: Vec<usize>,
    /// How long each measurement lasts
    #[arg(long, default_value = "3", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// How often limit and product take turns; figures are medians
    #[arg(long, default_value_t = 3)]
    pub(crate) repeats: usize,
    /// Write everything that was measured to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Put the tables into this page
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
}

/// Arguments of `overload`.
#[derive(Debug, Args)]
pub(crate) struct OverloadArguments {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// The path that is asked for
    #[arg(long, value_enum, default_value = "opaque")]
    pub(crate) scenario: Case,
    /// How many times its capacity
    #[arg(long, default_value_t = 5.0)]
    pub(crate) factor: f64,
    /// For how long
    #[arg(long, default_value = "60", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Connections that requests come on
    #[arg(long, default_value_t = 1_024, value_parser = connections)]
    pub(crate) connections: usize,
    /// Put the table into this page
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
}

/// Arguments of `growth`.
#[derive(Debug, Args)]
pub(crate) struct GrowthArguments {
    #[command(flatten)]
    pub(crate) subject: Subject,
    #[command(flatten)]
    pub(crate) crowd: Crowd,
    /// Connections
    #[arg(long, default_value_t = 16, value_parser = connections)]
    pub(crate) connections: usize,
    /// How long each measurement lasts
    #[arg(long, default_value = "3", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// How often small and large take turns; figures are medians
    #[arg(long, default_value_t = 3)]
    pub(crate) repeats: usize,
    /// Put the table into this page
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
}

/// Arguments of `nodes`.
#[derive(Debug, Args)]
pub(crate) struct NodesArguments {
    #[command(flatten)]
    pub(crate) subject: Subject,
    /// How many nodes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=16))]
    pub(crate) nodes: u8,
    /// Connections to each node
    #[arg(long, default_value_t = 16, value_parser = connections)]
    pub(crate) connections: usize,
    /// How long each measurement lasts
    #[arg(long, default_value = "3", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// How often one and several take turns; figures are medians
    #[arg(long, default_value_t = 5)]
    pub(crate) repeats: usize,
    /// Put the table into this page
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
}

/// Another program of the same build.
fn beside(name: &str) -> PathBuf {
    std::env::current_exe().unwrap_or_default().with_file_name(name)
}

fn connections(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("expected a number of connections, one at least".to_owned()),
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(seconds) if seconds > 0.0 => {
            Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
        }
        _ => Err("expected a number of seconds, more than none".to_owned()),
    }
}
