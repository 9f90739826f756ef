//! What Kotlin and Swift call: every operation of [`w3pin::Client`], in types that cross a C boundary.
//!
//! Nothing is decided here. The packages in `kotlin/` and `swift/` wrap this in each language's idioms.
//! No code of theirs is called from here: they ask for progress, and for what a stream has to give, so
//! nothing they do holds up the engine. No panic crosses: uniffi catches it, and it arrives as an internal
//! error of the language.

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
