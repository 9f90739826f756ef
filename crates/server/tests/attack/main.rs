//! Attacks on a server in a separate process, one scenario per test, each with its figures: `cargo xtask
//! attack`. The ordinary tests run a short form of them. To add one, write a test that creates an
//! [`Attack`](attack::Attack), does its damage, and calls `finish`, which checks the guarantees and prints
//! the figures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(clippy::print_stdout, reason = "figures are for whoever runs it")]
#![allow(
    dead_code,
    reason = "it shares the other tests' tools, some of which it doesn't need"
)]

#[path = "../it/child.rs"]
mod child;
#[path = "../it/curl.rs"]
mod curl;
#[path = "../it/fixture.rs"]
mod fixture;
#[path = "../it/node.rs"]
mod node;
#[path = "../it/packs.rs"]
mod packs;
#[path = "../it/small_disk.rs"]
mod small_disk;
#[path = "../it/wire.rs"]
mod wire;

mod attack;
mod bodies;
mod cars;
#[cfg(target_os = "linux")]
mod clock;
mod damage;
mod disk;
mod elsewhere;
mod fairness;
mod import;
mod memory;
mod others;
mod psa;
mod served;
mod storms;
mod strangers;
mod work;
