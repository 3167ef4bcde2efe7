//! `demarche demo` in a build without the feature `demo`.

use std::ffi::OsString;

use clap::Args;

use super::CommandResult;

/// Any arguments: none of them means anything in this build.
#[derive(Debug, Args)]
pub struct Demo {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

impl Demo {
    /// Fails with the way to a build that has the demo.
    pub async fn run(self) -> CommandResult {
        let _ = self.arguments;
        Err(
            "this build has no demo: build demarche with its default features (`cargo build --release`)"
                .into(),
        )
    }
}
