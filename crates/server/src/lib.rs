//! The W3IPFS pinning API, served from one data folder.
//!
//! A [`Server`] answers the five calls of the API page, the credential check, and `GET` and `HEAD` of
//! `/ipfs/<cid>[/path]`. Content is stored as a UnixFS DAG with true CIDs, and `201 Created` is
//! answered only when data and record are durable.
//!
//! ```
//! use w3pin_server::{Server, ServerConfig};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! let server = Server::bind(ServerConfig::new(folder.path())).await?;
//! assert!(server.generated_credentials().is_some(), "no account was given, so one was made");
//! let running = server.spawn();
//! println!("{}", running.url()); // http://127.0.0.1:…/api/pinning
//! running.shutdown().await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod backend;
mod body;
mod content_key;
mod engine;
mod envelope;
mod import;
mod limits;
mod lingering;
pub mod multipart;
mod node_url;
mod record;
mod routes;
mod server;
mod stall;
mod store;
mod transfer;
mod upload_path;

pub use self::{
    backend::{Backend, BackendError, Replication},
    engine::RpcError,
    limits::Limits,
    node_url::{NodeUrl, NodeUrlError},
    server::{RunningServer, ServeError, Server, ServerConfig},
    store::StoreError,
    transfer::{TransferError, Transferred, export, import},
    upload_path::{UploadPath, UploadPathError},
};
