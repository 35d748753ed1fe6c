//! Consent: whether to ask, what to show, and what the user decided.

use std::sync::Arc;

use domain::{
    Account, Actor, Client, ClientKind, ConsentPolicy, Grant, Risk, Scope, ScopeName, ScopeSet,
    Secret,
};
use serde_json::json;
use store::{Decision, Failure, Fault, Transaction, settle};

use super::code::{self, Authorized};

use super::prompt::Shown;
use super::proof::{self, PageRefused, ProvenRequest};
use super::response::{self, Delivery, RedirectRefused, Watched};
use super::validity::{self, ValidRequest};
use crate::audit::Change;
use crate::context::Context;
use crate::sessions::SignedIn;

/// Whether the user must be asked.
pub(super) enum Consent {
    /// A grant covers the request and may stand for the answer.
    Remembered(Grant),
    /// Ask; with what was allowed before, if anything.
    Due(Option<Grant>),
}

/// What the consent page shows.
pub struct ConsentPrompt {
    /// Names the stored request in the form's action.
    pub handle: Secret,
    /// The app.
    pub client: Arc<Client>,
    /// What it asks for.
    pub scopes: Vec<AskedScope>,
    /// The APIs that it asks to use, by the names people call them; empty: the account itself.
    pub resources: Vec<String>,
    /// The host that the browser goes to next; the scheme where there is no host.
    pub redirect_host: String,
    /// Whether nobody but the client can receive the code (RFC 8252 §8.6).
    pub identity_assured: bool,
    /// Whether the user allowed this app something before.
    pub allowed_before: bool,
}

/// One scope on the consent page.
pub struct AskedScope {
    /// Its name.
    pub name: ScopeName,
    /// A few words for people.
    pub title: String,
    /// A sentence for people.
    pub description: String,
    /// How much harm it can do.
    pub risk: Risk,
    /// Whether the user may untick it.
    pub is_optional: bool,
    /// Whether the user allowed it before.
    pub is_granted: bool,
}

/// Looks up whether the user must be asked (RFC 8252 §8.6, OAuth 2.1 on repeated requests).
pub(super) async fn look_up(
    ctx: &Context,
    account: &Account,
    client: &Client,
    request: &ValidRequest,
    signed_in: &SignedIn,
) -> Result<Consent, Fault> {
    let grant = store::grants::show(&ctx.store, account.id, signed_in.user.id, client.id).await?;
    let may_remember = account.consent == ConsentPolicy::Remember
        && !request.prompt.wants(Shown::Consent)
        && identity_is_assured(client);
    let still_lasts = |grant: &Grant| grant.updated_at + ctx.policy.grant_lifetime > ctx.now();
    Ok(match grant {
        Some(grant) if may_remember && still_lasts(&grant) && covers(&grant, request) => {
            Consent::Remembered(grant)
        }
        grant => Consent::Due(grant),
    })
}

fn covers(grant: &Grant, request: &ValidRequest) -> bool {
    grant.scopes.covers_all(&request.scopes)
        && request.resources.iter().all(|resource| grant.resources.contains(resource))
}

/// Whether only the client itself can receive its codes: it has a secret, or an `https` address.
/// Anybody on the machine can listen on a loopback port or claim a private scheme; and who an app is that
/// registered by itself, nobody has looked at.
fn identity_is_assured(client: &Client) -> bool {
    let is_alone = client.kind != ClientKind::Public
        || client.redirect_uris.iter().all(domain::RedirectUri::is_https);
    is_alone && client.registered_at.is_none()
}

/// What to show.
pub(super) async fn prompt(
    ctx: &Context,
    account: &Account,
    (proven, request): (&ProvenRequest, &ValidRequest),
    handle: Secret,
    grant: Option<Grant>,
) -> Result<ConsentPrompt, Fault> {
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let granted = grant.as_ref().map(|grant| grant.scopes.clone()).unwrap_or_default();
    let asked = |scope: &Scope| AskedScope {
        name: scope.name.clone(),
        title: scope.title.clone(),
        description: scope.description.clone(),
        risk: scope.risk,
        is_optional: scope.optional_at.is_some(),
        is_granted: granted.covers(&scope.name),
    };
    Ok(ConsentPrompt {
        handle,
        client: Arc::clone(&proven.client),
        scopes: request.scopes.iter().filter_map(|name| catalogue.find(name)).map(asked).collect(),
        resources: resource_names(ctx, account, &request.resources).await?,
        redirect_host: proven.redirect_host(),
        identity_assured: identity_is_assured(&proven.client),
        allowed_before: grant.is_some(),
    })
}

async fn resource_names(
    ctx: &Context,
    account: &Account,
    identifiers: &[String],
) -> Result<Vec<String>, Fault> {
    let known = ctx.store.cache().resources(account.id).await?;
    let named = |identifier: &String| {
        let resource = known.iter().find(|resource| resource.identifier == *identifier);
        resource.map_or_else(|| identifier.clone(), |resource| resource.name.clone())
    };
    Ok(identifiers.iter().map(named).collect())
}

/// What the user pressed.
pub enum Verdict {
    /// Allow, with the optional scopes that were left ticked.
    Allow(Vec<String>),
    /// Deny.
    Deny,
}

/// The answer that goes to the client after the decision.
pub struct Decided(pub Delivery);

/// Carries out the user's decision, once: records the grant and issues a code, or tells the client
/// that access was denied.
pub async fn decide(
    ctx: &Context,
    account: &Account,
    signed_in: &SignedIn,
    handle: &str,
    verdict: Verdict,
) -> Decision<Decided, PageRefused> {
    let ended = Failure::Refused(PageRefused::Ended);
    let Some(pending) = super::pending(ctx, account, handle).await? else { return Err(ended) };
    let user = &signed_in.user;
    if pending.user_id != Some(user.id) || !user.honours(pending.created_at) {
        return Err(ended);
    }
    // The world may have changed since the page was shown: everything is judged again.
    let proven = proof::prove(ctx, account, &pending.parameters).await?;
    proof::works_for(&proven.client, Some(signed_in.user.id))?;
    let request = match validity::judge(ctx, account, &proven).await? {
        Ok(request) => request,
        Err(refused) => return Ok(Decided(response::error(account, &proven, refused.reason))),
    };
    let allowed = match verdict {
        Verdict::Allow(ticked) => allowed_scopes(ctx, account, &request, &ticked).await?,
        Verdict::Deny => ScopeSet::default(),
    };
    let decided = store::retry(|| async {
        let mut tx = ctx.store.begin().await?;
        let decision = async {
            let at = ctx.now();
            let (id, user_id) = (pending.id, signed_in.user.id);
            if !store::authorization_requests::decide(&mut tx, account.id, id, user_id, at).await? {
                return Err(Failure::Refused(PageRefused::Ended));
            }
            let decided = Deciding { account, proven: &proven, request: &request, signed_in };
            decided.carry_out(ctx, &mut tx, &allowed).await.map_err(Into::into)
        }
        .await;
        settle(tx, decision).await
    })
    .await?;
    if !allowed.is_empty() {
        code::remember_challenge(ctx, &proven, &request, signed_in);
    }
    Ok(decided)
}

/// The scopes that were asked for, less the optional ones that were unticked.
async fn allowed_scopes(
    ctx: &Context,
    account: &Account,
    request: &ValidRequest,
    ticked: &[String],
) -> Result<ScopeSet, Fault> {
    let catalogue = ctx.store.cache().catalogue(account.id).await?;
    let stays = |name: &&ScopeName| {
        !catalogue.is_optional(name) || ticked.iter().any(|it| it == name.as_str())
    };
    Ok(ScopeSet::from_names(request.scopes.iter().filter(stays).cloned()))
}

struct Deciding<'a> {
    account: &'a Account,
    proven: &'a ProvenRequest,
    request: &'a ValidRequest,
    signed_in: &'a SignedIn,
}

impl Deciding<'_> {
    /// Nothing allowed is a denial: a code for no scope would be worth nothing.
    async fn carry_out(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        allowed: &ScopeSet,
    ) -> Result<Decided, Fault> {
        if self.request.named(allowed).is_empty() {
            self.audit(ctx, tx, "grant.denied", allowed).await?;
            let denied = response::error(self.account, self.proven, RedirectRefused::AccessDenied);
            return Ok(Decided(denied));
        }
        let grant = self.record_grant(ctx, tx, allowed).await?;
        let authorized = Authorized {
            proven: self.proven,
            request: self.request,
            signed_in: self.signed_in,
            grant: &grant,
            scopes: allowed.clone(),
        };
        let code = code::issue(ctx, tx, self.account, &authorized).await?;
        let watched = Watched { ctx, session: &self.signed_in.session };
        Ok(Decided(response::code(self.account, self.proven, &code, &watched)))
    }

    /// Widens the user's grant to this client, or makes it.
    async fn record_grant(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        allowed: &ScopeSet,
    ) -> Result<Grant, Fault> {
        let (account_id, user_id) = (self.account.id, self.signed_in.user.id);
        let client_id = self.proven.client.id;
        let now = ctx.now();
        let before = store::grants::show(&mut *tx, account_id, user_id, client_id).await?;
        if let Some(grant) = before {
            // What was on the page and is not allowed now is taken back.
            let refused = self.request.scopes.minus(allowed);
            let scopes = grant.scopes.minus(&refused).union(allowed);
            let resources = joined(&grant.resources, &self.request.resources);
            if !store::grants::widen(tx, &grant, &scopes, &resources, now).await? {
                return Err(Fault::Retryable("the grant changed at the same time".to_owned()));
            }
            self.audit(ctx, tx, "grant.widened", allowed).await?;
            return Ok(grant);
        }
        let grant = Grant {
            id: tx.id()?,
            account_id,
            user_id,
            client_id,
            scopes: allowed.clone(),
            resources: self.request.resources.clone(),
            created_at: now,
            updated_at: now,
            used_at: None,
            revoked_at: None,
        };
        if !store::grants::create(tx, &grant).await? {
            return Err(Fault::Retryable("the grant was made at the same time".to_owned()));
        }
        self.audit(ctx, tx, "grant.created", allowed).await?;
        Ok(grant)
    }

    async fn audit(
        &self,
        ctx: &Context,
        tx: &mut Transaction,
        action: &'static str,
        scopes: &ScopeSet,
    ) -> Result<(), Fault> {
        let actor = Actor::User(self.signed_in.user.id);
        let change = Change::new(actor, action, "client", self.proven.client.id)
            .with(json!({"scope": scopes.to_string()}));
        ctx.audit(tx, self.account.id, change).await
    }
}

fn joined(before: &[String], added: &[String]) -> Vec<String> {
    let mut all = before.to_vec();
    all.extend(added.iter().filter(|resource| !before.contains(resource)).cloned());
    all
}
