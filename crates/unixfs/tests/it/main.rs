//! Tests of the public API.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy's allow-*-in-tests covers the test functions, not what they share"
)]

mod blocks;
mod decoding;
mod files;
mod hostile;
mod profiles;
mod proofs;
mod recipes;
mod round_trip;
mod trees;
#[allow(dead_code, reason = "the server's tests need more of it")]
mod vector;
mod vectors;
