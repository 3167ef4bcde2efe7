//! The progress of what takes a demo longest.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

/// Returns a progress bar on stderr, shown if that is a terminal; it goes away at its end.
pub fn step(what: &'static str, length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length)
        .with_message(what)
        .with_finish(ProgressFinish::AndClear);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len} {msg}, {eta} to go") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
