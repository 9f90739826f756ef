//! The tasks of w3pin's maintainers.

fn main() {}
