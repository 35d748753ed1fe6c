//! The policy of an installation: every limit and default lifetime, by name.

use std::ops::RangeInclusive;

use crate::{
    ClientIdentifierPrefix, ClientJwtPolicy, HandlePrefix, KeyPolicy, Lifetime, LogoPolicy,
    LogoutPolicy, OutboundPolicy, SelfRegistrationPolicy,
};

/// How long things last and how much is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The letters that new handles begin with.
    pub handle_prefix: HandlePrefix,
    /// What the identifier of a client that works in every account begins with.
    pub global_client_prefix: ClientIdentifierPrefix,

    /// How long an access token lasts when nothing is asked for.
    pub access_token_lifetime: Lifetime,
    /// What may be asked for with `expires_in`.
    pub access_token_lifetime_range: RangeInclusive<Lifetime>,
    /// How long an unused refresh token lasts when nothing is asked for.
    pub refresh_token_lifetime: Lifetime,
    /// What may be asked for with `refresh_token_expires_in`.
    pub refresh_token_lifetime_range: RangeInclusive<Lifetime>,
    /// How long an ID token may be relied on.
    pub id_token_lifetime: Lifetime,
    /// How long after consent refreshing ends, however often it was done.
    pub grant_lifetime: Lifetime,
    /// How long a rotated refresh token returns its successor pair, unless the account says so.
    pub refresh_grace: Lifetime,
    /// What an account may set its grace window to.
    pub refresh_grace_range: RangeInclusive<Lifetime>,
    /// How many times a rotated refresh token returns its successor pair.
    pub refresh_grace_count: i64,

    /// How long an authorization code lasts.
    pub code_lifetime: Lifetime,
    /// What the operator may set the code's lifetime to.
    pub code_lifetime_range: RangeInclusive<Lifetime>,
    /// How many wrong verifiers use a code up.
    pub wrong_verifier_limit: i64,
    /// How long a posted or pushed authorization request waits for its browser.
    pub posted_request_lifetime: Lifetime,
    /// How long an authorization request waits for a person to sign in and decide.
    pub authorization_request_lifetime: Lifetime,
    /// The most bytes of `state`.
    pub state_max_bytes: usize,
    /// The most bytes of the `claims` parameter.
    pub claims_max_bytes: usize,
    /// Private-use redirect schemes of public clients that need no dot.
    pub private_schemes: Vec<String>,

    /// How long an unused session of a user lasts.
    pub session_idle_lifetime: Lifetime,
    /// How long a session of a user lasts, however much it is used.
    pub session_absolute_lifetime: Lifetime,
    /// How long an unused session of an admin lasts.
    pub admin_session_idle_lifetime: Lifetime,
    /// How long a session of an admin lasts, however much it is used.
    pub admin_session_absolute_lifetime: Lifetime,
    /// Signing out, and who hears of it.
    pub logout: LogoutPolicy,
    /// How far "last used" of a token or session may lag behind.
    pub last_used_lag: Lifetime,
    /// The fewest characters of a password.
    pub password_minimum: usize,
    /// The most bytes of a password.
    pub password_limit: usize,
    /// The fewest characters of an imported secret or token.
    pub imported_secret_minimum: usize,
    /// How many secrets of a client may be live at once.
    pub client_secret_limit: i64,
    /// The farthest end that a secret can be given.
    pub client_secret_lifetime_limit: Lifetime,
    /// How many scopes of its own an account may have, those that stand in for built-in ones among them.
    pub own_scope_limit: i64,
    /// How many resources an account may have.
    pub resource_limit: i64,
    /// How many API tokens a user may have.
    pub api_tokens_per_user: i64,
    /// Clients that register by themselves.
    pub self_registration: SelfRegistrationPolicy,
    /// How long the link that makes the first admin works.
    pub set_up_link_lifetime: Lifetime,

    /// Signing keys, and what is published of them.
    pub keys: KeyPolicy,

    /// The time in which failures are counted.
    pub failure_window: Lifetime,
    /// How many failed sign-ins of one user a window allows.
    pub sign_in_failures_per_window: u32,
    /// How many failed client authentications of one client from one address a window allows.
    pub client_failures_per_window: u32,
    /// How many calls of the administration API an account may make in a minute.
    pub api_requests_per_minute: u32,

    /// JWTs that clients sign.
    pub client_jwts: ClientJwtPolicy,

    /// The most bytes of a body at `/oauth/*`.
    pub oauth_body_limit: usize,
    /// The most bytes of a body at `/api/*`.
    pub api_body_limit: usize,
    /// Pictures that become logos.
    pub logos: LogoPolicy,
    /// The most bytes of all headers of a request.
    pub header_limit: usize,
    /// The most fields of a form.
    pub form_field_limit: usize,
    /// How deep JSON may nest.
    pub json_depth_limit: usize,
    /// The most records of a page of a list.
    pub page_size_limit: i64,
    /// The last record that can be reached by page number.
    pub page_depth_limit: i64,
    /// Calls that the server itself makes.
    pub outbound: OutboundPolicy,
    /// How old the sign-in behind an access token may be where a call asks again who is there.
    pub recent_sign_in: Lifetime,
    /// How far clocks of others may differ from ours.
    pub clock_leeway: Lifetime,
    /// How far our clock may differ from the database's before a node is not ready.
    pub clock_skew_limit: Lifetime,
}

impl Policy {
    /// The two session lifetimes, idle and absolute, of a user or an admin.
    pub const fn session_lifetimes(&self, role: crate::Role) -> (Lifetime, Lifetime) {
        match role {
            crate::Role::Admin => {
                (self.admin_session_idle_lifetime, self.admin_session_absolute_lifetime)
            }
            crate::Role::Agent | crate::Role::EndUser => {
                (self.session_idle_lifetime, self.session_absolute_lifetime)
            }
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            handle_prefix: HandlePrefix::default(),
            global_client_prefix: ClientIdentifierPrefix::default(),
            access_token_lifetime: Lifetime::minutes(30),
            access_token_lifetime_range: Lifetime::seconds(300)..=Lifetime::seconds(172_800),
            refresh_token_lifetime: Lifetime::days(30),
            refresh_token_lifetime_range: Lifetime::seconds(604_800)..=Lifetime::seconds(7_776_000),
            id_token_lifetime: Lifetime::minutes(10),
            grant_lifetime: Lifetime::days(365),
            refresh_grace: Lifetime::seconds(30),
            refresh_grace_range: Lifetime::seconds(0)..=Lifetime::seconds(60),
            refresh_grace_count: 3,
            code_lifetime: Lifetime::seconds(60),
            code_lifetime_range: Lifetime::seconds(30)..=Lifetime::seconds(120),
            wrong_verifier_limit: 5,
            posted_request_lifetime: Lifetime::seconds(60),
            authorization_request_lifetime: Lifetime::minutes(10),
            state_max_bytes: 4096,
            claims_max_bytes: 4096,
            private_schemes: ["cursor", "vscode", "vscode-insiders"].map(String::from).into(),
            session_idle_lifetime: Lifetime::hours(24),
            session_absolute_lifetime: Lifetime::days(30),
            admin_session_idle_lifetime: Lifetime::hours(1),
            admin_session_absolute_lifetime: Lifetime::hours(12),
            logout: LogoutPolicy::default(),
            last_used_lag: Lifetime::seconds(60),
            password_minimum: 8,
            password_limit: 1024,
            imported_secret_minimum: 16,
            client_secret_limit: 5,
            client_secret_lifetime_limit: Lifetime::days(3650),
            own_scope_limit: 200,
            resource_limit: 200,
            api_tokens_per_user: 50,
            self_registration: SelfRegistrationPolicy::default(),
            set_up_link_lifetime: Lifetime::minutes(15),
            keys: KeyPolicy::default(),
            failure_window: Lifetime::minutes(5),
            sign_in_failures_per_window: 10,
            client_failures_per_window: 20,
            api_requests_per_minute: 700,
            client_jwts: ClientJwtPolicy::default(),
            oauth_body_limit: 64 * 1024,
            api_body_limit: 1024 * 1024,
            logos: LogoPolicy::default(),
            header_limit: 16 * 1024,
            form_field_limit: 64,
            json_depth_limit: 32,
            page_size_limit: 100,
            page_depth_limit: 10_000,
            outbound: OutboundPolicy::default(),
            recent_sign_in: Lifetime::minutes(15),
            clock_leeway: Lifetime::seconds(10),
            clock_skew_limit: Lifetime::seconds(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ExpiryBucket, Timestamp};

    #[test]
    fn every_default_is_within_what_may_be_asked_for() {
        let policy = Policy::default();
        for (range, default) in [
            (&policy.access_token_lifetime_range, policy.access_token_lifetime),
            (&policy.refresh_token_lifetime_range, policy.refresh_token_lifetime),
            (&policy.refresh_grace_range, policy.refresh_grace),
            (&policy.code_lifetime_range, policy.code_lifetime),
        ] {
            assert!(range.contains(&default), "{default:?} in {range:?}");
        }
    }

    #[test]
    fn every_token_ends_within_what_a_handle_can_tell() {
        let policy = Policy::default();
        let longest = [
            policy.access_token_lifetime_range.end(),
            policy.refresh_token_lifetime_range.end(),
            policy.code_lifetime_range.end(),
        ];
        let now = Timestamp::from_millis(1_778_328_000_000);
        for lifetime in longest {
            let bucket = ExpiryBucket::for_expiry(now, Some(now + *lifetime));
            assert_ne!(bucket, ExpiryBucket::NEVER, "{lifetime:?}");
        }
    }
}
