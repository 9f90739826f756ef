//! The native module of the Python package: it converts, calls and converts back.
//!
//! Every operation is a `Call` that Python either waits for or awaits, so that the
//! synchronous and the asynchronous client are two short faces of one thing.

mod alarm;
mod call;
mod client;
mod command;
mod completions;
mod compute_cid;
mod convert;
mod error;
mod feed;
mod local_server;
mod logging;
mod options;
mod pin;
mod pins;
mod policies;
mod runtime;

/// What Python imports as `w3pin._native`.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::{
        call::Call,
        client::Client,
        command::run_command,
        completions::Completions,
        compute_cid::{compute_cid, compute_cid_of_bytes},
        feed::Feed,
        local_server::LocalServer,
        options::{ByCidOptions, UploadOptions},
        pin::Pin,
        pins::{Listing, Pins},
        policies::RetryPolicy,
    };

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
