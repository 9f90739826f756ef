//! The command as a person and a script use it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod add;
mod cid;
#[path = "../../../server/tests/it/curl.rs"]
#[allow(dead_code, reason = "the server's own tests need more of it")]
mod curl;
mod fixture;
mod fsck;
#[cfg(unix)]
mod kubo;
mod ls;
#[path = "../../../server/tests/it/node.rs"]
#[allow(dead_code, reason = "the server's own tests need more of it")]
mod node;
#[cfg(unix)]
#[path = "../../../unixfs/tests/it/recipes.rs"]
#[allow(dead_code, reason = "the vectors' own tests need more of it")]
mod recipes;
mod rest;
mod serve;
mod settings;
#[path = "../../../server/tests/it/small_disk.rs"]
mod small_disk;
mod transfer;
mod verify;
