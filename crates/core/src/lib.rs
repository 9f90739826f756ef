//! The W3IPFS (AIOZ Pin) pinning API and the IPFS Pinning Service API without I/O.
//!
//! A [`Session`] creates [`Call`]s: whole protocols as values, with their retries, rate limits, paging, time
//! limits and proofs. A driver asks a call what to do next, does it, and reports the result. This
//! crate opens no sockets or files, and reads no clock, environment or randomness, so any transport can
//! drive it: the `w3pin` crate does so with tokio.
//!
//! ```
//! use std::time::{Duration, Instant};
//! use w3pin_core::{Call, Credentials, Delivery, Endpoint, Error, ErrorKind, Result, Session, Step};
//!
//! /// Drives a call to its end over a transport that is always down.
//! fn drive<T>(mut call: Call<T>) -> Result<T> {
//!     let mut now = Duration::ZERO;
//!     loop {
//!         match call.next(now, 42) {
//!             Step::Send(_) => {
//!                 let down = Error::new(ErrorKind::Transport, "there is no network");
//!                 call.failed(down, Delivery::unsent());
//!             }
//!             Step::Sleep(delay) => now += delay,
//!             Step::Yield(nothing) => match nothing {},
//!             Step::Done(result) => return result,
//!             _ => unreachable!("only uploads and reads need other steps"),
//!         }
//!     }
//! }
//!
//! let session = Session::new(Endpoint::default(), Credentials::new("KEY", "SECRET")?);
//! let error = drive(session.check_credentials()).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Transport);
//! # Ok::<(), Error>(())
//! ```
//!
//! One level below, an [`Operation`] is a single request and its response.
#![forbid(unsafe_code)]

mod calls;
mod canonical_json;
mod decisions;
mod error;
pub mod ipld;
mod retrieval;
mod roots;
mod settings;
mod values;
mod wire;
mod words;

pub use self::{
    calls::{
        call::{Call, Delivery, Reading, Step, Transmission},
        pin_by_cid::PinByCidOptions,
        prepared::PreparedUpload,
        session::Session,
        sync::{DeployOptions, SyncOutcome, Synced},
        upload::UploadOptions,
    },
    canonical_json::canonical_json,
    decisions::{
        existing::ExistingPins,
        rate_limit::RateLimit,
        retry::{RetryPolicy, Sent},
        verification::{Computed, Verification, Verify},
        waiting::WaitPolicy,
    },
    error::{Error, ErrorKind, Result},
    retrieval::{
        content::{Piece, ReadOptions},
        cooldowns::Cooldowns,
        dag::{DagBlock, DagLimits},
        entries::Entry,
        layout::Leaf,
        resolve::{Node, NodeKind},
        retrieve::Retrieval,
        stripes::stripes,
        tree::{TreeEnd, TreeItem, TreeLimits, check_name},
    },
    roots::Roots,
    settings::{Origin, ResolvedSettings, Settings},
    values::{
        api::Api,
        cid::Cid,
        credentials::Credentials,
        endpoint::{Endpoint, Insecure, Preset},
        file_name::FileName,
        gateway::Gateway,
        ipfs_path::IpfsPath,
        list_options::{ListOptions, PinnedFilter, SortBy, SortOrder},
        metadata::Metadata,
        page::{Page, Totals, UnreadablePin},
        pin::{Pin, PinStatus},
        pin_id::PinId,
        printable::printable,
    },
    wire::{
        body::{Json, NoBody, RequestBody},
        fetch_block::FetchBlock,
        multipart::{Boundary, FilePart, Multipart, Segment, Segments},
        operation::{
            CheckCredentials, GetPin, ListPins, Operation, PinByCid, Semantics, TakesCars, UPLOADS,
            Unpin, Upload,
        },
    },
};
