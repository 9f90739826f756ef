//! Configures which certificates are trusted.

use std::{error::Error as StdError, io, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, pem::PemObject},
};
use w3pin_core::{Error, Result};

/// The trusted root certificates, before they are built into a configuration.
#[derive(Debug)]
pub(crate) struct RootCertificates {
    added: Vec<CertificateDer<'static>>,
    platform: bool,
}

impl RootCertificates {
    /// Returns Mozilla's certificates, or those of the operating system.
    pub(crate) fn new(platform: bool) -> Result<Self> {
        if platform && cfg!(target_os = "android") {
            return Err(Error::invalid_input(
                "platform_roots",
                "Android's root certificates can't be read; use the bundled ones and add your own",
            ));
        }
        Ok(Self {
            added: Vec::new(),
            platform,
        })
    }

    /// Also trusts the certificates in this PEM, which comes from the setting `field`.
    pub(crate) fn trust(mut self, field: &'static str, pem: &[u8]) -> Result<Self> {
        let refuse = |reason: String| Error::invalid_input(field, reason);
        let added = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|cause| refuse(format!("the root certificates aren't valid PEM: {cause}")))?;
        let given = pem.iter().any(|byte| !byte.is_ascii_whitespace());
        if given && added.is_empty() {
            return Err(refuse(
                "the PEM of the root certificates contains no certificate".to_owned(),
            ));
        }
        let mut store = RootCertStore::empty();
        for certificate in &added {
            store
                .add(certificate.clone())
                .map_err(|cause| refuse(format!("a root certificate can't be used: {cause}")))?;
        }
        self.added.extend(added);
        Ok(self)
    }

    /// Returns the configuration. It names its crypto provider, so that no process-wide default is
    /// needed.
    pub(super) fn config(&self) -> Result<ClientConfig> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?;
        let config = if self.platform {
            self.platform_config(builder, provider)?
        } else {
            let mut store = RootCertStore {
                roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
            };
            store.add_parsable_certificates(self.added.iter().cloned());
            builder.with_root_certificates(store).with_no_client_auth()
        };
        Ok(config)
    }

    #[cfg(not(target_os = "android"))]
    fn platform_config(
        &self,
        builder: Builder,
        provider: Arc<CryptoProvider>,
    ) -> Result<ClientConfig> {
        let added = self.added.iter().cloned();
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(added, provider)
            .map_err(unusable)?;
        // The method is named for its most dangerous use; this verifier checks everything.
        Ok(builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth())
    }

    #[cfg(target_os = "android")]
    fn platform_config(&self, _: Builder, _: Arc<CryptoProvider>) -> Result<ClientConfig> {
        Err(unusable("there is no platform verifier on Android"))
    }
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn unusable(cause: impl std::fmt::Display) -> Error {
    Error::invalid_input("platform_roots", format!("TLS can't be set up: {cause}"))
}

/// Returns whether the handshake failed because of the service's certificate.
pub(super) fn is_untrusted(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inner = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inner| inner as &(dyn StdError + 'static));
        let tls = inner.unwrap_or(error).downcast_ref::<rustls::Error>();
        if matches!(tls, Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        next = inner.or_else(|| error.source());
    }
    false
}
