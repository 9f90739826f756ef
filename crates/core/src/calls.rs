//! The calls: whole protocols as values, which a transport of any kind drives.
//!
//! Each protocol is an `async` function that awaits nothing but its [`Port`](port::Port). What it awaits
//! is a step for the driver, so that the code reads as the protocol does and still does nothing itself.

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
