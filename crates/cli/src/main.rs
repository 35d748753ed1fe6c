//! The `consentry` command: settings, commands, exit codes. Rules live elsewhere.

mod arguments;
mod commands;
mod document;
mod exit;
mod log;
mod master_key;
mod output;
mod secret_file;
mod seed;
mod server;
mod settings;
mod startup;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match Box::pin(commands::run(arguments)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if exit::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            for line in format!("{error:#}").lines() {
                output::say(&format!("error: {line}"));
            }
            ExitCode::from(exit::code(&error) as u8)
        }
    }
}
