//! The W3IPFS pinning API, served from one data folder.
//!
//! A [`Server`] serves the five calls of the API, the credential check, the IPFS Pinning Service API
//! and a gateway at `/ipfs/<cid>[/path]`. Content is stored as a UnixFS DAG with real CIDs, and
//! `201 Created` is only returned once data and record are durable.
//!
//! ```
//! use w3pin_server::{Server, ServerConfig};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! # let folder = tempfile::tempdir()?;
//! let server = Server::bind(ServerConfig::new(folder.path())).await?;
//! assert!(server.generated_credentials().is_some(), "no account was configured, so one was generated");
//! let running = server.spawn();
//! println!("{}", running.url()); // http://127.0.0.1:…/api/pinning
//! running.shutdown().await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// Each module imports only from those before it.

// Values.
mod excerpt;
mod host_name;
mod limits;
mod party;

mod error;
mod memory;
pub mod multipart;
mod node_url;

mod backend;
mod content_key;
mod dag_shape;
mod dag_source;

mod config;

// Storage.
mod folder;

mod records;

mod engine;

mod store;

mod car_content;

// Users of the storage: the commands for a stopped server, and the API of a running one.
mod transfer;

mod fsck;

mod budget;
mod delegate;
mod effort;
mod envelope;
mod guesses;
mod held_blocks;
mod open_files;
mod pace;
mod turns;

mod connections;
mod lingering;
mod stall;

mod answered;
mod uploads;

mod app;
mod body;
mod pieces;

mod routes;

mod server;

pub use self::{
    backend::{Backend, BackendError, Replication},
    config::ServerConfig,
    dag_source::DagSource,
    error::{RpcError, StoreError},
    fsck::{FsckError, FsckReport, LostPin, Problem, ProblemKind, Recovered, fsck},
    host_name::{HostName, HostNameError},
    limits::Limits,
    node_url::{NodeUrl, NodeUrlError},
    server::{RunningServer, ServeError, Server},
    transfer::{TransferError, Transferred, export, import},
};
