//! What the attacks share: the server, its clients, and what came of it.

mod figures;
mod http;
mod others;
mod serve;

pub(crate) use self::{
    figures::Figures,
    http::{Account, Reply, connect_from, file, form, noise, pin_by_cid, read_reply, request, upload},
    others::Others,
    serve::Served,
};

/// Whether there is little time.
pub(crate) fn is_short() -> bool {
    std::env::var_os("W3PIN_ATTACK_SHORT").is_some()
}

/// The account that is attacked by, and the one of those who mean well.
pub(crate) const MALLORY: Account = Account {
    api_key: "mallory-api-key",
    secret_key: "mallory-secret-key",
};
pub(crate) const ALICE: Account = Account {
    api_key: "alice-api-key",
    secret_key: "alice-secret-key",
};

/// Where attacks come from.
pub(crate) const ELSEWHERE: [u8; 4] = [127, 0, 0, 2];
/// Where those who mean well are.
pub(crate) const HERE: [u8; 4] = [127, 0, 0, 1];
