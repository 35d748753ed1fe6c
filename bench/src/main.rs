//! Measures Consentry against what this machine can do in the same minutes.
//!
//! It starts the server on a database of its own, signs people in, and asks over HTTP as anybody would; it knows nothing
//! of the server's insides. Beside it runs the reference, which does the least honest work of each endpoint.

mod affinity;
mod arguments;
mod browser;
mod bulk;
mod case;
mod cast;
mod clock;
mod contest;
mod database;
mod exchange;
mod growth;
mod hashing;
mod histogram;
mod limit;
mod limits;
mod load;
mod measure;
mod nodes;
mod overload;
mod people;
mod procfs;
mod product;
mod reference;
mod report;
mod request;
mod run;
mod seed;
mod server;
mod storm;
mod talk;
mod witness;

use clap::Parser as _;

use arguments::{Arguments, Command};

/// What the product uses too, so that the reference of the same build is as quick as can be.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Overload(arguments) => overload::run(&arguments),
        Command::Seed { subject, crowd } => growth::seed(&subject, &crowd),
        Command::Growth(arguments) => growth::run(&arguments),
        Command::Nodes(arguments) => nodes::run(&arguments),
        Command::Limits(arguments) => limits::run(&arguments),
        Command::Reference => reference::run(),
        Command::Hashing { seconds } => hashing::run(seconds),
    }
}
