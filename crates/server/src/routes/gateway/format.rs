//! Negotiates the format of a response.

use http::StatusCode;

use super::{accept::MediaRange, car::CarParams, query::GatewayQuery};
use crate::{envelope::Refusal, excerpt::Excerpt};

/// The content type of a single block (registered by IPLD according to RFC 6838).
pub(super) const RAW_BLOCK: &str = "application/vnd.ipld.raw";
pub(super) const CAR: &str = "application/vnd.ipld.car";

/// A response format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// As what it is: a file, a folder's page or a document.
    Own,
    /// As a raw block.
    Raw,
    /// As a CAR of its blocks.
    Car(CarParams),
    /// As a document of this type.
    Document(DocumentType),
}

/// The types of documents that a block can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DocumentType {
    Json,
    Cbor,
    DagJson,
    DagCbor,
}

/// A format, and the parts of the request that determined it.
#[derive(Debug)]
pub(super) struct Negotiated {
    pub(super) format: Format,
    /// The query parameters that request the same format, if `Accept` determined it.
    pub(super) as_query: Option<String>,
}

/// The name of a format in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Name {
    Raw,
    Car,
    Document(DocumentType),
}

impl Format {
    /// Returns the format in the query, or else the preferred one in `Accept`. Of equally preferred
    /// types, those of IPFS come before those of the web.
    pub(super) fn negotiate(
        query: &GatewayQuery,
        accepted: &[MediaRange],
    ) -> Result<Negotiated, Refusal> {
        let mut preferred: Vec<_> = accepted.iter().filter(|it| it.quality > 0).collect();
        preferred.sort_by_key(|it| (1000 - it.quality, !is_of_ipfs(&it.kind)));
        if let Some(format) = &query.format {
            let format = match name(format)? {
                Name::Raw => Self::Raw,
                Name::Document(kind) => Self::Document(kind),
                Name::Car => return Self::car_of(query, &preferred),
            };
            return Ok(Negotiated {
                format,
                as_query: None,
            });
        }
        let mut unavailable = None;
        for range in preferred {
            let found = match &range.kind[..] {
                RAW_BLOCK => Ok(Self::Raw),
                CAR => CarParams::parse(query, Some(range))?
                    .map(Self::Car)
                    .ok_or(range),
                kind => match DocumentType::of_media_type(kind) {
                    Some(kind) => Ok(Self::Document(kind)),
                    None if is_of_ipfs(kind) => Err(range),
                    None => Ok(Self::Own),
                },
            };
            match found {
                Ok(format) => {
                    let as_query = format.as_query(query, Some(range));
                    return Ok(Negotiated { format, as_query });
                }
                Err(range) => unavailable = unavailable.or(Some(range)),
            }
        }
        match unavailable {
            Some(range) => Err(not_acceptable(&range.kind)),
            None => Ok(Negotiated {
                format: Self::Own,
                as_query: None,
            }),
        }
    }

    /// Returns a CAR format, with the parameters of the best variant in `Accept`, if any.
    fn car_of(query: &GatewayQuery, preferred: &[&MediaRange]) -> Result<Negotiated, Refusal> {
        let mut variants = preferred.iter().filter(|it| it.kind == CAR).peekable();
        if variants.peek().is_none() {
            let params = CarParams::parse(query, None)?;
            return Ok(Negotiated {
                format: Self::Car(params.ok_or_else(|| not_acceptable(CAR))?),
                as_query: None,
            });
        }
        for variant in variants {
            if let Some(params) = CarParams::parse(query, Some(variant))? {
                let format = Self::Car(params);
                let as_query = format.as_query(query, Some(variant));
                return Ok(Negotiated { format, as_query });
            }
        }
        Err(not_acceptable(CAR))
    }

    /// Returns the parameters that this query lacks to request the same format.
    fn as_query(&self, query: &GatewayQuery, from: Option<&MediaRange>) -> Option<String> {
        let name = match self {
            Self::Own => return None,
            Self::Raw => "raw",
            Self::Car(_) => "car",
            Self::Document(kind) => kind.format(),
        };
        let mut pairs = Vec::new();
        if query.format.is_none() {
            pairs.push(format!("format={name}"));
        }
        if let Self::Car(_) = self {
            let given = [
                ("version", &query.car_version),
                ("order", &query.car_order),
                ("dups", &query.car_dups),
            ];
            for (name, in_query) in given {
                let value = from.and_then(|range| range.parameter(name));
                if let (Some(value), None) = (value, in_query) {
                    pairs.push(format!("car-{name}={value}"));
                }
            }
        }
        (!pairs.is_empty()).then(|| pairs.join("&"))
    }
}

impl DocumentType {
    const ALL: [Self; 4] = [Self::Json, Self::Cbor, Self::DagJson, Self::DagCbor];

    /// Returns the type of a block with this codec.
    pub(super) fn of_codec(codec: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.codec() == codec)
    }

    fn of_media_type(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.media_type() == text)
    }

    fn codec(self) -> u64 {
        match self {
            Self::Json => 0x0200,
            Self::Cbor => 0x51,
            Self::DagJson => 0x0129,
            Self::DagCbor => 0x71,
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Cbor => "application/cbor",
            Self::DagJson => "application/vnd.ipld.dag-json",
            Self::DagCbor => "application/vnd.ipld.dag-cbor",
        }
    }

    /// Returns the name used in queries and ETags.
    pub(super) fn format(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Cbor => "cbor",
            Self::DagJson => "dag-json",
            Self::DagCbor => "dag-cbor",
        }
    }

    /// Returns the extension of a saved file.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Self::Json | Self::DagJson => "json",
            Self::Cbor | Self::DagCbor => "cbor",
        }
    }

    /// Returns whether a block of this type is also valid as `other`. Others aren't converted
    /// (IPIP-524).
    pub(super) fn is_also(self, other: Self) -> bool {
        self == other
            || matches!(
                (self, other),
                (Self::DagJson, Self::Json) | (Self::DagCbor, Self::Cbor)
            )
    }
}

fn name(format: &str) -> Result<Name, Refusal> {
    let document = DocumentType::ALL.into_iter();
    match format {
        "raw" => Ok(Name::Raw),
        "car" => Ok(Name::Car),
        "tar" => Err(not_acceptable("application/x-tar")),
        _ => match document.clone().find(|kind| kind.format() == format) {
            Some(kind) => Ok(Name::Document(kind)),
            None => {
                let format = Excerpt::of(format);
                Err(Refusal::bad_request(format!(
                    "unsupported format {format}: use raw, car, dag-json, dag-cbor, json or cbor"
                )))
            }
        },
    }
}

/// Returns whether this type is specific to IPFS, so that clients don't accept it by accident.
fn is_of_ipfs(kind: &str) -> bool {
    kind.starts_with("application/vnd.ipld.")
        || kind.starts_with("application/vnd.ipfs.")
        || kind == "application/x-tar"
        || DocumentType::of_media_type(kind).is_some()
}

pub(super) fn not_acceptable(kind: &str) -> Refusal {
    let kind = Excerpt::of(kind);
    Refusal::new(
        StatusCode::NOT_ACCEPTABLE,
        format!("unsupported parameters of {kind}: ask for a block or a CAR of version 1"),
    )
}
