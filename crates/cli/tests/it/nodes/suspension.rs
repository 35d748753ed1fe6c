//! What is suspended and resumed, and how one sees that it was.

use std::sync::Arc;

use serde_json::{Value, json};

use super::caller::{Reply, Request};
use super::cluster::{APP, Cluster, by_admin, id_of, own_token};
use super::staleness::{Change, Staleness, Watchers};

/// The app whose tokens act as the second admin.
const APP_OF_OWNER: (&str, &str) = ("app-of-owner", APP.1);
/// A JWT leaves no row: everything that decides about it is remembered.
pub(crate) const JWT_API: [(&str, &str); 1] = [("resource", "https://jwt.example.com/")];
/// Where the second account answers, at every node.
const SECOND: &str = "second.localhost:8080";

/// One thing that is suspended and resumed.
pub(crate) struct Suspension {
    path: String,
    suspend: Value,
    resume: Value,
    /// What is answered with 200 unless it is suspended.
    pub(crate) probe: Request,
}

impl Suspension {
    /// Of a client: it gets no tokens.
    pub(crate) async fn of_client(cluster: &Cluster) -> Self {
        let id = id_of(&cluster.nodes[0], "clients", ("identifier", APP_OF_OWNER.0)).await;
        Self {
            path: format!("/api/v1/clients/{id}"),
            suspend: json!({"client": {"state": "suspended"}}),
            resume: json!({"client": {"state": "active"}}),
            probe: own_token(APP_OF_OWNER, &JWT_API),
        }
    }

    /// Of a user: the client that acts as him gets no tokens.
    pub(crate) async fn of_user(cluster: &Cluster) -> Self {
        let id = id_of(&cluster.nodes[0], "users", ("email", "owner@example.com")).await;
        Self {
            path: format!("/api/v1/users/{id}"),
            suspend: json!({"user": {"suspended": true}}),
            resume: json!({"user": {"suspended": false}}),
            probe: own_token(APP_OF_OWNER, &JWT_API),
        }
    }

    /// Of an account: its documents are gone.
    pub(crate) async fn of_account(cluster: &Cluster) -> Self {
        let id = id_of(&cluster.nodes[0], "accounts", ("slug", "second")).await;
        Self {
            path: format!("/api/v1/accounts/{id}"),
            suspend: json!({"account": {"suspended": true}}),
            resume: json!({"account": {"suspended": false}}),
            probe: Request::get("/.well-known/oauth-authorization-server").at_host(SECOND),
        }
    }

    /// Suspends and resumes so many times.
    pub(crate) async fn alternate(&self, watchers: &mut Watchers, times: usize) -> Staleness {
        let mut staleness = Staleness::default();
        let (suspend, resume) = (self.suspend(), self.resume());
        for _ in 0..times {
            staleness.note(watchers, &suspend).await;
            staleness.note(watchers, &resume).await;
        }
        staleness
    }

    pub(crate) fn suspend(&self) -> Change {
        self.change(&self.suspend, |status| (400..500).contains(&status))
    }

    fn resume(&self) -> Change {
        self.change(&self.resume, |status| status == 200)
    }

    fn change(&self, body: &Value, is_new: fn(u16) -> bool) -> Change {
        Change {
            request: by_admin(Request::json("PUT", &self.path, body)),
            status: 200,
            probe: self.probe.clone(),
            is_new: Arc::new(move |reply: &Reply| is_new(reply.status)),
        }
    }
}
