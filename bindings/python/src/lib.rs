//! The native module of the Python package: it converts arguments and results.
//!
//! Every operation is a `Call` that Python either waits for or awaits, so the synchronous and the
//! asynchronous client are thin layers over the same code.

mod alarm;
mod arguments;
mod batch;
mod call;
mod client;
mod command;
mod error;
mod event_queue;
mod feed;
mod local;
mod local_server;
mod logging;
mod options;
mod per_process;
mod pins;
mod results;
mod retrieved;
mod retriever;
mod runtime;

/// The module that Python imports as `w3pin._native`.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::{
        batch::CompletedCalls,
        call::Call,
        client::NativeClient,
        command::run_command,
        event_queue::EventQueue,
        feed::Feed,
        local::{compute_cid, gateway_url, ipfs_url, pack_car, preview_upload, verify},
        local_server::LocalServer,
        pins::PinPages,
        retrieved::{ContentPieces, EntryGroups, OpenFile},
        retriever::NativeRetriever,
    };

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
