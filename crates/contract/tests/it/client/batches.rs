//! Batches and their results.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};
use w3pin::{Batch, BatchItem, BatchOptions, Cid, PinId, Result};

use crate::{
    options::{pairs, texts},
    outcome::each,
};

pub(super) fn many<O: Default>(options: &Map<String, Value>, each: O) -> Result<BatchOptions<O>> {
    let many = BatchOptions::new().each(each);
    match options.get("concurrency").and_then(Value::as_u64) {
        Some(concurrency) => many.concurrency(concurrency as usize),
        None => Ok(many),
    }
}

pub(super) fn files(
    arguments: &Map<String, Value>,
    folder: &Path,
) -> Vec<BatchItem<w3pin::Content>> {
    items(arguments, "path", |path| folder.join(path).into())
}

pub(super) fn cids(arguments: &Map<String, Value>) -> Vec<BatchItem<Cid>> {
    items(arguments, "cid", BatchItem::parse)
}

pub(super) fn ids(arguments: &Map<String, Value>) -> Vec<BatchItem<PinId>> {
    let ids = texts(arguments, "ids");
    ids.iter().map(|id| BatchItem::parse(id)).collect()
}

fn items<T>(
    arguments: &Map<String, Value>,
    subject: &str,
    item: impl Fn(&str) -> BatchItem<T>,
) -> Vec<BatchItem<T>> {
    let items = arguments["items"].as_array().unwrap().iter();
    items
        .map(|value| match value {
            Value::String(text) => item(text),
            own => {
                let mut item = item(own[subject].as_str().unwrap());
                if let Some(name) = own["name"].as_str() {
                    item = item.name(name);
                }
                item.keyvalues(pairs(own.as_object().unwrap()))
            }
        })
        .collect()
}

/// The results in the order of the items, though they are produced out of order.
pub(super) async fn completed<T: serde::Serialize + Send + 'static>(mut batch: Batch<T>) -> Value {
    let mut results = BTreeMap::new();
    while let Some(completed) = batch.next().await {
        results.insert(completed.index, completed.result);
    }
    each(results.into_values().collect())
}
