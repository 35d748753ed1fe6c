//! The tokens API: who sees which tokens, a page at a time (zendesk-wire §4.2).

use domain::Lifetime;
use http::Method;
use protocol::clients::{self, OperatorDraft};
use serde_json::{Value, json};

use crate::support::{
    Consent, ORIGIN, OTHER_ORIGIN, Reply, RequestBuilder, START, TOKENS, TestApp, stories,
};

/// The ids of an empty list.
const NONE: [i64; 0] = [];

/// The ids of a list.
fn ids(reply: &Reply) -> Vec<i64> {
    let json = reply.json();
    let tokens = json["tokens"].as_array().expect("tokens").iter();
    tokens.map(|token| token["id"].as_i64().expect("an id")).collect()
}

async fn list(app: &TestApp, query: &str) -> Vec<i64> {
    ids(&app.admin_get(&format!("{TOKENS}?{query}")).await.expect_api(200))
}

/// Tokens of alice, bob and admin by consent, in this order: their Bearer values.
async fn three_tokens(app: &TestApp) -> [String; 3] {
    let mut tokens = Vec::new();
    for user in ["alice", "bob", "admin"] {
        tokens.push(app.bearer_of(user, "read oauth:write").await);
        app.advance(Lifetime::seconds(1));
    }
    tokens.try_into().expect("three")
}

async fn id_of(app: &TestApp, bearer: &str) -> i64 {
    let current = RequestBuilder::get("/api/v2/oauth/tokens/current").bearer(bearer);
    app.send(current).await.expect(200).json()["token"]["id"].as_i64().expect("an id")
}

stories! {
    /// Everybody lists his own tokens; all of them are for admins.
    // W-37, TN-07
    async fn a_list_is_ones_own_unless_an_admin_asks_for_all(app) {
        let [alice, bob, admin] = three_tokens(app).await;
        let mut all = Vec::new();
        for token in [&alice, &bob, &admin] {
            let id = id_of(app, token).await;
            for path in [TOKENS.to_owned(), format!("{TOKENS}.json"), format!("{TOKENS}?all=false")] {
                let own = app.send(RequestBuilder::get(&path).bearer(token)).await.expect_api(200);
                assert_eq!(ids(&own), [id], "{path}");
                assert_eq!(own.json()["count"], 1);
                assert_eq!(own.header("x-rate-limit"), Some("700"));
            }
            all.push(id);
        }
        assert_eq!(list(app, "").await, all[2..], "those that act as the admin");
        assert_eq!(list(app, "all=true").await, all);
        for token in [&alice, &bob] {
            for query in ["all=true", "all=true&include_expired=true", "all=true&client_id=x"] {
                let request = RequestBuilder::get(&format!("{TOKENS}?{query}")).bearer(token);
                let reply = app.send(request).await.expect(403);
                assert_eq!(reply.json()["error"]["title"], "Forbidden", "{query}");
            }
        }
        // Client credentials act as the client's owner.
        app.client("photo-album").token(&[("grant_type", "client_credentials")]).await.expect(200);
        assert_eq!(list(app, "").await.len(), 2);
    }

    /// A token is shown with ten characters of each part, its dates and nothing else of its value.
    // W-39, W-37
    async fn a_token_shows_what_it_begins_with(app) {
        let issued = app.client("photo-album").tokens(&Consent::default()).await;
        let (access, refresh) = (issued.text("access_token"), issued.text("refresh_token"));
        let id = id_of(app, &access).await;
        let shown = app.send(RequestBuilder::get(&format!("{TOKENS}/{id}.json")).bearer(&access)).await;
        let shown = shown.expect_api(200).json();
        let client_id = app.registered("photo-album").await.id.get();
        let url = format!("{ORIGIN}{TOKENS}/{id}.json");
        let expected = json!({
            "id": id, "client_id": client_id, "user_id": app.user("alice").await.id.get(),
            "scopes": ["read"], "token": access[..10], "refresh_token": refresh[..10],
            "created_at": "2026-05-04T09:30:00Z", "expires_at": "2026-05-04T10:00:00Z",
            "refresh_token_expires_at": "2026-06-03T09:30:00Z", "used_at": null, "url": url,
        });
        assert_eq!(shown["token"], expected);
        let listed = app.admin_get(&format!("{TOKENS}?all=true")).await.expect_api(200).json();
        assert_eq!(listed["tokens"][0], expected);
        app.admin_get(&url).await.expect_api(200);

        app.write_last_uses().await;
        let used = app.admin_get(&url).await.expect_api(200).json();
        assert_eq!(used["token"]["used_at"], "2026-05-04T09:30:00Z");
    }

    /// Whose token it is not, and who is no admin, is told that there is none; so is every other
    /// account.
    // W-39, TN-02, V8.4.1
    async fn a_token_is_shown_to_its_user_and_to_admins(app) {
        let [alice, bob, admin] = three_tokens(app).await;
        let path = format!("{TOKENS}/{}", id_of(app, &alice).await);
        for (token, status) in [(&alice, 200), (&bob, 404), (&admin, 200)] {
            app.send(RequestBuilder::get(&path).bearer(token)).await.expect(status);
        }
        let foreign = app.api_token(OTHER_ORIGIN, "admin@example.com").await;
        for method in [Method::GET, Method::DELETE] {
            let request = RequestBuilder::new(method, &path).at(OTHER_ORIGIN);
            let reply = app.send(request.basic("admin@example.com/token", &foreign)).await;
            assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()));
        }
        let request = RequestBuilder::get(&format!("{TOKENS}?all=true")).at(OTHER_ORIGIN);
        let reply = app.send(request.basic("admin@example.com/token", &foreign)).await;
        assert_eq!(ids(&reply.expect_api(200)), NONE);
        for id in ["0", "-1", "01", "999999999", "x", &alice, "current2", "9223372036854775808"] {
            let reply = app.admin_get(&format!("{TOKENS}/{id}")).await;
            assert_eq!(reply.error(), (404, "RecordNotFound".to_owned()), "{id}");
        }
        app.send(RequestBuilder::get(&path).bearer(&alice)).await.expect(200);
    }

    /// A filter names a client by its integer id: a local one or a global one, not both.
    // W-38
    async fn a_list_is_filtered_by_client(app) {
        let [alice, ..] = three_tokens(app).await;
        let album = app.client("photo-album").tokens(&Consent::default()).await.text("access_token");
        let (report_id, album_id) =
            (app.registered("daily-report").await.id, app.registered("photo-album").await.id);
        let of_album = [id_of(app, &album).await];
        assert_eq!(list(app, &format!("all=true&client_id={album_id}")).await, of_album);
        assert_eq!(list(app, &format!("all=true&client_id={report_id}")).await.len(), 3);
        assert_eq!(list(app, &format!("client_id={report_id}")).await.len(), 1);
        for none in [
            "all=true&client_id=999999999",
            "all=true&client_id=99999999999999999999",
            &format!("all=true&global_client_id={album_id}"),
            &format!("all=true&client_id={album_id}&global_client_id={album_id}"),
        ] {
            assert_eq!(list(app, none).await, NONE, "{none}");
            let by_cursor = app.admin_get(&format!("{TOKENS}?{none}&page[size]=2")).await;
            assert_eq!(by_cursor.expect_api(200).json()["meta"]["after_cursor"], Value::Null);
        }
        let promoted = |wanted: &mut OperatorDraft| {
            "zdg-album".clone_into(&mut wanted.draft.identifier);
            wanted.global_at = Some(START);
        };
        let account = app.account(ORIGIN).await;
        let done = clients::update_as_operator(&app.ctx, &account, album_id, promoted).await;
        done.map_err(|_| ()).expect("nobody else has the identifier");
        assert_eq!(list(app, &format!("all=true&global_client_id={album_id}")).await, of_album);
        assert_eq!(list(app, &format!("all=true&client_id={album_id}")).await, NONE);
        let own = RequestBuilder::get(&format!("{TOKENS}?global_client_id={album_id}"));
        assert_eq!(ids(&app.send(own.bearer(&alice)).await.expect_api(200)), of_album);
    }

    /// A filter that cannot be read is refused, whoever asks.
    // W-38
    async fn a_bad_filter_is_refused(app) {
        for query in [
            "client_id=photo-album",
            "all=true&global_client_id=-1",
            "all=1",
            "include_expired=true",
            "all=true&include_expired=yes",
            "client_id=1&client_id=2",
            "all=true&all=true",
        ] {
            let reply = app.admin_get(&format!("{TOKENS}?{query}")).await;
            assert_eq!(reply.error(), (400, "InvalidRequest".to_owned()), "{query}");
        }
        for query in ["page[size]=0", "page[size]=1&sort=name", "page=0", "page[after]=x"] {
            let reply = app.admin_get(&format!("{TOKENS}?all=true&{query}")).await.expect(400);
            assert_eq!(reply.json()["errors"][0]["code"], "InvalidPaginationParameter", "{query}");
        }
    }

    /// Links repeat the filters, and a cursor is good for the list that gave it only.
    // W-38, W-11, TN-10
    async fn pages_of_tokens_repeat_their_filters(app) {
        let [alice, ..] = three_tokens(app).await;
        let client_id = app.registered("daily-report").await.id;
        let filter = format!("all=true&client_id={client_id}");
        let all = list(app, &filter).await;
        for (query, expected) in [
            ("page[size]=2", all.clone()),
            ("page[size]=2&sort=-created_at", all.iter().rev().copied().collect()),
            ("page[size]=1&sort=id", all.clone()),
            ("page[size]=2&sort=-id", all.iter().rev().copied().collect()),
        ] {
            let mut seen = Vec::new();
            let mut next = json!(format!("{TOKENS}?{filter}&{query}"));
            while let Some(url) = next.as_str() {
                let page = app.admin_get(url).await.expect_api(200);
                seen.extend(ids(&page));
                next = page.json()["links"]["next"].clone();
                assert!(next.as_str().is_none_or(|url| url.contains(&filter)), "{next}");
            }
            assert_eq!(seen, expected, "{query}");
        }
        let first = app.admin_get(&format!("{TOKENS}?{filter}&page=1&per_page=2")).await.json();
        assert_eq!(first["count"], 3);
        let next = first["next_page"].as_str().expect("a link");
        assert!(next.ends_with(&format!("?page=2&per_page=2&{filter}")), "{next}");
        assert_eq!(ids(&app.admin_get(next).await.expect_api(200)), all[2..]);

        let page = app.admin_get(&format!("{TOKENS}?{filter}&page[size]=1")).await.json();
        let cursor = page["meta"]["after_cursor"].as_str().expect("a cursor").to_owned();
        for other in ["all=true", "", &format!("client_id={client_id}")] {
            let reply = app.admin_get(&format!("{TOKENS}?{other}&page[after]={cursor}")).await;
            assert_eq!(reply.status, 400, "{other}");
        }
        let own = format!("{TOKENS}?client_id={client_id}&page[size]=1");
        let page = app.send(RequestBuilder::get(&own).bearer(&alice)).await.expect_api(200).json();
        let cursor = page["meta"]["after_cursor"].as_str().expect("a cursor");
        app.admin_get(&format!("{own}&page[after]={cursor}")).await.expect(400);
    }

    /// What has ended is hidden once its refresh token has ended too; admins may ask for it.
    // W-37
    async fn expired_tokens_are_hidden(app) {
        let client = app.client("photo-album");
        client.tokens(&Consent::default()).await;
        client.token(&[("grant_type", "client_credentials")]).await.expect(200);
        let both = list(app, "all=true").await;
        assert_eq!(both.len(), 2);
        app.advance(Lifetime::minutes(30));
        assert_eq!(list(app, "all=true").await, both[..1], "it can be refreshed");
        assert_eq!(list(app, "all=true&include_expired=true").await, both);
        app.advance(Lifetime::days(30));
        assert_eq!(list(app, "all=true").await, NONE);
        assert_eq!(list(app, "all=true&include_expired=true&page[size]=5").await, both);
        let path = format!("{TOKENS}/{}", both[0]);
        app.admin_get(&path).await.expect_api(200);
        let alice = app.api_token(ORIGIN, "alice@example.com").await;
        app.send(RequestBuilder::get(&path).basic("alice@example.com/token", &alice)).await.expect(404);
    }

    /// A refresh makes a new record: the old id is nothing from then on.
    // W-65
    async fn a_refreshed_token_has_another_id(app) {
        let client = app.client("photo-album");
        let tokens = client.tokens(&Consent::default()).await;
        let old = id_of(app, &tokens.text("access_token")).await;
        let next = client.refresh(&tokens.text("refresh_token")).await.expect(200);
        let new = id_of(app, &next.text("access_token")).await;
        assert_ne!(old, new);
        assert_eq!(list(app, "all=true&include_expired=true").await, [new]);
        for method in [Method::GET, Method::DELETE] {
            let request = RequestBuilder::by_admin(method, &format!("{TOKENS}/{old}"));
            assert_eq!(app.send(request).await.error(), (404, "RecordNotFound".to_owned()));
        }
        assert!(client.is_active(&next.text("access_token")).await);
    }

    /// The dead are in no list: what was revoked by whatever way, and what lost its client.
    // W-30, W-37, TN-13
    async fn dead_tokens_are_in_no_list(app) {
        let client = app.client("daily-report");
        let [alice, bob, admin] = three_tokens(app).await;
        client.post("/oauth/tokens/revoke", &[("token", &admin)]).await.expect(200);
        assert_eq!(list(app, "all=true").await.len(), 2);
        app.suspend_user("bob", true).await;
        let reply = app.send(RequestBuilder::get(TOKENS).bearer(&bob)).await;
        assert_eq!(reply.error(), (401, "invalid_token".to_owned()));
        assert_eq!(list(app, "all=true").await, [id_of(app, &alice).await]);
        client.token(&[("grant_type", "client_credentials"), ("scope", "read")]).await.expect(200);
        assert_eq!(list(app, "all=true").await.len(), 2);
        app.delete_client("daily-report").await;
        assert_eq!(list(app, "all=true&include_expired=true").await, NONE);
    }

    /// To list or show tokens a Bearer needs to read, to revoke them it needs to write.
    // TN-07, W-72, W-73
    async fn scopes_limit_what_a_bearer_does_with_tokens(app) {
        let other = app.bearer_of("alice", "tickets:read").await;
        let path = format!("{TOKENS}/{}", id_of(app, &other).await);
        for (scope, read, write) in [
            ("read", 200, 403), ("oauth:read", 200, 403), ("write", 403, 204),
            ("oauth:write", 403, 204), ("tickets", 403, 403),
        ] {
            let own = app.bearer_of("alice", scope).await;
            for url in [TOKENS, &path] {
                let reply = app.send(RequestBuilder::get(url).bearer(&own)).await.expect(read);
                if read == 403 {
                    let text = "You are missing the following required scopes: oauth:read, read";
                    assert_eq!(reply.text("description"), text);
                }
            }
            let victim = id_of(app, &app.bearer_of("alice", "tickets:read").await).await;
            let revoke = RequestBuilder::new(Method::DELETE, &format!("{TOKENS}/{victim}"));
            app.send(revoke.bearer(&own)).await.expect(write);
        }
    }
}
