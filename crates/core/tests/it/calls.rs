//! Tests of the calls, one protocol per file, driven without sockets.

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
