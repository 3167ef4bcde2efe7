//! One binary of tests, each with a database of its own on a cluster that they share.

mod support;

mod actors;
mod cluster;
mod partial_dates;
mod sanction_filters;
mod sanction_lists;
mod sanction_status;
mod sanctions;
