//! Says at compile time which outside programs there are, so that the tests that need one are ignored without it.

use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rustc-check-cfg=cfg(curl_available)");
    println!("cargo::rustc-check-cfg=cfg(postgres_available)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CONSENTRY_TEST_POSTGRES");
    #[expect(clippy::disallowed_methods, reason = "a build script has no settings")]
    let url = std::env::var_os("CONSENTRY_TEST_POSTGRES");
    if url.is_some_and(|url| !url.is_empty()) {
        println!("cargo::rustc-cfg=postgres_available");
    }
    let curl = Command::new("curl").arg("--version").stdout(Stdio::null()).status();
    if curl.is_ok_and(|status| status.success()) {
        println!("cargo::rustc-cfg=curl_available");
    }
}
