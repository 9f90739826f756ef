//! The client's options of a scenario.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Map, Value, json};
use w3pin::{
    CidOptions, PinByCidOptions, PinOptions, Progress, Result, Symlinks, SyncOptions, WalkOptions,
};
use w3pin_contract::Scenario;

use super::retry;
use crate::options::{attempts, pairs, text, texts};

pub(super) fn cid_options(options: &Map<String, Value>) -> Result<CidOptions> {
    let mut cid = CidOptions::new().walk(walk(options, Symlinks::Preserve)?);
    if let Some(profile) = text(options, "profile") {
        cid = cid.profile(profile.parse().unwrap());
    }
    Ok(cid.empty_folders(options.get("empty_folders") != Some(&json!(false))))
}

pub(super) fn walk(options: &Map<String, Value>, symlinks: Symlinks) -> Result<WalkOptions> {
    let flag = |name| options.get(name) == Some(&json!(true));
    let mut walk = WalkOptions::new()
        .hidden(flag("hidden"))
        .gitignore(flag("gitignore"))
        .symlinks(text(options, "symlinks").map_or(Ok(symlinks), |word| word.parse())?);
    for (name, patterns) in [
        ("include", &mut walk.include),
        ("exclude", &mut walk.exclude),
    ] {
        if options.contains_key(name) {
            *patterns = texts(options, name);
        }
    }
    Ok(walk)
}

pub(super) fn pin_options(options: &Map<String, Value>, told: &Told) -> Result<PinOptions> {
    let mut pin = PinOptions::new()
        .keyvalues(pairs(options))
        .skip_if_pinned(options.get("skip_if_pinned") == Some(&json!(true)))
        .mark_attempt(options.get("mark_attempt") != Some(&json!(false)))
        .walk(walk(options, Symlinks::Refuse)?);
    pin.metadata.name = text(options, "name");
    pin.file_name = text(options, "file_name");
    pin.content_type = text(options, "content_type");
    if let Some(word) = text(options, "verify") {
        pin = pin.verify(word.parse()?);
    }
    if let Some(profile) = text(options, "profile") {
        pin = pin.profile(profile.parse().unwrap());
    }
    if let Some(time) = options.get("timeout").and_then(Value::as_u64) {
        pin = pin.timeout(Duration::from_millis(time));
    }
    if let Some(attempts) = attempts(options) {
        pin = pin.retry(retry(Some(attempts)));
    }
    if options.get("progress") == Some(&json!(true)) {
        pin = pin.progress(told.listener());
    }
    Ok(pin)
}

pub(super) fn sync_options(
    options: &Map<String, Value>,
    endpoint: &str,
    told: &Told,
) -> Result<SyncOptions> {
    let pin = pin_options(options, told)?;
    let mut sync = SyncOptions::new()
        .keyvalues(pin.metadata.keyvalues)
        .dry_run(options.get("dry_run") == Some(&json!(true)))
        .walk(pin.walk);
    if let Some(keep) = options.get("keep").and_then(Value::as_u64) {
        sync = sync.keep(keep as u32);
    }
    if let Some(deadline) = options.get("deadline").and_then(Value::as_u64) {
        sync = sync.deadline(Duration::from_millis(deadline));
    }
    if options.contains_key("check_gateways") {
        for url in texts(options, "check_gateways") {
            let gateway = endpoint.trim_end_matches("/api/pinning");
            sync = sync.check_gateway(url.replace("{gateway}", gateway).parse()?);
        }
    }
    (sync.profile, sync.timeout) = (pin.profile, pin.timeout);
    (sync.retry, sync.progress) = (pin.retry, pin.progress);
    Ok(sync)
}

pub(super) fn by_cid(options: &Map<String, Value>) -> PinByCidOptions {
    let mut by_cid = PinByCidOptions::new()
        .keyvalues(pairs(options))
        .skip_if_pinned(options.get("skip_if_pinned") == Some(&json!(true)));
    by_cid.metadata.name = text(options, "name");
    if let Some(time) = options.get("timeout").and_then(Value::as_u64) {
        by_cid = by_cid.timeout(Duration::from_millis(time));
    }
    if let Some(attempts) = attempts(options) {
        by_cid = by_cid.retry(retry(Some(attempts)));
    }
    by_cid
}

/// The progress reported for an upload.
#[derive(Clone, Default)]
pub(super) struct Told(Arc<Mutex<Vec<Progress>>>);

impl Told {
    pub(super) fn listener(&self) -> impl Fn(&Progress) + Send + Sync + 'static {
        let told = self.clone();
        move |progress| told.0.lock().unwrap().push(progress.clone())
    }

    /// It must be reported, never decrease, and end with all bytes.
    pub(super) fn problems(&self, scenario: &Scenario) -> Vec<String> {
        if scenario.options.get("progress") != Some(&json!(true)) {
            return Vec::new();
        }
        let told = self.0.lock().unwrap();
        let rises = told
            .windows(2)
            .all(|two| two[0].bytes_sent <= two[1].bytes_sent);
        let ends = told
            .last()
            .is_some_and(|last| Some(last.bytes_sent) == last.bytes_total);
        if rises && ends {
            Vec::new()
        } else {
            vec![format!("the progress was {told:?}")]
        }
    }
}
