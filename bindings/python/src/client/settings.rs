//! Converts the settings of clients and retrievers from Python.

use bytes::Bytes;
use pyo3::{
    prelude::*,
    types::{PyDict, PyString},
};
use w3pin::{Client, ClientBuilder, Settings};

use crate::{
    arguments::{bytes, flag, rate_limit, retry, seconds, text, texts, wrong_type_but},
    options::Options,
};

/// Returns the settings of a client.
pub(crate) fn of_client(
    api_key: &Bound<'_, PyAny>,
    secret_key: &Bound<'_, PyAny>,
    settings: Bound<'_, PyDict>,
) -> PyResult<ClientBuilder> {
    let options = Options::new("Client", settings);
    let key = |name: &str, value: &Bound<'_, PyAny>| {
        (!value.is_none()).then(|| text(name, value)).transpose()
    };
    let mut own = Settings::default();
    own.api_key = key("api_key", api_key)?;
    own.secret_key = key("secret_key", secret_key)?;
    own.token = options.take("token", text)?;
    own.api = options.take("api", text)?;
    own.endpoint = options.take("endpoint", text)?;
    own.insecure_http = options.take("insecure_http", flag)?;
    own.profile = options.take("profile", text)?;
    let mut builder = Client::builder();
    if let Some(limit) = options.take("rate_limit", rate_limit)? {
        builder = builder.rate_limit(limit);
    }
    connections(builder, own, options)
}

/// Returns the settings of a retriever, which needs no account.
pub(crate) fn of_retriever(settings: Bound<'_, PyDict>) -> PyResult<ClientBuilder> {
    let options = Options::new("Retriever", settings);
    connections(Client::builder(), Settings::default(), options)
}

/// Adds the common settings.
fn connections(
    mut builder: ClientBuilder,
    mut own: Settings,
    options: Options<'_>,
) -> PyResult<ClientBuilder> {
    own.gateways = options.take("gateways", texts)?;
    own.proxy = options.take("proxy", text)?;
    builder = builder.settings(own);
    if let Some(environment) = options.take("environment", flag)? {
        builder = builder.environment(environment);
    }
    if let Some(timeout) = options.take("connect_timeout", seconds)? {
        builder = builder.connect_timeout(timeout);
    }
    if let Some(timeout) = options.take("idle_timeout", seconds)? {
        builder = builder.idle_timeout(timeout);
    }
    if let Some(timeout) = options.take("call_timeout", seconds)? {
        builder = builder.call_timeout(timeout);
    }
    if let Some(policy) = options.take("retry", retry)? {
        builder = builder.retry(policy);
    }
    if options.take("no_proxy", flag)? == Some(true) {
        builder = builder.no_proxy();
    }
    if let Some(pem) = options.take("root_certificates_pem", certificates)? {
        builder = builder.root_certificates_pem(&pem);
    }
    if let Some(platform) = options.take("platform_roots", flag)? {
        builder = builder.platform_roots(platform);
    }
    if let Some(user_agent) = options.take("user_agent", text)? {
        builder = builder.user_agent(&user_agent);
    }
    options.finish()?;
    Ok(builder)
}

/// Converts certificates in PEM. The program must read their file itself.
fn certificates(name: &str, value: &Bound<'_, PyAny>) -> PyResult<Bytes> {
    if value.is_instance_of::<PyString>() || value.hasattr("__fspath__")? {
        let instead = "read the file, as in pathlib.Path(path).read_bytes()";
        return Err(wrong_type_but(name, "bytes", value, instead));
    }
    bytes(name, value)
}
