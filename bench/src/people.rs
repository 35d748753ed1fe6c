//! What users do before their apps can do anything: sign in, allow, and bring codes back.

use std::time::Duration;

use anyhow::Context as _;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::browser::{Browser, Form};
use crate::cast::{CALLBACK, CLIENT_ID, EMAIL, PASSWORD};
use crate::exchange::exchange;
use crate::load::{ClosedLoop, Expected, Work, work};
use crate::product::Product;
use crate::request::Request;

/// The PKCE verifier (RFC 7636) of every code; it proves nothing here.
const VERIFIER: &str = "bench-verifier-0123456789-0123456789-0123456789";

/// Connections that fetch codes.
const BROWSERS: usize = 16;

/// A user who has signed in and allowed the client.
pub(crate) struct User {
    browser: Browser,
    authorize: String,
}

impl User {
    /// Signs in and allows what the client asks for.
    pub(crate) fn arrive(product: &Product) -> anyhow::Result<Self> {
        let mut browser = Browser::new(product.server.address);
        let authorize = authorize();
        let sign_in = browser.open(&authorize)?.expect(200)?;
        let form = Form::with_button(&sign_in.body, "login-submit")?;
        let filled = [("username", EMAIL), ("password", PASSWORD)];
        let answer = browser.submit(&form, &filled)?;
        // Whoever allowed the client before is not asked again.
        if answer.status == 200 {
            let form = Form::with_button(&answer.body, "consent-approve")?;
            browser.submit(&form, &[])?.expect(303)?;
        } else {
            answer.expect(303)?;
        }
        Ok(Self { browser, authorize })
    }

    /// First refresh tokens, each of an authorization of its own.
    pub(crate) fn refresh_tokens(
        &self,
        product: &Product,
        count: usize,
    ) -> anyhow::Result<Vec<String>> {
        let token = |_| {
            let answer = exchange(product.server.address, &self.browser.get(&self.authorize))?;
            let code = work::between(answer.head.as_bytes(), "?code=", b'&');
            let code = code.with_context(|| format!("a code was expected: {}", answer.head))?;
            let answer = exchange(product.server.address, &redemption(product, &code))?;
            let answer = answer.expect(200)?;
            let token = work::member(answer.body.as_bytes(), "refresh_token");
            token.context("a refresh token was expected")
        };
        (0..count).map(token).collect()
    }

    /// As many codes as can be had in this time, as requests that redeem them.
    pub(crate) fn redemptions(
        &self,
        product: &Product,
        span: Duration,
    ) -> anyhow::Result<Vec<Vec<u8>>> {
        let request = self.browser.get(&self.authorize).to_bytes();
        let mut work = Work::Codes { request, codes: Vec::new() };
        let expected = Expected::status(303);
        let mut ring = ClosedLoop::open(product.server.address, BROWSERS, &mut work, expected)?;
        ring.run_for(span)?;
        ring.finish()?;
        let Work::Codes { codes, .. } = work else { return Ok(Vec::new()) };
        Ok(codes.iter().map(|code| redemption(product, code).to_bytes()).collect())
    }
}

/// A sign-in from a browser that has opened the page before.
pub(crate) fn sign_in(product: &Product) -> anyhow::Result<Request> {
    let mut browser = Browser::new(product.server.address);
    let page = browser.open("/login")?.expect(200)?;
    let form = Form::with_button(&page.body, "login-submit")?;
    let own = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<_> = own.chain([("username", EMAIL), ("password", PASSWORD)]).collect();
    Ok(browser.post(&form.action, &fields))
}

/// Code and verifier for tokens (RFC 6749 §4.1.3).
fn redemption(product: &Product, code: &str) -> Request {
    product.post("/oauth/tokens").form(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ])
}

/// Where the client sends the browser (RFC 6749 §4.1.1).
fn authorize() -> String {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", CALLBACK),
            ("scope", "read"),
            ("state", "bench"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    format!("/oauth/authorizations/new?{query}")
}
