//! What one client, or one account, can take from another.

use domain::{AccountId, ClientId, OutboundPolicy};
use tokio::task::JoinSet;

use super::server::{Server, reply};
use super::{LIMIT, cause, errand, impatient, loopback, patient};
use crate::outbound::refused::Cause;
use crate::outbound::{Document, Errand, Outbound, OutboundRefused, Whom};

const OURS: AccountId = AccountId::new(1);
const THEIRS: AccountId = AccountId::new(2);

/// On behalf of a client of our account; without an id, of one that is not stored yet.
fn of(client_id: impl Into<Option<i64>>, policy: &OutboundPolicy) -> Errand<'_> {
    let whom = Whom::of(OURS, client_id.into().map(ClientId::new));
    Errand { whom, ..errand(policy) }
}

fn of_them(policy: &OutboundPolicy) -> Errand<'_> {
    Errand { whom: Whom::of(THEIRS, Some(ClientId::new(1))), ..errand(policy) }
}

/// Asks a silent server so often, for these clients in turn, and leaves it there.
fn ask_in_vain(
    outbound: &Outbound,
    slow: &Server,
    count: usize,
    clients: &[Option<i64>],
    policy: &OutboundPolicy,
) -> JoinSet<Result<Document, OutboundRefused>> {
    let mut asking = JoinSet::new();
    for (number, client) in (0..count).zip(clients.iter().copied().cycle()) {
        let (outbound, policy) = (outbound.clone(), policy.clone());
        let url = slow.url(&format!("/{number}"));
        asking.spawn(async move { outbound.fetch(of(client, &policy), &url, LIMIT).await });
    }
    asking
}

// SS-03: what waits in one's own queue was never sent, and says nothing of the other side.
#[tokio::test]
async fn who_never_got_a_place_has_not_failed() {
    let (slow, quick) = (Server::silent().await, Server::saying(reply("", "{}")).await);
    let (outbound, policy, hasty) = (loopback(), patient(), impatient());
    let _asking = ask_in_vain(&outbound, &slow, 2, &[Some(1)], &policy);
    slow.asked(2).await;
    let url = quick.url("/jwks");
    for _ in 0..2 {
        assert_eq!(cause(outbound.fetch(of(1, &hasty), &url, LIMIT).await), Cause::TooMany);
    }
    assert!(quick.requests().is_empty());
    outbound.fetch(of(2, &policy), &url, LIMIT).await.expect("another client may");
    outbound.fetch(of_them(&policy), &url, LIMIT).await.expect("another account may");
}

// SS-03
#[tokio::test]
async fn what_failed_for_one_is_tried_for_another() {
    let server = Server::saying(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_vec()).await;
    let (outbound, policy, url) = (loopback(), patient(), server.url("/jwks"));
    for asking in [of(1, &policy), of(2, &policy), of_them(&policy)] {
        assert_eq!(cause(outbound.fetch(asking, &url, LIMIT).await), Cause::Status(503));
        assert_eq!(cause(outbound.fetch(asking, &url, LIMIT).await), Cause::FailedLately);
    }
    assert_eq!(server.requests().len(), 3);
}

// SS-04: what it is denied is not counted against the others either.
#[tokio::test]
async fn a_client_fetches_so_many_documents_a_minute_and_leaves_the_rest() {
    let server = Server::saying(reply("", "{}")).await;
    let policy = OutboundPolicy { documents_per_minute: 11, ..patient() };
    let outbound = loopback();
    for number in 0..20 {
        let url = server.url(&format!("/{number}"));
        let answer = outbound.fetch(of(1, &policy), &url, LIMIT).await;
        assert_eq!(answer.is_ok(), number < 10, "{number}");
    }
    let url = server.url("/other");
    outbound.fetch(of(2, &policy), &url, LIMIT).await.expect("another client may");
    assert_eq!(cause(outbound.fetch(of(3, &policy), &url, LIMIT).await), Cause::TooMany);
}

// SS-03
#[tokio::test]
async fn a_client_has_so_many_calls_at_once() {
    let (slow, quick) = (Server::silent().await, Server::saying(reply("", "{}")).await);
    let (outbound, policy) = (loopback(), patient());
    let _asking = ask_in_vain(&outbound, &slow, 10, &[Some(1)], &policy);
    slow.asked(2).await;
    outbound.fetch(of(2, &policy), &quick.url("/"), LIMIT).await.expect("another client may");
    assert_eq!(slow.requests().len(), 2);
}

// SS-04: whoever registers names an address before there is a client that could be counted.
#[tokio::test]
async fn clients_that_are_registered_have_half_of_it_together() {
    let (slow, quick) = (Server::silent().await, Server::saying(reply("", "{}")).await);
    let policy = OutboundPolicy { documents_per_minute: 12, calls_at_once: 4, ..patient() };
    let outbound = loopback();
    let _asking = ask_in_vain(&outbound, &slow, 6, &[None], &policy);
    slow.asked(2).await;
    let url = quick.url("/");
    assert_eq!(cause(outbound.fetch(of(None, &policy), &url, LIMIT).await), Cause::TooMany);
    outbound.fetch(of(1, &policy), &url, LIMIT).await.expect("who is a client may");
    assert_eq!(slow.requests().len(), 2);
}

// SS-03
#[tokio::test]
async fn logouts_and_documents_take_no_places_from_one_another() {
    let (slow, quick) = (Server::silent().await, Server::saying(reply("", "{}")).await);
    let (outbound, policy) = (loopback(), patient());
    let clients = [1, 2, 3, 4, 5].map(Some);
    let _asking = ask_in_vain(&outbound, &slow, 10, &clients, &policy);
    slow.asked(10).await;
    let url = quick.url("/logout");
    assert_eq!(outbound.send((OURS, &policy), &url, &[]).await, Ok(200));
    let outbound = loopback();
    let mut telling = JoinSet::new();
    for _ in 0..10 {
        let (outbound, url, policy) = (outbound.clone(), slow.url("/logout"), patient());
        telling.spawn(async move { outbound.send((OURS, &policy), &url, &[]).await });
    }
    slow.asked(20).await;
    outbound.fetch(of(1, &policy), &quick.url("/"), LIMIT).await.expect("documents may");
    let hasty = impatient();
    let eleventh = outbound.send((OURS, &hasty), &url, &[]).await;
    assert_eq!(eleventh.map_err(OutboundRefused::cause), Err(Cause::TooMany));
}
