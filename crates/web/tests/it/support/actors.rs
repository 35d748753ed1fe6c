//! Who acts: browsers with their cookies, and clients with their secrets.

use std::collections::BTreeMap;

use scraper::{Html, Selector};

use super::{ORIGIN, Reply, RequestBuilder, SECURE, TestApp, cast};

/// A PKCE pair.
pub(crate) struct Challenge {
    pub(crate) verifier: &'static str,
    pub(crate) challenge: &'static str,
}

impl Challenge {
    /// The example of RFC 7636, appendix B.
    pub(crate) const RFC: Self = Self {
        verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    };
}

/// A browser: it keeps cookies and sends what browsers send with a form of the same site.
pub(crate) struct Browser<'a> {
    app: &'a TestApp,
    origin: &'static str,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(app: &'a TestApp) -> Self {
        Self { app, origin: ORIGIN, cookies: BTreeMap::new() }
    }

    /// A browser that visits another account.
    pub(crate) fn at(self, origin: &'static str) -> Self {
        Self { origin, ..self }
    }

    /// The value of the session cookie.
    pub(crate) fn session(&self) -> Option<String> {
        self.cookie("consentry-session")
    }

    /// What the check-session frame reads.
    pub(crate) fn browser_state(&self) -> Option<String> {
        self.cookie("consentry-state")
    }

    /// The value of the device cookie.
    pub(crate) fn device(&self) -> Option<String> {
        self.cookie("consentry-device")
    }

    fn cookie(&self, word: &str) -> Option<String> {
        self.cookies.iter().find(|(name, _)| name.contains(word)).map(|(_, value)| value.clone())
    }

    /// The same browser, started again.
    pub(crate) fn without_session(mut self) -> Self {
        self.cookies.retain(|name, _| !name.contains("consentry-session"));
        self
    }

    /// Takes over the cookies of another browser, as a thief would.
    pub(crate) fn adopt(&mut self, other: &Self) {
        self.cookies.clone_from(&other.cookies);
    }

    /// Puts this value in place of the session cookie's.
    pub(crate) fn replace_session(&mut self, value: &str) {
        self.replace("consentry-session", value);
    }

    /// Puts this value in place of the device cookie's.
    pub(crate) fn replace_device(&mut self, value: &str) {
        self.replace("consentry-device", value);
    }

    fn replace(&mut self, word: &str, value: &str) {
        let cookie = self.cookies.iter_mut().find(|(name, _)| name.contains(word));
        value.clone_into(cookie.expect("the browser has it").1);
    }

    /// The request with the cookies, to be sent later.
    pub(crate) fn with_cookies(&self, request: RequestBuilder) -> RequestBuilder {
        let request = match self.origin {
            ORIGIN => request,
            SECURE => request.by_https(),
            other => request.at(other),
        };
        if self.cookies.is_empty() {
            return request;
        }
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        request.header("cookie", &pairs.collect::<Vec<_>>().join("; "))
    }

    /// Sends a request with the cookies, and keeps the cookies of the reply.
    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Reply {
        let reply = self.app.send(self.with_cookies(request)).await;
        for cookie in reply.headers.get_all("set-cookie") {
            let text = cookie.to_str().expect("cookies are ASCII");
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.send(RequestBuilder::get(path).at(self.origin)).await
    }

    /// Follows redirects within the site.
    pub(crate) async fn follow(&mut self, mut reply: Reply) -> Reply {
        while reply.status.is_redirection() {
            let location = reply.location().to_owned();
            if !location.starts_with('/') && !location.starts_with(self.origin) {
                break;
            }
            reply = self.get(&location).await;
        }
        reply
    }

    /// Sends the form of a page, with these fields filled in beside its hidden ones.
    pub(crate) async fn submit(&mut self, page: &Reply, fields: &[(&str, &str)]) -> Reply {
        let form = PageForm::read(&page.body);
        self.submit_form(&form, fields).await
    }

    pub(crate) async fn submit_form(&mut self, form: &PageForm, fields: &[(&str, &str)]) -> Reply {
        let hidden = form.hidden.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let all: Vec<_> = hidden.chain(fields.iter().copied()).collect();
        let request = RequestBuilder::post(&form.action)
            .header("origin", self.origin)
            .header("sec-fetch-site", "same-origin")
            .form(&all);
        self.send(request).await
    }

    /// Signs in as a person of the cast.
    pub(crate) async fn sign_in(&mut self, name: &str) -> Reply {
        let page = self.get("/login").await.expect(200);
        let email = format!("{name}@example.com");
        let fields = [("username", email.as_str()), ("password", cast::password(name))];
        self.submit(&page, &fields).await.expect(303)
    }

    /// Opens an authorization request.
    pub(crate) async fn authorize(&mut self, parameters: &[(&str, &str)]) -> Reply {
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.get(&format!("/oauth/authorizations/new?{query}")).await
    }

    /// Presses Allow on a consent page, with these optional scopes ticked.
    pub(crate) async fn allow(&mut self, page: &Reply, ticked: &[&str]) -> Reply {
        let scopes = ticked.iter().map(|scope| ("scope", *scope));
        let fields: Vec<_> = [("decision", "allow")].into_iter().chain(scopes).collect();
        self.submit(page, &fields).await
    }

    /// Presses Deny on a consent page.
    pub(crate) async fn deny(&mut self, page: &Reply) -> Reply {
        self.submit(page, &[("decision", "deny")]).await
    }
}

/// A form of a page.
pub(crate) struct PageForm {
    pub(crate) action: String,
    pub(crate) hidden: Vec<(String, String)>,
}

impl PageForm {
    /// The first form of the page.
    #[track_caller]
    pub(crate) fn read(html: &str) -> Self {
        Self::all(html).into_iter().next().unwrap_or_else(|| panic!("no form in {html}"))
    }

    /// Every form of the page.
    pub(crate) fn all(html: &str) -> Vec<Self> {
        let document = Html::parse_document(html);
        let forms = Selector::parse("form").expect("a valid selector");
        let hidden = Selector::parse("input[type=hidden]").expect("a valid selector");
        let form = |form: scraper::ElementRef<'_>| Self {
            action: form.value().attr("action").unwrap_or_default().to_owned(),
            hidden: form
                .select(&hidden)
                .map(|field| {
                    let attribute = |name| field.value().attr(name).unwrap_or_default().to_owned();
                    (attribute("name"), attribute("value"))
                })
                .collect(),
        };
        document.select(&forms).map(form).collect()
    }
}

/// What a story asks the user for.
pub(crate) struct Consent<'a> {
    pub(crate) user: &'a str,
    pub(crate) scope: Option<&'a str>,
    /// Whether PKCE is used.
    pub(crate) pkce: bool,
    /// Further parameters of the authorization request.
    pub(crate) more: &'a [(&'a str, &'a str)],
}

impl Default for Consent<'_> {
    fn default() -> Self {
        Self { user: "alice", scope: Some("read"), pkce: true, more: &[] }
    }
}

/// A client of the cast.
pub(crate) struct ClientActor<'a> {
    app: &'a TestApp,
    origin: &'static str,
    pub(crate) identifier: &'static str,
    pub(crate) secret: Option<&'static str>,
}

impl<'a> ClientActor<'a> {
    pub(crate) fn new(app: &'a TestApp, identifier: &'static str) -> Self {
        Self { app, origin: ORIGIN, identifier, secret: cast::secret(identifier) }
    }

    /// The client of this identifier at another account.
    pub(crate) fn at(self, origin: &'static str) -> Self {
        Self { origin, ..self }
    }

    /// The same client, presenting another secret or none.
    pub(crate) fn presenting(self, secret: Option<&'static str>) -> Self {
        Self { secret, ..self }
    }

    /// The first registered redirect URI.
    pub(crate) fn redirect_uri(&self) -> &'static str {
        match self.identifier {
            "photo-album" => "https://app.example.com/callback",
            "daily-report" => "https://report.example.com/cb",
            "web-player" => "https://player.example.com/cb",
            "cli-tool" => "http://127.0.0.1/cb",
            "legacy-sync" => "https://legacy.example.com/cb",
            "one-shot" => "https://shot.example.com/cb",
            "zdg-parcel-desk" | "zdg-aerial" => "https://parcel.example.com/cb",
            other => panic!("{other} has no redirect URI"),
        }
    }

    /// The parameters of an authorization request.
    pub(crate) fn request<'r>(&self, consent: &Consent<'r>) -> Vec<(&'r str, &'r str)>
    where
        'a: 'r,
    {
        let mut parameters = vec![
            ("response_type", "code"),
            ("client_id", self.identifier),
            ("redirect_uri", self.redirect_uri()),
            ("state", "xyz"),
        ];
        parameters.extend(consent.scope.map(|scope| ("scope", scope)));
        if consent.pkce {
            parameters.push(("code_challenge", Challenge::RFC.challenge));
            parameters.push(("code_challenge_method", "S256"));
        }
        parameters.extend(consent.more);
        parameters
    }

    /// Gets a code: the user signs in, allows everything and comes back.
    pub(crate) async fn code(&self, consent: &Consent<'_>) -> String {
        let mut browser = self.app.anonymous().at(self.origin);
        browser.sign_in(consent.user).await;
        let mut reply = browser.authorize(&self.request(consent)).await;
        if reply.status == 200 {
            reply = browser.allow(&reply.clone(), &["calendar:read"]).await;
        }
        let reply = reply.expect(303);
        reply.parameter("code").unwrap_or_else(|| panic!("no code in {}", reply.location()))
    }

    /// Calls the token endpoint with the client's own credentials in the body.
    pub(crate) async fn token(&self, fields: &[(&str, &str)]) -> Reply {
        self.post("/oauth/tokens", fields).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.app.send(self.posting(path, fields)).await
    }

    /// A call with the client's own credentials in the body, to be sent later.
    pub(crate) fn posting(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let mut all = vec![("client_id", self.identifier)];
        all.extend(self.secret.map(|secret| ("client_secret", secret)));
        all.extend(fields);
        RequestBuilder::post(path).at(self.origin).form(&all)
    }

    /// Redeems a code with the verifier of [`Challenge::RFC`].
    pub(crate) async fn redeem(&self, code: &str) -> Reply {
        self.token(&self.claim(code)).await
    }

    /// The fields that redeem a code with the verifier of [`Challenge::RFC`].
    pub(crate) fn claim<'c>(&self, code: &'c str) -> [(&'c str, &'c str); 4] {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri()),
            ("code_verifier", Challenge::RFC.verifier),
        ]
    }

    /// Gets tokens: authorization and exchange.
    pub(crate) async fn tokens(&self, consent: &Consent<'_>) -> Reply {
        let code = self.code(consent).await;
        self.redeem(&code).await.expect(200)
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> Reply {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
        self.token(&fields).await
    }

    /// Whether a token is active, as this client sees it.
    pub(crate) async fn introspect(&self, token: &str) -> Reply {
        self.post("/oauth/tokens/introspect", &[("token", token)]).await.expect(200)
    }

    pub(crate) async fn is_active(&self, token: &str) -> bool {
        self.introspect(token).await.json()["active"] == true
    }
}
