//! What w3pin is in every language: the API, the scenarios and the server that plays them.
//!
//! `api.json` describes the API, and `scenarios/*.json` its behavior: given these arguments and
//! this exchange of requests and scripted responses, expect this result or this error. `core` runs
//! them without a socket, every language against the [`ScenarioServer`] over real HTTP. The README
//! of this crate explains how to add a language.
#![forbid(unsafe_code)]

mod api;
mod check;
mod coverage;
mod matching;
mod parity;
mod report;
mod scenario;
mod server;

pub use self::{
    api::{Api, Operation, Parameter},
    check::{Arrived, check_request},
    matching::differences,
    report::{Found, OperationFound, Report, Surface},
    scenario::{
        Answer, ClientSettings, Content, Cut, Exchange, Expected, ExpectedError, ExpectedRequest,
        Scenario,
    },
    server::ScenarioServer,
};

/// The error of this crate: a message for whoever runs the tests.
pub type Result<T, E = String> = std::result::Result<T, E>;
