//! Attacks on the real `w3pin serve`, each with its figures. `cargo xtask attack` runs them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(clippy::print_stdout, reason = "figures are for whoever runs it")]
#![cfg(target_os = "linux")]

mod big_commit;
mod deep_folders;
mod ended_pins;
mod few_files;
mod frame;
mod hostile_pages;
mod idle_connections;
mod key_guessing;
mod long_lists;
mod secrets;
mod slow_readers;
mod slow_uploads;
