//! How long a page takes in an account of a hundred thousand clients: the last one about as long as the
//! first. A benchmark, run on request and optimised:
//! `cargo test --release -p consentry-web --test it paging_speed -- --ignored --nocapture`.

use std::time::{Duration, Instant};

use store::testing;

use crate::support::{CLIENTS, ORIGIN, RequestBuilder, TestApp};

const CLIENT_COUNT: i64 = 100_000;
const ROUNDS: usize = 201;
/// How much longer the last page may take, in tenths.
const LIMIT: u32 = 13;

#[tokio::test]
#[ignore = "on request: a benchmark"]
async fn the_last_page_is_as_fast_as_the_first_on_sqlite() {
    compare(&TestApp::on_sqlite().await).await;
}

#[tokio::test]
#[ignore = "on request: a benchmark"]
async fn the_last_page_is_as_fast_as_the_first_on_postgres() {
    compare(&TestApp::on_postgres().await).await;
}

async fn compare(app: &TestApp) {
    let account_id = app.account(ORIGIN).await.id;
    let owner = app.user("admin").await.id;
    let filled = testing::fill_with_clients(&app.ctx.store, account_id, owner, CLIENT_COUNT);
    filled.await.expect("it is filled");
    for (order, first) in [
        ("by cursor", format!("{CLIENTS}?page[size]=100")),
        ("by cursor and name", format!("{CLIENTS}?page[size]=100&sort=name")),
    ] {
        let last = last_page(app, &first).await;
        judge(order, [p50(app, &first).await, p50(app, &last).await]);
    }
    let [first, last] = [1, 100].map(|page| format!("{CLIENTS}?page={page}"));
    judge("by number", [p50(app, &first).await, p50(app, &last).await]);
    app.forgo_invariants();
}

/// Follows the links to the last page that is full.
async fn last_page(app: &TestApp, first: &str) -> String {
    let (mut url, mut full) = (first.to_owned(), first.to_owned());
    loop {
        let page = get(app, &url).await;
        if page["clients"].as_array().is_some_and(|clients| clients.len() == 100) {
            full.clone_from(&url);
        }
        match page["links"]["next"].as_str() {
            Some(next) => next.clone_into(&mut url),
            None => return full,
        }
    }
}

async fn get(app: &TestApp, url: &str) -> serde_json::Value {
    // The volume of a minute is not what is measured.
    app.advance(domain::Lifetime::minutes(1));
    app.send(RequestBuilder::get(url).with_admin_token()).await.expect(200).json()
}

async fn p50(app: &TestApp, url: &str) -> Duration {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        get(app, url).await;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    times[ROUNDS / 2]
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn judge(order: &str, [first, last]: [Duration; 2]) {
    println!("{order}: first page {first:?}, last page {last:?}");
    assert!(
        last * 10 <= first * LIMIT,
        "{order}: the last page takes {last:?}, the first {first:?}"
    );
}
