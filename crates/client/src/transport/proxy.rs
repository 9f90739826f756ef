//! Chooses the proxy for requests.

use std::fmt;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;
use w3pin_core::{Error, Result};

use super::resolve::is_loopback;

/// The proxy setting of a client.
pub(crate) enum Proxy {
    /// The one in the environment, if any, except for addresses on this machine: a proxy can't
    /// reach these, and would see the keys unencrypted.
    Environment,
    /// No proxy.
    Never,
    /// This one; the URL may contain a password.
    Url(Url),
}

impl Proxy {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        // The text isn't repeated, since it may contain a password.
        let refuse = |reason| Err(Error::invalid_input("proxy", reason));
        let Ok(url) = Url::parse(text) else {
            return refuse(NOT_A_PROXY);
        };
        match url.scheme() {
            "socks4" | "socks4a" if !url.username().is_empty() || url.password().is_some() => {
                return refuse(
                    "SOCKS4 doesn't support user names and passwords; use socks5:// or http://",
                );
            }
            "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h" => {}
            _ => return refuse(NOT_A_PROXY),
        }
        if matcher(url.as_str()).is_none() {
            return refuse(NOT_A_PROXY);
        }
        Ok(Self::Url(url))
    }

    /// Returns the proxies to use.
    ///
    /// # Errors
    /// [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) if the environment contains something other
    /// than a proxy.
    pub(super) fn proxies(&self) -> Result<Proxies> {
        Ok(match self {
            Self::Environment => Proxies {
                matcher: from_environment(|name| std::env::var(name).ok())?,
                loopback: false,
            },
            Self::Never => Proxies {
                matcher: None,
                loopback: false,
            },
            Self::Url(url) => Proxies {
                matcher: matcher(url.as_str()),
                loopback: true,
            },
        })
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::Never => "Never",
            Self::Url(_) => "Url([redacted])",
        })
    }
}

const NOT_A_PROXY: &str = "the proxy isn't a URL such as http://host:3128 or socks5h://host:1080";

/// The proxies and which requests use them.
pub(super) struct Proxies {
    matcher: Option<Matcher>,
    /// Whether requests to this machine also use the proxy.
    loopback: bool,
}

impl Proxies {
    /// Returns the proxy for this address.
    pub(super) fn on_the_way(&self, to: &Uri) -> Option<Via> {
        let matcher = self.matcher.as_ref()?;
        if !self.loopback && is_loopback(to.host()?) {
            return None;
        }
        matcher.intercept(to).map(Via)
    }
}

/// A proxy. It is printed without its password.
#[derive(Clone)]
pub(super) struct Via(Intercept);

impl Via {
    /// Returns its address, including the port.
    pub(super) fn address(&self) -> Uri {
        let uri = self.0.uri();
        let port = match uri.scheme_str() {
            _ if uri.port().is_some() => return uri.clone(),
            Some("https") => 443,
            Some("http") => 80,
            _ => 1080,
        };
        let host = uri.host().unwrap_or_default();
        let address = format!("{}://{host}:{port}/", self.scheme());
        address.parse().unwrap_or_else(|_| uri.clone())
    }

    pub(super) fn scheme(&self) -> &str {
        self.0.uri().scheme_str().unwrap_or("http")
    }

    pub(super) fn host(&self) -> &str {
        self.0.uri().host().unwrap_or_default()
    }

    pub(super) fn is_http(&self) -> bool {
        matches!(self.scheme(), "http" | "https")
    }

    /// Returns its `Proxy-Authorization` header.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.0.basic_auth()
    }

    /// Returns the user and password of a SOCKS proxy.
    pub(super) fn credentials(&self) -> Option<(&str, &str)> {
        self.0.raw_auth()
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri = self.0.uri();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        write!(f, "{}://{authority}", self.scheme())
    }
}

/// Uses one proxy for everything; `None` if the text isn't a proxy.
fn matcher(proxy: &str) -> Option<Matcher> {
    let matcher = Matcher::builder().all(proxy).build();
    matcher.intercept(&Uri::from_static("https://host/"))?;
    Some(matcher)
}

/// Reads the proxies from the environment, as curl does.
fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Option<Matcher>> {
    let first = |names: [&'static str; 2]| {
        let mut found = names
            .into_iter()
            .filter_map(|name| Some((name, read(name)?)));
        found.next().filter(|(_, value)| !value.trim().is_empty())
    };
    // In a CGI program this variable comes from the request's `Proxy` header.
    let is_cgi = read("REQUEST_METHOD").is_some();
    let all = first(["ALL_PROXY", "all_proxy"]);
    let https = first(["HTTPS_PROXY", "https_proxy"]);
    let http = first(["HTTP_PROXY", "http_proxy"]).filter(|_| !is_cgi);
    for (name, value) in [&all, &https, &http].into_iter().flatten() {
        if matcher(value.trim()).is_none() {
            return Err(Error::invalid_input(
                *name,
                format!(
                    "{name} isn't a proxy's URL such as http://host:3128 or socks5h://host:1080"
                ),
            ));
        }
    }
    let text = |found: Option<(&str, String)>| {
        found.map_or_else(String::new, |(_, value)| value.trim().to_owned())
    };
    Ok(Some(
        Matcher::builder()
            .all(text(all))
            .https(text(https))
            .http(text(http))
            .no(text(first(["NO_PROXY", "no_proxy"])))
            .build(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Result<Proxies> {
        let read = |name: &str| {
            let found = variables.iter().find(|(it, _)| *it == name)?;
            Some(found.1.to_owned())
        };
        Ok(Proxies {
            matcher: from_environment(read)?,
            loopback: false,
        })
    }

    fn via(variables: &[(&str, &str)], to: &str) -> Option<String> {
        let proxies = environment(variables).unwrap();
        let via = proxies.on_the_way(&to.parse().unwrap())?;
        Some(via.to_string())
    }

    #[test]
    fn the_environment_names_proxies_by_scheme() {
        let both = [
            ("HTTPS_PROXY", "http://one:1"),
            ("http_proxy", "two:2"),
            ("ALL_PROXY", "socks5h://three:3"),
        ];
        assert_eq!(via(&both, "https://a.com/").unwrap(), "http://one:1");
        assert_eq!(via(&both, "http://a.com/").unwrap(), "http://two:2");
        let all = [both[2]];
        assert_eq!(via(&all, "https://a.com/").unwrap(), "socks5h://three:3");
        assert_eq!(via(&[], "https://a.com/"), None);
        let empty = [("HTTPS_PROXY", ""), ("ALL_PROXY", "http://all:1")];
        assert_eq!(via(&empty, "https://a.com/").unwrap(), "http://all:1");
        let cgi = [("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "http://evil:1")];
        assert_eq!(via(&cgi, "http://a.com/"), None);
    }

    #[test]
    fn this_machine_and_what_is_excepted_need_no_proxy() {
        let all = [
            ("ALL_PROXY", "http://proxy:1"),
            ("NO_PROXY", "a.com, 10.0.0.0/8"),
        ];
        for direct in [
            "https://a.com/",
            "https://b.a.com/",
            "https://10.1.2.3/",
            "http://localhost:8080/",
            "http://api.localhost/",
            "http://127.0.0.2/",
            "http://[::1]:80/",
        ] {
            assert_eq!(via(&all, direct), None, "{direct}");
        }
        assert!(via(&all, "https://notlocalhost/").is_some());
        let proxies = Proxy::parse("http://proxy:1").unwrap().proxies().unwrap();
        let local = "http://localhost/".parse().unwrap();
        assert!(proxies.on_the_way(&local).is_some(), "it was asked for");
    }

    #[test]
    fn what_is_no_proxy_is_refused_without_its_password() {
        for bad in [
            "ftp://u:pa55word@host:1",
            "http://",
            "socks5//u:pa55word@host",
            "u:pa55word@",
            "http://u:pa55word@ho st",
        ] {
            let error = Proxy::parse(bad).unwrap_err();
            assert_eq!(error.field(), Some("proxy"), "{bad}");
            assert!(!error.to_string().contains("pa55word"), "{error}");
            let error = environment(&[("HTTPS_PROXY", bad)]).err().unwrap();
            assert_eq!(error.field(), Some("HTTPS_PROXY"), "{bad}");
            assert!(!error.to_string().contains("pa55word"), "{error}");
        }
        assert!(Proxy::parse("socks4://user@host").is_err());
    }

    #[test]
    fn a_proxy_prints_without_its_password() {
        let proxy = Proxy::parse("socks5://user:pa55word@host").unwrap();
        assert!(!format!("{proxy:?}").contains("pa55word"));
        let via = proxy
            .proxies()
            .unwrap()
            .on_the_way(&Uri::from_static("https://a/"));
        let via = via.unwrap();
        assert_eq!(via.to_string(), "socks5://host");
        assert_eq!(via.address().to_string(), "socks5://host:1080/");
        assert_eq!(via.credentials(), Some(("user", "pa55word")));
    }
}
