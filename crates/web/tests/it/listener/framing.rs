//! Where a request ends: whatever is in doubt is refused, and nothing hides in another's body.

use crate::listener::{Listening, read_to_end, responses};
use crate::support::{ADMIN_API_TOKEN, CLIENTS};

use tokio::io::AsyncWriteExt as _;

const HEAD: &str = "POST /oauth/tokens HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nContent-Type: application/x-www-form-urlencoded\r\n";

/// A request that must never be answered as one of its own.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n";

// HT-03
#[tokio::test]
async fn an_ambiguous_length_is_refused() {
    let server = Listening::start().await;
    for framing in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 \u{b}\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\u{b}chunked\r\n",
        "Content-Length : 5\r\n",
        "X: y\r\n folded: 1\r\nContent-Length: 5\r\n",
    ] {
        let received = server.exchange(&format!("{HEAD}{framing}\r\na=b&c{HIDDEN}")).await;
        assert!(received.starts_with("HTTP/1.1 400 "), "{framing:?}: {received}");
        assert_eq!(responses(&received), 1, "{framing:?}: {received}");
    }
    server.end().await;
}

// HT-03
#[tokio::test]
async fn a_length_beside_chunks_is_refused() {
    let server = Listening::start().await;
    for framing in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
    ] {
        let received = server.exchange(&format!("{HEAD}{framing}\r\n0\r\n\r\n{HIDDEN}")).await;
        assert!(received.starts_with("HTTP/1.1 400 "), "{framing:?}: {received}");
        assert_eq!(responses(&received), 1, "{framing:?}: {received}");
    }
    server.end().await;
}

// HT-03
#[tokio::test]
async fn broken_chunks_are_refused() {
    let server = Listening::start().await;
    let head = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n");
    for chunks in [
        "g\r\nx\r\n0\r\n\r\n",
        "-1\r\nx\r\n",
        "5\r\na=b",
        "1\r\nabc\r\n0\r\n\r\n",
        "fffffffffffffffff\r\n",
    ] {
        let mut stream = server.connect().await;
        let sent = format!("{head}{chunks}{HIDDEN}");
        stream.write_all(sent.as_bytes()).await.expect("sent");
        stream.shutdown().await.expect("no more comes");
        let received = read_to_end(&mut stream).await;
        assert!(!received.contains("HTTP/1.1 200"), "{chunks:?}: {received}");
        assert!(responses(&received) <= 1, "{chunks:?}: {received}");
    }
    // Extensions mean nothing, and hide nothing.
    let good = format!("{head}3;x=\"y\"\r\na=b\r\n0\r\n\r\n");
    let received = server.exchange(&good).await;
    assert!(received.starts_with("HTTP/1.1 400 ") && received.contains("grant_type"), "{received}");
    server.end().await;
}

// HT-03
#[tokio::test]
async fn a_malformed_head_is_refused() {
    let server = Listening::start().await;
    for head in [
        "GET /login HTTP/1.1\r\n\r\n",
        "GET /login HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nHost: evil.example\r\n\r\n",
        "GET /login HTTP/9.9\r\nHost: 127.0.0.1:8080\r\n\r\n",
        "GET  /login HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
        "GET /log in HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
        "G\u{0}T /login HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
        "GET /login HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX: a\u{0}b\r\n\r\n",
        "GET /login HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX: a\rb\r\n\r\n",
        "GET /login HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n: x\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        let close = head.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
        let received = server.exchange(&close).await;
        let status = received.get(9..12).unwrap_or_default();
        assert!(["400", "404"].contains(&status), "{head:?}: {received}");
        assert_eq!(responses(&received), 1, "{head:?}: {received}");
    }
    server.end().await;
}

// JW-07
#[tokio::test]
async fn an_absolute_target_and_the_host_must_agree_with_an_account() {
    let server = Listening::start().await;
    let get = |target: &str, host: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    };
    let received = server.exchange(&get("http://evil.example/login", "evil.example")).await;
    assert!(received.starts_with("HTTP/1.1 404 "), "{received}");
    let received = server.exchange(&get("http://evil.example/login", "127.0.0.1:8080")).await;
    assert!(!received.contains("evil.example"), "{received}");
    server.end().await;
}

// DS-04
#[tokio::test]
async fn a_head_beyond_the_limit_is_refused() {
    let server = Listening::start().await;
    let with = |cookie: usize| {
        let cookie = "c".repeat(cookie);
        format!(
            "GET /login HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n"
        )
    };
    assert!(server.exchange(&with(16_000)).await.starts_with("HTTP/1.1 200 "));
    for length in [17_000, 64 * 1024] {
        let received = server.exchange(&with(length)).await;
        assert!(received.starts_with("HTTP/1.1 431 "), "{length}: {received}");
    }
    server.end().await;
}

// W-30: clients compare the reason phrase.
#[tokio::test]
async fn a_deletion_is_told_as_no_content() {
    use base64::Engine as _;
    let server = Listening::start().await;
    let id = server.app.registered("photo-album").await.id;
    let pair = format!("admin@example.com/token:{ADMIN_API_TOKEN}");
    let pair = base64::engine::general_purpose::STANDARD.encode(pair);
    let request = format!(
        "DELETE {CLIENTS}/{id}.json HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Basic {pair}\r\nConnection: close\r\n\r\n"
    );
    let received = server.exchange(&request).await;
    let head = received.strip_suffix("\r\n\r\n").unwrap_or_else(|| panic!("a body: {received}"));
    assert!(head.starts_with("HTTP/1.1 204 No Content\r\n"), "{head}");
    for header in ["content-type", "content-length", "transfer-encoding", "retry-after"] {
        assert!(!head.contains(&format!("\n{header}:")), "{head}");
    }
    server.end().await;
}

// V13.4.2–6
#[tokio::test]
async fn a_reply_does_not_say_what_runs_here() {
    let server = Listening::start().await;
    let get = "GET /login HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n";
    let head = server.exchange(get).await.to_ascii_lowercase();
    let head = head.split("\r\n\r\n").next().expect("a head");
    for word in ["server:", "x-powered-by", "axum", "hyper", env!("CARGO_PKG_VERSION")] {
        assert!(!head.contains(word), "{head}");
    }
    let trace =
        "TRACE /login HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nX-Secret: 1\r\nConnection: close\r\n\r\n";
    let received = server.exchange(trace).await;
    assert!(received.starts_with("HTTP/1.1 405 ") && !received.contains("X-Secret"), "{received}");
    server.end().await;
}
