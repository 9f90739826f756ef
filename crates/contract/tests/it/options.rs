//! The arguments and options of a scenario for core.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};
use w3pin::{ListOptions, Metadata, ReadOptions, WaitPolicy};
use w3pin_contract::Scenario;

pub(crate) fn text(map: &Map<String, Value>, key: &str) -> Option<String> {
    map.get(key).and_then(Value::as_str).map(str::to_owned)
}

pub(crate) fn texts(map: &Map<String, Value>, key: &str) -> Vec<String> {
    serde_json::from_value(map[key].clone()).unwrap()
}

/// The number of attempts, if the call specifies it.
pub(crate) fn attempts(options: &Map<String, Value>) -> Option<u32> {
    let attempts = options.get("retry")?["attempts"].as_u64()?;
    Some(attempts as u32)
}

/// The gateways to read back from.
pub(crate) fn gateways(scenario: &Scenario, endpoint: &str) -> Vec<String> {
    let gateway = endpoint.trim_end_matches("/api/pinning");
    let gateways = scenario.client.gateways.clone();
    let gateways = gateways.unwrap_or_else(|| vec!["{gateway}".to_owned()]);
    let gateways = gateways.into_iter();
    gateways
        .map(|it| it.replace("{gateway}", gateway))
        .collect()
}

pub(crate) fn read_options(options: &Map<String, Value>) -> ReadOptions {
    let number = |name: &str| options.get(name).and_then(Value::as_u64);
    let mut read = ReadOptions::new().start(number("start").unwrap_or_default());
    read.end = number("end");
    read.most_bytes = number("most_bytes");
    read
}

pub(crate) fn pairs(map: &Map<String, Value>) -> BTreeMap<String, String> {
    map.get("keyvalues").map_or_else(BTreeMap::new, |it| {
        serde_json::from_value(it.clone()).unwrap()
    })
}

pub(crate) fn metadata(options: &Map<String, Value>) -> Metadata {
    let mut metadata = Metadata::new();
    metadata.name = text(options, "name");
    metadata.keyvalues = pairs(options);
    metadata
}

pub(crate) fn list(options: &Map<String, Value>) -> w3pin::Result<ListOptions> {
    let mut list = ListOptions::new();
    if let Some(offset) = options.get("offset").and_then(Value::as_u64) {
        list = list.offset(offset);
    }
    if let Some(limit) = options.get("limit").and_then(Value::as_u64) {
        list = list.limit(limit as u32)?;
    }
    if let Some(word) = text(options, "pinned") {
        list = list.pinned(word.parse()?);
    }
    if let Some(word) = text(options, "sort_by") {
        list.sort_by = word.parse()?;
    }
    if let Some(word) = text(options, "sort_order") {
        list.sort_order = word.parse()?;
    }
    list.keyvalues = pairs(options);
    Ok(list)
}

pub(crate) fn wait_policy(options: &Map<String, Value>) -> WaitPolicy {
    let time = |key| {
        options
            .get(key)
            .and_then(Value::as_u64)
            .map(Duration::from_millis)
    };
    WaitPolicy::default()
        .deadline(time("deadline").unwrap_or(Duration::from_secs(10)))
        .first_delay(time("first_delay").unwrap_or(Duration::from_millis(1)))
        .max_delay(time("max_delay").unwrap_or(Duration::from_millis(5)))
}
