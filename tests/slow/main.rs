//! Tests that kill processes, wait for timeouts, or need real clients. They share the support of `tests/it`.

mod bi_queue;
mod bi_superset;
mod command_line;
mod crashes;
mod outage;
mod pooler;
mod python_client;
mod restored;
#[path = "../it/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "tests/it uses the rest")]
mod support;
