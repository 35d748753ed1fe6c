//! Redirect URIs when a client is registered or changed: what may stand there at all.

use domain::{ClientDraft, ClientField, FaultCode};
use http::Method;
use protocol::clients::ClientRefused;
use serde_json::{Value, json};
use store::Failure;

use crate::support::{ADMIN_API_TOKEN, RequestBuilder, TestApp, stories};

/// What is refused for every kind of client, and what for.
const REFUSED: [&str; 44] = [
    // RU-04: patterns.
    "*",
    "https://*",
    "https://*/cb",
    "https://app.example/*",
    "regexp=.*",
    "https://app.example*",
    "https://*.app.example/cb",
    "^https://app.example/cb$",
    // RU-05: what runs or reads.
    "jAvAsCrIpT:alert(1)",
    "javascript://app.example/%0Aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "\u{1}javascript:alert(1)",
    "view-source:https://app.example/cb",
    "blob:https://app.example/x",
    "file:///etc/passwd",
    "about:blank",
    "intent://app.example/cb",
    // RU-06, B-21: http for another machine.
    "http://app.example/cb",
    "HTTP://app.example/cb",
    "http://127.0.0.1.evil.example/cb",
    "http://localhost.evil/cb",
    "http://127.0.0.2/cb",
    "http://0.0.0.0/cb",
    "http://127.1/cb",
    "http://[::ffff:127.0.0.1]/cb",
    // D-02: a private-use scheme without a dot.
    "myapp:/cb",
    "myapp://cb",
    // D-01: not a complete address.
    "https://app.example",
    "https://app.example?x=1",
    "app.example/cb",
    "/cb",
    "",
    // What no address needs.
    "https://app.example/cb#",
    "https://app.example/cb#f",
    "https://user@app.example/cb",
    "https://app.example/a/../cb",
    "https://app.example/cb\\x",
    "https://app.example/c b",
    "https://app.example/\u{e4}",
    "https://app.example/%00",
    "https:///cb",
];

const ACCEPTED: [&str; 8] = [
    "https://app.example/cb",
    "https://App.Example:8443/Cb/?a=b%20c&d=e",
    "http://localhost:9000/",
    "http://127.0.0.1/cb",
    "http://[::1]:51004/cb",
    "com.example.app:/cb",
    "com.example.app://callback",
    "vscode://publisher.extension/cb",
];

fn draft(identifier: &str, redirect_uri: &str) -> ClientDraft {
    ClientDraft {
        name: "An app".to_owned(),
        identifier: identifier.to_owned(),
        kind: Some("public".to_owned()),
        redirect_uris: vec![redirect_uri.to_owned()],
        ..ClientDraft::default()
    }
}

/// Calls the API as the admin.
async fn api(app: &TestApp, method: Method, path: &str, body: &Value) -> (u16, Value) {
    let request = RequestBuilder::new(method, path)
        .basic("admin@example.com/token", ADMIN_API_TOKEN)
        .json(body);
    let reply = app.send(request).await;
    (reply.status.as_u16(), reply.json())
}

#[track_caller]
fn assert_invalid((status, body): &(u16, Value), redirect_uri: &str) {
    assert_eq!(*status, 422, "{redirect_uri}: {body}");
    assert_eq!(body["error"], "RecordInvalid", "{redirect_uri}: {body}");
    assert_eq!(
        body["details"]["redirect_uri"][0]["error"], "InvalidValue",
        "{redirect_uri}: {body}"
    );
}

stories! {
    // RU-04, RU-05, RU-06, B-21, D-01, D-02
    async fn what_is_no_address_of_an_app_is_not_registered(app) {
        for redirect_uri in REFUSED {
            let refused = app.register(&draft("new-app", redirect_uri)).await;
            let Err(Failure::Refused(ClientRefused::Invalid(faults))) = refused else {
                panic!("{redirect_uri} was registered");
            };
            assert_eq!(faults.len(), 1, "{redirect_uri}: {faults:?}");
            assert_eq!(faults[0].field, ClientField::RedirectUris, "{redirect_uri}");
            assert_eq!(faults[0].code, FaultCode::InvalidValue, "{redirect_uri}");
        }
    }

    // RU-05
    async fn nor_is_it_registered_as_the_way_back_from_signing_out(app) {
        for uri in REFUSED {
            let wrong = ClientDraft {
                post_logout_redirect_uris: vec![uri.to_owned()],
                ..draft("new-app", "https://app.example/cb")
            };
            let Err(Failure::Refused(ClientRefused::Invalid(faults))) = app.register(&wrong).await
            else {
                panic!("{uri} was registered");
            };
            assert_eq!(faults[0].field, ClientField::PostLogoutRedirectUris, "{uri}");
        }
    }

    // RU-04, RU-05, RU-06, B-21, D-01, D-02
    async fn the_api_refuses_it_on_create_and_on_update(app) {
        let clients = "/api/v2/oauth/clients.json";
        for redirect_uri in REFUSED {
            for body in [json!([redirect_uri]), json!(["https://app.example/cb", redirect_uri])] {
                let client = json!({"name": "An app", "identifier": "new-app", "kind": "public",
                    "redirect_uri": body});
                let reply = api(app, Method::POST, clients, &json!({"client": client})).await;
                assert_invalid(&reply, redirect_uri);
            }
        }
        let before = app.registered("photo-album").await;
        let path = format!("/api/v2/oauth/clients/{}.json", before.id);
        for redirect_uri in REFUSED {
            let list = json!(["https://new.example/cb", redirect_uri]);
            let body = json!({"client": {"redirect_uri": list}});
            assert_invalid(&api(app, Method::PUT, &path, &body).await, redirect_uri);
        }
        let after = app.registered("photo-album").await;
        assert_eq!(after.redirect_uris, before.redirect_uris);
    }

    // D-02
    async fn what_is_registered_is_kept_byte_for_byte(app) {
        for (index, redirect_uri) in ACCEPTED.into_iter().enumerate() {
            let client = json!({"name": "An app", "identifier": format!("app-{index}"),
                "kind": "public", "redirect_uri": [redirect_uri]});
            let path = "/api/v2/oauth/clients";
            let (status, body) = api(app, Method::POST, path, &json!({"client": client})).await;
            assert_eq!(status, 201, "{redirect_uri}: {body}");
            assert_eq!(body["client"]["redirect_uri"], json!([redirect_uri]));
        }
    }

    // D-02
    async fn a_listed_private_scheme_is_for_public_clients_only(app) {
        for kind in ["confidential", "public"] {
            let draft = ClientDraft {
                kind: Some(kind.to_owned()),
                ..draft(kind, "vscode://publisher.extension/cb")
            };
            assert_eq!(app.register(&draft).await.is_ok(), kind == "public", "{kind}");
        }
        // Nor does a change of kind keep it.
        let confidential = |draft: &mut ClientDraft| draft.kind = Some("confidential".to_owned());
        let changed = app.change_client("public", confidential).await;
        assert!(matches!(changed, Err(Failure::Refused(ClientRefused::Invalid(_)))));
    }

    async fn fifty_addresses_are_enough(app) {
        let many = |count: usize| ClientDraft {
            redirect_uris: (0..count).map(|index| format!("https://app.example/{index}")).collect(),
            ..draft("new-app", "")
        };
        let Err(Failure::Refused(ClientRefused::Invalid(faults))) = app.register(&many(51)).await
        else {
            panic!("51 addresses were registered");
        };
        assert_eq!(faults[0].field, ClientField::RedirectUris);
        app.register(&many(50)).await.expect("fifty are allowed");
    }
}
