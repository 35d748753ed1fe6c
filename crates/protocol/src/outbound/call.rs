//! One call over the wire.

use std::error::Error;
use std::sync::{Arc, OnceLock};

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use reqwest::{Client, RequestBuilder, Response, redirect, retry};

use super::addresses::AllowedNetworks;
use super::document::{self, Document};
use super::names::{AddressRefused, CheckedNames, Names};
use super::refused::Cause;
use super::target::{Reach, Target};

/// The clients, one for each reach; made when they are needed, as the machine's certificates are read then.
pub(super) struct Clients {
    public: ClientOf,
    allowed: ClientOf,
}

struct ClientOf {
    names: Arc<CheckedNames>,
    client: OnceLock<Option<Client>>,
}

impl Clients {
    pub(super) fn new(allowed: &AllowedNetworks, names: &Names) -> Self {
        let client_of = |reach| {
            let names = CheckedNames { names: names.clone(), allowed: allowed.clone(), reach };
            ClientOf { names: Arc::new(names), client: OnceLock::new() }
        };
        Self { public: client_of(Reach::Public), allowed: client_of(Reach::Allowed) }
    }

    /// Fetches a document.
    pub(super) async fn get(&self, target: &Target, limit: usize) -> Result<Document, Cause> {
        let request = self.client(target.reach)?.get(target.url.clone());
        let response = send(request).await?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(Cause::Status(response.status().as_u16()));
        }
        if is_encoded(&response) {
            return Err(Cause::Encoded);
        }
        let max_age = document::max_age(response.headers());
        Ok(Document { body: read(response, limit).await?.into(), max_age })
    }

    /// Sends a form.
    pub(super) async fn post_form(
        &self,
        target: &Target,
        form: &[(&str, &str)],
    ) -> Result<u16, Cause> {
        let request = self.client(target.reach)?.post(target.url.clone()).form(form);
        Ok(send(request).await?.status().as_u16())
    }

    fn client(&self, reach: Reach) -> Result<&Client, Cause> {
        let ClientOf { names, client } = match reach {
            Reach::Public => &self.public,
            Reach::Allowed => &self.allowed,
        };
        client.get_or_init(|| build(reach, Arc::clone(names))).as_ref().ok_or(Cause::NoTrust)
    }
}

fn build(reach: Reach, names: Arc<CheckedNames>) -> Option<Client> {
    let built = Client::builder()
        .dns_resolver(names)
        .https_only(reach == Reach::Public)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .retry(retry::never())
        // A connection that is kept would skip the next check of its address.
        .pool_max_idle_per_host(0)
        .http1_only()
        .no_gzip()
        .no_brotli()
        .no_deflate()
        .no_zstd()
        .user_agent("Consentry")
        .build();
    built.inspect_err(|error| tracing::error!(%error, "no outbound call is possible")).ok()
}

async fn send(request: RequestBuilder) -> Result<Response, Cause> {
    let request = request.header(ACCEPT_ENCODING, "identity");
    request
        .send()
        .await
        .map_err(|error| if refuses_address(&error) { Cause::Address } else { Cause::Connection })
}

fn refuses_address(error: &reqwest::Error) -> bool {
    let mut chain = std::iter::successors(error.source(), |error| (*error).source());
    chain.any(<dyn Error>::is::<AddressRefused>)
}

fn is_encoded(response: &Response) -> bool {
    let encodings = response.headers().get_all(CONTENT_ENCODING);
    encodings.iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Reads a body up to its limit, and no further.
async fn read(mut response: Response, limit: usize) -> Result<Vec<u8>, Cause> {
    let announced = response.content_length().unwrap_or_default();
    if usize::try_from(announced).map_or(true, |announced| announced > limit) {
        return Err(Cause::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Cause::Broken)? {
        if body.len() + chunk.len() > limit {
            return Err(Cause::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
