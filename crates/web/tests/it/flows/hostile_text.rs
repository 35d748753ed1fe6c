//! Text that is no text: what apps, people and requests bring along is shown, and never run.

use domain::{ClientDraft, ClientKind};
use scraper::{Html, Selector};

use crate::support::{Consent, RequestBuilder, TestApp, stories, with};

/// Markup, templates, and letters that turn the line around.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
    "</title></textarea><svg onload=alert(1)>",
    "{{7*7}} {% raw %} ${7*7} #{7*7} <%= 7*7 %>",
    "\u{202e}txet desrever",
    "<!--<a href=javascript:alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
];

const REDIRECT_URI: &str = "https://hostile.example/cb?a=%3Cscript%3E&b='";

/// Nothing of the text became an element, and the text itself is there to be read.
#[track_caller]
fn assert_shown_as_text(html: &str, text: &str) {
    let document = Html::parse_document(html);
    let run = Selector::parse(
        "script:not([src]), img, svg[onload], [onerror], [onfocus], a[href^=javascript]",
    );
    let found: Vec<String> =
        document.select(&run.expect("a selector")).map(|found| found.html()).collect();
    assert_eq!(found, Vec::<String>::new());
    let shown: String = document.root_element().text().collect();
    assert!(shown.contains(text), "{text:?} is not shown in {shown}");
    assert!(!shown.contains("49 "), "a template was run: {shown}");
}

async fn register(app: &TestApp, number: usize, text: &str) -> String {
    let identifier = format!("hostile-{number}");
    let draft = ClientDraft {
        name: text.to_owned(),
        identifier: identifier.clone(),
        company: Some(text.to_owned()),
        description: Some(text.to_owned()),
        kind: Some(ClientKind::Public.as_str().to_owned()),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        ..ClientDraft::default()
    };
    app.register(&draft).await.map_err(|_| ()).expect("it is text like any other");
    identifier
}

stories! {
    /// Names, companies and descriptions of apps are shown as they are, on every page that shows them.
    // UI-03
    async fn what_apps_call_themselves_is_text(app) {
        for (number, text) in HOSTILE.into_iter().enumerate() {
            let identifier = register(app, number, text).await;
            let base = app.client("web-player").request(&Consent::default());
            let request = with(&base, "client_id", &identifier);
            let request = with(&request, "redirect_uri", REDIRECT_URI);
            let mut anonymous = app.anonymous();
            let reply = anonymous.authorize(&request).await;
            let page = anonymous.follow(reply).await.expect(200);
            assert_shown_as_text(&page.body, text);

            let mut browser = app.browser("alice").await;
            let page = browser.authorize(&request).await.expect(200);
            assert_shown_as_text(&page.body, text);
            browser.allow(&page, &[]).await.expect(303);
            let page = browser.get("/account/apps").await.expect(200);
            assert_shown_as_text(&page.body, text);
        }
    }

    /// What a request carries comes back as text or not at all.
    // UI-03
    async fn what_a_request_carries_is_text(app) {
        let mut browser = app.browser("alice").await;
        let base = app.client("photo-album").request(&Consent::default());
        for text in HOSTILE {
            for name in ["client_id", "redirect_uri"] {
                let page = browser.authorize(&with(&base, name, text)).await.expect(400);
                assert!(!page.body.contains("alert(1)"), "{name}: {}", page.body);
            }
            let page = browser.get(&format!("/docs/errors/{}", "%3Cscript%3Ealert(1)")).await;
            assert!(!page.expect(404).body.contains("alert(1)"));

            let request = with(&base, "state", text);
            let mut reply = browser.authorize(&request).await;
            if reply.status == 200 {
                assert!(!reply.body.contains(text), "the page has no use for it");
                reply = browser.allow(&reply.clone(), &[]).await;
            }
            let reply = reply.expect(303);
            assert_eq!(reply.parameter("state").as_deref(), Some(text));
            for raw in ['<', '>', '"', ' '] {
                assert!(!reply.location().contains(raw), "{}", reply.location());
            }
            let refused = browser.authorize(&with(&request, "scope", text)).await.expect(303);
            assert_eq!(refused.parameter("error").as_deref(), Some("invalid_scope"));
            assert!(!refused.parameter("error_description").unwrap_or_default().contains("alert"));
        }
    }

    /// A typed address comes back into its field as text, a name too.
    // UI-03
    async fn what_people_type_is_text(app) {
        for text in HOSTILE {
            let mut browser = app.anonymous();
            let page = browser.get("/login").await.expect(200);
            let fields = [("username", text), ("password", "not the password")];
            let page = browser.submit(&page, &fields).await.expect(422);
            let document = Html::parse_document(&page.body);
            let field = Selector::parse("input#username").expect("a selector");
            let field = document.select(&field).next().expect("the field");
            assert_eq!(field.value().attr("value"), Some(text));
            assert_eq!(field.value().attr("onfocus"), None);
            assert!(!page.body.contains("<script>") && !page.body.contains("<img"));
        }
    }

    /// No header of a request is repeated in a reply, and none breaks one in two.
    // RU-13, HT-06
    async fn no_reply_is_split(app) {
        let mut browser = app.browser("alice").await;
        let base = app.client("photo-album").request(&Consent::default());
        let state = "x\r\nSet-Cookie: planted=1\r\n\r\n<html>";
        let mut reply = browser.authorize(&with(&base, "state", state)).await;
        if reply.status == 200 {
            reply = browser.allow(&reply.clone(), &[]).await;
        }
        assert_eq!(reply.parameter("state").as_deref(), Some(state));
        assert!(!reply.location().contains(['\r', '\n']));
        assert_eq!(reply.header("set-cookie"), None);
        let told = RequestBuilder::get("/login")
            .header("x-request-id", "planted")
            .header("x-forwarded-host", "evil.example")
            .header("user-agent", "<script>");
        let reply = app.send(told).await.expect(200);
        assert_ne!(reply.header("x-request-id"), Some("planted"));
        assert!(!reply.snapshot().contains("evil.example"));
        assert!(!reply.body.contains("planted"));
    }
}
