//! The guard: who calls, and whether scope and role allow the call (zendesk-wire §1.4, §1.5, §7.4).
//!
//! A guard is a type that only this module can make, so that a handler which holds one has its proof.

use std::marker::PhantomData;
use std::sync::Arc;

use domain::{Account, Actor, Lifetime, Role, User};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use protocol::accounts;
use protocol::api_caller::{self, ApiCaller, Authentication, FULL_RIGHTS};
use protocol::impersonation::{self, ImpersonationRefused};
use protocol::users::Editor;
use protocol::{Context, Throttled, Usage};
use store::{Decision, Failure, Store};
use wire::zendesk::{ApiCredentials, ApiError};

use super::policy::{Audience, Policy};
use crate::origin::Origin;
use crate::site::Site;

/// Names the end user that an admin's token acts as.
const ON_BEHALF_OF: HeaderName = HeaderName::from_static("x-on-behalf-of");

/// A known caller, and where the call arrived.
pub(crate) struct Caller {
    pub(crate) site: Site,
    pub(crate) origin: Origin,
    granted: ApiCaller,
    /// Whether the call arrived at the home account; asked only for routes of operators.
    is_at_home: bool,
}

impl Caller {
    /// Whom the call acts as.
    pub(crate) fn user(&self) -> &User {
        &self.granted.user
    }

    /// What the credentials of the call allow.
    pub(crate) fn granted(&self) -> &ApiCaller {
        &self.granted
    }

    /// What is remembered.
    pub(crate) fn store(&self) -> &Store {
        &self.site.ctx().store
    }

    /// Whether this is an admin of the account.
    pub(crate) fn is_admin(&self) -> bool {
        self.user().role == Role::Admin
    }

    /// How far the caller may go with users.
    pub(crate) fn editor(&self) -> Editor {
        Editor {
            actor: self.granted.actor(),
            user_id: Some(self.user().id),
            is_operator: self.granted.is_operator(),
            has_full_rights: self.granted.has_full_rights(),
        }
    }

    /// What comes to all rights of a role is for those who call with all of them.
    pub(crate) fn require_full_rights(&self) -> Result<(), ApiError> {
        let missing = ApiError::MissingScopes(FULL_RIGHTS);
        if self.granted.has_full_rights() { Ok(()) } else { Err(missing) }
    }

    /// Makes a change in the caller's name, to its end, whether he waits for it or not.
    pub(crate) async fn change<T, R, Flow>(
        &self,
        flow: impl FnOnce(Arc<Context>, Arc<Account>, Actor) -> Flow,
    ) -> Decision<T, R>
    where
        T: Send + 'static,
        R: Send + 'static,
        Flow: Future<Output = Decision<T, R>> + Send + 'static,
    {
        let account = Arc::clone(&self.origin.account);
        let actor = self.granted.actor();
        self.site.complete(|ctx| flow(ctx, account, actor)).await
    }
}

/// Scopes, one of which a Bearer call needs; the specific one comes first.
pub(crate) trait Scopes: Send + 'static {
    const ANY_OF: &'static [&'static str];
}

/// To see clients and tokens.
pub(crate) enum OauthRead {}

impl Scopes for OauthRead {
    const ANY_OF: &'static [&'static str] = &["oauth:read", "read"];
}

/// To make, change and delete clients and tokens.
pub(crate) enum OauthWrite {}

impl Scopes for OauthWrite {
    const ANY_OF: &'static [&'static str] = &["oauth:write", "write"];
}

/// For what a token may always do: describe and revoke itself.
pub(crate) enum NoScope {}

impl Scopes for NoScope {
    const ANY_OF: &'static [&'static str] = &[];
}

/// To see users.
pub(crate) enum UsersRead {}

impl Scopes for UsersRead {
    const ANY_OF: &'static [&'static str] = &["users:read", "read"];
}

/// To make, change and delete users.
pub(crate) enum UsersWrite {}

impl Scopes for UsersWrite {
    const ANY_OF: &'static [&'static str] = &["users:write", "write"];
}

/// To read the audit log.
pub(crate) enum AuditRead {}

impl Scopes for AuditRead {
    const ANY_OF: &'static [&'static str] = &["auditlogs:read", "read"];
}

/// To see accounts.
pub(crate) enum AccountSettingsRead {}

impl Scopes for AccountSettingsRead {
    const ANY_OF: &'static [&'static str] = &["account_settings:read", "read"];
}

/// To make and change accounts.
pub(crate) enum AccountSettingsWrite {}

impl Scopes for AccountSettingsWrite {
    const ANY_OF: &'static [&'static str] = &["account_settings:write", "write"];
}

/// What admits a call.
pub(crate) trait Guard: Sized + Send + 'static {
    /// The same as data.
    const POLICY: Policy;

    /// The proof, of nobody's call too; refusals in the order scope, role.
    fn admit(caller: Option<Caller>) -> Result<Self, ApiError>;
}

/// Somebody of the account with one of the scopes.
pub(crate) struct KnownCaller<S>(Caller, PhantomData<fn() -> S>);

impl<S> KnownCaller<S> {
    /// The caller, once the proof is no longer needed.
    pub(crate) fn into_caller(self) -> Caller {
        self.0
    }
}

impl<S: Scopes> Guard for KnownCaller<S> {
    const POLICY: Policy = Policy::of(Audience::Users, S::ANY_OF);

    fn admit(caller: Option<Caller>) -> Result<Self, ApiError> {
        let caller = caller.ok_or(ApiError::NotAuthenticated)?;
        if !S::ANY_OF.is_empty() && !caller.granted.may(S::ANY_OF) {
            return Err(ApiError::MissingScopes(S::ANY_OF));
        }
        Ok(Self(caller, PhantomData))
    }
}

/// Somebody with one of the scopes who calls in his own name: no admin who acts for him.
pub(crate) struct PersonalCaller<S>(KnownCaller<S>);

impl<S> PersonalCaller<S> {
    /// The caller, once the proof is no longer needed.
    pub(crate) fn into_caller(self) -> Caller {
        self.0.into_caller()
    }
}

impl<S: Scopes> Guard for PersonalCaller<S> {
    const POLICY: Policy = Policy::of(Audience::Users, S::ANY_OF);

    fn admit(caller: Option<Caller>) -> Result<Self, ApiError> {
        let known = KnownCaller::admit(caller)?;
        let is_himself = known.0.granted.called_by.is_none();
        if is_himself { Ok(Self(known)) } else { Err(ApiError::RoleForbidden) }
    }
}

/// An admin with one of the scopes.
pub(crate) struct AdminCaller<S>(KnownCaller<S>);

impl<S> AdminCaller<S> {
    /// The caller, once the proof is no longer needed.
    pub(crate) fn into_caller(self) -> Caller {
        self.0.into_caller()
    }
}

impl<S: Scopes> Guard for AdminCaller<S> {
    const POLICY: Policy = Policy::of(Audience::Admins, S::ANY_OF);

    fn admit(caller: Option<Caller>) -> Result<Self, ApiError> {
        let known = KnownCaller::admit(caller)?;
        if known.0.is_admin() { Ok(Self(known)) } else { Err(ApiError::RoleForbidden) }
    }
}

/// An admin, or an agent who may see what apps hold in the account, with one of the scopes.
pub(crate) struct CredentialManager<S>(KnownCaller<S>);

impl<S> CredentialManager<S> {
    /// The caller, once the proof is no longer needed.
    pub(crate) fn into_caller(self) -> Caller {
        self.0.into_caller()
    }
}

impl<S: Scopes> Guard for CredentialManager<S> {
    const POLICY: Policy = Policy::of(Audience::CredentialManagers, S::ANY_OF);

    fn admit(caller: Option<Caller>) -> Result<Self, ApiError> {
        let known = KnownCaller::admit(caller)?;
        let may = known.0.user().may_manage_api_credentials();
        if may { Ok(Self(known)) } else { Err(ApiError::RoleForbidden) }
    }
}

/// An operator of the platform, at the home account, with one of the scopes.
pub(crate) struct OperatorCaller<S>(KnownCaller<S>);

impl<S> OperatorCaller<S> {
    /// The caller, once the proof is no longer needed.
    pub(crate) fn into_caller(self) -> Caller {
        self.0.into_caller()
    }
}

impl<S: Scopes> Guard for OperatorCaller<S> {
    const POLICY: Policy = Policy::of(Audience::Operators, S::ANY_OF);

    fn admit(caller: Option<Caller>) -> Result<Self, ApiError> {
        let known = KnownCaller::admit(caller)?;
        // Nobody is made an operator but users of the home account; if one elsewhere has the mark
        // nevertheless, it counts for nothing.
        let is_operator = known.0.granted.is_operator() && known.0.is_at_home;
        if is_operator { Ok(Self(known)) } else { Err(ApiError::RoleForbidden) }
    }
}

/// Somebody with one of the scopes, or nobody in particular.
impl<S: Scopes> Guard for Option<KnownCaller<S>> {
    const POLICY: Policy = Policy::of(Audience::Anybody, S::ANY_OF);

    fn admit(caller: Option<Caller>) -> Result<Self, ApiError> {
        caller.map(|caller| KnownCaller::admit(Some(caller))).transpose()
    }
}

/// What became of a call at the guard.
pub(crate) struct Admission<G> {
    pub(crate) guard: Decision<G, ApiError>,
    /// What the account has used of its volume; of authenticated calls only.
    pub(crate) usage: Option<Usage>,
    /// When a caller who guessed too often may try again.
    pub(crate) retry_after: Option<Lifetime>,
}

/// Why it is not known who calls.
enum Unknown {
    /// What is told.
    Failure(Failure<ApiError>),
    /// There were too many guesses.
    Throttled(Lifetime),
}

impl<F: Into<Failure<ApiError>>> From<F> for Unknown {
    fn from(failure: F) -> Self {
        Self::Failure(failure.into())
    }
}

impl<G> From<Unknown> for Admission<G> {
    fn from(unknown: Unknown) -> Self {
        let (failure, retry_after) = match unknown {
            Unknown::Failure(failure) => (failure, None),
            Unknown::Throttled(wait) => (Failure::Refused(ApiError::TooManyRequests), Some(wait)),
        };
        Self { guard: Err(failure), usage: None, retry_after }
    }
}

/// Decides whether a call comes in: authentication, volume, scope, role.
pub(crate) async fn admit<G: Guard>(site: Site, parts: &Parts) -> Admission<G> {
    let caller = match authenticate(site, parts).await {
        Ok(caller) => caller,
        Err(unknown) => return unknown.into(),
    };
    let usage = caller.as_ref().map(spend);
    let guard = if usage.is_some_and(Usage::is_exceeded) {
        Err(Failure::Refused(ApiError::TooManyRequests))
    } else {
        located::<G>(acting(caller, on_behalf_of(parts)).await)
            .await
            .and_then(|caller| G::admit(caller).map_err(Failure::Refused))
    };
    Admission { guard, usage, retry_after: None }
}

/// The caller, with what a route of operators has to know of where he is.
async fn located<G: Guard>(
    caller: Decision<Option<Caller>, ApiError>,
) -> Decision<Option<Caller>, ApiError> {
    let Some(mut caller) = caller? else { return Ok(None) };
    if G::POLICY.audience == Audience::Operators {
        let home = accounts::home(caller.site.ctx()).await?;
        caller.is_at_home = home.is_some_and(|home| home.id == caller.origin.account.id);
    }
    Ok(Some(caller))
}

async fn authenticate(site: Site, parts: &Parts) -> Result<Option<Caller>, Unknown> {
    let origin = parts.extensions.get::<Origin>().cloned();
    let origin = origin.ok_or(Failure::Refused(ApiError::InvalidEndpoint))?;
    let headers = parts.headers.get_all(AUTHORIZATION).iter();
    let credentials = ApiCredentials::read(headers.map(HeaderValue::as_bytes));
    let (account, source) = (&origin.account, origin.source);
    match api_caller::authenticate(site.ctx(), account, credentials, source).await? {
        Authentication::Caller(granted) => {
            Ok(Some(Caller { site, origin, granted, is_at_home: false }))
        }
        Authentication::Anonymous => Ok(None),
        Authentication::Failed => Err(Failure::Refused(ApiError::NotAuthenticated).into()),
        Authentication::InvalidToken => Err(Failure::Refused(ApiError::InvalidToken).into()),
        Authentication::Throttled(Throttled(wait)) => Err(Unknown::Throttled(wait)),
    }
}

fn spend(caller: &Caller) -> Usage {
    let ctx = caller.site.ctx();
    let account = &caller.origin.account;
    let limit = account.api_requests_per_minute.unwrap_or(ctx.policy.api_requests_per_minute);
    ctx.api_volume.spend(account.id, limit, ctx.now())
}

/// Whom the call is to act for. What is no text, or stands there twice, is nobody's address.
fn on_behalf_of(parts: &Parts) -> Option<&str> {
    let mut named = parts.headers.get_all(ON_BEHALF_OF).iter();
    let email = named.next()?.to_str().unwrap_or_default();
    Some(if named.next().is_some() { "" } else { email })
}

/// The caller, or the end user that he names in the header.
async fn acting(
    caller: Option<Caller>,
    on_behalf_of: Option<&str>,
) -> Decision<Option<Caller>, ApiError> {
    let (Some(caller), Some(email)) = (&caller, on_behalf_of) else { return Ok(caller) };
    let (site, origin) = (caller.site.clone(), caller.origin.clone());
    let granted = impersonation::impersonate(site.ctx(), &origin.account, &caller.granted, email)
        .await
        .map_err(|failure| failure.map_refused(told))?;
    Ok(Some(Caller { site, origin, granted, is_at_home: false }))
}

fn told(refused: ImpersonationRefused) -> ApiError {
    match refused {
        ImpersonationRefused::ScopeMissing => {
            ApiError::MissingScopes(&[impersonation::IMPERSONATE])
        }
        ImpersonationRefused::NotAllowed => ApiError::RoleForbidden,
    }
}
