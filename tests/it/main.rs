//! One binary of tests, each with a database of its own on a cluster that they share.

mod support;

mod actors;
mod cluster;
mod partial_dates;
mod programmes;
mod relationships;
mod sources;
mod vocabularies;
