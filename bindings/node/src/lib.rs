//! The native module of the npm package `w3pin`: arguments in, results and errors out as JSON. The
//! package's TypeScript makes JavaScript values of them.
#![allow(
    unreachable_pub,
    reason = "JavaScript reaches what napi's macros register"
)]

mod call;
mod client;
pub mod command;
pub mod compute_cid;
mod failure;
mod feed;
mod local_server;
mod options;
mod pins;
