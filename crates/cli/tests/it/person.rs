//! A person with a browser that knows cookies, redirects and forms, and nothing else.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use url::Url;

/// Somebody at a browser.
pub(crate) struct Person {
    http: Client,
    cookies: BTreeMap<String, String>,
    url: Url,
    page: String,
}

impl Person {
    /// Opens a page.
    pub(crate) async fn opens(url: Url) -> Self {
        let http = Client::builder().redirect(Policy::none()).build().expect("a client");
        let mut person =
            Self { http, cookies: BTreeMap::new(), url: url.clone(), page: String::new() };
        let request = person.http.get(url);
        assert_eq!(person.follow(request).await, None, "a page was expected");
        person
    }

    /// Fills in the page's form and sends it off with a button; where a redirect to another origin
    /// leads, if there is one.
    pub(crate) async fn sends(&mut self, button: &str, filled: &[(&str, &str)]) -> Option<Url> {
        let (form, _) = self.page.split_once("</form>").expect("the page has a form");
        let form = &form[form.rfind("<form").expect("the form begins")..];
        let action = self.url.join(&attribute(form, "action")).expect("an address");
        assert!(form.contains(&format!("id=\"{button}\"")), "{button} is not in {form}");
        let mut fields: Vec<(String, String)> = inputs(form)
            .filter(|input| input.contains("type=\"hidden\"") || input.contains(" checked"))
            .map(|input| (attribute(input, "name"), attribute(input, "value")))
            .collect();
        fields.extend(filled.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let origin = action.origin().ascii_serialization();
        self.url = action.clone();
        let request = self.http.post(action).header(ORIGIN, origin).form(&fields);
        self.follow(request).await
    }

    /// What the browser sends with each request.
    pub(crate) fn cookies(&self) -> String {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }

    async fn follow(&mut self, mut request: RequestBuilder) -> Option<Url> {
        loop {
            let reply = request.header(COOKIE, self.cookies()).send().await.expect("answers");
            self.remember(&reply);
            let Some(location) = reply.headers().get(LOCATION) else {
                let status = reply.status();
                self.page = reply.text().await.expect("a page");
                assert!(status.is_success(), "{status}: {}", self.page);
                return None;
            };
            let next = self.url.join(location.to_str().expect("is text")).expect("an address");
            if next.origin() != self.url.origin() {
                return Some(next);
            }
            request = self.http.get(next.clone());
            self.url = next;
        }
    }

    fn remember(&mut self, reply: &Response) {
        for cookie in reply.headers().get_all(SET_COOKIE) {
            let text = cookie.to_str().expect("is text");
            let (name, rest) = text.split_once('=').expect("a name");
            let (value, _) = rest.split_once(';').unwrap_or((rest, ""));
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// The `<input …>` tags.
fn inputs(form: &str) -> impl Iterator<Item = &str> {
    form.split("<input").skip(1).filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag))
}

/// The value of an attribute of the first tag that has it.
fn attribute(tag: &str, name: &str) -> String {
    let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap_or(("", "\""));
    let (value, _) = rest.split_once('"').expect("the attribute ends");
    value.replace("&amp;", "&").replace("&#38;", "&")
}
