//! A client is changed by several at once: what each of them was told holds, and nothing is lost.

use domain::HandleKind;
use http::Method;
use serde_json::{Value, json};

use crate::support::{CLIENTS, ORIGIN, Reply, RequestBuilder, TestApp, stories};

/// How many times a race is run; who wins differs from round to round.
const ROUNDS: usize = 25;

async fn path_of(app: &TestApp, identifier: &str) -> String {
    format!("{CLIENTS}/{}", app.registered(identifier).await.id)
}

fn secret_in(reply: Reply) -> String {
    let told = reply.expect_api(200).json()["client"]["secret"].clone();
    told.as_str().expect("a secret").to_owned()
}

stories! {
    /// Fifty new secrets at once: one of them is left, and works; the others are dead.
    // W-29
    async fn one_of_many_new_secrets_is_left(app) {
        let path = format!("{}/generate_secret", path_of(app, "photo-album").await);
        let request = || RequestBuilder::by_admin(Method::PUT, &path).json(&json!({}));
        let replies = app.race((0..50).map(|_| request()).collect()).await;
        let told: Vec<String> = replies.into_iter().map(secret_in).collect();

        let (account, id) = (app.account(ORIGIN).await, app.registered("photo-album").await.id);
        let stored = store::clients::show(&app.ctx.store, account.id, id).await;
        let secrets = stored.expect("reads").expect("it is there").secrets;
        assert_eq!(secrets.len(), 1);
        let hash = |secret: &str| app.ctx.keyring.hash(HandleKind::ClientSecret, secret);
        let (good, dead): (Vec<_>, Vec<_>) =
            told.iter().partition(|secret| hash(secret) == secrets[0].hash);
        assert_eq!((good.len(), dead.len()), (1, 49));
        for (secret, status) in [(good[0], 200), (dead[0], 401)] {
            let request =
                RequestBuilder::post("/oauth/tokens").form(&[("grant_type", "client_credentials")]);
            app.send(request.basic("photo-album", secret)).await.expect(status);
        }
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
