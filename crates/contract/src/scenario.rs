//! The contents of `scenarios/*.json`.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::Result;

/// A call, the requests that it makes, the scripted responses, and the expected result.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name: that of the file, a slash and what it shows.
    pub id: String,
    /// The rule that it shows, in a sentence.
    pub shows: String,
    /// The operation that is called.
    pub operation: String,
    /// Its arguments. Paths are relative to a folder that contains the files.
    #[serde(default)]
    pub arguments: Map<String, Value>,
    /// The options, typed as in `api.json`. `{gateway}` is the URL of the exchange's gateway.
    #[serde(default)]
    pub options: Map<String, Value>,
    /// The client's settings besides endpoint, credentials and short retry delays.
    #[serde(default)]
    pub client: ClientSettings,
    /// Files that must be on disk, by path; the path of a folder ends with a slash.
    #[serde(default)]
    pub files: BTreeMap<String, Content>,
    /// The requests that must arrive, in order, and their responses. No others may arrive.
    #[serde(default)]
    pub exchange: Vec<Exchange>,
    /// The expected result.
    pub expect: Expected,
    /// Why core can't run this without a socket and a disk.
    #[serde(default)]
    pub beyond_core: Option<String>,
}

/// The client settings of a scenario. Unset ones are set by every runner.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// The API key.
    #[serde(default)]
    pub api_key: Option<String>,
    /// The access token, in place of the keys.
    #[serde(default)]
    pub token: Option<String>,
    /// The API.
    #[serde(default)]
    pub api: Option<String>,
    /// The endpoint, in place of the scenario server's.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The UnixFS profile that the service is expected to use.
    #[serde(default)]
    pub profile: Option<String>,
    /// The maximum number of attempts.
    #[serde(default)]
    pub attempts: Option<u32>,
    /// The gateways, in order. `{gateway}` is the URL of the exchange's gateway, and
    /// `{gateway}/other` that of a second one, whose requests start with `/other/ipfs/`. Retrievers
    /// use the first one unless set.
    #[serde(default)]
    pub gateways: Option<Vec<String>>,
    /// The idle timeout, in milliseconds.
    #[serde(default)]
    pub idle_timeout: Option<u64>,
    /// The timeout of a whole call, in milliseconds.
    #[serde(default)]
    pub call_timeout: Option<u64>,
    /// Whether plain http to another machine is allowed.
    #[serde(default)]
    pub insecure_http: Option<bool>,
    /// Whether the program leaves keys and endpoint to the environment and the config file, except
    /// for those set here.
    #[serde(default)]
    pub left_open: bool,
    /// Environment variables; no others of w3pin are set. `{endpoint}` is the scenario server's.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// The content of the config file, to which `W3PIN_CONFIG` then points. `{endpoint}` is the
    /// scenario server's.
    #[serde(default)]
    pub config: Option<String>,
}

/// The content of a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Content {
    /// Text.
    Text(String),
    /// The same text repeated.
    Repeated {
        /// The text.
        repeat: String,
        /// The number of repetitions.
        times: usize,
    },
    /// Bytes, in hexadecimal.
    Bytes {
        /// The digits.
        hex: String,
    },
    /// A symbolic link.
    Link {
        /// Its target.
        link_to: String,
    },
}

impl Content {
    /// Returns the bytes of a file; none for a link.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Repeated { repeat, times } => repeat.repeat(*times).into_bytes(),
            Self::Bytes { hex } => bytes_of(hex),
            Self::Link { .. } => Vec::new(),
        }
    }
}

/// A request and its response.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The expected request.
    pub request: ExpectedRequest,
    /// The response.
    pub answer: Answer,
    /// Whether it may be missing at the end, because a time limit may expire first.
    #[serde(default)]
    pub optional: bool,
    /// How many times in a row it occurs; once unless set.
    #[serde(default)]
    pub times: Option<usize>,
}

/// A request, every part of which is checked. Both keys must be present unless `anonymous`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedRequest {
    /// The method.
    pub method: String,
    /// The path below the API's root, as on the wire: `/pinning/pins/`.
    pub path: String,
    /// The decoded query, without any other parameter. `{mark}` stands for the mark of an attempt.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// The JSON body.
    #[serde(default)]
    pub json: Option<Value>,
    /// The files of a multipart body, in order: name and content.
    #[serde(default)]
    pub files: Option<Vec<(String, Content)>>,
    /// The CAR of a multipart body: name and content.
    #[serde(default)]
    pub car: Option<(String, Content)>,
    /// The media types of the files of a multipart body, if not `application/octet-stream`.
    #[serde(default)]
    pub content_types: Option<Vec<String>>,
    /// The metadata of a multipart body.
    #[serde(default)]
    pub metadata: Option<Value>,
    /// Whether the metadata must not mark the attempt, unlike that of other uploads.
    #[serde(default)]
    pub unmarked: bool,
    /// Headers that must have these values.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Headers that must be absent.
    #[serde(default)]
    pub absent_headers: Vec<String>,
    /// Whether the request must not have keys, like one to a gateway.
    #[serde(default)]
    pub anonymous: bool,
}

/// The service's response, and how it is lost.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The HTTP status; 200 unless set.
    #[serde(default)]
    pub status: Option<u16>,
    /// Headers in addition to the standard ones. `{date+2}` is two seconds after the response's
    /// date, and `{endpoint}` the URL of the endpoint.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The data of a success envelope.
    #[serde(default)]
    pub data: Option<Value>,
    /// A JSON body.
    #[serde(default)]
    pub json: Option<Value>,
    /// Any other body.
    #[serde(default)]
    pub text: Option<String>,
    /// A body of bytes, in hexadecimal.
    #[serde(default)]
    pub hex: Option<String>,
    /// How the response is lost.
    #[serde(default)]
    pub cut: Option<Cut>,
    /// How long the service takes, in milliseconds.
    #[serde(default)]
    pub delay: u64,
    /// Whether the service responds before it reads the request's body, and closes the connection.
    /// Only the head of the request is checked.
    #[serde(default)]
    pub early: bool,
}

/// How a response is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cut {
    /// The connection is closed while the request's body is being sent. Only the head of the
    /// request is checked.
    Request,
    /// The connection is closed before the response, once the whole request has arrived.
    Before,
    /// The connection is closed within the response.
    Inside,
    /// The response stops after its first half, but the connection stays open.
    Stalled,
}

impl Answer {
    /// Returns whether the response is sent, or lost, before the request's body is read.
    #[must_use]
    pub fn precedes_body(&self) -> bool {
        self.early || self.cut == Some(Cut::Request)
    }

    /// Returns its body.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let json = match (&self.data, &self.json) {
            (Some(data), _) => Some(serde_json::json!({ "data": data, "status": "success" })),
            (None, json) => json.clone(),
        };
        match (json, &self.hex) {
            (Some(json), _) => json.to_string().into_bytes(),
            (None, Some(hex)) => bytes_of(hex),
            (None, None) => self.text.clone().unwrap_or_default().into_bytes(),
        }
    }
}

/// Decodes hexadecimal bytes.
fn bytes_of(hex: &str) -> Vec<u8> {
    let bytes = hex.as_bytes().chunks(2);
    bytes
        .filter_map(|byte| u8::from_str_radix(str::from_utf8(byte).ok()?, 16).ok())
        .collect()
}

/// The expected outcome: a result or an error.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The expected result; unnamed fields may have any value. A list must have the same number of
    /// items.
    #[serde(default, deserialize_with = "given")]
    pub result: Option<Value>,
    /// The error.
    #[serde(default)]
    pub error: Option<ExpectedError>,
}

/// An error; unnamed fields may have any value, and null means that there is none.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    /// Its kind.
    pub kind: String,
    /// A part of its message.
    #[serde(default, skip_serializing)]
    pub says: Option<String>,
    /// The HTTP status.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub status: Option<Value>,
    /// The argument or setting at fault.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub field: Option<Value>,
    /// The local path at fault.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub path: Option<Value>,
    /// The service's own message.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub service_message: Option<Value>,
    /// The excerpt of a response that can't be parsed.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub body_excerpt: Option<Value>,
    /// The delay that the service asks for, in milliseconds.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub retry_after: Option<Value>,
    /// Whether retrying can help.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub retryable: Option<Value>,
    /// The CID of what was sent.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub expected_cid: Option<Value>,
    /// The CID that the service returned.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    pub returned_cid: Option<Value>,
}

/// An explicit null is a value, such as the result of an operation without one.
fn given<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(input).map(Some)
}

/// Expands repeated exchanges.
fn repeated(exchange: Vec<Exchange>) -> Vec<Exchange> {
    let times = |part: Exchange| std::iter::repeat_n(part.clone(), part.times.unwrap_or(1));
    exchange.into_iter().flat_map(times).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scenarios: Vec<Scenario>,
}

impl Scenario {
    /// Returns how many required requests are missing after `arrived` ones.
    #[must_use]
    pub fn missing(&self, arrived: usize) -> usize {
        let rest = self.exchange.get(arrived..).unwrap_or_default();
        rest.iter().filter(|exchange| !exchange.optional).count()
    }

    /// All of them, in the order of their files.
    ///
    /// # Errors
    /// If a file isn't one of scenarios, or two have one id.
    pub fn load_all() -> Result<Vec<Self>> {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"));
        let problem = |cause: &dyn std::fmt::Display| format!("{}: {cause}", folder.display());
        let mut paths: Vec<_> = fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(|cause| problem(&cause))?;
        paths.sort();
        let mut all: Vec<Self> = Vec::new();
        for path in paths {
            let text = fs::read_to_string(&path).map_err(|cause| problem(&cause))?;
            let File { scenarios } = serde_json::from_str(&text)
                .map_err(|cause| format!("{}: {cause}", path.display()))?;
            let group = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            for mut scenario in scenarios {
                scenario.exchange = repeated(scenario.exchange);
                if scenario.id.split('/').next() != Some(&group) {
                    return Err(format!("{} isn't in {group}.json", scenario.id));
                }
                if all.iter().any(|other| other.id == scenario.id) {
                    return Err(format!("there are two scenarios {}", scenario.id));
                }
                if scenario.expect.result.is_some() == scenario.expect.error.is_some() {
                    return Err(format!("{} must expect a result or an error", scenario.id));
                }
                all.push(scenario);
            }
        }
        Ok(all)
    }
}
