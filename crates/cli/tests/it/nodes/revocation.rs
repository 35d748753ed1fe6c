//! A revoked token is inactive at every node, at once: tokens are read from the database each time.

use super::caller::{Caller, Request};
use super::cluster::{APP, Browser, Cluster, introspection, is_active, own_token};

const JWT_API: [(&str, &str); 1] = [("resource", "https://jwt.example.com/")];

async fn active_at(callers: &mut [Caller], token: &str) -> Vec<bool> {
    let mut active = Vec::new();
    for caller in callers {
        active.push(is_active(caller.send(&introspection(token)).await));
    }
    active
}

/// Revokes a token at one node, after every node has called another one active.
async fn revoke_and_look(callers: &mut [Caller], at: usize, (revoked, looked_at): (&str, &str)) {
    assert_eq!(active_at(callers, looked_at).await, [true; 3]);
    let request = Request::form("/oauth/tokens/revoke", &[("token", revoked)]).basic(APP);
    callers[at].send(&request).await.expect(200);
    assert_eq!(active_at(callers, looked_at).await, [false; 3], "revoked at node {at}");
}

#[tokio::test]
#[cfg_attr(not(postgres_available), ignore = "needs PostgreSQL: set CONSENTRY_TEST_POSTGRES")]
async fn a_revoked_token_is_inactive_on_all_nodes_at_once() {
    let cluster = Cluster::start().await;
    let mut browser = Browser::of_alice(&cluster.nodes[0]).await;
    let mut callers = cluster.callers(3);
    for at in (0..3).cycle().take(30) {
        for resource in [&[][..], &JWT_API] {
            let token = callers[0].send(&own_token(APP, resource)).await.text("access_token");
            revoke_and_look(&mut callers, at, (&token, &token)).await;
        }
        let tokens = browser.tokens().await;
        let (access_token, refresh_token) =
            (tokens.text("access_token"), tokens.text("refresh_token"));
        revoke_and_look(&mut callers, at, (&refresh_token, &access_token)).await;
    }
}
