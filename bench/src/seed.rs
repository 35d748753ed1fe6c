//! Many clients, users, grants and tokens at once: copies of the rows that the real flow made, under names and keys of
//! their own, so that whatever the schema demands is in them.

use anyhow::ensure;

use crate::bulk::Bulk;
use crate::clock;

const IDS: &str = include_str!("../sql/seed/ids.sql");
const CLIENT_IDENTIFIERS: &str = include_str!("../sql/seed/client_identifiers.sql");
const CLIENTS: &str = include_str!("../sql/seed/clients.sql");
const CLIENT_SECRETS: &str = include_str!("../sql/seed/client_secrets.sql");
const CLIENT_ORIGINS: &str = include_str!("../sql/seed/client_origins.sql");
const USERS: &str = include_str!("../sql/seed/users.sql");
const GRANTS: &str = include_str!("../sql/seed/grants.sql");
const TOKEN_FAMILIES: &str = include_str!("../sql/seed/token_families.sql");
const TOKENS: &str = include_str!("../sql/seed/tokens.sql");

const TEMPLATE_GRANT: &str = include_str!("../sql/seed/template_grant.sql");
const TEMPLATE_FAMILY: &str = include_str!("../sql/seed/template_family.sql");
const TEMPLATE_TOKEN: &str = include_str!("../sql/seed/template_token.sql");

/// Refresh tokens were issued over this many days, and end over as many: a bucket for each.
const DAYS: i64 = 30;

const DAY_IN_HOURS: i64 = 24;
const HOUR_IN_MILLIS: i64 = 3_600_000;

/// The first client of a million is `bench-100000000`.
const FIRST_NAME: i64 = 100_000_000;

/// How many there are to be.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Crowd {
    /// Clients, each with a secret
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) clients: i64,
    /// Users, each with a password
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) users: i64,
    /// Grants, each with a token family
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) grants: i64,
    /// Tokens that can be refreshed, spread over the grants
    #[arg(long, default_value_t = 10_000_000)]
    pub(crate) tokens: i64,
}

impl Crowd {
    /// As few as make no difference.
    pub(crate) const SMALL: Self =
        Self { clients: 1_000, users: 1_000, grants: 1_000, tokens: 1_000 };

    /// The identifier of one of the clients.
    pub(crate) fn client(number: i64) -> String {
        format!("bench-{}", FIRST_NAME + number)
    }

    /// Makes them; the bytes that each token takes on disk, indexes included.
    pub(crate) fn settle_in(&self, bulk: &Bulk) -> anyhow::Result<i64> {
        ensure!(
            self.grants <= self.clients.max(self.users) && self.grants > 0,
            "a user allows a client once: there are at most as many grants as clients or users"
        );
        let seeding = Seeding::begin(self, bulk)?;
        seeding.people(bulk)?;
        bulk.settle()?;
        let before = bulk.size()?;
        seeding.tokens(bulk)?;
        bulk.settle()?;
        Ok((bulk.size()? - before) / self.tokens.max(1))
    }
}

/// Ids that belong to nobody yet, and the rows that are copied.
struct Seeding {
    crowd: Crowd,
    id: i64,
    grant: i64,
    family: i64,
    token: i64,
}

impl Seeding {
    fn begin(crowd: &Crowd, bulk: &Bulk) -> anyhow::Result<Self> {
        let most = crowd.clients.max(crowd.users).max(crowd.grants);
        let ids = IDS.replace("{count}", &(most * 4 + crowd.tokens).to_string());
        Ok(Self {
            crowd: *crowd,
            id: bulk.number(&ids)?,
            grant: bulk.number(TEMPLATE_GRANT)?,
            family: bulk.number(TEMPLATE_FAMILY)?,
            token: bulk.number(TEMPLATE_TOKEN)?,
        })
    }

    fn people(&self, bulk: &Bulk) -> anyhow::Result<()> {
        let Crowd { clients, users, grants, .. } = self.crowd;
        for (text, count) in [
            (CLIENT_IDENTIFIERS, clients),
            (CLIENTS, clients),
            (CLIENT_SECRETS, clients),
            (CLIENT_ORIGINS, clients),
            (USERS, users),
            (GRANTS, grants),
            (TOKEN_FAMILIES, grants),
        ] {
            bulk.execute(&self.filled(text, 0, count))?;
        }
        Ok(())
    }

    /// A statement for each bucket.
    fn tokens(&self, bulk: &Bulk) -> anyhow::Result<()> {
        let today = clock::now_millis() / HOUR_IN_MILLIS / DAY_IN_HOURS;
        let text = TOKENS.replace("{hash}", bulk.hash());
        for day in 0..DAYS {
            let first = self.crowd.tokens * day / DAYS;
            let count = self.crowd.tokens * (day + 1) / DAYS - first;
            if count == 0 {
                continue;
            }
            let bucket = (today + day + 2) * DAY_IN_HOURS;
            let text = text.replace("{bucket}", &bucket.to_string());
            let text = text.replace("{ends_at}", &(bucket * HOUR_IN_MILLIS - 1).to_string());
            let text = text.replace("{step}", &(i64::MAX / count).to_string());
            bulk.execute(&self.filled(&text, first, count))?;
        }
        Ok(())
    }

    /// A statement with its numbers; nothing else is ever put into one.
    fn filled(&self, text: &str, first: i64, count: i64) -> String {
        let Crowd { clients, users, grants, tokens } = self.crowd;
        let most = clients.max(users).max(grants);
        let numbers = [
            ("first", first),
            ("count", count),
            ("clients", clients),
            ("users", users),
            ("grants", grants),
            ("tokens", tokens),
            ("client_id", self.id),
            ("user_id", self.id + most),
            ("grant_id", self.id + most * 2),
            ("family_id", self.id + most * 3),
            ("grant", self.grant),
            ("family", self.family),
            ("token", self.token),
            ("id", self.id + most * Self::block(text)),
        ];
        let fill = |text: String, (name, number): (&str, i64)| {
            text.replace(&format!("{{{name}}}"), &number.to_string())
        };
        numbers.into_iter().fold(text.to_owned(), fill)
    }

    /// Which ids the rows of a statement take: clients and their secrets have the same numbers in tables of their own.
    fn block(text: &str) -> i64 {
        let table = text.split_whitespace().nth(2).unwrap_or_default();
        match table {
            "users" => 1,
            "grants" => 2,
            "token_families" => 3,
            "tokens" => 4,
            _ => 0,
        }
    }
}
