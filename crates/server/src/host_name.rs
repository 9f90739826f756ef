use std::{fmt, net::IpAddr, str::FromStr};

use http::uri::Authority;
use thiserror::Error;

/// A host name at which clients can reach a server, such as `pins.example.org`.
///
/// A server only accepts requests for known names. Otherwise any web page could point its own name
/// at this machine and call the server from a visitor's browser (DNS rebinding).
///
/// ```
/// use w3pin_server::HostName;
///
/// let name: HostName = "Pins.Example.org".parse()?;
/// assert_eq!(name.to_string(), "pins.example.org");
/// assert!("pins.example.org/api".parse::<HostName>().is_err());
/// # Ok::<(), w3pin_server::HostNameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostName(String);

/// An error from parsing a host name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("invalid host name: use a name such as pins.example.org, without scheme, port or path")]
pub struct HostNameError;

impl HostName {
    /// Returns whether a request for `host`, which may include a port, is meant for a server with
    /// these names. IP addresses are always allowed: no DNS name can be made to look like one.
    pub(crate) fn allow(names: &[Self], host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host();
        let port = authority.as_str().strip_prefix(host).unwrap_or_default();
        let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
        if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
            return false;
        }
        let host = host.strip_suffix('.').unwrap_or(host);
        let address = host.trim_start_matches('[').trim_end_matches(']');
        address.parse::<IpAddr>().is_ok()
            || host.eq_ignore_ascii_case("localhost")
            || names.iter().any(|name| name.0.eq_ignore_ascii_case(host))
    }
}

impl FromStr for HostName {
    type Err = HostNameError;

    fn from_str(text: &str) -> Result<Self, HostNameError> {
        let label = |label: &str| {
            let bytes = label.as_bytes();
            (1..=63).contains(&bytes.len())
                && bytes
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        let text = text.strip_suffix('.').unwrap_or(text);
        if text.len() <= 253 && text.split('.').all(label) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(HostNameError)
        }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::HostName;

    #[test]
    fn only_known_names_and_addresses_are_right() {
        let names = ["pins.example.org".parse().unwrap()];
        for host in [
            "127.0.0.1:4880",
            "127.0.0.1",
            "[::1]:4880",
            "[::1]",
            "192.0.2.7:80",
            "localhost",
            "LocalHost:4880",
            "localhost.",
            "pins.example.org",
            "PINS.example.org:443",
        ] {
            assert!(HostName::allow(&names, host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:4880",
            "127.0.0.1.evil.example",
            "x.pins.example.org",
            "localhost.evil.example",
            "evil.localhost",
            "localhost@evil.example",
            "evil.example@localhost",
            "127.0.0.1:4880, evil.example",
            "[::1]evil.example",
            "[::1]evil.example:4880",
            "localhost:evil",
            "2130706433",
            "0x7f.1",
        ] {
            assert!(!HostName::allow(&names, host), "{host}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "", ".", "a..b", "http://a", "a:80", "a/b", "*.a", "ü.de", "a b",
        ] {
            assert!(text.parse::<HostName>().is_err(), "{text}");
        }
    }
}
