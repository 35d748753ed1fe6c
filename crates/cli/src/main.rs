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

use std::io;
use std::num::NonZero;
use std::process::ExitCode;
use std::thread::available_parallelism;

use clap::Parser as _;
use tokio::runtime::{Builder, Runtime};

use crate::arguments::Arguments;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = runtime().expect("the system lets a process start threads and wait for events");
    match runtime.block_on(Box::pin(commands::run(arguments))) {
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

/// One thread where there is one processor: work that is handed from thread to thread would only cost there.
fn runtime() -> io::Result<Runtime> {
    let processors = available_parallelism().map_or(1, NonZero::get);
    let mut builder =
        if processors == 1 { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    builder.enable_all().build()
}
