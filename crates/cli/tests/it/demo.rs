//! `demo`: what it shows, what it keeps to itself, and how it ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use crate::support::{Place, without_slowness};

/// Every step, in order.
const STEPS: [&str; 17] = [
    "The admin registers an app through the API",
    "The app reads what the server says of itself",
    "The app makes the address that it sends the user to",
    "The browser follows it; the user signs in and reads what the app wants",
    "The user allows it, and the browser brings a code back to the app",
    "The app exchanges the code and its PKCE verifier for tokens",
    "The API asks whether the token is good, for whom and for what",
    "The app calls an API with the access token",
    "The app refreshes",
    "The reply was lost, so the app sends the old refresh token again",
    "The app gets a token for itself, without a user",
    "Another app gets hold of a new code, verifier and all",
    "The other app tries to revoke the first app's token",
    "The right app sends the code with a wrong verifier",
    "The right app redeems that code, and then once more",
    "The user takes it back on the page of her authorized apps",
    "The user lets the app in again; then the app gives its token back",
];

/// What was said on the wire, at least.
const SAID: [&str; 10] = [
    "admin → POST /api/v2/oauth/clients",
    "app → GET /.well-known/oauth-authorization-server",
    "browser → POST /login",
    "username=alice@example.com  password=…",
    "Location: http://127.0.0.1:9801/callback  code=cstac_",
    "API → POST /oauth/tokens/introspect",
    "app → GET /api/v2/users/me",
    r#"{"error":"invalid_grant""#,
    r#"{"active":false}"#,
    "other app → POST /oauth/tokens/revoke",
];

#[test]
fn it_goes_from_registration_to_revocation() {
    let run = Place::empty().run(&["demo"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let mut rest = run.out.as_str();
    for (number, title) in (1..).zip(STEPS) {
        let line = format!("\n{number:>2}  {title}\n");
        let at = rest.find(&line).unwrap_or_else(|| panic!("no step {number} in {}", run.out));
        rest = &rest[at + line.len()..];
        assert!(rest.split("\n\n").next().is_some_and(|step| step.contains("✓ ")), "{title}");
    }
    for words in SAID {
        assert!(run.out.contains(words), "{words}\n{}", run.out);
    }
    assert!(rest.contains("All 17 steps went as they should"), "{rest}");
}

#[test]
fn it_prints_no_secret() {
    let run = Place::empty().run(&["demo"]);
    let words = run.out.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    let handles: Vec<_> = words.clone().filter(|word| word.starts_with("cst")).collect();
    assert!(handles.len() > 20, "{handles:?}");
    for handle in handles {
        assert!(handle.len() <= 10, "{handle}");
    }
    for word in words.filter(|word| word.len() > 23) {
        assert!(word.bytes().all(|it| it.is_ascii_lowercase() || b"_-".contains(&it)), "{word}");
    }
    let typed = run.out.split("password=").skip(1);
    assert!(typed.clone().count() > 0 && typed.clone().all(|rest| rest.starts_with("…\n")));
    assert!(!run.out.contains('\u{1b}'), "no colour where nobody sees it");
}

#[test]
fn it_touches_nothing_of_the_operators() {
    let place = Place::empty();
    let temporary = place.path().join("tmp");
    std::fs::create_dir(&temporary).expect("a new folder");
    let mut command = place.command();
    command.env("TMPDIR", &temporary).env("CONSENTRY_DATABASE__URL", "sqlite:mine.db");
    command.env("CONSENTRY_SERVER__LISTEN", "192.0.2.1:80").arg("demo");
    command.assert().success();
    let left = |path| std::fs::read_dir(path).expect("is there").count();
    assert_eq!((left(place.path()), left(temporary.as_path())), (1, 0));
}

#[test]
fn it_says_why_it_cannot_begin() {
    let place = Place::empty();
    let mut command = place.command();
    let run = command.env("TMPDIR", "no/such/folder").arg("demo").assert().code(1);
    let err = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert!(err.starts_with("error: ") && err.contains("no/such/folder"), "{err}");
}

#[test]
fn nobody_listening_is_no_failure() {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("consentry"))
        .arg("demo")
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut line = String::new();
    let out = child.stdout.take().expect("is piped");
    BufReader::new(out).read_line(&mut line).expect("reads");
    // The pipe is closed here, long before the end of the story.
    let mut err = String::new();
    child.stderr.take().expect("is piped").read_to_string(&mut err).expect("reads");
    let err = without_slowness(&err);
    assert_eq!((child.wait().expect("ends").code(), err.as_str()), (Some(0), ""), "{line}");
}
