//! Checks that a request is the expected one.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use w3pin_server::multipart::{Event, MultipartLimits, MultipartReader};

use crate::{ExpectedRequest, Result};

/// The keys that every runner gives its client.
const KEYS: [(&str, &str); 2] = [
    ("pinning_api_key", "CONTRACT-KEY"),
    ("pinning_secret_key", "CONTRACT-SECRET"),
];

/// The key that marks an upload.
const MARK: &str = "w3pin.attempt";

/// A received request.
#[derive(Clone, Debug, Default)]
pub struct Arrived {
    /// The method.
    pub method: String,
    /// The path below the API's root, as it was written.
    pub path: String,
    /// The query, as it was written.
    pub query: String,
    /// The headers, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Arrived {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Returns the differences between a request and the expected one.
#[must_use]
pub fn check_request(expected: &ExpectedRequest, arrived: &Arrived) -> Vec<String> {
    let mut problems = check_head(expected, arrived);
    problems.extend(body(expected, arrived).err());
    problems
}

/// Returns the differences in what precedes a request's body.
#[must_use]
pub(crate) fn check_head(expected: &ExpectedRequest, arrived: &Arrived) -> Vec<String> {
    let mut problems = Vec::new();
    let mut same = |what: &str, expected: &str, found: &str| {
        if expected != found {
            problems.push(format!("the {what} is {found:?}, not {expected:?}"));
        }
    };
    same("method", &expected.method, &arrived.method);
    same("path", &expected.path, &arrived.path);
    for (name, value) in KEYS {
        let value = if expected.anonymous { "" } else { value };
        same(name, value, arrived.header(name).unwrap_or_default());
    }
    for (name, value) in &expected.headers {
        same(name, value, arrived.header(name).unwrap_or_default());
    }
    for name in &expected.absent_headers {
        same(name, "", arrived.header(name).unwrap_or_default());
    }
    let query: BTreeMap<String, String> = url::form_urlencoded::parse(arrived.query.as_bytes())
        .into_owned()
        .collect();
    if !same_query(&expected.query, &query) {
        problems.push(format!("the query is {query:?}, not {:?}", expected.query));
    }
    problems
}

fn body(expected: &ExpectedRequest, arrived: &Arrived) -> Result<()> {
    if let Some(json) = &expected.json {
        if arrived.header("content-type") != Some("application/json") {
            return Err("the body isn't said to be JSON".to_owned());
        }
        let found: Value = serde_json::from_slice(&arrived.body)
            .map_err(|cause| format!("the body isn't JSON: {cause}"))?;
        return equal("body", json, &found);
    }
    let car: Vec<_> = expected.car.iter().cloned().collect();
    let Some(files) = expected
        .files
        .as_ref()
        .or_else(|| expected.car.as_ref().map(|_| &car))
    else {
        return if arrived.body.is_empty() {
            Ok(())
        } else {
            Err("there is a body".to_owned())
        };
    };
    let form = Form::read(arrived)?;
    if form.is_car != expected.car.is_some() {
        return Err(format!("whether a CAR is sent is {}", form.is_car));
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let found: Vec<&str> = form.files.iter().map(|(name, _)| name.as_str()).collect();
    if names != found {
        return Err(format!("the files are {found:?}, not {names:?}"));
    }
    for ((name, content), (_, found)) in files.iter().zip(&form.files) {
        if content.bytes() != *found {
            return Err(format!("the content of {name:?} differs"));
        }
    }
    if let Some(types) = &expected.content_types {
        let found = content_types(&arrived.body);
        if *types != found {
            return Err(format!("the media types are {found:?}, not {types:?}"));
        }
    }
    let mut metadata = match &form.metadata {
        Some(text) => serde_json::from_slice(text)
            .map_err(|cause| format!("the metadata isn't JSON: {cause}"))?,
        None => Value::Null,
    };
    if !expected.unmarked {
        take_mark(&mut metadata)?;
    }
    equal(
        "metadata",
        expected.metadata.as_ref().unwrap_or(&Value::Null),
        &metadata,
    )
}

fn equal(what: &str, expected: &Value, found: &Value) -> Result<()> {
    if expected == found {
        Ok(())
    } else {
        Err(format!("the {what} is {found}, not {expected}"))
    }
}

/// Returns the media types of the parts of a body.
fn content_types(body: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(body)
        .lines()
        .filter_map(|line| line.strip_prefix("Content-Type: "))
        .map(str::to_owned)
        .collect()
}

/// Removes the mark of the attempt from an upload's metadata; only its presence is checked.
fn take_mark(metadata: &mut Value) -> Result<()> {
    let mark = metadata
        .get_mut("keyvalues")
        .and_then(Value::as_object_mut)
        .and_then(|keyvalues| keyvalues.remove(MARK));
    let hex = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !mark.as_ref().and_then(Value::as_str).is_some_and(hex) {
        return Err(format!("the upload isn't marked: {MARK} is {mark:?}"));
    }
    let Some(fields) = metadata.as_object_mut() else {
        return Ok(());
    };
    if fields["keyvalues"]
        .as_object()
        .is_some_and(|it| it.is_empty())
    {
        fields.remove("keyvalues");
    }
    if fields.is_empty() {
        *metadata = Value::Null;
    }
    Ok(())
}

/// Returns whether a query is the expected one, in which `{mark}` stands for the mark of any
/// attempt.
fn same_query(expected: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> bool {
    expected.len() == found.len()
        && expected.iter().all(|(name, value)| {
            let Some(found) = found.get(name) else {
                return false;
            };
            match value.split_once("{mark}") {
                Some((before, after)) => {
                    found.starts_with(before)
                        && found.ends_with(after)
                        && found.len() == before.len() + 32 + after.len()
                }
                None => value == found,
            }
        })
}

/// A parsed multipart body.
#[derive(Default)]
struct Form {
    files: Vec<(String, Vec<u8>)>,
    /// Whether the files are CARs.
    is_car: bool,
    metadata: Option<Vec<u8>>,
}

impl Form {
    fn read(arrived: &Arrived) -> Result<Self> {
        let limits = MultipartLimits {
            parts: 100_000,
            header_bytes: 64 << 10,
        };
        let content_type = arrived.header("content-type").unwrap_or_default();
        let problem = |cause: w3pin_server::multipart::MultipartError| cause.to_string();
        let mut reader = MultipartReader::new(content_type, limits).map_err(problem)?;
        reader.push(Bytes::copy_from_slice(&arrived.body));
        let mut form = Self::default();
        while let Some(event) = reader.next_event().map_err(problem)? {
            match event {
                Event::Part(head) if head.name == "file" || head.name == "car" => {
                    form.is_car |= head.name == "car";
                    if form.metadata.is_some() {
                        return Err("a file comes after the metadata".to_owned());
                    }
                    form.files
                        .push((head.filename.unwrap_or_default(), Vec::new()));
                }
                Event::Part(head) if head.name == "metadata" => form.metadata = Some(Vec::new()),
                Event::Part(head) => return Err(format!("there is a field {:?}", head.name)),
                Event::Data(bytes) => match (&mut form.metadata, form.files.last_mut()) {
                    (Some(metadata), _) => metadata.extend_from_slice(&bytes),
                    (None, Some((_, content))) => content.extend_from_slice(&bytes),
                    (None, None) => {}
                },
                Event::PartEnd => {}
            }
        }
        reader.finish().map_err(problem)?;
        Ok(form)
    }
}
