//! The sector of a client (OpenID Connect Core 1.0 §8.1): clients of one sector may compare the users
//! that they know by pairwise subjects.

use url::Url;

use crate::{Client, RedirectUri};

impl Client {
    /// The host of its sector identifier, or the one that all of its redirect URIs have. A client at no
    /// host, or at several, is a sector by itself.
    pub fn sector(&self) -> String {
        let declared = self.metadata.sector_identifier_uri.as_deref();
        let declared = declared.and_then(|uri| Url::parse(uri).ok()?.host_str().map(str::to_owned));
        declared.or_else(|| self.common_host()).unwrap_or_else(|| format!("client {}", self.id))
    }

    fn common_host<'a>(&'a self) -> Option<String> {
        // Only TLS proves whose host it is; any app may name one in a scheme of its own.
        let host = |uri: &'a RedirectUri| uri.is_https().then(|| uri.host()).flatten();
        let mut hosts = self.redirect_uris.iter().map(host);
        let first = hosts.next()??;
        hosts.all(|host| host == Some(first)).then(|| first.to_ascii_lowercase())
    }
}
