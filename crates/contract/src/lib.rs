//! What w3pin is in every language: the surface, the scenarios and the server that plays them.
//!
//! `api.json` says what there is, and `scenarios/*.json` what it does: given these arguments and this
//! exchange of requests and scripted responses, expect this result or this error. `core` runs them
//! without a socket, every language against the [`ScenarioServer`] over real HTTP. See the README
//! beside this crate for how a language joins.
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

/// What went wrong, in words for the person who runs the tests.
pub type Result<T, E = String> = std::result::Result<T, E>;
