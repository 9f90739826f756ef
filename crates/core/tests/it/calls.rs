//! The calls, one protocol a file, driven without a socket.

mod batch;
mod deadlines;
mod fetch_block;
mod list;
mod lost_pins;
mod pin_by_cid;
mod pinning_service;
mod rate_limit;
mod read;
mod redaction;
mod retrieval;
mod unpin;
mod upload;
mod wait;
