//! One binary of tests, each with a database of its own on a cluster that they share.

mod actors;
mod bad_input;
mod batch;
mod chain;
mod claims;
mod cluster;
mod demo;
mod diplomatic_action_lists;
mod diplomatic_actions;
mod outage;
mod partial_dates;
mod program;
mod programmes;
mod relationships;
mod sanction_filters;
mod sanction_lists;
mod sanction_pages;
mod sanction_rules;
mod sanction_status;
mod sanctions;
mod settings;
mod sources;
mod state_roll_up;
mod support;
mod timelines;
mod vocabularies;
