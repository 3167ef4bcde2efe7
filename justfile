# The commands of daily work. Each is plain cargo or a script of this repository; `just` only saves typing. `just` alone lists
# them. Install it with `cargo install just`, or `pip install rust-just`.

# List the recipes
default:
    @just --list --unsorted

# What the compiler, rustfmt and clippy say, without building a program
check:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# The tests whose path contains NAME, with what they print: `just test sanctions::`
test NAME:
    cargo test --locked {{ NAME }} -- --nocapture

# All tests
test-all:
    cargo test --locked

# Compare the snapshots with what the program does now, and show each difference (needs cargo-insta)
review:
    cargo insta test --review --test it -- snapshots::

# Accept the new snapshots: of the API (insta) and of schema bi; read `git diff` before you commit. Then `just models`
accept:
    INSTA_UPDATE=always cargo test --locked --test it snapshots::
    UPDATE_BI_CONTRACT=1 cargo test --locked --test it bi_contract

# Write src/schema.rs from a database that the migrations have just made (needs diesel_cli and psql)
schema:
    @bash -c '. bench/common.sh; needs diesel psql python3' bench/with_demo
    cargo build --locked
    bench/with_demo target/debug/demarche diesel print-schema > target/schema.rs
    mv target/schema.rs src/schema.rs
    cargo fmt

# Write the models of clients/python from the snapshot of the OpenAPI document (needs python3 with venv, and PyPI)
models:
    python3 -m venv target/python-models
    target/python-models/bin/pip install --quiet './clients/python[models]'
    target/python-models/bin/python clients/python/generate_models.py

# The tests of clients/python and of the examples, against a demo that they start (needs python3 with venv, and PyPI)
python:
    cargo build --locked
    python3 -m venv target/python
    target/python/bin/pip install --quiet --editable './clients/python[test]'
    cd clients/python && ../../target/python/bin/python -m mypy
    target/python/bin/python -m pytest clients/python/tests

# Forget the demo in .demarche, and start a new one
reset:
    cargo run --locked -- demo --fresh

# All benchmarks at a small size, and one table (about ten minutes on two cores, after a release build)
bench:
    bench/run

# The documentation of the library, with warnings as errors: target/doc/demarche/index.html
doc:
    RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps

# Licences, advisories and sources of all dependencies (needs cargo-deny)
deny:
    cargo deny --locked check

# Everything that a change must pass
ci:
    .ci/run
