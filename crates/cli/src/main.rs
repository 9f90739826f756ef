//! The w3pin command: pin to IPFS from a shell, or serve the same API from this machine.

fn main() {}
