//! Reads content back with proof from untrusted gateways: every block is verified against its CID.
//!
//! A read is a [`Call`](crate::Call) like any other. It uses a [`Lane`](lane::Lane), which gets
//! each requested block from whatever source has it: from a CAR that one gateway streams in the
//! order of the walk, or individually from any gateway.

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
