//! `/api/v2/oauth/tokens` (zendesk-wire §4): everybody's own tokens, and all of them for admins.

use domain::{ClientId, Token, TokenId, UserId};
use protocol::token::{self, NewTokenRefused};
use protocol::tokens::{self, TokenUnknown};
use store::tokens::{TokenList, TokenSort};
use store::{Failure, Fault, Page, Place, Shape};
use wire::zendesk::{
    self, ApiError, NewTokenRequest, NewTokenRequestBody, TokenBody, TokenFilters, TokenObject,
    TokenQuery,
};

use crate::api::{
    AdminCaller, Answer, Call, Caller, KnownCaller, Listing, NoScope, OauthRead, OauthWrite, Pages,
    PagingQuery, Reply,
};
use crate::origin::Origin;

/// Lists the caller's own tokens, or all of the account's.
#[utoipa::path(get, path = "/api/v2/oauth/tokens", tag = "OAuth tokens", params(PagingQuery, TokenFilterQuery),
    responses((status = 200, description = "A page of tokens", body = zendesk::TokenList)))]
pub(crate) async fn list(caller: KnownCaller<OauthRead>, call: Call) -> Answer {
    let caller = &caller.into_caller();
    let query = call.into_query();
    let list = asked(caller, &query).await?;
    let pages = Pages { caller, path: "/api/v2/oauth/tokens.json", list };
    let (tokens, paging) = pages.show(&query).await?;
    let base_url = &caller.origin.base_url;
    let tokens = tokens.iter().map(|token| TokenObject::new(token, base_url)).collect();
    Ok(Reply::shown(&zendesk::TokenList { tokens, paging }))
}

/// The list that a query asks for; who may not ask for all is told so first.
async fn asked<'a>(caller: &'a Caller, query: &[u8]) -> Result<AskedTokens<'a>, Failure<ApiError>> {
    let query = TokenQuery::parse(query).map_err(|refused| Failure::Refused(refused.into()))?;
    if query.all && !caller.is_admin() {
        return Err(Failure::Refused(ApiError::RoleForbidden));
    }
    let filters = query.filters().map_err(|refused| Failure::Refused(refused.into()))?;
    let (ctx, account) = (caller.site.ctx(), &caller.origin.account);
    let local = filters.client_id.map(ClientId::new);
    let global = filters.global_client_id.map(ClientId::new);
    let list = TokenList {
        account_id: account.id,
        user_id: (!filters.all).then(|| caller.user().id),
        client_id: tokens::named_client(ctx, account, local, global).await?,
        unexpired_at: (!filters.include_expired).then(|| ctx.now()),
    };
    Ok(AskedTokens { caller, filters, list })
}

/// The filters of the list.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description of what `TokenQuery` reads")]
pub(super) struct TokenFilterQuery {
    /// Whether all tokens of the account are asked for: admins only.
    all: Option<bool>,
    /// Only those of the client of the account with this id.
    client_id: Option<u64>,
    /// Only those of the global client with this id.
    global_client_id: Option<u64>,
    /// Whether those that have ended are asked for too; needs `all`.
    include_expired: Option<bool>,
}

/// The tokens that a query asks for.
struct AskedTokens<'a> {
    caller: &'a Caller,
    filters: TokenFilters,
    list: TokenList,
}

impl Listing for AskedTokens<'_> {
    type Record = Token;
    type Key = TokenSort;

    const SORT_KEYS: &'static [&'static str] = &["id", "created_at"];

    fn key(name: &str) -> TokenSort {
        if name == "id" { TokenSort::Id } else { TokenSort::CreatedAt }
    }

    fn shape(key: TokenSort) -> Shape {
        key.shape()
    }

    fn place(key: TokenSort, token: &Token) -> Place {
        match key {
            TokenSort::Id => Place::Id(token.id.get()),
            TokenSort::CreatedAt => Place::At(token.created_at, token.id.get()),
        }
    }

    fn filters(&self) -> Vec<(&'static str, String)> {
        self.filters.pairs()
    }

    fn narrowed_to(&self) -> Option<i64> {
        self.list.user_id.map(UserId::get)
    }

    async fn by_number(&self, skipped: i64, limit: i64) -> Result<Vec<Token>, Fault> {
        store::tokens::list(self.caller.store(), &self.list, skipped, limit).await
    }

    async fn count(&self) -> Result<i64, Fault> {
        store::tokens::count(self.caller.store(), &self.list).await
    }

    async fn page(&self, key: TokenSort, page: &Page) -> Result<Vec<Token>, Fault> {
        store::tokens::page(self.caller.store(), &self.list, key, page).await
    }
}

/// Shows a token of the caller's; to an admin any of the account.
#[utoipa::path(get, path = "/api/v2/oauth/tokens/{id}", tag = "OAuth tokens",
    responses((status = 200, description = "The token", body = TokenBody)))]
pub(crate) async fn show(caller: KnownCaller<OauthRead>, call: Call) -> Answer {
    let caller = caller.into_caller();
    let id = call.id().map_err(Failure::Refused)?;
    let Caller { site, origin, .. } = &caller;
    let token = tokens::show(site.ctx(), &origin.account, caller.user(), id).await;
    Ok(told(&token.map_err(refused)?, origin))
}

/// Shows the token that the call was made with.
#[utoipa::path(get, path = "/api/v2/oauth/tokens/current", tag = "OAuth tokens",
    responses((status = 200, description = "The token of this call", body = TokenBody),
        (status = 404, description = "The call has no token that is stored", body = Object)))]
pub(crate) async fn show_current(caller: KnownCaller<NoScope>, _: Call) -> Answer {
    let caller = caller.into_caller();
    let Caller { site, origin, .. } = &caller;
    let token = tokens::show_current(site.ctx(), &origin.account, caller.granted()).await;
    Ok(told(&token.map_err(refused)?, origin))
}

/// Makes a token that acts as the caller, and tells the whole of it once.
#[utoipa::path(post, path = "/api/v2/oauth/tokens", tag = "OAuth tokens", request_body = NewTokenRequestBody,
    responses((status = 201, description = "The token, and the whole of it", body = TokenBody)))]
pub(crate) async fn create(admin: AdminCaller<OauthWrite>, call: Call) -> Answer {
    let caller = admin.into_caller();
    let body = call.body().await.map_err(Failure::Refused)?;
    let request =
        NewTokenRequest::parse(&body).map_err(|broken| Failure::Refused(broken.into()))?;
    let (granted, draft) = (caller.granted().clone(), request.into_draft());
    let made = caller
        .change(move |ctx, account, _| async move {
            token::create(&ctx, &account, &granted, &draft).await
        })
        .await
        .map_err(|failure| failure.map_refused(not_made))?;
    let base_url = &caller.origin.base_url;
    let token = TokenObject::with_full_token(&made.token, made.full_token, base_url);
    let body = TokenBody { token };
    Ok(Reply::created(&body, &body.token.url))
}

/// Ends a token of the caller's, for an admin any of the account, with its refresh token.
#[utoipa::path(delete, path = "/api/v2/oauth/tokens/{id}", tag = "OAuth tokens",
    responses((status = 204, description = "It is revoked")))]
pub(crate) async fn delete(caller: KnownCaller<OauthWrite>, call: Call) -> Answer {
    let caller = caller.into_caller();
    let id = existing(&caller, call.id()).await?;
    call.ignore_body().await.map_err(Failure::Refused)?;
    let granted = caller.granted().clone();
    caller
        .change(
            move |ctx, account, _| async move { tokens::revoke(&ctx, &account, &granted, id).await },
        )
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

/// Ends the token that the call was made with.
#[utoipa::path(delete, path = "/api/v2/oauth/tokens/current", tag = "OAuth tokens",
    responses((status = 204, description = "It is revoked"),
        (status = 404, description = "The call has no token", body = Object)))]
pub(crate) async fn delete_current(caller: KnownCaller<NoScope>, call: Call) -> Answer {
    let caller = caller.into_caller();
    call.ignore_body().await.map_err(Failure::Refused)?;
    let granted = caller.granted().clone();
    caller
        .change(move |ctx, account, _| async move {
            tokens::revoke_current(&ctx, &account, &granted).await
        })
        .await
        .map_err(refused)?;
    Ok(Reply::Deleted)
}

/// The id of a token that the caller may see: asked before the body is judged.
async fn existing(
    caller: &Caller,
    id: Result<TokenId, ApiError>,
) -> Result<TokenId, Failure<ApiError>> {
    let id = id.map_err(Failure::Refused)?;
    let Caller { site, origin, .. } = caller;
    let token = tokens::show(site.ctx(), &origin.account, caller.user(), id).await;
    token.map(|token| token.id).map_err(refused)
}

fn told(token: &Token, origin: &Origin) -> Reply {
    Reply::shown(&TokenBody { token: TokenObject::new(token, &origin.base_url) })
}

fn refused(failure: Failure<TokenUnknown>) -> Failure<ApiError> {
    failure.map_refused(|TokenUnknown| ApiError::RecordNotFound)
}

fn not_made(refused: NewTokenRefused) -> ApiError {
    match refused {
        NewTokenRefused::ScopesNotHeld(scopes) => ApiError::ScopesNotHeld(scopes),
        NewTokenRefused::Invalid(faults) => faults.into(),
    }
}
