//! Merges settings from the program, the environment and the config file.

use std::fmt;

use serde::Deserialize;
use w3pin_unixfs::Profile;

use crate::{Api, Credentials, Endpoint, Error, Gateway, Insecure, Result, printable};

mod credentials;
mod origin;

use self::credentials::MissingCredentials;
pub use self::origin::Origin;

/// The settings from one source: the program, the environment, or the config file.
///
/// [`resolve`](Self::resolve) merges sources in the same way for every language.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Settings {
    /// The account's API key.
    pub api_key: Option<String>,
    /// The account's secret key.
    pub secret_key: Option<String>,
    /// The access token, in place of the keys, for the API `pinning-service`.
    pub token: Option<String>,
    /// The [`Api`] of the service: `w3ipfs` or `pinning-service`.
    pub api: Option<String>,
    /// The endpoint: a URL, or the name of a [`Preset`](crate::Preset).
    pub endpoint: Option<String>,
    /// Whether to allow sending keys over plain HTTP to another machine.
    pub insecure_http: Option<bool>,
    /// The UnixFS profile that the service uses.
    pub profile: Option<String>,
    /// The gateways to read content back from, in the order to try them.
    #[serde(alias = "gateway", deserialize_with = "one_or_many")]
    pub gateways: Option<Vec<String>>,
    /// The proxy to send every request through.
    pub proxy: Option<String>,
    /// The path of a PEM file with additional root certificates to trust.
    pub root_certificates: Option<String>,
}

/// The merged settings of a client.
#[derive(Clone)]
#[non_exhaustive]
pub struct ResolvedSettings {
    /// The account's keys or token, if a source has them.
    credentials: Result<Credentials, MissingCredentials>,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The UnixFS profile that the service uses.
    pub profile: Profile,
    /// The gateways to read content back from; empty if no source has any.
    pub gateways: Vec<Gateway>,
    /// The proxy's URL, which may contain a password.
    pub proxy: Option<String>,
    /// The path of a PEM file with additional root certificates to trust.
    pub root_certificates: Option<String>,
}

impl Settings {
    /// Reads settings from environment variables; empty ones count as unset.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if `W3PIN_INSECURE_HTTP` is neither true nor
    /// false.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let insecure_http = match variable("W3PIN_INSECURE_HTTP").as_deref() {
            None => None,
            Some("1" | "true") => Some(true),
            Some("0" | "false") => Some(false),
            Some(other) => {
                return Err(Error::invalid_input(
                    "insecure_http",
                    format!(
                        "{:?} is neither true nor false (set by W3PIN_INSECURE_HTTP)",
                        printable(other)
                    ),
                ));
            }
        };
        let gateways = variable("W3PIN_GATEWAYS").map(|list| {
            let gateways = list.split([',', ' ']).filter(|text| !text.is_empty());
            gateways.map(str::to_owned).collect()
        });
        Ok(Self {
            api_key: variable("W3PIN_API_KEY"),
            secret_key: variable("W3PIN_SECRET_KEY"),
            token: variable("W3PIN_TOKEN"),
            api: variable("W3PIN_API"),
            endpoint: variable("W3PIN_ENDPOINT"),
            insecure_http,
            profile: variable("W3PIN_PROFILE"),
            gateways,
            proxy: variable("W3PIN_PROXY"),
            root_certificates: variable("W3PIN_ROOT_CERTIFICATES")
                .or_else(|| variable("SSL_CERT_FILE")),
        })
    }

    /// Returns whether keys and token, or the endpoint, are still unset after this source and those
    /// above it, so that the next one must be read.
    #[must_use]
    pub fn is_incomplete(&self, above: &Self) -> bool {
        let open = |of: fn(&Self) -> &Option<String>| of(self).is_none() && of(above).is_none();
        let keys_open = open(|it| &it.api_key) || open(|it| &it.secret_key);
        (keys_open && open(|it| &it.token)) || open(|it| &it.endpoint)
    }

    /// Merges the settings of a client's sources, given in order of precedence.
    ///
    /// Each value comes from the first source that has it. What describes an endpoint, namely its API, its profile and
    /// whether plain HTTP is allowed, applies to an endpoint from the same source or one below it, and
    /// never to one from a source above.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if a value can't be used; the error names its
    /// source.
    ///
    /// ```
    /// use w3pin_core::{Origin, Settings};
    ///
    /// let mut program = Settings::default();
    /// program.endpoint = Some("aiozpin".to_owned());
    /// let mut environment = Settings::default();
    /// environment.profile = Some("unixfs-v1-2025".to_owned());
    ///
    /// let sources = [(Origin::Program, program), (Origin::Environment, environment)];
    /// let settings = Settings::resolve(&sources)?;
    /// assert_eq!(settings.endpoint.to_string(), "https://api.aiozpin.network/api/pinning");
    /// assert_eq!(settings.profile.name(), "kubo-cidv1-legacy", "it describes another endpoint");
    /// # Ok::<(), w3pin_core::Error>(())
    /// ```
    pub fn resolve(sources: &[(Origin, Self)]) -> Result<ResolvedSettings> {
        let endpoint = first(sources, |it| it.endpoint.as_ref());
        // Only the endpoint's own source and those above it describe it.
        let describing = match &endpoint {
            Some((place, ..)) => &sources[..=*place],
            None => sources,
        };
        let insecure = match first(describing, |it| it.insecure_http.as_ref()) {
            Some((_, _, true)) => Insecure::Allow,
            _ => Insecure::Refuse,
        };
        let api = match first(describing, |it| it.api.as_ref()) {
            Some((_, origin, word)) => word.parse().map_err(|error| origin.name(error, "api"))?,
            None => Api::default(),
        };
        let endpoint = match (api, endpoint) {
            (_, Some((_, origin, text))) => {
                let endpoint = match api {
                    Api::W3ipfs => Endpoint::new(text, insecure),
                    Api::PinningService => Endpoint::pinning_service(text, insecure),
                };
                endpoint.map_err(|error| origin.name(error, "endpoint"))?
            }
            (Api::W3ipfs, None) => Endpoint::default(),
            (Api::PinningService, None) => {
                let reason = "the Pinning Service API has no default endpoint; pass the service's URL, the \
                              part before /pins, or set W3PIN_ENDPOINT";
                return Err(Error::invalid_input("endpoint", reason));
            }
        };
        let profile = match first(describing, |it| it.profile.as_ref()) {
            Some((_, origin, text)) => text.parse().map_err(|cause| {
                let error = Error::invalid_input("profile", format!("{cause}"));
                origin.name(error, "profile")
            })?,
            None => Profile::default(),
        };
        let gateways = match first(sources, |it| it.gateways.as_ref()) {
            Some((_, origin, texts)) if texts.is_empty() => {
                let reason = "the list is empty; leave it out to use the default gateway";
                return Err(origin.name(Error::invalid_input("gateways", reason), "gateways"));
            }
            Some((_, origin, texts)) => {
                Gateway::list("gateways", texts).map_err(|error| origin.name(error, "gateways"))?
            }
            None => Vec::new(),
        };
        let text = |of: fn(&Self) -> Option<&String>| first(sources, of).map(|it| it.2.clone());
        Ok(ResolvedSettings {
            credentials: credentials::of(sources, api)?,
            endpoint,
            profile,
            gateways,
            proxy: text(|it| it.proxy.as_ref()),
            root_certificates: text(|it| it.root_certificates.as_ref()),
        })
    }
}

impl ResolvedSettings {
    /// The account's keys or token.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if no source has them.
    pub fn credentials(&self) -> Result<Credentials> {
        self.credentials
            .clone()
            .map_err(|missing| Error::invalid_input("credentials", missing.reason()))
    }
}

/// Returns the first source that has a value: its index, its origin and the value.
fn first<'a, T>(
    sources: &'a [(Origin, Settings)],
    of: impl Fn(&'a Settings) -> Option<&'a T>,
) -> Option<(usize, &'a Origin, &'a T)> {
    sources
        .iter()
        .enumerate()
        .find_map(|(place, (origin, settings))| Some((place, origin, of(settings)?)))
}

/// Reads a string or a list of strings.
fn one_or_many<'de, D: serde::Deserializer<'de>>(
    input: D,
) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        Many(Vec<String>),
    }
    Ok(Some(match Texts::deserialize(input)? {
        Texts::One(text) => vec![text],
        Texts::Many(texts) => texts,
    }))
}

// URLs that haven't been parsed yet may contain passwords, and so may a proxy's.

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("insecure_http", &self.insecure_http)
            .field("profile", &self.profile)
            .field("root_certificates", &self.root_certificates)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ResolvedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolvedSettings")
            .field("credentials", &self.credentials)
            .field("endpoint", &self.endpoint)
            .field("profile", &self.profile)
            .field("gateways", &self.gateways)
            .field("root_certificates", &self.root_certificates)
            .finish_non_exhaustive()
    }
}
