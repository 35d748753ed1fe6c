//! Says at compile time which outside programs there are, so that the tests that need one are ignored without it.

use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rustc-check-cfg=cfg(curl_available)");
    println!("cargo::rerun-if-changed=build.rs");
    let curl = Command::new("curl").arg("--version").stdout(Stdio::null()).status();
    if curl.is_ok_and(|status| status.success()) {
        println!("cargo::rustc-cfg=curl_available");
    }
}
