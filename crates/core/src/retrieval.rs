//! Reading content back with proof: from gateways that aren't trusted, every block checked by its CID.
//!
//! A read is a [`Call`](crate::Call) like any other. It follows a [`Lane`](lane::Lane), which gets each
//! block that is asked for from whatever source has it: out of a CAR that one gateway streams in the order
//! of the walk, or else by itself from any of them.

pub(crate) mod ask;
pub(crate) mod blocks;
pub(crate) mod car_stream;
pub(crate) mod content;
pub(crate) mod cooldowns;
pub(crate) mod dag;
pub(crate) mod entries;
pub(crate) mod had;
pub(crate) mod lane;
pub(crate) mod layout;
pub(crate) mod resolve;
pub(crate) mod retrieve;
pub(crate) mod sources;
pub(crate) mod stripes;
pub(crate) mod tree;
