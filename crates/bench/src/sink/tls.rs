use std::{io, sync::Arc};

use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};

/// A certificate for loopback: as PEM for the clients to trust, and with its key.
pub(crate) fn certificate() -> io::Result<(String, Arc<ServerConfig>)> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()])
        .map_err(io::Error::other)?;
    let key =
        PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(io::Error::other)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .map_err(io::Error::other)?;
    Ok((made.cert.pem(), Arc::new(config)))
}
