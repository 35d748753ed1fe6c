//! Who is cut off and who is not: slow senders are, accepted requests are not when the server stops.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::listener::{Listening, read_response, read_to_end};

const FORM: &str = "POST /oauth/tokens HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/x-www-form-urlencoded\r\n";

// DS-02
#[tokio::test(start_paused = true)]
async fn slow_headers_are_cut_off() {
    let server = Listening::start().await;
    let mut stream = server.connect().await;
    let begun = Instant::now();
    for byte in "GET /login HTTP/1.1\r\nX-Slow: ".bytes().chain(std::iter::repeat_n(b'x', 100)) {
        if stream.write_all(&[byte]).await.is_err() || is_closed(&mut stream).await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let taken = begun.elapsed();
    assert!(taken <= Duration::from_secs(11), "{taken:?}");
    server.end().await;
}

/// Whether the server has closed, looked at without waiting.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    let reading = stream.read(&mut byte);
    match tokio::time::timeout(Duration::from_millis(1), reading).await {
        Ok(Ok(count)) => count == 0,
        Ok(Err(_)) => true,
        Err(_) => false,
    }
}

// DS-02
#[tokio::test(start_paused = true)]
async fn a_slow_body_is_cut_off() {
    let server = Listening::start().await;
    let mut stream = server.connect().await;
    let begun = Instant::now();
    let head = format!("{FORM}Content-Length: 1000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    let (mut receiving, mut sending) = stream.into_split();
    let dripping = tokio::spawn(async move {
        while sending.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    });
    let received = read_to_end(&mut receiving).await;
    let taken = begun.elapsed();
    assert!(received.starts_with("HTTP/1.1 400 "), "{received}");
    assert!(received.contains("did not arrive in time"), "{received}");
    assert!(taken <= Duration::from_secs(16), "{taken:?}");
    dripping.abort();
    server.end().await;
}

// DS-02
#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed() {
    let server = Listening::start().await;
    for first in ["", "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"] {
        let mut stream = server.connect().await;
        if !first.is_empty() {
            stream.write_all(first.as_bytes()).await.expect("sent");
            read_response(&mut stream).await;
        }
        let begun = Instant::now();
        read_to_end(&mut stream).await;
        assert!(begun.elapsed() <= Duration::from_secs(75), "{first:?}: {:?}", begun.elapsed());
    }
    server.end().await;
}

#[tokio::test]
async fn an_accepted_request_is_answered_after_stop() {
    let server = Listening::start().await;
    let (mut busy, mut idle) = (server.connect().await, server.connect().await);
    let get = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";
    idle.write_all(get).await.expect("sent");
    read_response(&mut idle).await;
    let head = format!("{FORM}Content-Length: 3\r\n\r\na");
    busy.write_all(head.as_bytes()).await.expect("sent");
    // So that the server has begun with it.
    busy.writable().await.expect("open");
    idle.write_all(get).await.expect("sent");
    read_response(&mut idle).await;

    server.stop.stop();
    assert_eq!(read_to_end(&mut idle).await, "", "an idle connection is closed");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody new is let in");
    assert!(!server.running.is_finished(), "it waits for what it has accepted");
    busy.write_all(b"=b").await.expect("sent");
    let received = read_to_end(&mut busy).await;
    assert!(received.starts_with("HTTP/1.1 400 ") && received.contains("grant_type"), "{received}");
    server.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_ends_does_not_keep_the_server() {
    let server = Listening::start().await;
    let mut stuck = server.connect().await;
    let head = format!("{FORM}Content-Length: 3\r\n\r\na");
    stuck.write_all(head.as_bytes()).await.expect("sent");
    stuck.writable().await.expect("open");
    let begun = Instant::now();
    server.end().await;
    assert!(begun.elapsed() <= Duration::from_secs(16), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_server_that_drains_is_not_ready() {
    let server = Listening::start().await;
    server.app.ctx.flows.close();
    let received = server
        .exchange("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n")
        .await;
    assert!(received.starts_with("HTTP/1.1 503 "), "{received}");
    let received = server
        .exchange("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n")
        .await;
    assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
    server.end().await;
}
