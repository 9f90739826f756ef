//! Imports GIBS (1) GiB of bytes from memory under PROFILE and prints the root; run it under
//! `time`, in a release build:
//!
//! ```sh
//! time cargo run --release -p w3pin-unixfs --example throughput -- unixfs-v1-2025 1
//! ```

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example has arguments and a terminal, unlike the crate"
)]

use std::error::Error;

use w3pin_unixfs::{FileBuilder, Profile};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let profile: Profile = arguments
        .next()
        .as_deref()
        .unwrap_or("kubo-cidv1-legacy")
        .parse()?;
    let gibs: u64 = arguments.next().as_deref().unwrap_or("1").parse()?;
    let buffer: Vec<u8> = (0..8u32 << 20).map(|i| (i % 251) as u8).collect();
    let mut file = FileBuilder::new(&profile);
    for _ in 0..gibs * 128 {
        file.push(&buffer);
    }
    println!("{}", file.root().cid);
    Ok(())
}
