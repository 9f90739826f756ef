//! A program that does nothing: the minimum time to start and exit a Rust program.

fn main() {}
