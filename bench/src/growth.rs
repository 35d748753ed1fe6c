//! `bench growth`: what the same request costs among a thousand of everything, and among a million.
//!
//! Both servers run at the same time and are asked by turns. Clients are spread evenly over all that there are: as many of
//! them as the small database has, and then more than the server remembers.

use std::fmt::Write as _;

use anyhow::Context as _;

use crate::affinity;
use crate::arguments::GrowthArguments;
use crate::bulk::Bulk;
use crate::case::Case;
use crate::cast::CLIENT_SECRET;
use crate::exchange::exchange;
use crate::load::{Expected, Work, work};
use crate::measure::{Load, Measured, median};
use crate::people::User;
use crate::procfs::Process;
use crate::product::{Place, Product};
use crate::report::write_page;
use crate::request::Request;
use crate::seed::Crowd;
use crate::talk::{print, say};

/// Clients that ask: as many as the small database has.
const FEW: i64 = 1_000;

/// More than the server remembers.
const MANY: i64 = 20_000;

/// How many times as long anything may take.
const GOAL: f64 = 1.3;

/// Does what was asked.
pub(crate) fn run(arguments: &GrowthArguments) -> anyhow::Result<()> {
    affinity::pin(Process::own(), affinity::cores().load)?;
    let small = Inhabited::make(arguments, &Crowd::SMALL, "small")?;
    let large = Inhabited::make(arguments, &arguments.crowd, "large")?;
    let engine = arguments.subject.database.title();
    let mut text = format!(
        "{engine}: {} bytes on disk for each live token, indexes included\n\n\
         | {engine}, p50 in µs | small | large | ratio | large, {MANY} clients ask | ratio | goal |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
        large.bytes_per_token
    );
    print(&text)?;
    let mut bad = 0;
    for case in Case::ALL {
        let line = Comparison { arguments, case, small: &small, large: &large }.line(&mut bad)?;
        print(&line)?;
        text.push_str(&line);
    }
    if let Some(page) = &arguments.markdown {
        let command = arguments.subject.command("growth");
        write_page(page, &format!("{engine}, growth"), &command, &text)?;
    }
    anyhow::ensure!(bad == 0, "{bad} replies were not as expected");
    Ok(())
}

/// A running server with a crowd in its database.
struct Inhabited {
    product: Product,
    user: User,
    clients: i64,
    bytes_per_token: i64,
}

impl Inhabited {
    fn make(arguments: &GrowthArguments, crowd: &Crowd, purpose: &str) -> anyhow::Result<Self> {
        let subject = &arguments.subject;
        let place = Place::seeded_for(purpose, &subject.database, &subject.server)?;
        let (place, bytes_per_token) = inhabit(place, crowd)?;
        let product = place.serve()?;
        let user = User::arrive(&product)?;
        Ok(Self { product, user, clients: crowd.clients, bytes_per_token })
    }
}

/// Fills a database, with rows that the real flow made as a pattern.
pub(crate) fn inhabit(place: Place, crowd: &Crowd) -> anyhow::Result<(Place, i64)> {
    let product = place.serve()?;
    User::arrive(&product)?.refresh_tokens(&product, 1)?;
    let place = product.stop()?;
    let bulk = match &place.database {
        Some(database) => Bulk::Postgres(database.url.clone()),
        None => Bulk::open_file(&place.file())?,
    };
    let bytes_per_token = crowd.settle_in(&bulk)?;
    say(&format!("{crowd:?} are in, {bytes_per_token} bytes a token"))?;
    Ok((place, bytes_per_token))
}

/// One path in both databases.
struct Comparison<'c> {
    arguments: &'c GrowthArguments,
    case: Case,
    small: &'c Inhabited,
    large: &'c Inhabited,
}

impl<'c> Comparison<'c> {
    fn line(&self, bad: &mut u64) -> anyhow::Result<String> {
        let mut sides = vec![self.side(self.small, FEW)?, self.side(self.large, FEW)?];
        let is_spread = sides.iter().all(|side| side.spread.is_some());
        if is_spread {
            sides.push(self.side(self.large, MANY)?);
        }
        let mut turns = Vec::new();
        for _ in 0..self.arguments.repeats.max(1) {
            let measured = sides.iter_mut().map(|side| self.measure(side));
            let turn = measured.collect::<anyhow::Result<Vec<_>>>()?;
            *bad += turn.iter().map(|measured| measured.bad).sum::<u64>();
            for said in turn.iter().filter_map(|measured| measured.first_bad.as_ref()) {
                say(said)?;
            }
            turns.push(turn.iter().map(|measured| measured.p50_us).collect::<Vec<_>>());
        }
        let middle = |index: usize| median(turns.iter().map(|turn| turn[index]).collect());
        let ratio = |index: usize| median(turns.iter().map(|turn| turn[index] / turn[0]).collect());
        let mut line = String::new();
        write!(
            line,
            "| {} | {:.0} | {:.0} | {:.2} |",
            self.case.title(),
            middle(0),
            middle(1),
            ratio(1)
        )?;
        if is_spread {
            write!(line, " {:.0} | {:.2} |", middle(2), ratio(2))?;
        } else {
            line.push_str(" | |");
        }
        writeln!(line, " {GOAL} |")?;
        Ok(line)
    }

    fn side(&self, place: &'c Inhabited, clients: i64) -> anyhow::Result<Side<'c>> {
        Ok(Side { place, spread: spread(self.case, place, clients)? })
    }

    fn measure(&self, side: &mut Side<'_>) -> anyhow::Result<Measured> {
        let Inhabited { product, user, .. } = side.place;
        let connections = self.case.connections(self.arguments.connections);
        let load = Load { connections, span: self.arguments.seconds };
        if let Some((work, expected)) = &mut side.spread {
            return product.measurable().measure(load, work, expected);
        }
        let (mut work, expected) = self.case.work(product, user, connections, load.span)?;
        product.measurable().measure(load, &mut work, &expected)
    }
}

/// One of the databases, and the requests of its clients if there are many who ask.
struct Side<'c> {
    place: &'c Inhabited,
    spread: Option<(Work, Expected)>,
}

/// Requests of many clients, each once in a round.
fn spread(case: Case, place: &Inhabited, clients: i64) -> anyhow::Result<Option<(Work, Expected)>> {
    let resource = match case {
        Case::Eddsa => Some("https://eddsa.bench.test/"),
        Case::Opaque | Case::Introspection => None,
        _ => return Ok(None),
    };
    let count = clients.min(place.clients);
    let names = (0..count).map(|number| Crowd::client(place.clients / count * number));
    let host = place.product.host();
    let mut requests = Vec::new();
    for name in names {
        let mut fields = vec![("grant_type", "client_credentials"), ("scope", "read")];
        fields.extend(resource.map(|resource| ("resource", resource)));
        let post = |path| Request::post(&host, path).basic((&name, CLIENT_SECRET));
        let issue = post("/oauth/tokens").form(&fields);
        if case != Case::Introspection {
            requests.push(issue.to_bytes());
            continue;
        }
        let answer = exchange(place.product.server.address, &issue)?.expect(200)?;
        let token = work::member(answer.body.as_bytes(), "access_token");
        let token = token.context("a token was expected")?;
        requests.push(post("/oauth/tokens/introspect").form(&[("token", &token)]).to_bytes());
    }
    let text = if case == Case::Introspection { "\"active\":true" } else { "\"access_token\":\"" };
    Ok(Some((Work::pool(requests), Expected::text(text))))
}

/// Does what `bench seed` asks: a database that stays.
pub(crate) fn seed(subject: &crate::arguments::Subject, crowd: &Crowd) -> anyhow::Result<()> {
    let place = Place::seeded_for("seeded", &subject.database, &subject.server)?;
    let (place, bytes_per_token) = inhabit(place, crowd)?;
    print(&format!("{bytes_per_token} bytes a token\n{}\n", place.keep()))
}
