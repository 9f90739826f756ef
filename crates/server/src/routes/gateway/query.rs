use axum::extract::Query;
use http::{HeaderMap, HeaderValue, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::RAW_BLOCK;
use crate::{envelope::Refusal, excerpt::Excerpt};

/// What the query and `Accept` say of how content is wanted.
#[derive(Debug, Default)]
pub(super) struct GatewayQuery {
    /// As the block that it is.
    pub(super) raw: bool,
    /// The name under which a file is shown or saved.
    pub(super) filename: Option<String>,
    /// To be saved.
    download: bool,
}

impl GatewayQuery {
    pub(super) fn parse(uri: &Uri, headers: &HeaderMap) -> Result<Self, Refusal> {
        let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err(Refusal::bad_request("the query can't be read"));
        };
        let mut query = Self {
            raw: accepts_raw_block(headers),
            ..Self::default()
        };
        for (name, value) in pairs {
            match &name[..] {
                "format" if value == "raw" => query.raw = true,
                "format" => {
                    let format = Excerpt::of(&value);
                    return Err(Refusal::bad_request(format!(
                        "unsupported format {format}: raw is served"
                    )));
                }
                "filename" if !value.is_empty() => query.filename = Some(value),
                "download" => query.download = value == "true",
                _ => {}
            }
        }
        Ok(query)
    }

    /// How a browser is to treat a file of this name, where anything is said of that.
    pub(super) fn disposition(&self, name: &str) -> Option<HeaderValue> {
        if self.filename.is_none() && !self.download {
            return None;
        }
        let kind = if self.download {
            "attachment"
        } else {
            "inline"
        };
        if name.is_empty() {
            return Some(HeaderValue::from_static(kind));
        }
        let plain = |character: char| match character {
            ' '..='~' if !matches!(character, '"' | '\\' | '%') => character,
            _ => '_',
        };
        let ascii: String = name.chars().map(plain).collect();
        let exact = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let value = format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{exact}");
        HeaderValue::from_str(&value).ok()
    }
}

fn accepts_raw_block(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .any(|kind| kind.trim().eq_ignore_ascii_case(RAW_BLOCK))
}
