//! The consent page, and the user's decision on it.

use axum::extract::State;
use axum::response::Response;
use domain::GrantType;
use http::StatusCode;
use protocol::authorization::{self, AskedScope, ConsentPrompt, Verdict};

use super::Visitor;
use crate::form::SameSiteForm;
use crate::oauth::authorization::{deliver, refused};
use crate::pages::{self, AccessSpan, App, Consent, ConsentScope, Form, Identity, Standing};
use crate::respond;
use crate::segment::Segment;
use crate::site::Site;

/// A decision's form belongs to one request.
fn purpose(handle: &str) -> String {
    format!("consent {handle}")
}

/// Shows what an app asks for.
pub(crate) fn show(site: &Site, visitor: &mut Visitor, prompt: &ConsentPrompt) -> Response {
    let handle = prompt.handle.expose();
    let token = visitor.form_token(site, &purpose(handle));
    let standing = |scope: &AskedScope| match (prompt.allowed_before, scope.is_granted) {
        (false, _) => Standing::Asked,
        (true, false) => Standing::New,
        (true, true) => Standing::Granted,
    };
    let shown = |scope: &AskedScope| ConsentScope {
        name: scope.name.as_str().to_owned(),
        title: scope.title.clone(),
        description: scope.description.clone(),
        risk: scope.risk,
        standing: standing(scope),
        is_optional: scope.is_optional,
    };
    let page = Consent {
        layout: visitor.bare_layout(),
        form: Form::new(format!("/oauth/authorizations/{handle}/decision"), token),
        app: App::from(&*prompt.client),
        identity: identity(prompt),
        user: visitor.person().unwrap_or_default(),
        switch_user_url: format!("/login?request={handle}"),
        scopes: prompt.scopes.iter().map(shown).collect(),
        resources: prompt.resources.clone(),
        access_span: access_span(site, prompt),
        redirect_host: prompt.redirect_host.clone(),
        policy_uri: prompt.client.metadata.policy_uri.clone(),
        tos_uri: prompt.client.metadata.tos_uri.clone(),
    };
    pages::respond(StatusCode::OK, &page)
}

fn identity(prompt: &ConsentPrompt) -> Identity {
    match (prompt.client.registered_at, prompt.identity_assured) {
        (Some(_), _) => Identity::SelfRegistered,
        (None, true) => Identity::NotVerified,
        (None, false) => Identity::OnThisDevice,
    }
}

fn access_span(site: &Site, prompt: &ConsentPrompt) -> AccessSpan {
    let policy = &site.ctx().policy;
    if prompt.client.allows_grant_type(GrantType::RefreshToken) {
        AccessSpan::Renewed { idle: policy.refresh_token_lifetime, absolute: policy.grant_lifetime }
    } else {
        AccessSpan::Once(policy.access_token_lifetime)
    }
}

/// Carries out Allow or Deny.
pub(crate) async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Segment(handle): Segment,
    form: SameSiteForm,
) -> Response {
    if !form.is_ours(&site, &purpose(&handle), visitor.form_cookie()) {
        let layout = visitor.bare_layout();
        return respond::error_page(layout, StatusCode::FORBIDDEN, "form_expired", None);
    }
    let Some(signed_in) = visitor.signed_in.clone() else {
        return respond::see_other(&format!("/login?request={handle}"));
    };
    let verdict = match form.field("decision") {
        "allow" => Verdict::Allow(form.every("scope")),
        "deny" => Verdict::Deny,
        _ => {
            let layout = visitor.bare_layout();
            return respond::error_page(layout, StatusCode::BAD_REQUEST, "bad_request", None);
        }
    };
    let account = visitor.origin.account.clone();
    let decision = site
        .complete(move |ctx| async move {
            authorization::decide(&ctx, &account, &signed_in, &handle, verdict).await
        })
        .await;
    match decision {
        Ok(decided) => deliver(&site, &visitor, decided.0),
        Err(failure) => {
            respond::flow_fault(&visitor.origin, failure, |reason| refused(&visitor, reason))
        }
    }
}
