//! Says at compile time whether there is a PostgreSQL to measure on, so that its tests are ignored, not silently green.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(postgres_available)");
    println!("cargo::rerun-if-env-changed=CONSENTRY_TEST_POSTGRES");
    #[expect(clippy::disallowed_methods, reason = "a build script has no settings")]
    let url = std::env::var_os("CONSENTRY_TEST_POSTGRES");
    if url.is_some_and(|url| !url.is_empty()) {
        println!("cargo::rustc-cfg=postgres_available");
    }
}
