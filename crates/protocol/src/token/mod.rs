//! The token endpoint (RFC 6749 §3.2, §5): authenticate the client, judge the grant, issue.

mod authorization_code;
mod client_credentials;
mod create;
mod issue;
mod lifetimes;
mod refresh_token;
mod refused;
mod scope;

use domain::{Account, GrantType};
use store::{Decision, Failure, HotWrite};
use wire::{GrantRequest, TokenRequest, TokenResponse};

pub use create::{NewToken, NewTokenRefused, create};
pub use refused::TokenRefused;
pub(crate) use refused::client_code;

use crate::client_authentication::{self, AuthenticatedClient, Caller, StandIn};
use crate::context::Context;
use lifetimes::AskedLifetimes;

/// What a request asks for, beside its grant.
struct Asked {
    scope: Option<String>,
    resources: Vec<String>,
    lifetimes: AskedLifetimes,
}

/// Answers a token request. The order of checks is the order of the Zendesk wire (§6.7).
pub async fn exchange(
    ctx: &Context,
    account: &Account,
    caller: &Caller,
    request: TokenRequest,
) -> Decision<TokenResponse, TokenRefused> {
    let grant_type = request.grant_type().ok_or(refuse(TokenRefused::GrantTypeUnsupported))?;
    // Before the client is authenticated: who is turned away costs next to nothing.
    if let Some(write) = hot_write(&request.grant) {
        ctx.store.require_room(write)?;
    }
    let stand_in = stand_in(&request.grant);
    let authenticated =
        client_authentication::authenticate(ctx, account, caller, request.credentials, stand_in)
            .await
            .map_err(|failure| failure.map_refused(TokenRefused::Client))?;
    if !authenticated.client.allows_grant_type(grant_type) {
        return Err(refuse(TokenRefused::GrantTypeNotAllowed));
    }
    let presented = Presented::require(request.grant).map_err(refuse)?;
    let lifetimes = AskedLifetimes::judge(
        &ctx.policy,
        grant_type,
        request.expires_in.as_ref(),
        request.refresh_token_expires_in.as_ref(),
    );
    let asked = Asked {
        scope: request.scope,
        resources: request.resources,
        lifetimes: lifetimes.map_err(refuse)?,
    };
    match presented {
        Presented::Code(claim) => {
            authorization_code::redeem(ctx, account, &authenticated, claim, &asked).await
        }
        Presented::RefreshToken(token) => {
            refresh_token::rotate(ctx, account, &authenticated, token, &asked).await
        }
        Presented::Nothing => client_credentials::grant(ctx, account, &authenticated, &asked).await,
    }
}

fn refuse(refused: TokenRefused) -> Failure<TokenRefused> {
    Failure::Refused(refused)
}

/// What storing the tokens of a grant takes.
const fn hot_write(grant: &GrantRequest) -> Option<HotWrite> {
    match grant {
        GrantRequest::AuthorizationCode(_) => Some(HotWrite::Redemption),
        GrantRequest::RefreshToken { .. } => Some(HotWrite::Rotation),
        // Whether a row is written is not known yet, and nothing is read for it.
        GrantRequest::ClientCredentials | GrantRequest::Unsupported => None,
    }
}

/// What a client of kind `unknown` may bring in place of its secret.
fn stand_in(grant: &GrantRequest) -> StandIn {
    match grant {
        GrantRequest::AuthorizationCode(claim) if claim.code_verifier.is_some() => {
            StandIn::Possession
        }
        GrantRequest::RefreshToken { .. } => StandIn::Possession,
        _ => StandIn::None,
    }
}

/// The grant with the values it cannot do without.
enum Presented {
    Code(authorization_code::Claim),
    RefreshToken(domain::Secret),
    Nothing,
}

impl Presented {
    fn require(grant: GrantRequest) -> Result<Self, TokenRefused> {
        match grant {
            GrantRequest::AuthorizationCode(claim) => {
                let code = claim.code.ok_or(TokenRefused::CodeMissing)?;
                Ok(Self::Code(authorization_code::Claim {
                    code,
                    redirect_uri: claim.redirect_uri,
                    code_verifier: claim.code_verifier,
                }))
            }
            GrantRequest::RefreshToken { refresh_token } => {
                refresh_token.map(Self::RefreshToken).ok_or(TokenRefused::RefreshTokenMissing)
            }
            GrantRequest::ClientCredentials => Ok(Self::Nothing),
            GrantRequest::Unsupported => Err(TokenRefused::GrantTypeUnsupported),
        }
    }
}

/// Every grant type by its name, for metrics.
pub fn grant_type_label(request: &TokenRequest) -> &'static str {
    request.grant_type().map_or("unsupported", GrantType::as_str)
}

impl AuthenticatedClient {
    /// Whether a code, token or family is this client's.
    fn owns(&self, client_id: domain::ClientId) -> bool {
        self.client.id == client_id
    }
}
