//! `/account/apps`: what the user allowed, and taking it back.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use domain::{GrantId, Id, ScopeCatalogue, ScopeName};
use http::StatusCode;
use protocol::sessions::SignedIn;
use protocol::{grants, third_party_login};
use store::Fault;
use store::grants::AuthorizedClient;

use super::Visitor;
use crate::form::SameSiteForm;
use crate::pages::{self, App, AuthorizedApp, AuthorizedApps, Form, Moment, ScopeWords};
use crate::respond;
use crate::segment::Segment;
use crate::site::{Site, unrefused};

const PURPOSE: &str = "account apps";

/// The apps on one page.
const PAGE_SIZE: i64 = 50;

/// Lists the apps that the user allowed.
pub(crate) async fn list(
    State(site): State<Site>,
    mut visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(signed_in) = visitor.signed_in.clone() else { return respond::see_other("/login") };
    let asked = Asked::parse(query.as_deref().unwrap_or_default());
    match page(&site, &mut visitor, &signed_in, &asked).await {
        Ok(page) => pages::respond(StatusCode::OK, &page),
        Err(fault) => respond::fault_page(&visitor.origin, &fault),
    }
}

/// What the URL says of the list.
#[derive(Default)]
struct Asked {
    after: Option<GrantId>,
    notice: Option<&'static str>,
}

impl Asked {
    fn parse(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match (&*name, &*value) {
                ("after", id) => asked.after = id.parse().ok().map(Id::new),
                ("done", "one") => asked.notice = Some("The app no longer has access."),
                ("done", "all") => asked.notice = Some("No app has access any more."),
                _ => {}
            }
        }
        asked
    }
}

async fn page(
    site: &Site,
    visitor: &mut Visitor,
    signed_in: &SignedIn,
    asked: &Asked,
) -> Result<AuthorizedApps, Fault> {
    let ctx = site.ctx();
    let (account_id, user_id) = (visitor.origin.account.id, signed_in.user.id);
    let mut found =
        store::grants::list_for_user(&ctx.store, account_id, user_id, asked.after, PAGE_SIZE + 1)
            .await?;
    let catalogue = ctx.store.cache().catalogue(account_id).await?;
    let has_more = found.len() > usize::try_from(PAGE_SIZE).unwrap_or_default();
    if has_more {
        found.pop();
    }
    let next_page_url = found
        .last()
        .filter(|_| has_more)
        .map(|last| format!("/account/apps?after={}", last.grant.id));
    let token = visitor.form_token(site, PURPOSE);
    let (account, now) = (&visitor.origin.account, ctx.now());
    let app = |client| AuthorizedApp {
        open_url: third_party_login::url(account, &signed_in.user, client),
        ..shown(client, &catalogue, &token, now)
    };
    let apps = found.iter().map(app).collect();
    Ok(AuthorizedApps {
        layout: visitor.layout(site),
        apps,
        revoke_all: Form::new("/account/apps/revoke", token.clone()),
        notice: asked.notice.map(str::to_owned),
        next_page_url,
    })
}

fn shown(
    client: &AuthorizedClient,
    catalogue: &ScopeCatalogue,
    token: &str,
    now: domain::Timestamp,
) -> AuthorizedApp {
    let grant = &client.grant;
    AuthorizedApp {
        grant_id: grant.id.to_string(),
        app: App {
            name: client.name.clone(),
            identifier: client.identifier.clone(),
            company: client.company.clone(),
            description: None,
            logo_path: client.logo.map(|logo| logo.path(grant.client_id)),
        },
        scopes: grant.scopes.iter().filter_map(|name| words(catalogue, name)).collect(),
        granted: Moment::new(grant.created_at, now),
        last_used: grant.used_at.map(|at| Moment::new(at, now)),
        open_url: None,
        revoke: Form::new(format!("/account/apps/{}/revoke", grant.id), token),
    }
}

fn words(catalogue: &ScopeCatalogue, name: &ScopeName) -> Option<ScopeWords> {
    catalogue.find(name).map(|scope| ScopeWords {
        name: name.as_str().to_owned(),
        title: scope.title.clone(),
        risk: scope.risk,
    })
}

/// Takes back what the user allowed one app.
pub(crate) async fn revoke(
    State(site): State<Site>,
    visitor: Visitor,
    Segment(grant_id): Segment,
    form: SameSiteForm,
) -> Response {
    let signed_in = match proven(&site, &visitor, &form) {
        Ok(signed_in) => signed_in,
        Err(response) => return response,
    };
    let Ok(grant_id) = grant_id.parse() else { return respond::not_found(&visitor.origin) };
    let account = visitor.origin.account.clone();
    let decision = site
        .complete(move |ctx| async move {
            grants::revoke(&ctx, &account, &signed_in.user, Id::new(grant_id)).await
        })
        .await;
    match decision {
        Ok(()) => respond::see_other("/account/apps?done=one"),
        Err(failure) => {
            respond::flow_fault(&visitor.origin, failure, |_| respond::not_found(&visitor.origin))
        }
    }
}

/// Takes back everything.
pub(crate) async fn revoke_all(
    State(site): State<Site>,
    visitor: Visitor,
    form: SameSiteForm,
) -> Response {
    let signed_in = match proven(&site, &visitor, &form) {
        Ok(signed_in) => signed_in,
        Err(response) => return response,
    };
    let account = visitor.origin.account.clone();
    let decision = site
        .complete(
            move |ctx| async move { grants::revoke_all(&ctx, &account, &signed_in.user).await },
        )
        .await;
    match unrefused(decision) {
        Ok(_) => respond::see_other("/account/apps?done=all"),
        Err(fault) => respond::fault_page(&visitor.origin, &fault),
    }
}

/// The signed-in user whose own form this is.
fn proven(site: &Site, visitor: &Visitor, form: &SameSiteForm) -> Result<SignedIn, Response> {
    if !form.is_ours(site, PURPOSE, visitor.form_cookie()) {
        let layout = visitor.bare_layout();
        return Err(respond::error_page(layout, StatusCode::FORBIDDEN, "form_expired", None));
    }
    visitor.signed_in.clone().ok_or_else(|| respond::see_other("/login"))
}
