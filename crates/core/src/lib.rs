//! The W3IPFS pinning API without I/O: requests built, responses parsed, retries and paging decided.
