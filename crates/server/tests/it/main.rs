//! Tests of the server over real sockets: curl, raw connections, and the samples of the API page.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::print_stdout,
    reason = "figures and seeds are for whoever runs it"
)]

mod attack;
mod car_uploads;
mod cars;
mod child;
mod cluster;
#[allow(dead_code, reason = "the command's tests need more of it")]
mod cluster_peer;
mod curl;
mod damage;
mod database;
#[cfg(unix)]
mod disk_full;
mod durability;
mod fixture;
mod folder;
mod fsck;
mod gateway;
mod health;
mod hostile_dags;
mod kubo;
mod large_folders;
mod layers;
mod lists;
mod load;
#[cfg(unix)]
mod model;
mod multipart;
mod names;
mod node;
mod npm_readers;
mod openapi;
mod packs;
mod pins;
mod psa;
#[path = "../../../unixfs/tests/it/recipes.rs"]
#[allow(dead_code, reason = "the vectors' own tests need more of it")]
mod recipes;
mod refusals;
mod retrieval;
mod samples;
mod shutdown;
#[cfg(unix)]
mod small_disk;
mod speed;
mod strangers;
mod transfer;
#[path = "../../../unixfs/tests/it/vector.rs"]
#[allow(dead_code, reason = "the vectors' own tests need more of it")]
mod vector;
mod wire;
