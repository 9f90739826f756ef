//! Tests of reading back from well-behaved and misbehaving gateways.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod dag;
mod dags;
mod fetching;
mod gateway;
mod hostile;
mod reading;
#[path = "../it/server.rs"]
#[allow(dead_code, reason = "the other tests need more of it")]
mod server;
mod striping;
