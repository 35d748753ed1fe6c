//! What a proven request asks for, and whether it may (RFC 6749 §4.1.1, RFC 7636 §4.3, RFC 8707).

use domain::{
    Account, Client, ClientKind, CodeChallenge, GrantType, Lifetime, PkcePolicy, ScopeSet,
    Timestamp,
};
use serde_json::Value;
use store::Fault;
use wire::{AuthorizationParameters, ClaimsRequest, PresentedSeconds};

use super::proof::ProvenRequest;
use super::response::RedirectRefused;
use crate::context::Context;
use crate::{requested_claims, resources};

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

    /// Whether the request is for another user than this one, by the value of the claim `sub`
    /// (OpenID Connect Core 1.0 §5.5.1).
    pub(super) fn is_for_another(&self, subject: &str) -> bool {
        let subject = Value::from(subject);
        [&self.claims.id_token, &self.claims.userinfo]
            .into_iter()
            .filter_map(|claims| claims.get("sub"))
            .any(|claim| !claim.accepts(&subject))
    }

    /// Whether the user must sign in again. A sign-in after the request arrived satisfies it.
    pub(super) fn wants_sign_in(
        &self,
        auth_time: Timestamp,
        arrived_at: Timestamp,
        now: Timestamp,
    ) -> bool {
        let since_arrival = auth_time >= arrived_at;
        let too_old = self.max_age.is_some_and(|max_age| now.since(auth_time) >= max_age);
        (self.prompt.sign_in || too_old) && !since_arrival
    }
}

/// The `prompt` parameter (OpenID Connect Core §3.1.2.1): what must be shown, whatever is due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Prompt {
    /// `none`: nothing may be shown.
    pub(super) silent: bool,
    /// `login` or `select_account`: sign in again.
    pub(super) sign_in: bool,
    /// `consent`: ask again.
    pub(super) consent: bool,
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
    let judged = (|| {
        supported(parameters)?;
        if !proven.client.allows_grant_type(GrantType::AuthorizationCode) {
            return Err(RedirectRefused::GrantTypeNotAllowed);
        }
        let (scopes, requested_scopes) =
            scopes(&proven.client, &catalogue, parameters.scope.as_deref())?;
        let claims = claims(ctx.policy.claims_max_bytes, parameters.claims.as_deref(), &scopes)?;
        let holding = within_ceiling(&proven.client, &requested_claims::scopes(&claims));
        let resources = resources::known(&known, &parameters.resources)
            .ok_or(RedirectRefused::ResourceUnknown)?;
        Ok(ValidRequest {
            scopes: scopes.union(&holding),
            requested_scopes,
            resources,
            code_challenge: code_challenge(account, &proven.client, parameters)?,
            nonce: parameters.nonce.clone(),
            claims,
            prompt: prompt(parameters.prompt.as_deref())?,
            max_age: max_age(parameters.max_age.as_ref())?,
        })
    })();
    Ok(judged.map_err(refuse))
}

/// What is not built is refused by its own code, never ignored.
fn supported(parameters: &AuthorizationParameters) -> Result<(), RedirectRefused> {
    match parameters.response_type.as_deref() {
        Some("code") => {}
        Some(_) => return Err(RedirectRefused::ResponseTypeUnsupported),
        None => return Err(RedirectRefused::ResponseTypeMissing),
    }
    if parameters.response_mode.as_deref().is_some_and(|mode| mode != "query") {
        return Err(RedirectRefused::ResponseModeUnsupported);
    }
    if parameters.request.is_some() {
        return Err(RedirectRefused::RequestObject);
    }
    if parameters.request_uri.is_some() {
        return Err(RedirectRefused::RequestUri);
    }
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

fn prompt(presented: Option<&str>) -> Result<Prompt, RedirectRefused> {
    let mut prompt = Prompt::default();
    for value in presented.unwrap_or_default().split(' ').filter(|value| !value.is_empty()) {
        match value {
            "none" => prompt.silent = true,
            "login" | "select_account" => prompt.sign_in = true,
            "consent" => prompt.consent = true,
            _ => return Err(RedirectRefused::PromptInvalid),
        }
    }
    if prompt.silent && (prompt.sign_in || prompt.consent) {
        return Err(RedirectRefused::PromptInvalid);
    }
    Ok(prompt)
}

fn max_age(presented: Option<&PresentedSeconds>) -> Result<Option<Lifetime>, RedirectRefused> {
    let Some(presented) = presented else { return Ok(None) };
    let seconds = presented.whole().filter(|seconds| *seconds <= i64::from(i32::MAX));
    seconds.map(|seconds| Some(Lifetime::seconds(seconds))).ok_or(RedirectRefused::MaxAgeInvalid)
}
