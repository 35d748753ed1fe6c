//! Consentry on a database of its own, with the people of the seed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::affinity;
use crate::cast::{CLIENT_ID, CLIENT_SECRET, SEED};
use crate::database::{Engine, MadeDatabase};
use crate::exchange::exchange;
use crate::load::work;
use crate::measure::Measurable;
use crate::request::Request;
use crate::server::{Server, free_address};

/// What is asked until it answers 200: it needs the database.
const READY: &str = "/.well-known/jwks.json";

/// The running product.
pub(crate) struct Product {
    /// Where it answers.
    pub(crate) server: Server,
    /// Where it answers operators.
    pub(crate) management: SocketAddr,
    place: Place,
}

/// Where a product lives, whether it runs or not.
pub(crate) struct Place {
    /// The database; none: SQLite, in the folder.
    pub(crate) database: Option<MadeDatabase>,
    program: PathBuf,
    address: SocketAddr,
    folder: TempDir,
}

impl Place {
    /// An empty database with the people of the seed in it.
    pub(crate) fn seeded(engine: &Engine, program: &Path) -> anyhow::Result<Self> {
        Self::seeded_for("product", engine, program)
    }

    /// The same, one of several.
    pub(crate) fn seeded_for(
        purpose: &str,
        engine: &Engine,
        program: &Path,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("bench-").tempdir()?;
        let database = engine.make(purpose)?;
        let program = program.canonicalize().with_context(|| {
            format!("no server at {}: build it first, or name it with --server", program.display())
        })?;
        let place = Self { database, program, address: free_address()?, folder };
        let seed = place.folder.path().join("seed.toml");
        std::fs::write(&seed, SEED)?;
        place.run("apply", &[&seed.to_string_lossy()])?;
        Ok(place)
    }

    /// Runs a command of the product on this database.
    fn run(&self, command: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let mut program = Command::new(&self.program);
        program.arg(command).args(arguments).args(self.settings());
        let output = program.current_dir(self.folder.path()).output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Starts the server on its core.
    pub(crate) fn serve(self) -> anyhow::Result<Product> {
        let management = free_address()?;
        let command = affinity::on_core(affinity::cores().server, &self.program);
        let server = self.start(command, (self.address, management), "log")?;
        Ok(Product { server, management, place: self })
    }

    fn start(
        &self,
        mut command: Command,
        (address, management): (SocketAddr, SocketAddr),
        log: &str,
    ) -> anyhow::Result<Server> {
        command.arg("serve").args(self.settings()).current_dir(self.folder.path());
        command.args(["--listen", &address.to_string()]);
        command.args(["--management-listen", &management.to_string()]);
        command.stderr(std::fs::File::create(self.folder.path().join(log))?);
        Server::start(command, address, (&self.address.to_string(), READY))
    }

    fn settings(&self) -> Vec<String> {
        let data = self.folder.path().join("data").to_string_lossy().into_owned();
        let origin = format!("http://{}", self.address);
        let mut settings = vec!["--data-dir".to_owned(), data, "--public-url".to_owned(), origin];
        if let Some(database) = &self.database {
            settings.extend(["--database-url".to_owned(), database.url.clone()]);
        }
        settings
    }
}

impl Place {
    /// The file of the SQLite database.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("data").join("consentry.db")
    }

    /// Leaves it where it is; how it is served.
    pub(crate) fn keep(self) -> String {
        let command = format!("{} serve {}", self.program.display(), self.settings().join(" "));
        let _ = self.folder.keep();
        self.database.into_iter().for_each(std::mem::forget);
        command
    }
}

impl Product {
    /// Stops it; its database stays.
    pub(crate) fn stop(self) -> anyhow::Result<Place> {
        self.server.stop()?;
        Ok(self.place)
    }

    /// What is measured.
    pub(crate) fn measurable(&self) -> Measurable<'_> {
        Measurable { server: &self.server, database: self.place.database.as_ref() }
    }

    /// Starts another node on the same database, on the other core.
    pub(crate) fn join(&self) -> anyhow::Result<Server> {
        let address = free_address()?;
        let command = affinity::on_core(affinity::cores().load, &self.place.program);
        self.place.start(command, (address, free_address()?), &format!("log of {address}"))
    }

    /// The host that requests name.
    pub(crate) fn host(&self) -> String {
        self.server.address.to_string()
    }

    /// A GET.
    pub(crate) fn get(&self, path: &str) -> Request {
        Request::get(&self.host(), path)
    }

    /// A POST of the client.
    pub(crate) fn post(&self, path: &str) -> Request {
        Request::post(&self.host(), path).basic((CLIENT_ID, CLIENT_SECRET))
    }

    /// A token request of the client for itself.
    pub(crate) fn client_credentials(&self, resource: Option<&str>) -> Request {
        let mut fields = vec![("grant_type", "client_credentials"), ("scope", "read")];
        fields.extend(resource.map(|resource| ("resource", resource)));
        self.post("/oauth/tokens").form(&fields)
    }

    /// A new access token of the client for itself.
    pub(crate) fn access_token(&self) -> anyhow::Result<String> {
        let request = self.client_credentials(None);
        let answer = exchange(self.server.address, &request)?.expect(200)?;
        work::member(answer.body.as_bytes(), "access_token").context("a token was expected")
    }
}
