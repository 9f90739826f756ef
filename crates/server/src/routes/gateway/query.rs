use axum::extract::Query;
use http::{HeaderValue, Uri};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::envelope::Refusal;

/// The query parameters about formats. Empty ones are ignored, and the first of repeated ones is
/// used.
#[derive(Debug, Default)]
pub(super) struct GatewayQuery {
    pub(super) format: Option<String>,
    /// The name under which a file is shown or saved.
    pub(super) filename: Option<String>,
    /// Whether to save the file instead of showing it.
    pub(super) download: bool,
    pub(super) dag_scope: Option<String>,
    pub(super) entity_bytes: Option<String>,
    pub(super) car_version: Option<String>,
    pub(super) car_order: Option<String>,
    pub(super) car_dups: Option<String>,
}

impl GatewayQuery {
    pub(super) fn parse(uri: &Uri) -> Result<Self, Refusal> {
        let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err(Refusal::bad_request("the query can't be parsed"));
        };
        let mut query = Self::default();
        let mut download = None;
        for (name, value) in pairs {
            let parameter = match &name[..] {
                "format" => &mut query.format,
                "filename" => &mut query.filename,
                "download" => &mut download,
                "dag-scope" => &mut query.dag_scope,
                "entity-bytes" => &mut query.entity_bytes,
                "car-version" => &mut query.car_version,
                "car-order" => &mut query.car_order,
                "car-dups" => &mut query.car_dups,
                _ => continue,
            };
            if !value.is_empty() {
                parameter.get_or_insert(value);
            }
        }
        query.download = download.as_deref() == Some("true");
        Ok(query)
    }
}

/// Returns `Content-Disposition`, which tells a browser whether to show or save the content, and
/// under which name.
pub(super) fn disposition(kind: &'static str, name: &str) -> HeaderValue {
    if name.is_empty() {
        return HeaderValue::from_static(kind);
    }
    let plain = |character: char| match character {
        ' '..='~' if !matches!(character, '"' | '\\' | '%') => character,
        _ => '_',
    };
    let ascii: String = name.chars().map(plain).collect();
    let exact = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let value = format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{exact}");
    HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static(kind))
}
