//! Pairwise subjects (OpenID Connect Core 1.0 §8): apps of different sectors cannot compare the users
//! that they know.

use domain::{Client, RedirectUri, SubjectType};
use serde_json::json;

use super::access_token_jwt::verify;
use crate::support::{Consent, RequestBuilder, TestApp, stories};

const APP: &str = "daily-report";
const JWT_API: (&str, &str) = ("resource", "https://jwt.example.com/");

fn pairwise(client: &mut Client) {
    client.metadata.subject_type = SubjectType::Pairwise;
}

fn consent<'c>(user: &'c str, more: &'c [(&'c str, &'c str)]) -> Consent<'c> {
    Consent { user, scope: Some("openid"), more, ..Consent::default() }
}

/// The `sub` that this app is told of this person.
async fn sub(app: &TestApp, identifier: &'static str, user: &str) -> String {
    let tokens = app.client(identifier).tokens(&consent(user, &[])).await;
    let (_, claims) = verify(app, &tokens.text("id_token")).await;
    claims["sub"].as_str().expect("a text").to_owned()
}

stories! {
    /// It is the same wherever the app is told of the user, and it is not the user's id.
    async fn an_app_is_told_one_subject_everywhere(app) {
        app.change_record(APP, pairwise).await;
        let client = app.client(APP);
        let expected = sub(app, APP, "alice").await;
        assert_eq!(expected.len(), 43);
        for more in [&[][..], &[JWT_API]] {
            let tokens = client.tokens(&consent("alice", more)).await;
            let access_token = tokens.text("access_token");
            let (_, claims) = verify(app, &tokens.text("id_token")).await;
            assert_eq!(claims["sub"], expected);
            let userinfo = RequestBuilder::get("/oauth/userinfo").bearer(&access_token);
            assert_eq!(app.send(userinfo).await.expect(200).json(), json!({"sub": expected}));
            assert_eq!(client.introspect(&access_token).await.json()["sub"], expected);
            let refresh_token = tokens.text("refresh_token");
            assert_eq!(client.introspect(&refresh_token).await.json()["sub"], expected);
            if access_token.starts_with("ey") {
                assert_eq!(verify(app, &access_token).await.1["sub"], expected);
            }
            let next = client.refresh(&refresh_token).await.expect(200);
            assert_eq!(verify(app, &next.text("id_token")).await.1["sub"], expected);
        }
    }

    /// Another user, or an app of another sector, has another one; a sector has one in common.
    async fn sectors_cannot_be_compared(app) {
        for identifier in [APP, "photo-album", "web-player"] {
            app.change_record(identifier, pairwise).await;
        }
        let subject = sub(app, APP, "alice").await;
        assert_ne!(subject, sub(app, APP, "bob").await);
        assert_ne!(subject, sub(app, "photo-album", "alice").await);
        assert_eq!(subject, sub(app, APP, "alice").await);
        for identifier in [APP, "photo-album", "web-player"] {
            app.change_record(identifier, |client| {
                let sector = "https://Report.example.com/sector.json";
                client.metadata.sector_identifier_uri = Some(sector.to_owned());
            }).await;
            assert_eq!(sub(app, identifier, "alice").await, subject, "{identifier}");
        }
    }

    /// Another path of the same host is the same sector; hosts that differ make the app its own.
    async fn a_sector_is_the_host_of_the_redirect_uris(app) {
        app.change_record(APP, pairwise).await;
        let subject = sub(app, APP, "alice").await;
        let and = |other: &'static str| move |client: &mut Client| {
            client.redirect_uris.truncate(1);
            client.redirect_uris.push(RedirectUri::parse(other).expect("it is one"));
        };
        app.change_record(APP, and("https://report.example.com/another")).await;
        assert_eq!(sub(app, APP, "alice").await, subject);
        app.change_record(APP, and("https://elsewhere.example.com/cb")).await;
        assert_ne!(sub(app, APP, "alice").await, subject);
    }

    /// The app itself is known by its identifier, whatever it is told of users.
    async fn client_credentials_are_no_users(app) {
        app.change_record("photo-album", pairwise).await;
        let client = app.client("photo-album");
        for resource in [&[][..], &[JWT_API]] {
            let mut fields = vec![("grant_type", "client_credentials")];
            fields.extend(resource);
            let token = client.token(&fields).await.expect(200).text("access_token");
            assert_eq!(client.introspect(&token).await.json()["sub"], "photo-album");
        }
    }
}
