//! The W3IPFS (AIOZ Pin) pinning API without I/O.
//!
//! Requests are built here, responses parsed, and retries, paging, waiting and verification decided,
//! all as pure values: no socket, file, clock or randomness. A transport (the `w3pin` crate, or your
//! own) carries [`http::Request`]s out and [`http::Response`]s back.
//!
//! ```
//! use w3pin_core::{Credentials, Endpoint, GetPin, Operation, PinId};
//!
//! let credentials = Credentials::new("KEY", "SECRET")?;
//! let operation = GetPin::new("3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2".parse::<PinId>()?);
//! let request = operation.prepare(&Endpoint::default(), &credentials)?;
//! assert_eq!(request.uri().path(), "/api/pinning/3c3fec2a-ca65-4b8e-bcf3-c8e2ceaa23d2");
//!
//! let body = br#"{"data":{"id":"3c3f","cid":"bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
//!                 "pinned":true,"status":"DONE"},"status":"success"}"#;
//! let pin = operation.parse(http::Response::new(&body[..]))?;
//! assert!(pin.pinned);
//! # Ok::<(), w3pin_core::Error>(())
//! ```
#![forbid(unsafe_code)]

mod cid;
mod credentials;
mod endpoint;
mod envelope;
mod error;
mod gateway;
mod lenient;
mod metadata;
mod multipart;
mod operation;
mod pacing;
mod page;
mod paging;
mod pin;
mod pin_id;
mod retry;
mod search;
mod verification;
mod waiting;

pub use self::{
    cid::Cid,
    credentials::Credentials,
    endpoint::{Endpoint, Insecure, Preset},
    error::{Error, ErrorKind, Result},
    gateway::{FetchBlock, Gateway},
    metadata::Metadata,
    multipart::{Boundary, FilePart, Multipart, Segment, Segments},
    operation::{
        CheckCredentials, Effect, GetPin, ListPins, Operation, PinByCid, PinnedFilter, RequestBody,
        SortBy, SortOrder, Unpin, Upload,
    },
    pacing::{Pacer, Pacing},
    page::{Page, Totals},
    paging::Pager,
    pin::{Pin, PinStatus},
    pin_id::PinId,
    retry::{Failure, RetryDecision, RetryPolicy, Sent},
    search::PinSearch,
    verification::{Computed, Verification, Verify},
    waiting::{WaitPolicy, WaitStep},
};
