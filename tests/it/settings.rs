//! `.env.example` lists every setting that the program reads, and no other.

use std::collections::BTreeSet;

use clap::CommandFactory;
use demarche::cli::CommandLine;

fn settings_of(command: &clap::Command, names: &mut BTreeSet<String>) {
    for argument in command.get_arguments() {
        if let Some(name) = argument.get_env() {
            names.insert(name.to_string_lossy().into_owned());
        }
    }
    for below in command.get_subcommands() {
        settings_of(below, names);
    }
}

#[test]
fn the_example_lists_every_setting_with_a_line_that_explains_it() {
    let mut settings = BTreeSet::new();
    settings_of(&CommandLine::command(), &mut settings);
    let example = include_str!("../../.env.example");
    let mut listed = BTreeSet::new();
    let mut explained = false;

    for line in example.lines() {
        let setting = line.strip_prefix("# ").and_then(|line| line.split_once('='));
        match setting {
            Some((name, _)) if name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') => {
                assert!(explained, "{name} has no line that explains it");
                listed.insert(name.to_owned());
                explained = false;
            }
            _ => explained = line.starts_with("# "),
        }
    }

    assert_eq!(listed, settings);
}

#[test]
fn flags_do_not_contradict_each_other() {
    CommandLine::command().debug_assert();
}
