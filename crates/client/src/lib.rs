//! Pin files, folders and CIDs to IPFS through W3IPFS (AIOZ Pin), and prove what was pinned.
