//! Tests of valid and invalid CARs.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod fixtures;
mod hostile;
mod pieces;
mod reading;
mod writing;
