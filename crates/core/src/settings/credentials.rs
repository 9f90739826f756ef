//! Determines the keys or token of a client.

use super::{Origin, Settings, first};
use crate::{Api, Credentials, Error, Result};

/// What no source has.
#[derive(Clone, Copy, Debug)]
pub(super) enum MissingCredentials {
    Keys,
    ApiKey,
    SecretKey,
    Token,
}

impl MissingCredentials {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Keys => {
                "there are no credentials; pass the keys of your account, set W3PIN_API_KEY and \
                 W3PIN_SECRET_KEY, or save them with `w3pin check --save`"
            }
            Self::ApiKey => "the API key is missing; pass it, or set W3PIN_API_KEY",
            Self::SecretKey => "the secret key is missing; pass it, or set W3PIN_SECRET_KEY",
            Self::Token => {
                "there is no token; pass the service's access token, set W3PIN_TOKEN, or save it with \
                 `w3pin check --save`"
            }
        }
    }
}

/// Returns the keys or the token from the first source that has any, if the API accepts them.
pub(super) fn of(
    sources: &[(Origin, Settings)],
    api: Api,
) -> Result<Result<Credentials, MissingCredentials>> {
    let api_key = first(sources, |it| it.api_key.as_ref());
    let secret_key = first(sources, |it| it.secret_key.as_ref());
    let token = first(sources, |it| it.token.as_ref());
    let keys_place = [api_key, secret_key].into_iter().flatten().map(|it| it.0);
    let (credentials, origin, setting) = match (token, keys_place.min()) {
        (Some((place, origin, _)), Some(keys)) if place == keys => {
            let reason = "a token can't be combined with keys; pass the token for the api \
                          pinning-service, or the keys for w3ipfs";
            return Err(origin.name(Error::invalid_input("token", reason), "token"));
        }
        (Some((place, origin, token)), keys) if keys.is_none_or(|keys| place < keys) => {
            let credentials =
                Credentials::bearer(token).map_err(|error| origin.name(error, "token"))?;
            (credentials, origin, "token")
        }
        _ => match (api_key, secret_key) {
            (Some((_, api_origin, api_key)), Some((_, secret_origin, secret_key))) => {
                let credentials =
                    Credentials::new(api_key, secret_key).map_err(|error| match error.field() {
                        Some("secret_key") => secret_origin.name(error, "secret_key"),
                        _ => api_origin.name(error, "api_key"),
                    })?;
                (credentials, api_origin, "api_key")
            }
            _ if api == Api::PinningService => return Ok(Err(MissingCredentials::Token)),
            (None, None) => return Ok(Err(MissingCredentials::Keys)),
            (None, Some(_)) => return Ok(Err(MissingCredentials::ApiKey)),
            (Some(_), None) => return Ok(Err(MissingCredentials::SecretKey)),
        },
    };
    credentials
        .require(api)
        .map_err(|error| origin.name(error, setting))?;
    Ok(Ok(credentials))
}
