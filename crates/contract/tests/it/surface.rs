//! The Rust client's surface according to its sources.

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use serde_json::{Value, json};
use w3pin::{
    BatchOptions, CidOptions, Client, Content, ErrorKind, FetchOptions, ListOptions,
    PinByCidOptions, PinOptions, PinnedFilter, PreparedUpload, Profile, ReadOptions, SortBy,
    SortOrder, SymlinkPolicy, Symlinks, SyncOptions, Verify, VerifyOptions, WaitPolicy,
    WalkOptions,
};
use w3pin_contract::{Api, Found, OperationFound, Surface};

use crate::source::Source;

/// The client's surface, by its sources; anything missing fails to compile in [`all_is_there`].
pub(crate) fn rust() -> Surface {
    let source = Source::read();
    let fields = |of: &str, names: &[&str]| -> FoundByName {
        let names = names.iter();
        names
            .map(|name| ((*name).to_owned(), source.field(of, name)))
            .collect()
    };
    let methods = |of: &str, names: &[&str]| -> FoundByName {
        let names = names.iter();
        names
            .map(|name| ((*name).to_owned(), source.method(of, name)))
            .collect()
    };
    let own = fields("Metadata", &["name", "keyvalues"]);
    let mut pin = fields(
        "PinOptions",
        &[
            "profile",
            "verify",
            "skip_if_pinned",
            "mark_attempt",
            "progress",
            "timeout",
            "retry",
        ],
    );
    pin.extend(own.clone());
    let mut prepare = fields("PinOptions", &["profile", "verify", "mark_attempt"]);
    prepare.extend(own.clone());
    let sync = fields(
        "SyncOptions",
        &[
            "keep",
            "keyvalues",
            "profile",
            "check_gateways",
            "dry_run",
            "deadline",
            "progress",
            "timeout",
            "retry",
        ],
    );
    let file = fields("PinOptions", &["file_name", "content_type"]);
    let walk = fields(
        "WalkOptions",
        &["hidden", "symlinks", "include", "exclude", "gitignore"],
    );
    let mut by_cid = fields("PinByCidOptions", &["skip_if_pinned", "timeout", "retry"]);
    by_cid.extend(own);
    let batch = fields("BatchOptions", &["concurrency"]);
    let list = fields(
        "ListOptions",
        &[
            "offset",
            "limit",
            "pinned",
            "sort_by",
            "sort_order",
            "keyvalues",
        ],
    );
    let wait = fields("WaitPolicy", &["deadline", "first_delay", "max_delay"]);
    let cid = fields("CidOptions", &["profile", "empty_folders"]);
    let verify = fields("VerifyOptions", &["gateway"]);
    let stream = methods("ByteStream", &["length"]);

    let mut operations = BTreeMap::new();
    let mut operation = |of: &str, name: &str, arguments: &[&str], sets: &[&FoundByName]| {
        let doc = source.method(of, name).doc;
        let mut takes: FoundByName = sets.iter().flat_map(|set| (*set).clone()).collect();
        // Rust documents arguments in the documentation of the function.
        takes.extend(arguments.iter().map(|argument| {
            let found = Found {
                doc: doc.clone(),
                ..Found::default()
            };
            ((*argument).to_owned(), found)
        }));
        operations.insert(name.to_owned(), OperationFound { doc, takes });
    };
    operation("Client", "pin_file", &["path"], &[&pin, &file]);
    operation("Client", "pin_car", &["path"], &[&pin]);
    operation("Client", "pin_folder", &["folder"], &[&pin, &walk]);
    operation(
        "Client",
        "sync_folder",
        &["folder", "name"],
        &[&sync, &walk],
    );
    operation("Client", "pin_path", &["path"], &[&pin, &file, &walk]);
    operation("Client", "pin_bytes", &["bytes"], &[&pin, &file]);
    operation("Client", "pin_json", &["value"], &[&pin, &file]);
    operation("Client", "pin_stream", &["stream"], &[&pin, &file, &stream]);
    operation("Client", "pin_by_cid", &["cid"], &[&by_cid]);
    operation("Client", "get_pin", &["id"], &[]);
    operation("Client", "list_pins", &[], &[&list]);
    operation("Client", "pins", &[], &[&list]);
    operation("Client", "unpin", &["id"], &[]);
    operation("Client", "wait_until_pinned", &["id"], &[&wait]);
    operation("Client", "check_credentials", &[], &[]);
    for name in ["pin_files", "pin_files_as_completed"] {
        operation("Client", name, &["items"], &[&batch, &pin, &file, &walk]);
    }
    for name in ["pin_cids", "pin_cids_as_completed"] {
        operation("Client", name, &["items"], &[&batch, &by_cid]);
    }
    for name in ["unpin_many", "unpin_many_as_completed"] {
        operation("Client", name, &["ids"], &[&batch]);
    }
    operation(
        "Client",
        "prepare_upload",
        &["content", "body"],
        &[&prepare, &file, &walk],
    );
    operation(
        "Client",
        "finish_upload",
        &["upload", "status", "response"],
        &[],
    );
    // A preview takes the options of the upload that it previews; the name and profile are documented there.
    let preview = ["name", "profile"];
    operation(
        "",
        "preview_upload",
        &["content", preview[0], preview[1]],
        &[&walk],
    );
    operation("", "compute_cid", &["content"], &[&cid, &walk]);
    operation("", "pack_car", &["content", "destination"], &[&cid, &walk]);
    operation("", "verify", &["content", "cid"], &[&verify, &walk]);
    let read = fields("ReadOptions", &["start", "end", "most_bytes"]);
    let fetch = fields(
        "FetchOptions",
        &[
            "overwrite",
            "concurrency",
            "symlinks",
            "most_bytes",
            "most_entries",
            "on_progress",
        ],
    );
    for name in ["resolve", "open", "list"] {
        operation("Retriever", name, &["path"], &[]);
    }
    for name in ["read", "stream"] {
        operation("Retriever", name, &["path"], &[&read]);
    }
    operation("Retriever", "fetch", &["path", "destination"], &[&fetch]);

    let mut verification = methods("Verification", &["profile", "computed_cid"]);
    verification.insert("result".to_owned(), source.method("Verification", "as_str"));
    let mut pin_fields = fields(
        "Pin",
        &[
            "id",
            "cid",
            "name",
            "size",
            "status",
            "pinned",
            "is_pin_by_hash",
            "is_dir",
            "date_pinned",
            "date_unpinned",
            "keyvalues",
            "file_type",
            "sub_hash_status",
            "file_record_id",
            "root_hash",
            "user_id",
            "already_pinned",
            "verification",
        ],
    );
    pin_fields.extend(methods("Pin", &["ipfs_url", "gateway_url"]));
    let mut node = fields("Node", &["cid", "kind", "size"]);
    node.extend(methods("Node", &["target"]));
    let mut entry = fields("FolderEntry", &["name", "cid", "kind", "size"]);
    entry.extend(methods("FolderEntry", &["target"]));
    let mut synced = fields(
        "Synced",
        &["outcome", "cid", "pin", "removed", "kept", "postponed"],
    );
    synced.extend(methods("Synced", &["contenthash", "dnslink"]));
    let types = [
        ("Synced", synced),
        ("Pin", pin_fields),
        ("Page", fields("Page", &["pins", "totals", "unreadable"])),
        (
            "UnreadablePin",
            fields("UnreadablePin", &["position", "id", "reason"]),
        ),
        ("Totals", fields("Totals", &["files", "size"])),
        ("Verification", verification),
        (
            "Progress",
            fields(
                "Progress",
                &[
                    "bytes_sent",
                    "bytes_total",
                    "file",
                    "items_done",
                    "items_total",
                ],
            ),
        ),
        (
            "PreparedUpload",
            fields(
                "PreparedUpload",
                &["method", "url", "headers", "body", "content_length", "cid"],
            ),
        ),
        (
            "UploadPreview",
            fields("UploadPreview", &["cid", "size", "files"]),
        ),
        ("PreviewedFile", fields("PreviewedFile", &["name", "size"])),
        (
            "Proof",
            fields("Proof", &["files", "bytes", "blocks_fetched"]),
        ),
        ("Root", fields("Root", &["cid", "size", "dag_size"])),
        (
            "PackedCar",
            fields("PackedCar", &["cid", "blocks", "bytes"]),
        ),
        ("Node", node),
        ("FolderEntry", entry),
        (
            "Fetched",
            fields("Fetched", &["cid", "files", "bytes", "bytes_fetched"]),
        ),
        (
            "FetchProgress",
            fields("FetchProgress", &["bytes", "bytes_total", "files"]),
        ),
    ];
    Surface {
        operations,
        client: methods(
            "ClientBuilder",
            &[
                "credentials",
                "token",
                "api",
                "endpoint",
                "insecure_http",
                "environment",
                "profile",
                "gateways",
                "connect_timeout",
                "idle_timeout",
                "call_timeout",
                "retry",
                "rate_limit",
                "proxy",
                "no_proxy",
                "root_certificates_pem",
                "platform_roots",
                "user_agent",
            ],
        ),
        retry: fields(
            "RetryPolicy",
            &["attempts", "base_delay", "max_delay", "budget"],
        ),
        types: types
            .into_iter()
            .map(|(name, fields)| (name.to_owned(), fields))
            .collect(),
        words: words(&source),
        error_kinds: ErrorKind::ALL
            .iter()
            .map(|kind| {
                let variant = format!("{kind:?}");
                (
                    kind.as_str().to_owned(),
                    source.variant("ErrorKind", &variant),
                )
            })
            .collect(),
        error_fields: methods(
            "Error",
            &[
                "kind",
                "reason",
                "field",
                "path",
                "status",
                "service_message",
                "body_excerpt",
                "retry_after",
                "expected_cid",
                "returned_cid",
                "is_retryable",
                "is_outcome_unknown",
            ],
        ),
    }
}

type FoundByName = BTreeMap<String, Found>;

fn words(source: &Source) -> BTreeMap<String, FoundByName> {
    fn of<T: std::fmt::Debug + std::fmt::Display>(
        source: &Source,
        name: &str,
        all: &[T],
    ) -> FoundByName {
        all.iter()
            .map(|word| (word.to_string(), source.variant(name, &format!("{word:?}"))))
            .collect()
    }
    let profiles = Profile::known().into_iter().map(|profile| {
        let made_by = profile.name().replace('-', "_");
        (
            profile.name().to_owned(),
            source.method("Profile", &made_by),
        )
    });
    BTreeMap::from([
        ("verify".to_owned(), of(source, "Verify", Verify::ALL)),
        ("symlinks".to_owned(), of(source, "Symlinks", Symlinks::ALL)),
        (
            "pinned".to_owned(),
            of(source, "PinnedFilter", PinnedFilter::ALL),
        ),
        ("sort_by".to_owned(), of(source, "SortBy", SortBy::ALL)),
        (
            "sort_order".to_owned(),
            of(source, "SortOrder", SortOrder::ALL),
        ),
        ("profile".to_owned(), profiles.collect()),
        (
            "symlink_policy".to_owned(),
            of(source, "SymlinkPolicy", SymlinkPolicy::ALL),
        ),
    ])
}

/// Names every operation, so that one that is private or missing doesn't compile.
#[expect(dead_code, reason = "it only has to compile")]
fn reading_back_is_there(retriever: &w3pin::Retriever, path: &w3pin::IpfsPath) {
    drop((retriever.resolve(path), retriever.open(path)));
    drop(retriever.read(path, ReadOptions::new()));
    drop(retriever.stream(path, ReadOptions::new()));
    drop(retriever.list(path));
    drop(retriever.fetch(path, "", FetchOptions::new()));
}

/// The same for the methods of a client.
#[expect(dead_code, reason = "it only has to compile")]
fn all_is_there(client: &Client, id: &w3pin::PinId, cid: &w3pin::Cid, prepared: &PreparedUpload) {
    drop((
        client.pin_file("", PinOptions::new()),
        client.pin_folder("", PinOptions::new()),
    ));
    drop(client.sync_folder("", "", SyncOptions::new()));
    drop((
        client.pin_path("", PinOptions::new()),
        client.pin_bytes("", PinOptions::new()),
    ));
    drop((
        client.pin_json(&Value::Null, PinOptions::new()),
        client.get_pin(id),
    ));
    drop(client.pin_stream(w3pin::ByteStream::from_reader(&b""[..]), PinOptions::new()));
    drop((
        client.pin_by_cid(cid, PinByCidOptions::new()),
        client.unpin(id),
    ));
    drop((
        client.list_pins(&ListOptions::new()),
        client.pins(ListOptions::new()),
    ));
    drop((
        client.wait_until_pinned(id, WaitPolicy::default()),
        client.check_credentials(),
    ));
    drop((
        client.pin_files([""], BatchOptions::new()),
        client.pin_files_as_completed([""], BatchOptions::new()),
    ));
    drop((
        client.pin_cids([cid.clone()], BatchOptions::new()),
        client.pin_cids_as_completed([cid.clone()], BatchOptions::new()),
    ));
    drop((
        client.unpin_many([id.clone()], BatchOptions::new()),
        client.unpin_many_as_completed([id.clone()], BatchOptions::new()),
    ));
    drop((
        client.prepare_upload("", "", PinOptions::new()),
        client.finish_upload(prepared, 201, ""),
    ));
    drop(w3pin::verify("", cid, VerifyOptions::new()));
    drop(w3pin::compute_cid("", &CidOptions::new()));
    drop(w3pin::pack_car("", "", &CidOptions::new()));
    drop(w3pin::preview_upload(
        Content::bytes(""),
        &PinOptions::new(),
    ));
}

/// The defaults of all options, by set, from the actual types.
fn defaults() -> Value {
    let (pin, list, wait) = (PinOptions::new(), ListOptions::new(), WaitPolicy::default());
    let by_cid = PinByCidOptions::new();
    let (cid, verify) = (CidOptions::new(), VerifyOptions::new());
    let sync = SyncOptions::new();
    let (read, fetch) = (ReadOptions::new(), FetchOptions::new());
    let millis = |time: Duration| json!(time.as_millis() as u64);
    let walk = |walk: &WalkOptions| {
        json!({
            "hidden": walk.hidden,
            "symlinks": walk.symlinks.as_str(),
            "include": walk.include,
            "exclude": walk.exclude,
            "gitignore": walk.gitignore,
        })
    };
    json!({
        "pin": {
            "name": pin.metadata.name,
            "keyvalues": pin.metadata.keyvalues,
            "profile": pin.profile.map(|profile| profile.to_string()),
            "verify": pin.verify.as_str(),
            "skip_if_pinned": pin.skip_if_pinned,
            "mark_attempt": pin.mark_attempt,
            "progress": pin.progress.as_ref().map(|_| true),
            "timeout": pin.timeout.map(millis),
            "retry": pin.retry.as_ref().map(|_| true),
        },
        "sync": {
            "keep": sync.keep,
            "keyvalues": sync.keyvalues,
            "profile": sync.profile.map(|profile| profile.to_string()),
            "check_gateways": sync.check_gateways.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "dry_run": sync.dry_run,
            "deadline": millis(sync.deadline),
            "progress": sync.progress.as_ref().map(|_| true),
            "timeout": sync.timeout.map(millis),
            "retry": sync.retry.as_ref().map(|_| true),
        },
        "prepare": {
            "name": pin.metadata.name,
            "keyvalues": pin.metadata.keyvalues,
            "profile": pin.profile.map(|profile| profile.to_string()),
            "verify": pin.verify.as_str(),
            "mark_attempt": pin.mark_attempt,
        },
        "preview": { "name": pin.metadata.name, "profile": Profile::default().to_string() },
        "file": { "file_name": pin.file_name, "content_type": pin.content_type },
        "stream": { "length": null },
        "walk": walk(&pin.walk),
        "kept_walk": walk(&cid.walk),
        "pin_by_cid": {
            "name": by_cid.metadata.name,
            "keyvalues": by_cid.metadata.keyvalues,
            "skip_if_pinned": by_cid.skip_if_pinned,
            "timeout": by_cid.timeout.map(millis),
            "retry": by_cid.retry.map(|_| true),
        },
        "batch": { "concurrency": BatchOptions::<()>::new().concurrency },
        "list": {
            "offset": list.offset,
            "limit": list.limit,
            "pinned": list.pinned.as_str(),
            "sort_by": list.sort_by.as_str(),
            "sort_order": list.sort_order.as_str(),
            "keyvalues": list.keyvalues,
        },
        "wait": {
            "deadline": millis(wait.deadline),
            "first_delay": millis(wait.first_delay),
            "max_delay": millis(wait.max_delay),
        },
        "cid": { "profile": cid.profile.to_string(), "empty_folders": cid.empty_folders },
        "verify": { "gateway": verify.gateway.map(|gateway| gateway.to_string()) },
        "read": { "start": read.start, "end": read.end, "most_bytes": read.most_bytes },
        "fetch": {
            "overwrite": fetch.overwrite,
            "concurrency": fetch.concurrency,
            "symlinks": fetch.symlinks.as_str(),
            "most_bytes": fetch.most_bytes,
            "most_entries": fetch.most_entries,
            "on_progress": fetch.on_progress.as_ref().map(|_| true),
        },
    })
}

#[test]
fn defaults_are_those_of_the_contract() {
    let api = Api::load().unwrap();
    let written: BTreeMap<_, BTreeMap<_, _>> = api
        .options
        .iter()
        .map(|(set, options)| {
            let defaults = options
                .iter()
                .map(|(name, option)| (name, option.default.clone().unwrap_or_default()));
            (set, defaults.collect())
        })
        .collect();
    assert_eq!(json!(written), defaults());
}

#[test]
fn words_are_those_of_the_contract() {
    fn reads<T: FromStr>(word: &str) -> bool {
        word.parse::<T>().is_ok()
    }
    let reads: BTreeMap<&str, fn(&str) -> bool> = BTreeMap::from([
        ("verify", reads::<Verify> as fn(&str) -> bool),
        ("symlinks", reads::<Symlinks>),
        ("pinned", reads::<PinnedFilter>),
        ("sort_by", reads::<SortBy>),
        ("sort_order", reads::<SortOrder>),
        ("profile", reads::<Profile>),
        ("symlink_policy", reads::<SymlinkPolicy>),
    ]);
    let words = Api::load().unwrap().words;
    assert!(words.keys().eq(reads.keys()), "{words:?}");
    for (of, words) in words {
        for word in words.into_keys() {
            assert!(reads[&*of](&word), "{word} isn't read as {of}");
        }
        assert!(!reads[&*of]("no such word"), "{of}");
    }
}
