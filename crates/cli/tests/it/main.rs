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
#[cfg(unix)]
mod kubo;
mod ls;
#[cfg(unix)]
#[path = "../../../unixfs/tests/it/recipes.rs"]
#[allow(dead_code, reason = "the vectors' own tests need more of it")]
mod recipes;
mod rest;
mod serve;
mod settings;
mod verify;
