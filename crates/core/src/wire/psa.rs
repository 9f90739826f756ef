//! The IPFS Pinning Service API 1.0.0: what the operations ask in it, and what the answers mean.

pub(crate) mod answer;
pub(crate) mod ask;
