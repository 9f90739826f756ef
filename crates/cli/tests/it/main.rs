//! Tests of the command, as used interactively and by scripts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod add;
#[cfg(unix)]
mod add_car;
#[cfg(unix)]
mod car;
mod cat;
mod cid;
#[path = "../../../server/tests/it/cluster_peer.rs"]
#[allow(dead_code, reason = "the server's own tests need more of it")]
mod cluster_peer;
#[path = "../../../server/tests/it/curl.rs"]
#[allow(dead_code, reason = "the server's own tests need more of it")]
mod curl;
mod dag;
mod destination;
mod docs;
mod fetch;
mod fixture;
mod fsck;
mod hostile;
#[cfg(unix)]
mod kubo;
mod local;
mod log;
mod ls;
#[path = "../../../server/tests/it/node.rs"]
#[allow(dead_code, reason = "the server's own tests need more of it")]
mod node;
mod output;
mod preview;
mod proof;
mod psa;
#[cfg(unix)]
mod readers;
#[cfg(unix)]
#[path = "../../../unixfs/tests/it/recipes.rs"]
#[allow(dead_code, reason = "the vectors' own tests need more of it")]
mod recipes;
mod rest;
#[cfg(unix)]
mod resume;
#[cfg(unix)]
mod retrieve_from;
mod serve;
#[path = "../../../client/tests/it/server.rs"]
#[allow(dead_code, reason = "the client's own tests need more of it")]
mod service;
mod settings;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
#[path = "../../../server/tests/it/small_disk.rs"]
mod small_disk;
mod sync;
#[cfg(unix)]
mod terminal;
mod throttle;
mod tls;
mod transfer;
mod tree;
mod usage;
mod verify;
