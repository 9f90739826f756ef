//! Decisions between requests: pure functions and small states.

pub(crate) mod deploys;
pub(crate) mod existing;
pub(crate) mod pager;
pub(crate) mod rate_limit;
pub(crate) mod redirect;
pub(crate) mod retry;
pub(crate) mod search;
pub(crate) mod verification;
pub(crate) mod waiting;
