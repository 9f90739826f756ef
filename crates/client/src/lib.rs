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
//! While content goes out, its root CID is computed from the same bytes on another thread, so the
//! [`Pin`] that comes back says whether the service pinned what was sent. Transient
//! failures are retried with exponential backoff, in a way that neither pins twice nor loses a response. Dropping a
//! future stops everything it does: the connection is closed and the threads that read and hash end.
//!
//! A [tokio] runtime is needed, of either kind, with its timers and I/O enabled.
//!
//! [tokio]: https://docs.rs/tokio
#![forbid(unsafe_code)]

mod blocking;
mod builder;
mod client;
mod compute_cid;
mod driver;
mod many;
mod options;
mod pins;
mod progress;
mod settings;
mod stream;
mod transport;
mod upload;
mod verify;
mod walk;

pub use w3pin_core as core;
pub use w3pin_core::{
    Cid, Computed, Credentials, Endpoint, Error, ErrorKind, Gateway, Insecure, IpfsPath, ListPins,
    Metadata, Pacing, Page, Pin, PinByCidOptions, PinId, PinStatus, PinnedFilter, Preset, Result,
    RetryPolicy, SortBy, SortOrder, Totals, UnreadablePin, Verification, Verify, WaitPolicy,
    printable,
};
pub use w3pin_unixfs as unixfs;
pub use w3pin_unixfs::Profile;

pub use self::{
    builder::ClientBuilder,
    client::Client,
    compute_cid::{CidOptions, Root, compute_cid, compute_cid_of_bytes},
    options::{ManyOptions, PinOptions},
    pins::Pins,
    progress::{OnProgress, Progress},
    settings::Settings,
    stream::ByteStream,
    verify::{Content, Proof, VerifyOptions},
    walk::Symlinks,
};

/// The README's examples.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
