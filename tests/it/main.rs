//! One binary of tests, each with a database of its own on a cluster that they share.

mod support;

mod actors;
mod chain;
mod cluster;
mod diplomatic_action_lists;
mod diplomatic_actions;
mod partial_dates;
mod programmes;
mod relationships;
mod sanction_filters;
mod sanction_lists;
mod sanction_status;
mod sanctions;
mod sources;
