//! One binary of tests, each with a database of its own on a cluster that they share.

mod support;

mod actors;
mod bad_input;
mod catalogue;
mod cluster;
mod outage;
mod partial_dates;
