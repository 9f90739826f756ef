//! Core, over two transports, and the Rust client run every scenario.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod blocking;
mod calls;
mod client;
mod contract;
mod core;
mod options;
mod outcome;
mod source;
mod surface;
