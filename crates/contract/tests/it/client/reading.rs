//! Reads content back and fetches it to disk.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use serde_json::{Map, Value, json};
use tokio::io::AsyncReadExt;
use w3pin::{Client, FetchOptions, FetchProgress, Result};
use w3pin_contract::Scenario;

use super::retry;
use crate::{
    options::{gateways, read_options, text},
    outcome::{Outcome, node},
};

pub(super) async fn read_back(
    operation: &str,
    scenario: &Scenario,
    folder: &Path,
    endpoint: &str,
) -> Outcome {
    let Scenario {
        arguments, options, ..
    } = scenario;
    let path = text(arguments, "path").unwrap().parse()?;
    let gateways = gateways(scenario, endpoint).into_iter();
    let gateways = gateways.map(|gateway| gateway.parse());
    let retriever = Client::builder()
        .environment(false)
        .gateways(gateways.collect::<Result<Vec<_>>>()?)
        .retry(retry(scenario.client.attempts))
        .retriever()?;
    let read = read_options(options);
    let bytes = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ok(match operation {
        "resolve" => node(&retriever.resolve(&path).await?),
        "read" => json!({ "bytes": bytes(&retriever.read(&path, read).await?) }),
        "stream" => {
            let (mut stream, mut all) = (retriever.stream(&path, read), Vec::new());
            while let Some(piece) = stream.next().await {
                all.extend_from_slice(&piece?);
            }
            json!({ "bytes": bytes(&all) })
        }
        "open" => {
            let (mut file, mut all) = (retriever.open(&path).await?, Vec::new());
            file.read_to_end(&mut all).await.unwrap();
            json!({ "size": file.size(), "bytes": bytes(&all) })
        }
        "list" => {
            let (mut entries, mut all) = (retriever.list(&path), Vec::new());
            while let Some(entry) = entries.next().await {
                let entry = entry?;
                all.push(json!({
                    "name": entry.name,
                    "cid": entry.cid,
                    "kind": entry.kind.as_str(),
                    "size": entry.size,
                    "target": entry.target(),
                }));
            }
            json!(all)
        }
        "fetch" => {
            let destination = folder.join(text(arguments, "destination").unwrap());
            let told = Arc::<Mutex<Vec<FetchProgress>>>::default();
            let fetch = fetch_options(options, &told)?;
            let fetched = retriever.fetch(&path, &destination, fetch).await?;
            if let Some(last) = told.lock().unwrap().last() {
                assert_eq!((last.bytes, last.files), (fetched.bytes, fetched.files));
            }
            assert_eq!(
                told.lock().unwrap().is_empty(),
                !options.contains_key("on_progress")
            );
            json!({
                "cid": fetched.cid,
                "files": fetched.files,
                "bytes": fetched.bytes,
                "bytes_fetched": fetched.bytes_fetched,
                "disk": on_disk(&destination, ""),
            })
        }
        operation => panic!("{operation} isn't known"),
    })
}

fn fetch_options(
    options: &Map<String, Value>,
    told: &Arc<Mutex<Vec<FetchProgress>>>,
) -> Result<FetchOptions> {
    let number = |name: &str| options.get(name).and_then(Value::as_u64);
    let mut fetch = FetchOptions::new().overwrite(options.get("overwrite") == Some(&json!(true)));
    if let Some(concurrency) = number("concurrency") {
        fetch = fetch.concurrency(concurrency as usize);
    }
    if let Some(word) = text(options, "symlinks") {
        fetch = fetch.symlinks(word.parse()?);
    }
    if let Some(bytes) = number("most_bytes") {
        fetch = fetch.most_bytes(bytes);
    }
    if let Some(entries) = number("most_entries") {
        fetch = fetch.most_entries(entries);
    }
    if options.contains_key("on_progress") {
        let told = Arc::clone(told);
        fetch = fetch.on_progress(move |progress| told.lock().unwrap().push(*progress));
    }
    Ok(fetch)
}

/// The files written, by their path below the destination; that of the destination itself is empty.
fn on_disk(path: &Path, name: &str) -> BTreeMap<String, String> {
    if path.is_symlink() {
        let target = fs::read_link(path).unwrap();
        return [(name.to_owned(), format!("-> {}", target.display()))].into();
    }
    if path.is_file() {
        return [(name.to_owned(), fs::read_to_string(path).unwrap())].into();
    }
    let entries = fs::read_dir(path).unwrap().flat_map(|entry| {
        let entry = entry.unwrap();
        let own = entry.file_name().into_string().unwrap();
        let below = format!("{name}/{own}");
        on_disk(&entry.path(), below.trim_start_matches('/'))
    });
    entries.collect()
}
