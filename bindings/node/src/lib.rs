//! The native module of the npm package `w3pin`: options in, and results and errors out, as JSON in
//! camel case. The package's TypeScript converts JavaScript's values and creates its objects.
#![allow(
    unreachable_pub,
    reason = "JavaScript reaches what napi's macros register"
)]

mod batch;
mod call;
mod calls;
mod client;
pub mod command;
mod content;
mod content_stream;
mod error;
mod feed;
mod folder_entries;
pub mod local;
mod local_server;
pub mod log;
mod options;
mod pins;
mod results;
mod retriever;
mod settings;
