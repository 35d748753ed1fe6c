//! The paths that are measured, what each is held against, and what it is to reach.

use std::time::Duration;

use crate::database::Engine;
use crate::limit::Ask;
use crate::load::{Expected, Work};
use crate::people::{self, User};
use crate::product::Product;

/// Tokens that are introspected in turn.
const POOL: usize = 400;

/// More sign-ins at once would be sent away: a short queue is what keeps tokens quick.
const SIGN_INS: usize = 16;

/// A path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Case {
    /// The metadata document
    Discovery,
    /// The public keys
    Jwks,
    /// A JWT for client credentials, EdDSA
    Eddsa,
    /// A JWT for client credentials, ES256
    Es256,
    /// A JWT for client credentials, RS256
    Rs256,
    /// An opaque token for client credentials
    Opaque,
    /// Introspection of an opaque token
    Introspection,
    /// A code for tokens
    Code,
    /// Refresh chains, one on each connection
    Refresh,
    /// Sign-in with a password
    SignIn,
}

/// What a case is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Against {
    /// What the reference does.
    Reference(Ask),
    /// A bare Argon2id hash.
    Argon2,
    /// Nothing: it is told without a ratio.
    Nothing,
}

/// What is to be reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Goal {
    /// The share of the limit.
    pub(crate) ratio: f64,
    /// At so many connections; none: any number.
    pub(crate) connections: Option<usize>,
    /// Whether requests for a second of CPU time are held to it too.
    pub(crate) counts_cpu: bool,
}

impl Case {
    /// All of them, in the order of the table.
    pub(crate) const ALL: [Self; 10] = [
        Self::Discovery,
        Self::Jwks,
        Self::Eddsa,
        Self::Es256,
        Self::Rs256,
        Self::Opaque,
        Self::Introspection,
        Self::Code,
        Self::Refresh,
        Self::SignIn,
    ];

    /// As it stands in the table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Jwks => "JWKS",
            Self::Eddsa => "client credentials, EdDSA",
            Self::Es256 => "client credentials, ES256",
            Self::Rs256 => "client credentials, RS256",
            Self::Opaque => "client credentials, opaque",
            Self::Introspection => "introspection",
            Self::Code => "code exchange",
            Self::Refresh => "refresh chain",
            Self::SignIn => "password sign-in",
        }
    }

    /// What it is held against.
    pub(crate) fn against(self) -> Against {
        Against::Reference(match self {
            Self::Discovery | Self::Jwks | Self::Introspection => Ask::Hello,
            Self::Eddsa => Ask::Signed("eddsa"),
            Self::Es256 => Ask::Signed("es256"),
            Self::Rs256 => Ask::Signed("rs256"),
            Self::Opaque => Ask::Opaque,
            Self::Refresh => Ask::Rotation,
            Self::SignIn => return Against::Argon2,
            Self::Code => return Against::Nothing,
        })
    }

    /// What it is to reach.
    pub(crate) fn goal(self, engine: &Engine) -> Option<Goal> {
        let sqlite = matches!(engine, Engine::Sqlite);
        let (ratio, connections) = match self {
            Self::Discovery | Self::Jwks => (0.80, None),
            Self::Eddsa | Self::Es256 => (0.65, None),
            Self::Rs256 => (0.85, None),
            Self::Opaque => (0.60, Some(64)),
            Self::Introspection => (if sqlite { 0.30 } else { 0.24 }, None),
            Self::Refresh => (0.60, Some(if sqlite { 64 } else { 16 })),
            Self::SignIn => (0.90, None),
            Self::Code => return None,
        };
        Some(Goal { ratio, connections, counts_cpu: self == Self::Opaque })
    }

    /// At how many connections it is measured when so many are asked for.
    pub(crate) fn connections(self, asked: usize) -> usize {
        if self == Self::SignIn { asked.min(SIGN_INS) } else { asked }
    }

    /// What the product is asked, and what it should answer.
    pub(crate) fn work(
        self,
        product: &Product,
        user: &User,
        connections: usize,
        span: Duration,
    ) -> anyhow::Result<(Work, Expected)> {
        let get = |path| Ok((Work::same(&product.get(path)), Expected::text("\"")));
        let client_credentials = |resource| {
            let request = product.client_credentials(resource);
            Ok((Work::same(&request), Expected::text("\"access_token\":\"")))
        };
        match self {
            Self::Discovery => get("/.well-known/openid-configuration"),
            Self::Jwks => get("/.well-known/jwks.json"),
            Self::Eddsa => client_credentials(Some("https://eddsa.bench.test/")),
            Self::Es256 => client_credentials(Some("https://es256.bench.test/")),
            Self::Rs256 => client_credentials(Some("https://rs256.bench.test/")),
            Self::Opaque => client_credentials(None),
            Self::Introspection => {
                let requests =
                    (0..POOL).map(|_| introspection(product)).collect::<Result<_, _>>()?;
                Ok((Work::pool(requests), Expected::text("\"active\":true")))
            }
            Self::Code => {
                let codes = user.redemptions(product, span * 2)?;
                Ok((Work::once(codes), Expected::text("\"refresh_token\":\"")))
            }
            Self::Refresh => {
                let tokens = user.refresh_tokens(product, connections)?;
                let request = product.post("/oauth/tokens");
                let request = request.body("grant_type=refresh_token&refresh_token=");
                Ok((Work::chains(request, tokens), Expected::text("\"refresh_token\":\"")))
            }
            Self::SignIn => {
                let request = people::sign_in(product)?;
                Ok((Work::same(&request), Expected::status(303)))
            }
        }
    }
}

/// A question about a token of its own.
pub(crate) fn introspection(product: &Product) -> anyhow::Result<Vec<u8>> {
    let token = product.access_token()?;
    Ok(product.post("/oauth/tokens/introspect").form(&[("token", &token)]).to_bytes())
}
