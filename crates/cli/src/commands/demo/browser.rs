//! The user's browser: cookies, forms and redirects. No JavaScript.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Request, RequestBuilder, Response, StatusCode};
use url::Url;

use super::exchange::{Exchange, Overheard};
use super::page::Page;

const WHO: &str = "browser";

/// The redirects that a browser follows before it gives up.
const REDIRECT_LIMIT: usize = 8;

/// A browser with nothing in it.
pub(super) struct Browser {
    http: Client,
    cookies: BTreeMap<String, String>,
    overheard: Overheard,
}

/// Where the browser stopped.
pub(super) enum Arrived {
    /// At a page of the server.
    Page(Page, Url),
    /// On its way to another place: an app.
    Elsewhere(Url),
}

impl Arrived {
    /// The page; the app was not expected yet.
    pub(super) fn page(self) -> anyhow::Result<(Page, Url)> {
        match self {
            Self::Page(page, url) => Ok((page, url)),
            Self::Elsewhere(url) => anyhow::bail!("expected a page, was sent to {}", url.path()),
        }
    }

    /// Where the app is; no further page was expected.
    pub(super) fn elsewhere(self) -> anyhow::Result<Url> {
        match self {
            Self::Elsewhere(url) => Ok(url),
            Self::Page(page, _) => anyhow::bail!(
                "expected to be sent to the app, but the page \"{}\" came",
                page.title
            ),
        }
    }
}

impl Browser {
    /// A new browser.
    pub(super) fn new(http: Client, overheard: Overheard) -> Self {
        Self { http, cookies: BTreeMap::new(), overheard }
    }

    /// Goes to an address, and on to wherever it leads.
    pub(super) async fn open(&mut self, url: Url) -> anyhow::Result<Arrived> {
        let request = self.http.get(url.clone());
        self.follow(request, url).await
    }

    /// Fills in the form that has the button, and presses it.
    pub(super) async fn press(
        &mut self,
        (page, url): &(Page, Url),
        button: &str,
        filled: &[(&str, &str)],
    ) -> anyhow::Result<Arrived> {
        let (form, button) =
            page.button(button).with_context(|| format!("the page has no button {button}"))?;
        let mut fields = form.fields.clone();
        for (name, value) in &mut fields {
            if let Some((_, typed)) = filled.iter().find(|(field, _)| field == name) {
                (*typed).clone_into(value);
            }
        }
        fields.extend(button.adds.clone());
        let action = url.join(&form.action)?;
        let origin = action.origin().ascii_serialization();
        let request = self.http.post(action.clone()).form(&fields);
        let request = request.header(ORIGIN, origin).header("sec-fetch-site", "same-origin");
        self.follow(request, action).await
    }

    async fn follow(&mut self, first: RequestBuilder, from: Url) -> anyhow::Result<Arrived> {
        let (mut request, mut url) = (first, from);
        for _ in 0..REDIRECT_LIMIT {
            let (sent, reply) = self.send(request).await?;
            let told = Exchange::new(WHO, &sent, reply.status().as_u16());
            let Some(next) = next(&reply, &url)? else {
                return self.arrive(told, reply, url).await;
            };
            self.overheard.note(told.with_location(&next));
            if next.origin() != url.origin() {
                return Ok(Arrived::Elsewhere(next));
            }
            request = self.http.get(next.clone());
            url = next;
        }
        anyhow::bail!("the redirects do not end")
    }

    async fn send(&mut self, request: RequestBuilder) -> anyhow::Result<(Request, Response)> {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let request = request.header(COOKIE, cookies).build()?;
        let sent = request.try_clone().context("a form's body is in memory")?;
        let reply = self.http.execute(request).await?;
        for cookie in reply.headers().get_all(SET_COOKIE) {
            self.keep(cookie.to_str()?);
        }
        Ok((sent, reply))
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let Some((name, value)) = pair.split_once('=') else { return };
        if attributes.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    async fn arrive(&self, told: Exchange, reply: Response, url: Url) -> anyhow::Result<Arrived> {
        let status = reply.status();
        let page = Page::read(&reply.text().await?);
        self.overheard.note(told.with_reply(&page.summary()));
        ensure!(status == StatusCode::OK, "the page \"{}\" came with {status}", page.title);
        Ok(Arrived::Page(page, url))
    }
}

/// Where a redirect leads.
fn next(reply: &Response, from: &Url) -> anyhow::Result<Option<Url>> {
    let Some(location) = reply.headers().get(LOCATION) else { return Ok(None) };
    Ok(Some(from.join(location.to_str()?)?))
}
