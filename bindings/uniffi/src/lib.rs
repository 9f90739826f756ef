//! The interface for Kotlin and Swift: every operation of [`w3pin::Client`], in types that cross a
//! C boundary.
//!
//! It contains no decisions. The packages in `kotlin/` and `swift/` wrap it idiomatically. It never
//! calls their code: they ask for progress and for requests of stream blocks, so nothing that they
//! do blocks the engine. Panics don't cross: uniffi catches them, and they arrive as internal
//! errors of the language.

#![allow(
    unreachable_pub,
    reason = "what uniffi exports is reached from other languages, and has to be public for it"
)]

mod batch;
mod cancel;
mod client;
mod content;
mod error;
mod number;
mod offline;
mod options;
mod pin;
mod pins;
mod prepared;
mod progress;
mod reader;
mod results;
mod retrieved;
mod retriever;
mod runtime;
mod settings;
mod stream;
mod words;

#[cfg(test)]
mod tests;

uniffi::setup_scaffolding!();
