# Shortcuts for those who have `just`; everything here can be typed by hand, and .ci/run needs none of it.

# What is here.
default:
    @just --list

# All that must be green before a commit.
check: fmt-check clippy test deny

# Formats every source.
fmt:
    cargo fmt --all

fmt-check:
    cargo fmt --all --check

# Lints, with warnings denied.
clippy:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Every test; those that need PostgreSQL run if CONSENTRY_TEST_POSTGRES names a server.
test *ARGS:
    cargo test --workspace {{ARGS}}

# The tests of the repository itself.
tidy:
    cargo test -p xtask

# Writes the columns of tests in docs/requirements.md and docs/attacks.md.
ids:
    cargo run -p xtask -- ids

# Advisories, licences, bans and sources of the dependencies; needs cargo-deny.
deny:
    cargo deny --locked check

# The main job, start to finish, on a throw-away database.
demo:
    cargo run --release -- demo

# Every path beside what this machine can do; --database postgres://… for PostgreSQL.
bench *ARGS:
    cargo build --release
    cargo run --release -p bench -- run {{ARGS}}

# A throw-away server with a seeded account.
dev *ARGS:
    cargo run -- dev {{ARGS}}

# The production server, with its data in ./data.
serve *ARGS:
    cargo run --release -- serve {{ARGS}}

# All that a machine can prove, as the build farm does it.
ci:
    .ci/run
