//! One binary of tests, each with a database of its own on a cluster that they share.

mod actors;
mod cluster;
mod partial_dates;
mod programmes;
mod sanctions;
mod sources;

