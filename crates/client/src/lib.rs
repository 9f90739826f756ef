//! Pin files, folders and CIDs to IPFS through W3IPFS (AIOZ Pin), and prove what was pinned.
//!
//! ```no_run
//! use w3pin::{Client, Credentials, PinOptions, WaitPolicy};
//!
//! # async fn pin() -> w3pin::Result<()> {
//! let client = Client::builder()
//!     .credentials(Credentials::new("API_KEY", "SECRET_KEY")?)
//!     .build()?;
//!
//! let pin = client.pin_folder("site", PinOptions::new().name("my site")).await?;
//! println!("{} is {}, {}", pin.cid, pin.status, pin.verification);
//!
//! let pin = client.wait_until_pinned(&pin.id, WaitPolicy::default()).await?;
//! assert!(pin.pinned);
//! # Ok(())
//! # }
//! ```
//!
//! While content is being sent, its root CID is computed from the same bytes on another thread, so the
//! returned [`Pin`] says whether the service pinned what was sent. Transient
//! failures are retried with exponential backoff, without pinning twice or losing a response. Dropping a
//! future cancels everything it does: the connection is closed, and the threads that read and hash end.
//!
//! A [tokio] runtime of either flavor is required, with timers and I/O enabled.
//!
//! [tokio]: https://docs.rs/tokio
#![forbid(unsafe_code)]

mod batch;
mod blocking;
mod builder;
mod car;
mod client;
mod compute_cid;
mod config;
mod content;
mod driver;
mod import;
mod open;
mod options;
mod pins;
mod prepare;
mod preview;
mod progress;
mod retrieve;
mod stream;
mod sync;
mod transport;
mod upload;
mod verify;
mod walk;

pub use w3pin_core as core;
pub use w3pin_core::{
    Api, Cid, Computed, Credentials, DagBlock, DagLimits, Endpoint, Error, ErrorKind, Gateway,
    Insecure, IpfsPath, ListOptions, Metadata, Node, NodeKind, Page, Pin, PinByCidOptions, PinId,
    PinStatus, PinnedFilter, Preset, RateLimit, ReadOptions, ResolvedSettings, Result, RetryPolicy,
    Settings, SortBy, SortOrder, SyncOutcome, Synced, Totals, UnreadablePin, Verification, Verify,
    WaitPolicy, canonical_json, printable,
};
pub use w3pin_unixfs as unixfs;
pub use w3pin_unixfs::Profile;

pub use self::{
    batch::{Batch, BatchItem, BatchOptions, Completed},
    builder::ClientBuilder,
    car::{CarBlock, CarCheck, CarFault, CarFile, PackedCar, pack_car, write_car},
    client::Client,
    compute_cid::{CidOptions, Root, compute_cid},
    config::ConfigFile,
    content::Content,
    options::PinOptions,
    pins::Pins,
    prepare::PreparedUpload,
    preview::{PreviewedFile, UploadPreview, preview_upload},
    progress::{OnProgress, Progress},
    retrieve::{
        ContentReader, ContentStream, DagBlocks, FetchOptions, FetchProgress, Fetched,
        FolderEntries, FolderEntry, OnFetchProgress, Retriever, SymlinkPolicy,
    },
    stream::ByteStream,
    sync::SyncOptions,
    verify::{Proof, VerifyOptions, verify},
    walk::{Symlinks, WalkOptions},
};

/// The README's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
