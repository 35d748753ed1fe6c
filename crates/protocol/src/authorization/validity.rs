//! What a proven request asks for, and whether it may (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707).

use domain::{
    Account, Client, ClientKind, CodeChallenge, GrantType, Lifetime, PkcePolicy, ScopeSet,
    Timestamp,
};
use serde_json::Value;
use store::Fault;
use wire::{AuthorizationParameters, ClaimsRequest, PresentedSeconds};

use super::expected_user::{self, ExpectedUser};
use super::prompt::{Prompt, Shown};
use super::proof::ProvenRequest;
use super::response::{RedirectRefused, ResponseMode};
use crate::context::Context;
use crate::{authentication_context, requested_claims, resources};

/// A request that may be granted if the user agrees.
pub(super) struct ValidRequest {
    /// What the user is asked for: the recognised scopes, and those that hold the claims asked for one
    /// by one, within the client's ceiling.
    pub(super) scopes: ScopeSet,
    /// Everything the request named, unknown names included.
    pub(super) requested_scopes: ScopeSet,
    /// The resource identifiers asked for.
    pub(super) resources: Vec<String>,
    pub(super) code_challenge: Option<CodeChallenge>,
    pub(super) nonce: Option<String>,
    /// The claims asked for one by one (OpenID Connect Core 1.0 §5.5).
    pub(super) claims: ClaimsRequest,
    pub(super) prompt: Prompt,
    max_age: Option<Lifetime>,
    expected_user: ExpectedUser,
}

/// Who is signed in.
pub(super) struct Present<'a> {
    /// Since when.
    pub(super) auth_time: Timestamp,
    /// The `sub` by which the client knows him.
    pub(super) subject: &'a str,
}

/// Whether the request can be answered for who is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It can.
    Fits,
    /// He, or somebody else, must sign in first.
    MustSignIn,
    /// He must say whether he goes on, or somebody else.
    MustChoose,
    /// He signed in because of this request, and it is not about him.
    IsSomebodyElse,
}

impl ValidRequest {
    /// The request as the consent page shows it: scopes that were not named but follow from the
    /// account's defaults are named now, so that the decision is about nothing else.
    pub(super) fn as_shown(&self, parameters: &AuthorizationParameters) -> String {
        let named = || Some(self.named(&self.scopes).to_string());
        let scope = parameters.scope.clone().or_else(named);
        AuthorizationParameters { scope, ..parameters.clone() }.to_form()
    }

    /// Those of the allowed scopes that tokens get: a scope that only holds a claim asked for by itself
    /// was not named, and opens nothing else.
    pub(super) fn named(&self, allowed: &ScopeSet) -> ScopeSet {
        allowed.iter().filter(|name| self.requested_scopes.contains(name)).cloned().collect()
    }

    /// The claims asked for one by one whose scopes are allowed, to be stored.
    pub(super) fn allowed_claims(&self, allowed: &ScopeSet) -> Option<String> {
        requested_claims::allowed(&self.claims, allowed)
    }

    /// Whether who is signed in is whom the request wants, signed in as it wants. A sign-in after the
    /// request arrived is the newest there can be, and a choice.
    pub(super) fn presence(
        &self,
        present: &Present<'_>,
        arrived_at: Timestamp,
        now: Timestamp,
    ) -> Presence {
        let auth_time = present.auth_time;
        let is_expected = self.expected_user.may_be(present.subject);
        if auth_time >= arrived_at {
            return if is_expected { Presence::Fits } else { Presence::IsSomebodyElse };
        }
        let is_too_old = self.max_age.is_some_and(|max_age| now.since(auth_time) >= max_age);
        if self.prompt.wants(Shown::SignIn) || is_too_old || !is_expected {
            Presence::MustSignIn
        } else if self.prompt.wants(Shown::AccountChoice) {
            Presence::MustChoose
        } else {
            Presence::Fits
        }
    }
}

/// A refusal, and whether nothing may be shown on the way to it.
pub(super) struct Judged {
    pub(super) reason: RedirectRefused,
    pub(super) silent: bool,
}

/// Judges a proven request; the refusal goes to its redirect URI.
pub(super) async fn judge(
    ctx: &Context,
    account: &Account,
    proven: &ProvenRequest,
) -> Result<Result<ValidRequest, Judged>, Fault> {
    let parameters = &proven.parameters;
    let silent = parameters.prompt.as_deref() == Some("none");
    let refuse = |reason| Judged { reason, silent };
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let known = ctx.store.cache().resources(account.id).await?;
    let expected_user = expected_user::read(ctx, account, proven).await?;
    let judged = (|| {
        proven.object?;
        supported(proven)?;
        if !proven.client.allows_grant_type(GrantType::AuthorizationCode) {
            return Err(RedirectRefused::GrantTypeNotAllowed);
        }
        let (scopes, requested_scopes) =
            scopes(&proven.client, &catalogue, parameters.scope.as_deref())?;
        let claims = claims(ctx.policy.claims_max_bytes, parameters.claims.as_deref(), &scopes)?;
        require_acr(&claims)?;
        let holding = within_ceiling(&proven.client, &requested_claims::scopes(&claims));
        let resources = resources::known(&known, &parameters.resources)
            .ok_or(RedirectRefused::ResourceUnknown)?;
        Ok(ValidRequest {
            scopes: scopes.union(&holding),
            requested_scopes,
            resources,
            code_challenge: code_challenge(account, &proven.client, parameters)?,
            nonce: parameters.nonce.clone(),
            expected_user: expected_user?.or_claimed(&claims),
            claims,
            prompt: Prompt::parse(parameters.prompt.as_deref().unwrap_or_default())?,
            max_age: max_age(parameters.max_age.as_ref())?
                .or(proven.client.metadata.default_max_age),
        })
    })();
    Ok(judged.map_err(refuse))
}

/// What is not built is refused by its own code, never ignored.
fn supported(proven: &ProvenRequest) -> Result<(), RedirectRefused> {
    let parameters = &proven.parameters;
    match parameters.response_type.as_deref() {
        Some("code") => {}
        Some(_) => return Err(RedirectRefused::ResponseTypeUnsupported),
        None => return Err(RedirectRefused::ResponseTypeMissing),
    }
    ResponseMode::requested(proven)?;
    if parameters.registration.is_some() {
        return Err(RedirectRefused::Registration);
    }
    Ok(())
}

/// RFC 7636 §4.3, S256 only; required for public clients (RFC 9700 §2.1.1).
fn code_challenge(
    account: &Account,
    client: &Client,
    parameters: &AuthorizationParameters,
) -> Result<Option<CodeChallenge>, RedirectRefused> {
    let required = client.kind == ClientKind::Public || account.pkce == PkcePolicy::AllClients;
    let method = parameters.code_challenge_method.as_deref();
    match &parameters.code_challenge {
        Some(challenge) => CodeChallenge::parse(challenge, method)
            .map(Some)
            .map_err(|_| RedirectRefused::ChallengeInvalid),
        None if required => Err(RedirectRefused::ChallengeMissing),
        None if method.is_some() => Err(RedirectRefused::ChallengeInvalid),
        None => Ok(None),
    }
}

/// The recognised scopes within the ceiling, and everything that was named. Without any, the
/// account's defaults cut to the ceiling.
fn scopes(
    client: &Client,
    catalogue: &domain::ScopeCatalogue,
    presented: Option<&str>,
) -> Result<(ScopeSet, ScopeSet), RedirectRefused> {
    let Some(presented) = presented else {
        let defaults = catalogue.defaults();
        if defaults.is_empty() {
            return Err(RedirectRefused::ScopeMissing);
        }
        let defaults = within_ceiling(client, &defaults);
        return if defaults.is_empty() {
            Err(RedirectRefused::ScopeInvalid)
        } else {
            Ok((defaults.clone(), defaults))
        };
    };
    let requested = ScopeSet::parse(presented).map_err(|_| RedirectRefused::ScopeInvalid)?;
    let recognised = catalogue.recognised(&requested);
    let within = client.scopes.as_ref().is_none_or(|ceiling| ceiling.covers_all(&recognised));
    if recognised.is_empty() || !within {
        return Err(RedirectRefused::ScopeInvalid);
    }
    Ok((recognised, requested))
}

fn within_ceiling(client: &Client, scopes: &ScopeSet) -> ScopeSet {
    match &client.scopes {
        Some(ceiling) => scopes.intersect_coverage(ceiling),
        None => scopes.clone(),
    }
}

/// OpenID Connect Core 1.0 §5.5. Without `openid` they mean nothing, but must be well-formed.
fn claims(
    max_bytes: usize,
    presented: Option<&str>,
    scopes: &ScopeSet,
) -> Result<ClaimsRequest, RedirectRefused> {
    let Some(presented) = presented else { return Ok(ClaimsRequest::default()) };
    if presented.len() > max_bytes {
        return Err(RedirectRefused::ClaimsInvalid);
    }
    let claims = ClaimsRequest::parse(presented).map_err(|_| RedirectRefused::ClaimsInvalid)?;
    Ok(if scopes.names("openid") { claims } else { ClaimsRequest::default() })
}

/// An essential `acr` with values that no sign-in here can meet is a sign-in that failed (OpenID Connect
/// Core 1.0 §5.5.1.1). Values that are only preferred, as all of `acr_values` are, refuse nothing.
fn require_acr(claims: &ClaimsRequest) -> Result<(), RedirectRefused> {
    let Some(acr) = claims.id_token.get("acr").filter(|acr| acr.is_essential) else {
        return Ok(());
    };
    let can_meet = |acr_value: &str| acr.accepts(&Value::from(acr_value));
    let met = authentication_context::ACR_VALUES_SUPPORTED.into_iter().any(can_meet);
    if met { Ok(()) } else { Err(RedirectRefused::AcrUnmet) }
}

fn max_age(presented: Option<&PresentedSeconds>) -> Result<Option<Lifetime>, RedirectRefused> {
    let Some(presented) = presented else { return Ok(None) };
    let seconds = presented.whole().filter(|seconds| *seconds <= i64::from(i32::MAX));
    seconds.map(|seconds| Some(Lifetime::seconds(seconds))).ok_or(RedirectRefused::MaxAgeInvalid)
}
