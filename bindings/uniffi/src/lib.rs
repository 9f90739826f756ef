//! What Kotlin and Swift call: every operation of [`w3pin::Client`], in types that cross a C boundary.
//!
//! Nothing is decided here. The packages in `kotlin/` and `swift/` wrap this in each language's idioms.
//! No panic crosses: uniffi catches it, and it arrives as an internal error of the language.

#![allow(
    unreachable_pub,
    reason = "what uniffi exports is reached from other languages, and has to be public for it"
)]

mod cancel;
mod client;
mod error;
mod listener;
mod options;
mod pin;
mod pins;
mod proof;
mod runtime;
mod source;

uniffi::setup_scaffolding!();
