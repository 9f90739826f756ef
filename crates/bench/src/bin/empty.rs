//! The least that a Rust program takes to start and end.

fn main() {}
