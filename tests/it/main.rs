//! One binary of tests, each with a database of its own on a cluster that they share.

mod actors;
mod chain;
mod cluster;
mod diplomatic_action_lists;
mod diplomatic_actions;
mod partial_dates;
mod programmes;
mod sanctions;
mod sources;
mod support;
