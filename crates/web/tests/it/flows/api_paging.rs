//! Lists of the administration API, page by page.

use protocol::apply::{AccountDeclaration, Declaration};
use serde_json::{Value, json};

use crate::support::{CLIENTS, ORIGIN, Reply, RequestBuilder, TestApp, stories};

const SECOND_ORIGIN: &str = "http://127.0.0.3:8080";

/// The cast's seven clients of the home account, in the order made.
const ALL: [&str; 7] = [
    "photo-album",
    "daily-report",
    "api-server",
    "web-player",
    "cli-tool",
    "legacy-sync",
    "one-shot",
];

fn identifiers(reply: &Reply) -> Vec<String> {
    let json = reply.json();
    let clients = json["clients"].as_array().expect("clients").iter();
    clients.map(|client| client["identifier"].as_str().expect("text").to_owned()).collect()
}

async fn page(app: &TestApp, query: &str) -> Reply {
    app.admin_get(&format!("{CLIENTS}?{query}")).await.expect_api(200)
}

async fn refused(app: &TestApp, query: &str) -> (u16, String) {
    let reply = app.admin_get(&format!("{CLIENTS}?{query}")).await;
    let code = &reply.json()["errors"][0]["code"];
    (reply.status.as_u16(), code.as_str().unwrap_or_else(|| panic!("{}", reply.body)).to_owned())
}

/// Follows the links of a list to its end.
async fn walk(app: &TestApp, first: &str, link: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = json!(format!("{CLIENTS}?{first}"));
    while let Some(url) = next.as_str() {
        let reply = app.admin_get(url).await.expect_api(200);
        pages.push(identifiers(&reply));
        next = match link {
            "next_page" => reply.json()[link].clone(),
            _ => reply.json()["links"][link].clone(),
        };
        assert!(pages.len() < 20, "the list never ends");
    }
    pages
}

stories! {
    /// With and without `.json` a list is the same.
    // W-01
    async fn a_list_is_the_same_with_and_without_suffix(app) {
        let plain = app.admin_get(CLIENTS).await.expect_api(200);
        let suffixed = app.admin_get("/api/v2/oauth/clients.json").await.expect_api(200);
        assert_eq!(plain.json(), suffixed.json());
        assert_eq!(identifiers(&plain), ALL);
        assert_eq!(plain.json()["count"], 7);
        assert_eq!(plain.json()["next_page"], Value::Null);
        assert_eq!(plain.json()["previous_page"], Value::Null);
        for client in plain.json()["clients"].as_array().expect("clients") {
            let hint = client["secret"].as_str().map(str::len);
            assert!(hint.is_none_or(|length| length <= 9), "{client}");
        }
    }

    /// Cursors lead through the whole list once, and say when it ends.
    // W-11
    async fn cursors_lead_through_the_list_once(app) {
        for first in ["page[size]=3", "page%5Bsize%5D=3"] {
            let first = page(app, first).await;
            assert_eq!(identifiers(&first), ALL[..3]);
            assert_eq!(first.json()["meta"]["has_more"], true);
            assert_eq!(first.json()["links"]["prev"], Value::Null);
            let next = first.json()["links"]["next"].as_str().expect("a link").to_owned();
            assert!(next.starts_with(&format!("{ORIGIN}{CLIENTS}.json?page%5Bafter%5D=")), "{next}");
            let second = app.admin_get(&next).await.expect_api(200);
            assert_eq!(identifiers(&second), ALL[3..6]);
            assert_eq!(second.json()["meta"]["has_more"], true);
            let next = second.json()["links"]["next"].as_str().expect("a link").to_owned();
            let last = app.admin_get(&next).await.expect_api(200);
            assert_eq!(identifiers(&last), ALL[6..]);
            assert_eq!(last.json()["meta"]["has_more"], false);
            assert_eq!(last.json()["links"]["next"], Value::Null);
            assert!(last.json()["meta"]["after_cursor"].is_string());
            let back = last.json()["links"]["prev"].as_str().expect("a link").to_owned();
            let back = app.admin_get(&back).await.expect_api(200);
            assert_eq!(identifiers(&back), ALL[3..6]);
            assert_eq!(back.json()["meta"]["has_more"], true);
        }
        let descending = walk(app, "page[size]=2&sort=-name", "next").await.concat();
        let mut sorted: Vec<String> = ALL.map(str::to_owned).into();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(descending, sorted);
        assert_eq!(walk(app, "page[size]=7", "next").await.len(), 1, "a full last page is the last");
        assert_eq!(identifiers(&page(app, "page[size]=1000").await), ALL);
    }

    /// Beyond the end there is an empty page with nothing to follow, so that loops end.
    // W-12
    async fn beyond_the_end_is_nothing(app) {
        let last = page(app, "page[size]=100").await.json();
        let cursor = last["meta"]["after_cursor"].as_str().expect("a cursor");
        let beyond = page(app, &format!("page[after]={cursor}")).await.json();
        let nothing = json!({"clients": [],
            "meta": {"has_more": false, "after_cursor": null, "before_cursor": null},
            "links": {"next": null, "prev": null}});
        assert_eq!(beyond, nothing);
        let cursor = last["meta"]["before_cursor"].as_str().expect("a cursor");
        assert_eq!(page(app, &format!("page[before]={cursor}")).await.json(), nothing);
        let path = "/api/v2/users/me/oauth/clients?page[size]=5";
        let mut bob = app.user("bob").await;
        bob.role = domain::Role::Admin;
        let promoted = protocol::users::update(&app.ctx, domain::Actor::Operator, bob).await;
        promoted.expect("bob becomes an admin");
        let token = app.bearer_of("bob", "read").await;
        let empty = app.send(RequestBuilder::get(path).bearer(&token)).await.expect_api(200);
        assert_eq!(empty.json(), nothing);
    }

    /// Paging that makes no sense is refused, and so is a cursor of elsewhere.
    // W-13, W-14
    async fn bad_paging_is_refused(app) {
        let cursor = page(app, "page[size]=2").await.json()["meta"]["after_cursor"].clone();
        let cursor = cursor.as_str().expect("a cursor");
        let mut altered = cursor.to_owned().into_bytes();
        let last = altered.len() - 3;
        altered[last] = if altered[last] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).expect("ASCII");
        let bad = (400, "InvalidPaginationParameter".to_owned());
        for query in [
            &*format!("page[after]={cursor}&page[before]={cursor}"),
            "page[size]=2&sort=secret",
            "page[size]=2&sort=-",
            &format!("page[size]=2&page[after]={altered}"),
            &format!("page[size]=2&sort=name&page[after]={cursor}"),
            &format!("page[size]=2&sort=-created_at&page[after]={cursor}"),
            "page[after]=nonsense",
            "page[size]=0",
            "page[size]=-1",
            "page[size]=x",
            "page[size]=1.5",
            "page=0",
            "page=-1",
            "page=x",
            "per_page=0",
            "per_page=x",
        ] {
            assert_eq!(refused(app, query).await, bad, "{query}");
        }
        let own = format!("/api/v2/users/me/oauth/clients?page[after]={cursor}");
        assert_eq!(app.admin_get(&own).await.status.as_u16(), 400, "another list's cursor");
    }

    /// Numbered pages have a count and links that lead through the list.
    // W-15
    async fn numbered_pages_lead_through_the_list(app) {
        let second = page(app, "per_page=2&page=2").await;
        assert_eq!(identifiers(&second), ALL[2..4]);
        assert_eq!(second.json()["count"], 7);
        let link = |page: u8| json!(format!("{ORIGIN}{CLIENTS}.json?page={page}&per_page=2"));
        assert_eq!(second.json()["next_page"], link(3));
        assert_eq!(second.json()["previous_page"], link(1));
        let pages = walk(app, "per_page=2", "next_page").await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 2, 1]);
        assert_eq!(pages.concat(), ALL);
        let beyond = page(app, "per_page=2&page=9").await.json();
        assert_eq!((&beyond["clients"], &beyond["next_page"]), (&json!([]), &Value::Null));
        assert_eq!(identifiers(&page(app, "per_page=1000&sort_by=name").await), ALL);
    }

    /// Numbered pages end at ten thousand records.
    // W-16
    async fn numbered_pages_have_an_end(app) {
        for query in ["per_page=100&page=101", "page=101", "per_page=1&page=10001"] {
            let deep = (400, "InvalidPaginationDepth".to_owned());
            assert_eq!(refused(app, query).await, deep, "{query}");
        }
        page(app, "per_page=100&page=100").await;
    }

    /// Links begin with the base URL that was asked.
    // W-17
    async fn links_begin_with_the_base_url_used(app) {
        let urls = vec![ORIGIN.to_owned(), SECOND_ORIGIN.to_owned()];
        let base_urls = Some(urls);
        let account = AccountDeclaration { slug: "demo".to_owned(), base_urls, ..AccountDeclaration::default() };
        app.declare(&Declaration { accounts: vec![account], ..Declaration::default() }).await;
        for origin in [ORIGIN, SECOND_ORIGIN] {
            for query in ["page[size]=2", "per_page=2&page=2"] {
                let request = RequestBuilder::get(&format!("{CLIENTS}?{query}")).at(origin);
                let json = app.send(request.with_admin_token()).await.expect_api(200).json();
                for link in [&json["links"]["next"], &json["next_page"], &json["previous_page"], &json["clients"][0]["url"]] {
                    let link = link.as_str().unwrap_or(origin);
                    assert!(link.starts_with(origin), "{link}");
                }
            }
        }
    }
}
