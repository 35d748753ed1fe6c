//! What hostile servers, names and callers can do to outbound calls.

mod server;
mod shares;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::{AccountId, ClientId, Lifetime, OutboundPolicy, Timestamp};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Notify;

use self::server::{Server, reply};
use super::refused::Cause;
use super::{Document, Errand, Names, Outbound, OutboundRefused, Whom};

const LIMIT: usize = 1024;

/// A policy under which only what never ends is too slow, however busy the machine is.
fn patient() -> OutboundPolicy {
    OutboundPolicy { deadline: Lifetime::seconds(60), ..OutboundPolicy::default() }
}

/// A policy under which nobody is waited for.
fn impatient() -> OutboundPolicy {
    OutboundPolicy { deadline: Lifetime::millis(200), ..OutboundPolicy::default() }
}

fn errand(policy: &OutboundPolicy) -> Errand<'_> {
    Errand { whom: whom(1, 1), now: Timestamp::from_millis(0), policy }
}

fn whom(account_id: i64, client_id: i64) -> Whom {
    Whom::of(AccountId::new(account_id), Some(ClientId::new(client_id)))
}

fn loopback() -> Outbound {
    Outbound::new(vec!["127.0.0.1/32".parse().expect("a network")])
}

async fn fetch(policy: &OutboundPolicy, url: &str) -> Result<Document, OutboundRefused> {
    loopback().fetch(errand(policy), url, LIMIT).await
}

#[track_caller]
fn cause(answer: Result<Document, OutboundRefused>) -> Cause {
    let refused = answer.expect_err("it is refused");
    assert_eq!(refused.to_string(), "it could not be fetched", "nobody learns more");
    refused.cause()
}

/// What a server that sends this much and no more is answered.
async fn cause_of(answer: impl Into<Vec<u8>>) -> Cause {
    let server = Server::saying(answer.into()).await;
    cause(fetch(&patient(), &server.url("/keys")).await)
}

#[tokio::test]
async fn a_document_comes_whole_with_the_time_it_may_be_kept() {
    let server = Server::saying(reply("Cache-Control: max-age=60\r\n", "{}")).await;
    let document = fetch(&patient(), &server.url("/keys?set=1")).await.expect("is fetched");
    assert_eq!(&*document.body, b"{}");
    assert_eq!(document.max_age, Some(Lifetime::seconds(60)));
    let request = server.requests().pop().expect("a request");
    assert!(request.starts_with("GET /keys?set=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("accept-encoding: identity\r\n"), "{request}");
}

#[tokio::test]
async fn a_form_is_sent_and_only_the_status_is_read() {
    let server = Server::saying(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()).await;
    let policy = patient();
    let form = [("logout_token", "a.b&c")];
    let account = (AccountId::new(1), &policy);
    let sent = loopback().send(account, &server.url("/logout"), &form).await;
    assert_eq!(sent, Ok(204));
    let request = server.requests().pop().expect("a request");
    assert!(request.starts_with("POST /logout HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\nlogout_token=a.b%26c"), "{request}");
}

// SS-02
#[tokio::test]
async fn no_redirect_is_followed() {
    let inside = Server::saying(reply("", "secret")).await;
    let location = inside.url("/");
    let head = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(cause_of(head).await, Cause::Status(302));
    assert!(inside.requests().is_empty());
}

// SS-02: both answers are looked at, and the good one does not carry the bad one.
#[tokio::test]
async fn one_closed_address_among_open_ones_is_enough() {
    let server = Server::saying(reply("", "{}")).await;
    for answers in [["127.0.0.1", "10.0.0.1"], ["::1", "127.0.0.1"]] {
        let answers = answers.map(|text| text.parse::<IpAddr>().expect("an address"));
        let names = Names::Scripted(Arc::new(move |_| answers.to_vec()));
        let outbound = Outbound::resolving(vec!["127.0.0.1/32".parse().expect("it")], &names);
        let url = format!("http://keys.example.com:{}/", server.port());
        assert_eq!(cause(outbound.fetch(errand(&patient()), &url, LIMIT).await), Cause::Address);
    }
    assert!(server.requests().is_empty());
}

// SS-02: a name is resolved once for each call, and each call checks what it is told.
#[tokio::test]
async fn a_name_that_changes_its_address_reaches_nothing_closed() {
    let server = Server::saying(reply("", "{}")).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let flipping = move |_: &str| {
        let open = counted.fetch_add(1, Ordering::SeqCst) == 0;
        vec![if open { [127, 0, 0, 1] } else { [127, 0, 0, 2] }.into()]
    };
    let names = Names::Scripted(Arc::new(flipping));
    let outbound = Outbound::resolving(vec!["127.0.0.1/32".parse().expect("it")], &names);
    let url = format!("http://keys.example.com:{}/", server.port());
    let (policy, again) = (patient(), format!("{url}again"));
    outbound.fetch(errand(&policy), &url, LIMIT).await.expect("the first answer is open");
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(cause(outbound.fetch(errand(&policy), &again, LIMIT).await), Cause::Address);
    assert_eq!(server.requests().len(), 1);
}

// SS-02
#[tokio::test]
async fn a_public_name_is_not_called_without_tls() {
    let names = Names::Scripted(Arc::new(|_| vec![[1, 1, 1, 1].into()]));
    let outbound = Outbound::resolving(Vec::new(), &names);
    let answer = outbound.fetch(errand(&patient()), "http://example.com/", LIMIT).await;
    assert_eq!(cause(answer), Cause::Address);
}

// SS-03
#[tokio::test]
async fn a_body_is_read_up_to_its_limit() {
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
    assert_eq!(cause_of(announced).await, Cause::TooLarge);
    assert_eq!(cause_of(reply("", &"x".repeat(LIMIT + 1))).await, Cause::TooLarge);
    let unannounced = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(LIMIT + 1));
    assert_eq!(cause_of(unannounced).await, Cause::TooLarge);
    let server = Server::saying(reply("", &"x".repeat(LIMIT))).await;
    assert_eq!(fetch(&patient(), &server.url("/")).await.expect("fits").body.len(), LIMIT);
}

// SS-03: what the limit ends is the connection itself, so that the rest is never sent.
#[tokio::test]
async fn chunks_without_end_are_cut_off() {
    let server = Server::behaving(|mut stream: TcpStream| async move {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        if stream.write_all(head).await.is_ok() {
            while stream.write_all(b"4\r\nxxxx\r\n").await.is_ok() {}
        }
    })
    .await;
    assert_eq!(cause(fetch(&patient(), &server.url("/")).await), Cause::TooLarge);
    server.ended().await;
}

// SS-03
#[tokio::test]
async fn a_drip_is_not_waited_for() {
    let server = Server::behaving(|mut stream: TcpStream| async move {
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
        let mut sent = stream.write_all(head).await;
        while sent.is_ok() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            sent = stream.write_all(b"x").await;
        }
    })
    .await;
    assert_eq!(cause(fetch(&impatient(), &server.url("/")).await), Cause::TimedOut);
    server.ended().await;
}

// SS-03
#[tokio::test]
async fn silence_is_not_waited_for() {
    let server = Server::silent().await;
    assert_eq!(cause(fetch(&impatient(), &server.url("/")).await), Cause::TimedOut);
    let policy = impatient();
    let account = (AccountId::new(1), &policy);
    let sent = loopback().send(account, &server.url("/"), &[]).await;
    assert_eq!(sent.map_err(OutboundRefused::cause), Err(Cause::TimedOut));
}

// SS-03
#[tokio::test]
async fn nothing_is_decompressed() {
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, identity"] {
        let header = format!("Content-Encoding: {encoding}\r\n");
        assert_eq!(cause_of(reply(&header, "\u{1f}")).await, Cause::Encoded, "{encoding}");
    }
}

// SS-04, SS-05
#[tokio::test]
async fn only_an_answer_of_200_is_one() {
    for status in ["304 Not Modified", "404 Not Found", "500 Oops", "206 Partial Content"] {
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        assert!(matches!(cause_of(answer).await, Cause::Status(_)), "{status}");
    }
    assert_eq!(cause_of("SSH-2.0-OpenSSH_9.9\r\n").await, Cause::Connection);
}

// SS-03, SS-04: one fetch, however many ask.
#[tokio::test]
async fn whoever_asks_meanwhile_waits_for_the_same_answer() {
    let opened = Arc::new(Notify::new());
    let gate = Arc::clone(&opened);
    let server = Server::behaving(move |mut stream: TcpStream| {
        let gate = Arc::clone(&gate);
        async move {
            gate.notified().await;
            stream.write_all(&reply("", "{}")).await.expect("is sent");
        }
    })
    .await;
    let (outbound, url) = (loopback(), server.url("/keys"));
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (outbound, url) = (outbound.clone(), url.clone());
        asking.spawn(async move {
            outbound.fetch(errand(&patient()), &url, LIMIT).await.map(|it| it.body)
        });
    }
    // The runtime of this test has one thread, so all have asked before the first fetch departs.
    server.asked(1).await;
    opened.notify_one();
    while let Some(answer) = asking.join_next().await {
        let body = answer.expect("none panics").expect("is fetched");
        assert_eq!(&*body, b"{}");
    }
    assert_eq!(server.requests().len(), 1);
}

// SS-03: whoever failed is not asked again by the next caller.
#[tokio::test]
async fn a_failure_is_remembered_for_a_moment() {
    let server = Server::saying(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_vec()).await;
    let (outbound, policy, url) = (loopback(), patient(), server.url("/keys"));
    let at = |seconds| {
        let now = Timestamp::from_millis(0) + Lifetime::seconds(seconds);
        outbound.fetch(Errand { now, ..errand(&policy) }, &url, LIMIT)
    };
    assert_eq!(cause(at(0).await), Cause::Status(503));
    assert_eq!(cause(at(9).await), Cause::FailedLately);
    assert_eq!(server.requests().len(), 1);
    assert_eq!(cause(at(10).await), Cause::Status(503));
    assert_eq!(server.requests().len(), 2);
}

// SS-04
#[tokio::test]
async fn an_account_fetches_so_many_documents_a_minute() {
    let server = Server::saying(reply("", "{}")).await;
    let policy = OutboundPolicy { documents_per_minute: 3, ..patient() };
    let outbound = loopback();
    for number in 0..5 {
        let url = server.url(&format!("/{number}"));
        let answer = outbound.fetch(errand(&policy), &url, LIMIT).await;
        assert_eq!(answer.is_ok(), number < 3, "{number}");
    }
    let theirs = Errand { whom: whom(2, 1), ..errand(&policy) };
    outbound.fetch(theirs, &server.url("/theirs"), LIMIT).await.expect("another account may");
    let later = Errand { now: Timestamp::from_millis(60_000), ..errand(&policy) };
    outbound.fetch(later, &server.url("/4"), LIMIT).await.expect("nothing was held against it");
}

// SS-03: a tenant whose servers are slow keeps ten of its own callers waiting, and nobody else.
#[tokio::test]
async fn an_account_has_so_many_calls_at_once() {
    let slow = Server::silent().await;
    let quick = Server::saying(reply("", "{}")).await;
    let outbound = loopback();
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..12 {
        let (outbound, url) = (outbound.clone(), slow.url(&format!("/{number}")));
        asking.spawn(async move {
            let policy = patient();
            let of_many = Errand { whom: whom(1, number), ..errand(&policy) };
            outbound.fetch(of_many, &url, LIMIT).await
        });
    }
    slow.asked(10).await;
    let policy = patient();
    let theirs = Errand { whom: whom(2, 1), ..errand(&policy) };
    outbound.fetch(theirs, &quick.url("/"), LIMIT).await.expect("another account may");
    let hasty = impatient();
    let mine = Errand { whom: whom(1, 20), ..errand(&hasty) };
    let eleventh = outbound.fetch(mine, &quick.url("/mine"), LIMIT).await;
    assert_eq!(cause(eleventh), Cause::TooMany);
    assert_eq!((slow.requests().len(), quick.requests().len()), (10, 1));
}
