//! Programs that use w3pin are in `src/bin`. Here are the Rust examples of the book, which are run as tests.
// Blocks in other languages have marks of the book's own.
#![allow(rustdoc::invalid_codeblock_attributes)]

/// Getting started.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/getting-started/rust.md")]
struct GettingStarted;
