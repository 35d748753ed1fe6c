//! What an authorization code is bound to, what else ends it, and that nothing passes for one.

use domain::{ClientDraft, ClientState, Lifetime};

use crate::support::{
    ADMIN_API_TOKEN, Browser, Challenge, ClientActor, Consent, OTHER_ORIGIN, PageForm, Reply,
    RequestBuilder, TestApp, password, stories, with, without,
};

const OTHER_ADDRESS: &str = "https://app.example.com/b?x=1";
const WITHOUT_PKCE: Consent<'static> =
    Consent { user: "alice", scope: Some("read"), pkce: false, more: &[] };

fn invalid_grant() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

/// A code that the user of this browser gave the client.
async fn code_in(browser: &mut Browser<'_>, client: &ClientActor<'_>) -> String {
    let reply = browser.authorize(&client.request(&Consent::default())).await;
    let reply = if reply.status == 200 { browser.allow(&reply, &[]).await } else { reply };
    reply.expect_code_at(client.redirect_uri())
}

/// Presses the only button of the page at this path.
async fn press(browser: &mut Browser<'_>, path: &str) -> Reply {
    let page = browser.get(path).await.expect(200);
    browser.submit(&page, &[]).await.expect(303)
}

stories! {
    // CD-04, D-07, W-56
    async fn a_code_is_its_clients_alone(app) {
        for owner in ["photo-album", "web-player", "legacy-sync"] {
            let code = app.client(owner).code(&Consent::default()).await;
            let claim = app.client(owner).claim(&code);
            for thief in ["daily-report", "cli-tool", "web-player", "legacy-sync", "photo-album"] {
                if thief != owner {
                    let reply = app.client(thief).token(&claim).await;
                    assert_eq!(reply.error(), invalid_grant(), "{thief} took from {owner}");
                }
            }
            app.client(owner).redeem(&code).await.expect(200);
        }
    }

    // CD-04
    async fn two_names_in_one_request_are_refused(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let thief = app.client("daily-report").secret.expect("a confidential client");
        let mut fields = vec![("client_id", "photo-album")];
        fields.extend(client.claim(&code));
        let request = RequestBuilder::post("/oauth/tokens").form(&fields);
        let reply = app.send(request.basic("daily-report", thief)).await;
        assert_eq!(reply.error(), (400, "invalid_request".to_owned()));
        fields.push(("client_secret", client.secret.expect("a confidential client")));
        let request = RequestBuilder::post("/oauth/tokens").form(&fields);
        let reply = app.send(request.basic("daily-report", thief)).await;
        assert_eq!(reply.error(), (400, "invalid_request".to_owned()));
        client.redeem(&code).await.expect(200);
    }

    // CD-04
    async fn a_code_is_worth_nothing_at_another_account(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let claim = client.posting("/oauth/tokens", &client.claim(&code));
        let reply = app.send(claim.at(OTHER_ORIGIN)).await;
        assert_eq!(reply.error(), (401, "invalid_client".to_owned()));
        client.redeem(&code).await.expect(200);
    }

    // CD-05, D-07, W-57
    async fn a_code_is_for_the_address_it_was_sent_to(app) {
        let client = app.client("photo-album");
        for consent in [&Consent::default(), &WITHOUT_PKCE] {
            let code = client.code(consent).await;
            let mut claim = client.claim(&code).to_vec();
            if !consent.pkce {
                claim = without(&claim, "code_verifier");
            }
            for other in [
                OTHER_ADDRESS,
                "https://app.example.com/callback/",
                "https://app.example.com/callback?x=1",
                "https://app.example.com/callback https://app.example.com/b?x=1",
                "https://app.example.com/",
                "HTTPS://app.example.com/callback",
                "https://evil.example/",
            ] {
                let reply = client.token(&with(&claim, "redirect_uri", other)).await;
                assert_eq!(reply.error(), invalid_grant(), "{other}");
            }
            // Absent only where a challenge binds the code instead.
            let absent = client.token(&without(&claim, "redirect_uri")).await;
            if consent.pkce {
                absent.expect(200);
            } else {
                assert_eq!(absent.error(), invalid_grant());
                client.token(&claim).await.expect(200);
            }
        }
    }

    // CD-05
    async fn on_loopback_the_port_that_was_used_counts(app) {
        let client = app.client("cli-tool");
        let mut browser = app.browser("alice").await;
        let used = "http://127.0.0.1:51004/cb";
        let request = with(&client.request(&Consent::default()), "redirect_uri", used);
        let page = browser.authorize(&request).await.expect_consent();
        let code = browser.allow(&page, &[]).await.expect_code_at(used);
        for other in ["http://127.0.0.1/cb", "http://127.0.0.1:51005/cb"] {
            let reply = client.token(&with(&client.claim(&code), "redirect_uri", other)).await;
            assert_eq!(reply.error(), invalid_grant(), "{other}");
        }
        client.token(&with(&client.claim(&code), "redirect_uri", used)).await.expect(200);
    }

    // CD-10
    async fn a_code_ends_with_the_session_password_consent_or_user(app) {
        let client = app.client("photo-album");
        for (index, ending) in ["sign-out", "revoke", "revoke all", "password", "suspension"]
            .into_iter()
            .enumerate()
        {
            let user = if index % 2 == 0 { "alice" } else { "bob" };
            let mut browser = app.browser(user).await;
            let code = code_in(&mut browser, &client).await;
            match ending {
                "sign-out" => drop(press(&mut browser, "/logout").await),
                "revoke" => revoke_one(app, &mut browser, "photo-album").await,
                "revoke all" => revoke_everything(&mut browser).await,
                "password" => app.set_password(user, "another long password").await,
                _ => app.suspend_user(user, true).await,
            }
            assert_eq!(client.redeem(&code).await.error(), invalid_grant(), "{ending}");
            if ending == "password" {
                app.set_password(user, password(user)).await;
            }
        }
    }

    // CD-10: what has no client any more has nobody who could authenticate (protocol §2.9).
    async fn a_code_ends_with_its_client(app) {
        let client = app.client("photo-album");
        let suspended = client.code(&Consent::default()).await;
        app.set_client_state("photo-album", ClientState::Suspended).await;
        let refused = (401, "invalid_client".to_owned());
        assert_eq!(client.redeem(&suspended).await.error(), refused);
        app.set_client_state("photo-album", ClientState::Active).await;
        app.advance(Lifetime::seconds(1));
        let moved = client.code(&Consent::default()).await;
        let move_away = |draft: &mut ClientDraft| {
            draft.redirect_uris.push("https://app.example.com/new".to_owned());
        };
        app.change_client("photo-album", move_away).await.expect("valid");
        assert_eq!(client.redeem(&moved).await.error(), invalid_grant());
        let deleted = client.code(&Consent::default()).await;
        app.delete_client("photo-album").await;
        assert_eq!(client.redeem(&deleted).await.error(), refused);
        // The name may be used again; nothing old becomes valid through it.
        let again = ClientDraft {
            name: "Again".to_owned(),
            identifier: "photo-album".to_owned(),
            kind: Some("public".to_owned()),
            redirect_uris: vec![client.redirect_uri().to_owned()],
            ..ClientDraft::default()
        };
        app.register(&again).await.expect("the name is free");
        assert_eq!(client.redeem(&deleted).await.error(), invalid_grant());
    }

    // CD-10
    async fn a_code_ends_with_its_account(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        app.suspend_home_account().await;
        assert_eq!(client.redeem(&code).await.error(), (401, "invalid_client".to_owned()));
        assert_eq!(app.family_count().await, 0);
    }

    // CD-07
    async fn no_value_passes_for_another_kind(app) {
        let client = app.client("photo-album");
        let values = OneOfEach::collect(app).await;
        for (kind, value) in &values.0 {
            let claim = with(&client.claim("x"), "code", value);
            if kind != "code" {
                assert_eq!(client.token(&claim).await.error(), invalid_grant(), "{kind} as code");
            }
            if kind != "refresh token" {
                let reply = client.refresh(value).await;
                assert_eq!(reply.error(), invalid_grant(), "{kind} as refresh token");
            }
            if kind != "access token" {
                let request = RequestBuilder::get("/api/v2/users/me").bearer(value);
                app.send(request).await.expect(401);
            }
            if kind != "access token" && kind != "refresh token" {
                assert!(!client.is_active(value).await, "{kind} is active");
            }
            if kind != "API token" {
                let request = RequestBuilder::get("/api/v2/oauth/clients");
                app.send(request.basic("admin@example.com/token", value)).await.expect(401);
            }
            if kind != "authorization request" {
                let resumed = format!("/oauth/authorizations/new?resume={value}");
                app.get(&resumed).await.expect_error_page("request_expired");
                let sign_in = app.get(&format!("/login?request={value}")).await;
                sign_in.expect_error_page("request_expired");
            }
            if kind != "session" {
                let mut browser = app.browser("alice").await;
                browser.replace_session(value);
                let reply = browser.get("/account/apps").await;
                assert_eq!(reply.location(), "/login", "{kind} as session");
            }
            if kind != "client secret" {
                let fields = [("grant_type", "client_credentials"), ("client_id", "new-app"),
                    ("client_secret", value.as_str()), ("scope", "read")];
                let reply = app.send(RequestBuilder::post("/oauth/tokens").form(&fields)).await;
                assert_eq!(reply.error(), (401, "invalid_client".to_owned()), "{kind} as secret");
            }
        }
        // Each is good for what it is.
        values.assert_good(app).await;
    }

    // CD-08
    async fn a_changed_letter_makes_a_value_worthless(app) {
        let client = app.client("photo-album");
        let values = OneOfEach::collect(app).await;
        for changed in changes(values.get("code")) {
            let claim = with(&client.claim("x"), "code", &changed);
            assert_eq!(client.token(&claim).await.error(), invalid_grant(), "{changed:?}");
        }
        for changed in changes(values.get("refresh token")) {
            assert_eq!(client.refresh(&changed).await.error(), invalid_grant(), "{changed:?}");
        }
        for changed in changes(values.get("access token")) {
            assert!(!client.is_active(&changed).await, "{changed:?}");
            if !changed.contains(|c: char| c.is_whitespace() || c.is_control()) {
                let request = RequestBuilder::get("/api/v2/users/me").bearer(&changed);
                app.send(request).await.expect(401);
            }
        }
        for changed in changes(values.get("client secret")) {
            let fields = [("grant_type", "client_credentials"), ("client_id", "new-app"),
                ("client_secret", changed.as_str()), ("scope", "read")];
            let reply = app.send(RequestBuilder::post("/oauth/tokens").form(&fields)).await;
            assert_eq!(reply.error(), (401, "invalid_client".to_owned()), "{changed:?}");
        }
        values.assert_good(app).await;
    }
}

async fn revoke_one(app: &TestApp, browser: &mut Browser<'_>, identifier: &str) {
    let page = browser.get("/account/apps").await.expect(200);
    let forms = PageForm::all(&page.body);
    let one = |form: &&PageForm| {
        form.action.starts_with("/account/apps/") && form.action != "/account/apps/revoke"
    };
    let form = forms.iter().find(one).expect("an app is listed");
    assert!(page.body.contains(&format!("The {identifier}")));
    let revoked = app.events("grant.revoked").await.len();
    browser.submit_form(form, &[]).await.expect(303);
    assert_eq!(app.events("grant.revoked").await.len(), revoked + 1);
}

async fn revoke_everything(browser: &mut Browser<'_>) {
    let page = browser.get("/account/apps").await.expect(200);
    let forms = PageForm::all(&page.body);
    let form = forms.iter().find(|form| form.action == "/account/apps/revoke");
    browser.submit_form(form.expect("the form is there"), &[]).await.expect(303);
}

/// One live value of each kind that the server gives out.
struct OneOfEach(Vec<(String, String)>);

impl OneOfEach {
    async fn collect(app: &TestApp) -> Self {
        let client = app.client("photo-album");
        let draft = ClientDraft {
            name: "New".to_owned(),
            identifier: "new-app".to_owned(),
            kind: Some("confidential".to_owned()),
            ..ClientDraft::default()
        };
        let made = app.register(&draft).await.expect("valid");
        let mut browser = app.browser("alice").await;
        let tokens = client.redeem(&code_in(&mut browser, &client).await).await.expect(200);
        let code = code_in(&mut browser, &client).await;
        let waiting = app.anonymous().authorize(&client.request(&Consent::default())).await;
        let sign_in = app.get("/login").await.expect(200);
        let visit = sign_in.header("set-cookie").expect("a visit begins");
        let visit = visit.split(['=', ';']).nth(1).expect("a cookie has a value").to_owned();
        let form_token = PageForm::read(&sign_in.body).hidden[0].1.clone();
        let values = [
            ("code", code),
            ("access token", tokens.text("access_token")),
            ("refresh token", tokens.text("refresh_token")),
            ("authorization request", waiting.expect_sign_in()),
            ("session", browser.session().expect("signed in")),
            ("visit", visit),
            ("form token", form_token),
            ("client secret", made.secret.expose().to_owned()),
            ("API token", ADMIN_API_TOKEN.to_owned()),
            ("challenge", Challenge::RFC.challenge.to_owned()),
        ];
        Self(values.map(|(kind, value)| (kind.to_owned(), value)).to_vec())
    }

    fn get(&self, kind: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name == kind);
        found.map(|(_, value)| value.as_str()).expect("the kind is collected")
    }

    async fn assert_good(&self, app: &TestApp) {
        let client = app.client("photo-album");
        assert!(client.is_active(self.get("access token")).await);
        client.redeem(self.get("code")).await.expect(200);
        client.refresh(self.get("refresh token")).await.expect(200);
        let waiting = self.get("authorization request");
        app.get(&format!("/login?request={waiting}")).await.expect(200);
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", "new-app"),
            ("client_secret", self.get("client secret")),
            ("scope", "read"),
        ];
        app.send(RequestBuilder::post("/oauth/tokens").form(&fields)).await.expect(200);
        let mut browser = app.browser("bob").await;
        browser.replace_session(self.get("session"));
        let page = browser.get("/account/apps").await.expect(200);
        assert!(page.body.contains("alice@example.com"));
    }
}

/// The value cut, lengthened, and with one letter changed.
fn changes(value: &str) -> Vec<String> {
    let mut changed: Vec<String> =
        [1, 2, 10, value.len() - 6].map(|cut| value[..value.len() - cut].to_owned()).into();
    changed.extend(["0", "=", "==", " ", "\n"].map(|more| format!("{value}{more}")));
    changed.push(format!(" {value}"));
    changed.push(value.to_uppercase());
    changed.push(value.to_lowercase());
    changed.extend([3, 7, 20, value.len() - 1].map(|at| {
        let mut bytes = value.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'a' { b'b' } else { b'a' };
        String::from_utf8(bytes).expect("handles are ASCII")
    }));
    changed.retain(|it| it != value);
    changed
}
