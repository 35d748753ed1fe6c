//! The process that says what the machine can do: the reference, or a program in its place.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;
use tempfile::TempDir;

use crate::affinity;
use crate::cast::{CLIENT_ID, CLIENT_SECRET};
use crate::database::{Engine, MadeDatabase, execute};
use crate::exchange::exchange;
use crate::load::{Expected, Work, work};
use crate::measure::Measurable;
use crate::reference;
use crate::request::Request;
use crate::server::{Server, free_address};

/// Tokens that are introspected in turn.
const POOL: usize = 400;

/// What it can be asked for, with the names of a table.
pub(crate) const ASKS: [(Ask, &str); 7] = [
    (Ask::Hello, "hello"),
    (Ask::Signed("eddsa"), "a token signed with EdDSA"),
    (Ask::Signed("es256"), "a token signed with ES256"),
    (Ask::Signed("rs256"), "a token signed with RS256"),
    (Ask::Opaque, "a row on disk"),
    (Ask::Introspection, "a row read"),
    (Ask::Rotation, "a rotation"),
];

/// The running reference.
pub(crate) struct Limit {
    server: Server,
    database: Option<MadeDatabase>,
    place: &'static str,
    seeds: Vec<String>,
    _folder: TempDir,
}

/// What it can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A constant of a few bytes.
    Hello,
    /// A token signed with this algorithm, as the path calls it.
    Signed(&'static str),
    /// A token with a row on disk.
    Opaque,
    /// One read of a row.
    Introspection,
    /// A rotation.
    Rotation,
}

impl Limit {
    /// Starts it with its own database.
    pub(crate) fn start(engine: &Engine, program: Option<&PathBuf>) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("bench-limit-").tempdir()?;
        let database = engine.make("limit")?;
        if let Some(database) = &database {
            execute(&database.url, reference::POSTGRES_TABLES)?;
        }
        let address = free_address()?;
        let seeds = folder.path().join("refresh_tokens");
        let mut command = started(program)?;
        command.env("BIND", address.to_string()).env("DB", folder.path().join("limit.db"));
        command.env("SYNC", "FULL").env("SEED_FILE", &seeds);
        command.env("CLIENT_ID", CLIENT_ID).env("CLIENT_SECRET", CLIENT_SECRET);
        if let Some(database) = &database {
            command.env("PG", &database.url);
        }
        let server = Server::start(command, address, (&address.to_string(), "/hello"))?;
        let seeds = std::fs::read_to_string(&seeds)?.lines().map(str::to_owned).collect();
        Ok(Self { server, database, place: engine.place(), seeds, _folder: folder })
    }

    /// What is measured.
    pub(crate) fn measurable(&self) -> Measurable<'_> {
        Measurable { server: &self.server, database: self.database.as_ref() }
    }

    /// What it is asked, and what it should answer.
    pub(crate) fn work(
        &mut self,
        ask: Ask,
        connections: usize,
    ) -> anyhow::Result<(Work, Expected)> {
        let cc = |path: String| {
            self.post(&path).form(&[("grant_type", "client_credentials"), ("scope", "read")])
        };
        Ok(match ask {
            Ask::Hello => {
                let hello = Request::get(&self.server.address.to_string(), "/hello");
                (Work::same(&hello), Expected::text("Hello, World!"))
            }
            Ask::Signed(algorithm) => {
                (Work::same(&cc(format!("/token/{algorithm}"))), Expected::text("access_token"))
            }
            Ask::Opaque => {
                let request = cc(format!("/token/{}", self.place));
                (Work::same(&request), Expected::text("access_token"))
            }
            Ask::Introspection => (self.introspections()?, Expected::text("\"active\":true")),
            Ask::Rotation => {
                let left = self.seeds.len().checked_sub(connections);
                let tokens =
                    self.seeds.split_off(left.context("the reference has no tokens left")?);
                let request = self.post(&format!("/rotate/{}", self.place));
                let request = request.body("grant_type=refresh_token&refresh_token=");
                (Work::chains(request, tokens), Expected::text("refresh_token"))
            }
        })
    }

    fn introspections(&self) -> anyhow::Result<Work> {
        let fields = [("grant_type", "client_credentials"), ("scope", "read")];
        let issue = self.post(&format!("/token/{}", self.place)).form(&fields);
        let requests = (0..POOL).map(|_| {
            let answer = exchange(self.server.address, &issue)?.expect(200)?;
            let token = work::member(answer.body.as_bytes(), "access_token");
            let token = token.context("the reference gives a token")?;
            let path = format!("/introspect/{}", self.place);
            Ok(self.post(&path).form(&[("token", &token)]).to_bytes())
        });
        Ok(Work::pool(requests.collect::<anyhow::Result<_>>()?))
    }

    fn post(&self, path: &str) -> Request {
        Request::post(&self.server.address.to_string(), path).basic((CLIENT_ID, CLIENT_SECRET))
    }
}

/// The program on the server's core.
fn started(program: Option<&PathBuf>) -> anyhow::Result<Command> {
    if let Some(program) = program {
        return Ok(affinity::on_server_core(program));
    }
    let mut command = affinity::on_server_core(std::env::current_exe()?);
    command.arg("reference");
    Ok(command)
}
