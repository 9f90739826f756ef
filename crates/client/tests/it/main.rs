//! Tests of the client against well-behaved and faulty servers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod calls;
mod cars;
mod compute_cid;
#[path = "../../../server/tests/it/curl.rs"]
#[allow(dead_code, reason = "the server's own tests need more of it")]
mod curl;
mod drops;
mod early;
mod faults;
mod in_memory;
mod kept;
mod leaks;
mod network;
#[path = "../../../server/tests/it/node.rs"]
#[allow(dead_code, reason = "the server's own tests need more of it")]
mod node;
mod proxies;
mod redirects;
mod server;
mod settings;
mod streams;
mod tls;
mod uploads;
mod verify;
mod verify_hostile;

use server::Server;
use w3pin::{Client, ClientBuilder, Credentials, RetryPolicy};

/// An address that nothing listens at, and that no other test is given.
pub(crate) const NOBODY: &str = "127.0.0.1:1";

pub(crate) const API_KEY: &str = "k3y-of-the-account-24-ch";
pub(crate) const SECRET_KEY: &str = "s3cret-of-the-account-with-forty-four-chars.";

/// A client of this server with short delays between attempts.
pub(crate) fn builder(server: &Server) -> ClientBuilder {
    Client::builder()
        .credentials(Credentials::new(API_KEY, SECRET_KEY).unwrap())
        .endpoint(server.endpoint())
        .retry(
            RetryPolicy::default()
                .base_delay(std::time::Duration::from_millis(5))
                .max_delay(std::time::Duration::from_millis(10)),
        )
}

pub(crate) fn client(server: &Server) -> Client {
    builder(server).build().unwrap()
}
