//! The W3IPFS pinning API served from one data folder.
