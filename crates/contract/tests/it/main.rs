//! Core and the Rust client run every scenario.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod client;
mod core;
mod outcome;
mod surface;

use w3pin_contract::{Api, Scenario};

#[test]
fn every_operation_and_every_kind_of_error_is_shown() {
    let scenarios = Scenario::load_all().unwrap();
    let uncovered = Api::load().unwrap().uncovered(&scenarios);
    assert!(uncovered.is_empty(), "{uncovered:#?}");
    assert!(
        scenarios.len() >= 60,
        "there are {} scenarios",
        scenarios.len()
    );
}
