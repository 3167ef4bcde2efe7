//! The program `demarche`. Everything is in the library; this only starts it.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    demarche::config::load_environment_file();
    let command_line = demarche::cli::CommandLine::parse();
    demarche::cli::run(command_line)
}
