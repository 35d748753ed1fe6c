//! The shape of a token request: method, type, repeated and unknown values, lifetimes, scopes.

use http::Method;
use serde_json::{Value, json};

use crate::support::{ClientActor, Consent, Reply, RequestBuilder, TestApp, stories};

const PATH: &str = "/oauth/tokens";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// What gets a token with client credentials, as a form.
const VALID: &str = "grant_type=client_credentials&client_id=api-server\
                     &client_secret=api-server-secret-0000000&scope=read";

/// What gets a token with client credentials, as JSON, without the closing brace.
const VALID_JSON: &str = r#"{"grant_type":"client_credentials","client_id":"api-server",
    "client_secret":"api-server-secret-0000000","scope":"read""#;

async fn post(app: &TestApp, content_type: &str, body: &[u8]) -> Reply {
    app.send(RequestBuilder::post(PATH).body(content_type, body)).await
}

/// A form that is valid, with more behind it.
async fn form(app: &TestApp, more: &str) -> Reply {
    post(app, FORM, format!("{VALID}&{more}").as_bytes()).await
}

/// A JSON object that is valid, with more members behind.
async fn json(app: &TestApp, more: &str) -> Reply {
    post(app, JSON, format!("{VALID_JSON},{more}}}").as_bytes()).await
}

fn invalid(reply: &Reply, status: u16) {
    assert_eq!(reply.error(), (status, "invalid_request".to_owned()), "{}", reply.body);
    assert!(reply.credentials().is_empty(), "{}", reply.body);
}

/// Redeems a code of `web-player` by JSON, with one more member.
async fn exchange(app: &TestApp, code: &str, (name, value): (&str, Value)) -> Reply {
    let client = app.client("web-player");
    let mut body = json!({"client_id": client.identifier});
    for (field, value) in client.claim(code) {
        body[field] = value.into();
    }
    body[name] = value;
    app.send(RequestBuilder::post(PATH).json(&body)).await
}

async fn credentials_with_scope(client: &ClientActor<'_>, scope: &str) -> Reply {
    client.token(&[("grant_type", "client_credentials"), ("scope", scope)]).await
}

stories! {
    // W-71, M-06, GR-05
    /// The endpoint takes POST only.
    async fn the_token_endpoint_takes_post_only(app) {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
            let request = RequestBuilder::new(method, PATH).body(FORM, VALID.as_bytes());
            let reply = app.send(request).await;
            invalid(&reply, 405);
            assert_eq!(reply.header("allow"), Some("POST"));
        }
        let reply = app.send(RequestBuilder::new(Method::HEAD, PATH)).await;
        assert_eq!(reply.status.as_u16(), 405);
        let overridden = RequestBuilder::get(PATH).header("x-http-method-override", "POST");
        invalid(&app.send(overridden.body(FORM, VALID.as_bytes())).await, 405);
    }

    // W-71, GR-05
    /// A body is a form or JSON, and says which.
    async fn a_body_is_a_form_or_json(app) {
        for content_type in ["text/plain", "multipart/form-data; boundary=x", "application/xml", ""]
        {
            invalid(&post(app, content_type, VALID.as_bytes()).await, 415);
        }
        invalid(&app.send(RequestBuilder::post(PATH)).await, 415);
        post(app, "application/x-www-form-urlencoded; charset=UTF-8", VALID.as_bytes())
            .await
            .expect(200);
        let body = format!("{VALID_JSON}}}");
        post(app, "Application/JSON;charset=utf-8", body.as_bytes()).await.expect(200);
        invalid(&post(app, FORM, body.as_bytes()).await, 400);
        invalid(&post(app, JSON, VALID.as_bytes()).await, 400);
    }

    // W-71, GR-05, D-16
    /// Nothing is read from a query, here or at the API.
    async fn a_query_is_refused_here_and_not_read_at_the_api(app) {
        let request = RequestBuilder::post(&format!("{PATH}?{VALID}"));
        invalid(&app.send(request.body(FORM, VALID.as_bytes())).await, 400);
        let request = RequestBuilder::post(&format!("{PATH}?foo=bar"));
        invalid(&app.send(request.body(FORM, VALID.as_bytes())).await, 400);
        let token = post(app, FORM, VALID.as_bytes()).await.expect(200).text("access_token");
        let reply = app.get(&format!("/api/v2/oauth/clients?access_token={token}")).await;
        assert_eq!(reply.error(), (401, "Couldn't authenticate you".to_owned()));
        let in_header = RequestBuilder::get("/api/v2/oauth/clients").bearer(&token);
        app.send(in_header).await.expect(200);
    }

    // W-71, D-03
    /// A recognised field sent twice is an error, empty or not.
    async fn a_recognised_field_twice_is_refused(app) {
        for name in [
            "grant_type",
            "code",
            "redirect_uri",
            "code_verifier",
            "refresh_token",
            "scope",
            "expires_in",
            "refresh_token_expires_in",
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
        ] {
            let reply = form(app, &format!("{name}=300&{name}=300")).await;
            invalid(&reply, 400);
            assert!(reply.text("error_description").contains(name), "{}", reply.body);
            invalid(&form(app, &format!("{name}=&{name}=")).await, 400);
            invalid(&json(app, &format!(r#""{name}":"300","{name}":"300""#)).await, 400);
        }
    }

    // D-03
    /// Unknown fields are ignored however often they come; what is empty or null is absent.
    async fn unknown_fields_are_ignored_and_empty_ones_absent(app) {
        form(app, "foo=1&foo=2&scopes=write&username=a").await.expect(200);
        json(app, r#""foo":{"a":[1,2]},"scopes":["write"],"client":null"#).await.expect(200);
        form(app, "expires_in=&code=&resource=").await.expect(200);
        json(app, r#""expires_in":null,"refresh_token":null,"redirect_uri":"""#).await.expect(200);
        let resource = "resource=https%3A%2F%2Fapi.example.com%2F";
        let reply = form(app, &format!("{resource}&{resource}")).await.expect(200);
        assert_eq!(reply.text("scope"), "read");
        let grant_type_empty = VALID.replace("client_credentials", "");
        invalid(&post(app, FORM, grant_type_empty.as_bytes()).await, 400);
    }

    // GR-05
    /// What cannot be read is refused, whatever it is.
    async fn what_cannot_be_read_is_refused(app) {
        let fields = "x=1&".repeat(61);
        invalid(&form(app, &fields).await, 400);
        form(app, &"x=1&".repeat(60)).await.expect(200);
        invalid(&form(app, "x=%zz").await, 400);
        invalid(&form(app, "code=%ff%fe").await, 400);
        invalid(&form(app, "code=a%00b").await, 400);
        for body in
            [&b"{"[..], b"", b"[]", b"null", b"\"grant_type\"", b"{\"grant_type\":}", b"\xff"]
        {
            invalid(&post(app, JSON, body).await, 400);
        }
        let nested = |depth| format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth));
        invalid(&json(app, &nested(33)).await, 400);
        json(app, &nested(31)).await.expect(200);
        invalid(&json(app, r#""x":{"a":1,"a":2}"#).await, 400);
        invalid(&json(app, r#""code":"a\u0000b""#).await, 400);
        invalid(&form(app, &format!("x={}", "x".repeat(65_536))).await, 413);
        invalid(&json(app, &format!(r#""x":"{}""#, "x".repeat(65_536))).await, 413);
    }

    // W-70, B-09, V10.4.4
    /// The password grant and everything unknown are no grant types, whoever asks.
    async fn the_password_grant_does_not_exist(app) {
        let legacy = json!({
            "grant_type": "password", "client_id": "photo-album", "scope": "read",
            "client_secret": "photo-album-secret-000000",
            "username": "alice@example.com", "password": "alice in wonderland",
        });
        let reply = app.send(RequestBuilder::post(PATH).json(&legacy)).await;
        assert_eq!(reply.error(), (400, "unsupported_grant_type".to_owned()));
        for grant_type in ["password", "implicit", "foo", "PASSWORD", "Authorization_Code", " "] {
            for client_id in ["photo-album", "nobody"] {
                let fields = [("grant_type", grant_type), ("client_id", client_id)];
                let reply = app.send(RequestBuilder::post(PATH).form(&fields)).await;
                assert_eq!(
                    reply.error(),
                    (400, "unsupported_grant_type".to_owned()),
                    "{grant_type}"
                );
            }
        }
        invalid(&app.client("photo-album").token(&[]).await, 400);
    }

    // W-62
    /// An access token lasts as long as is asked for, from 300 to 172,800 seconds inclusive.
    async fn the_lifetime_of_the_access_token_is_as_asked_within_its_range(app) {
        let client = app.client("web-player");
        let code = client.code(&Consent::default()).await;
        for wrong in [
            json!(299),
            json!(172_801),
            json!("x"),
            json!(0),
            json!(-300),
            json!("+300"),
            json!(1800.0),
            json!(1800.5),
            json!("1800.0"),
            json!("0x708"),
            json!("99999999999999999999"),
            json!(true),
            json!([1800]),
            json!({"s": 1800}),
            json!(9_223_372_036_854_775_807_i64),
        ] {
            let reply = exchange(app, &code, ("expires_in", wrong)).await;
            invalid(&reply, 400);
            assert!(reply.text("error_description").contains("expires_in"), "{}", reply.body);
        }
        exchange(app, &code, ("expires_in", Value::Null)).await.expect(200);
        for (asked, granted) in [
            (json!(300), 300),
            (json!(172_800), 172_800),
            (json!("1800"), 1800),
            (json!("0300"), 300),
        ] {
            let code = client.code(&Consent::default()).await;
            let tokens = exchange(app, &code, ("expires_in", asked)).await.expect(200);
            assert_eq!(tokens.json()["expires_in"], granted);
            let access_token = tokens.text("access_token");
            let told = app.client("photo-album").introspect(&access_token).await;
            assert_eq!(told.json(), json!({"active": false}), "it is another client's");
            let me = RequestBuilder::get("/api/v2/users/me").bearer(&access_token);
            app.send(me).await.expect(200);
        }
    }

    // W-62
    /// The lifetime that was promised is the one that is kept.
    async fn an_access_token_ends_when_it_said(app) {
        let client = app.client("photo-album");
        let code = client.code(&Consent::default()).await;
        let fields: Vec<_> =
            client.claim(&code).into_iter().chain([("expires_in", "300")]).collect();
        let access_token = client.token(&fields).await.expect(200).text("access_token");
        app.advance_to_the_end_of(domain::Lifetime::seconds(300));
        assert!(client.is_active(&access_token).await);
        app.advance(domain::Lifetime::millis(1));
        assert!(!client.is_active(&access_token).await);
        let me = RequestBuilder::get("/api/v2/users/me").bearer(&access_token);
        assert_eq!(app.send(me).await.error(), (401, "invalid_token".to_owned()));
    }

    // W-63
    /// A refresh token lasts as long as is asked for, from 604,800 to 7,776,000 seconds inclusive.
    async fn the_lifetime_of_the_refresh_token_is_as_asked_within_its_range(app) {
        let client = app.client("web-player");
        let code = client.code(&Consent::default()).await;
        for wrong in [json!(604_799), json!(7_776_001), json!("x"), json!(-1), json!(604_800.5)] {
            let reply = exchange(app, &code, ("refresh_token_expires_in", wrong)).await;
            invalid(&reply, 400);
        }
        exchange(app, &code, ("refresh_token_expires_in", json!(""))).await.expect(200);
        for (asked, granted) in
            [(json!(604_800), 604_800), (json!(7_776_000), 7_776_000), (json!("604800"), 604_800)]
        {
            let code = client.code(&Consent::default()).await;
            let tokens =
                exchange(app, &code, ("refresh_token_expires_in", asked)).await.expect(200);
            assert_eq!(tokens.json()["refresh_token_expires_in"], granted);
            app.advance_to_the_end_of(domain::Lifetime::seconds(granted));
            client.refresh(&tokens.text("refresh_token")).await.expect(200);
        }
    }

    // GR-04
    /// Names between spaces, exact in case; everything else about a scope string is malformed.
    async fn a_scope_is_names_between_spaces(app) {
        let (album, server) = (app.client("photo-album"), app.client("api-server"));
        for (asked, granted) in [
            ("read  read", "read"),
            (" read   write ", "read write"),
            ("write read write", "write read"),
            ("read READ Write", "read"),
            ("read nonsense admin", "read"),
        ] {
            let reply = credentials_with_scope(&album, asked).await.expect(200);
            assert_eq!(reply.text("scope"), granted, "{asked}");
        }
        let many = (0..65).map(|number| format!("s{number}")).collect::<Vec<_>>().join(" ");
        let long = format!("read {}", "x".repeat(2_048 - 4));
        let thousands = "read ".repeat(10_000);
        for malformed in [
            "read\twrite",
            "read\nwrite",
            "read\"",
            "re\\ad",
            "r\u{e9}ad",
            "read\u{a0}",
            "READ",
            "\u{7f}",
            "nonsense",
            many.as_str(),
            long.as_str(),
            thousands.as_str(),
            "read,write",
        ] {
            for client in [&album, &server] {
                let reply = credentials_with_scope(client, malformed).await;
                assert_eq!(reply.error(), (400, "invalid_scope".to_owned()), "{malformed}");
            }
        }
        let megabyte = "read ".repeat(200_000);
        invalid(&credentials_with_scope(&server, &megabyte).await, 413);
        for scope in [json!(["read"]), json!({"read": true}), json!(7), json!(true)] {
            let body = json!({
                "grant_type": "client_credentials", "client_id": "api-server",
                "client_secret": "api-server-secret-0000000", "scope": scope,
            });
            let reply = app.send(RequestBuilder::post(PATH).json(&body)).await;
            assert_eq!(reply.error(), (400, "invalid_scope".to_owned()), "{body}");
        }
    }
}
