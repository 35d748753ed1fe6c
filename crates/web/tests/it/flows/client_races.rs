//! A client is changed by several at once: what each of them was told holds, and nothing is lost.

use http::Method;
use serde_json::{Value, json};

use crate::support::{CLIENTS, RequestBuilder, TestApp, stories};

/// How many times a race is run; who wins differs from round to round.
const ROUNDS: usize = 25;

async fn path_of(app: &TestApp, identifier: &str) -> String {
    format!("{CLIENTS}/{}", app.registered(identifier).await.id)
}

stories! {
    /// Fifty new secrets at once: one of them is left, and works; all the others are dead.
    // W-29
    async fn one_of_many_new_secrets_is_left(app) {
        let path = format!("{}/generate_secret", path_of(app, "photo-album").await);
        let request = || RequestBuilder::by_admin(Method::PUT, &path).json(&json!({}));
        let replies = app.race((0..50).map(|_| request()).collect()).await;
        let mut working = Vec::new();
        for reply in replies {
            let told = reply.expect_api(200).json()["client"]["secret"].clone();
            let secret = told.as_str().expect("a secret").to_owned();
            let fields = [("grant_type", "client_credentials")];
            let request = RequestBuilder::post("/oauth/tokens").form(&fields);
            if app.send(request.basic("photo-album", &secret)).await.status == 200 {
                working.push(secret);
            }
        }
        assert_eq!(working.len(), 1, "{working:?}");
        let client = app.registered("photo-album").await;
        let account = app.account(crate::support::ORIGIN).await;
        let stored = store::clients::show(&app.ctx.store, account.id, client.id).await;
        let secrets = stored.expect("reads").expect("it is there").secrets;
        assert_eq!(secrets.len(), 1);
        assert_eq!(secrets[0].hint, working[0][..9]);
    }

    /// Three who change different fields at once lose nothing of one another's.
    // W-27
    async fn no_partial_update_is_lost(app) {
        let path = path_of(app, "photo-album").await;
        for round in 0..ROUNDS {
            let text = format!("round {round}");
            let wanted = ["name", "company", "description"];
            let put = |field: &&str| {
                let fields: Value = [((*field).to_owned(), json!(text))].into_iter().collect();
                RequestBuilder::by_admin(Method::PUT, &path).json(&json!({"client": fields}))
            };
            for reply in app.race(wanted.iter().map(put).collect()).await {
                reply.expect_api(200);
            }
            let shown = app.admin_get(&path).await.json();
            for field in wanted {
                assert_eq!(shown["client"][field], text, "{field} was lost");
            }
        }
    }
}
