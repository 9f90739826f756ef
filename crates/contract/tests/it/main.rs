//! Runs every scenario with core, over two transports, and with the Rust client.
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
