//! The calls: whole protocols as values, driven by any kind of transport.
//!
//! Each protocol is an `async` function that awaits nothing but its [`Port`](port::Port). Each
//! await is a step for the driver, so that the code reads like the protocol and still performs no
//! I/O itself.

pub(crate) mod attempts;
pub(crate) mod call;
pub(crate) mod content;
pub(crate) mod create;
pub(crate) mod exchange;
pub(crate) mod existing;
pub(crate) mod list;
pub(crate) mod pin_by_cid;
pub(crate) mod port;
pub(crate) mod prepared;
pub(crate) mod session;
pub(crate) mod sync;
pub(crate) mod unpin;
pub(crate) mod upload;
pub(crate) mod wait;
