//! The values of calls, which are valid by construction.

pub(crate) mod api;
pub(crate) mod cid;
pub(crate) mod credentials;
pub(crate) mod endpoint;
pub(crate) mod file_name;
pub(crate) mod gateway;
pub(crate) mod ipfs_path;
pub(crate) mod list_options;
pub(crate) mod metadata;
pub(crate) mod page;
pub(crate) mod pin;
pub(crate) mod pin_id;
pub(crate) mod printable;
