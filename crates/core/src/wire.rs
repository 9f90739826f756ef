//! Requests and responses of each call.

pub(crate) mod body;
pub(crate) mod encoding;
pub(crate) mod envelope;
pub(crate) mod fetch_block;
pub(crate) mod fetch_car;
pub(crate) mod lenient;
pub(crate) mod multipart;
pub(crate) mod operation;
pub(crate) mod psa;
pub(crate) mod refusal;
