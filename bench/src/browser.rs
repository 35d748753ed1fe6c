//! A user's browser: cookies, redirects, and the forms of the server's own pages. No JavaScript.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::{Context as _, bail};

use crate::exchange::{Answer, exchange};
use crate::request::Request;

/// The redirects that it follows before it gives up.
const REDIRECT_LIMIT: usize = 8;

/// A browser with nothing in it.
pub(crate) struct Browser {
    address: SocketAddr,
    host: String,
    cookies: BTreeMap<String, String>,
}

/// A form with what is in it already.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// Where it is sent.
    pub(crate) action: String,
    /// Its hidden and ticked fields, and what the button adds.
    pub(crate) fields: Vec<(String, String)>,
}

impl Browser {
    /// A browser that can reach one server.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, host: address.to_string(), cookies: BTreeMap::new() }
    }

    /// The header with all cookies.
    pub(crate) fn cookies(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    /// A request from this browser.
    pub(crate) fn get(&self, path: &str) -> Request {
        Request::get(&self.host, path).header("cookie", &self.cookies())
    }

    /// A form from this browser, as one of the server's own pages sends it.
    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Request {
        let origin = format!("http://{}", self.host);
        let request = Request::post(&self.host, path).header("cookie", &self.cookies());
        request.header("origin", &origin).header("sec-fetch-site", "same-origin").form(fields)
    }

    /// Goes to a page and on to wherever it leads on this server.
    pub(crate) fn open(&mut self, path: &str) -> anyhow::Result<Answer> {
        let request = self.get(path);
        self.follow(request)
    }

    /// Sends a form with these fields besides its own, and goes on to wherever that leads.
    pub(crate) fn submit(
        &mut self,
        form: &Form,
        filled: &[(&str, &str)],
    ) -> anyhow::Result<Answer> {
        let own = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = own.chain(filled.iter().copied()).collect();
        let request = self.post(&form.action, &fields);
        self.follow(request)
    }

    fn follow(&mut self, mut request: Request) -> anyhow::Result<Answer> {
        for _ in 0..REDIRECT_LIMIT {
            let answer = exchange(self.address, &request)?;
            self.keep_cookies(&answer);
            let Some(next) = answer.headers("location").next() else { return Ok(answer) };
            let own = format!("http://{}", self.host);
            let path = next.strip_prefix(&own).unwrap_or(next);
            if !path.starts_with('/') {
                return Ok(answer);
            }
            request = self.get(path);
        }
        bail!("the redirects do not end")
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for cookie in answer.headers("set-cookie") {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Form {
    /// The form of a page that has the button of this id.
    pub(crate) fn with_button(page: &str, id: &str) -> anyhow::Result<Self> {
        let button = format!("<button id=\"{id}\"");
        let at = page.find(&button).with_context(|| format!("no button {id}:\n{page}"))?;
        let start = page[..at].rfind("<form").context("the button stands in a form")?;
        let mut tags = page[start..at].split('<').skip(1).filter_map(|it| it.split_once('>'));
        let (form, _) = tags.next().context("a form has a tag")?;
        let action = attribute(form, "action").context("a form has an action")?;
        let is_sent = |tag: &str| {
            tag.contains("type=\"hidden\"")
                || tag.ends_with(" checked")
                || tag.contains(" checked ")
        };
        let inputs = tags.map(|(tag, _)| tag).filter(|tag| tag.starts_with("input"));
        let fields = inputs.filter(|tag| is_sent(tag)).filter_map(|tag| {
            Some((attribute(tag, "name")?, attribute(tag, "value").unwrap_or_default()))
        });
        let (button, _) = page[at + 1..].split_once('>').context("a button ends")?;
        let pressed = attribute(button, "name")
            .map(|name| (name, attribute(button, "value").unwrap_or_default()));
        Ok(Self { action, fields: fields.chain(pressed).collect() })
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&#38;", "&").replace("&#x26;", "&").replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_what_stands_around_its_button() {
        let page = r#"<form action="/x"><button id="other">No</button></form>
            <form method="post" action="/a?b&#38;c"><input type="hidden" name="csrf_token" value="t">
            <input id="username" name="username"><input type="checkbox" name="scope" value="s" checked>
            <input type="checkbox" name="scope" value="u"><button id="yes" name="d" value="y">Yes</button></form>"#;
        let form = Form::with_button(page, "yes").expect("the form is there");
        assert_eq!(form.action, "/a?b&c");
        let fields = [("csrf_token", "t"), ("scope", "s"), ("d", "y")];
        assert_eq!(form.fields, fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(Form::with_button(page, "none").is_err());
    }
}
