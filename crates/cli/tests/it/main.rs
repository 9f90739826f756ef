//! The command as a person and a script use it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod add;
mod cid;
mod fixture;
mod ls;
mod rest;
mod serve;
mod settings;
mod verify;
