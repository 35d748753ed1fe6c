//! Many connections that say little: they are counted, cut off, and in nobody's way.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::listener::{Listening, read_response, read_to_end};

const GET: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

/// What a sleepy caller has sent when he stops.
const BEGINNINGS: [&[u8]; 3] = [
    b"GET /login HTTP/1.1\r\nX-Slow: ",
    b"POST /oauth/tokens HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ngrant",
    b"",
];

/// How many of each there are.
const SLEEPERS: usize = 50;

async fn sleepers(server: &Listening) -> Vec<TcpStream> {
    let mut sleepers = Vec::new();
    for beginning in BEGINNINGS.iter().cycle().take(SLEEPERS * BEGINNINGS.len()) {
        let mut stream = server.connect().await;
        stream.write_all(beginning).await.expect("sent");
        sleepers.push(stream);
    }
    sleepers
}

// DS-02
#[tokio::test]
async fn slow_senders_are_in_nobodys_way() {
    let server = Listening::start().await;
    let form = "grant_type=client_credentials&client_id=photo-album&client_secret=photo-album-secret-000000";
    let token = format!(
        "POST /oauth/tokens HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    // A busy machine may need several tries; somebody in the way would be so each time.
    let mut tries = 0..5;
    while !answers_beside_sleepers(&server, token.as_bytes()).await {
        tries.next().expect("as if nobody else was there");
    }
    server.end().await;
}

/// Whether twenty requests are answered before the first sleeper is cut off.
async fn answers_beside_sleepers(server: &Listening, token: &[u8]) -> bool {
    let sleepers = sleepers(server).await;
    let answered = timeout(Duration::from_secs(8), async {
        for request in [GET, token].into_iter().cycle().take(20) {
            let mut stream = server.connect().await;
            stream.write_all(request).await.expect("sent");
            let received = read_response(&mut stream).await;
            assert!(received.starts_with("HTTP/1.1 200 "), "{received}");
        }
    });
    let in_time = answered.await.is_ok();
    drop(sleepers);
    in_time
}

// DS-02
#[tokio::test(start_paused = true)]
async fn every_slow_sender_is_cut_off() {
    let server = Listening::start().await;
    let begun = Instant::now();
    for mut sleeper in sleepers(&server).await {
        read_to_end(&mut sleeper).await;
    }
    assert!(begun.elapsed() <= Duration::from_secs(75), "{:?}", begun.elapsed());
    server.end().await;
}

// DS-02
#[tokio::test]
async fn beyond_the_limit_a_connection_waits_for_another_to_end() {
    let server = Listening::start_limited(3).await;
    let mut taken = Vec::new();
    for _ in 0..3 {
        let mut stream = server.connect().await;
        stream.write_all(GET).await.expect("sent");
        assert!(read_response(&mut stream).await.starts_with("HTTP/1.1 200 "));
        taken.push(stream);
    }
    let mut next = server.connect().await;
    next.write_all(GET).await.expect("sent");
    let early = timeout(Duration::from_millis(300), next.readable()).await;
    assert!(early.is_err(), "it waits");
    drop(taken.pop());
    assert!(read_response(&mut next).await.starts_with("HTTP/1.1 200 "));
    drop((taken, next));
    server.end().await;
}
