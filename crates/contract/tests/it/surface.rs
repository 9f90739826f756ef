//! The Rust client's surface, by code that names all of it: what isn't there doesn't compile.

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use serde_json::{Value, json};
use w3pin::{
    BatchOptions, CidOptions, Client, ClientBuilder, Content, Error, ErrorKind, ListOptions, Page,
    Pin, PinByCidOptions, PinOptions, PinnedFilter, PreparedUpload, PreviewedFile, Profile,
    Progress, Proof, RetryPolicy, Root, SortBy, SortOrder, Symlinks, Totals, UploadPreview,
    Verification, Verify, VerifyOptions, WaitPolicy, WalkOptions,
};
use w3pin_contract::{Api, Found, OperationFound, Surface};

/// The names of methods, each of which must be there.
macro_rules! methods {
    ($type:ty: $($method:ident),+ $(,)?) => {{
        $( let _ = <$type>::$method; )+
        found(&[$(stringify!($method)),+])
    }};
}

/// The names of fields, each of which must be there.
macro_rules! fields {
    ($type:ty: $($field:ident),+ $(,)?) => {{
        let _ = |it: $type| { $( let _ = it.$field; )+ };
        found(&[$(stringify!($field)),+])
    }};
}

type FoundByName = BTreeMap<String, Found>;

fn found(names: &[&str]) -> FoundByName {
    let names = names.iter();
    names
        .map(|&name| (name.to_owned(), Found::default()))
        .collect()
}

pub(crate) fn rust() -> Surface {
    let own = fields!(w3pin::Metadata: name, keyvalues);
    let mut pin = fields!(
        PinOptions: profile, verify, skip_if_pinned, mark_attempt, progress, timeout, retry
    );
    pin.extend(own.clone());
    let mut prepare = fields!(PinOptions: profile, verify, mark_attempt);
    prepare.extend(own.clone());
    let mut preview = fields!(PinOptions: profile);
    preview.extend(found(&["name"]));
    let file = fields!(PinOptions: file_name, content_type);
    let walk = fields!(WalkOptions: hidden, symlinks, include, exclude, gitignore);
    let mut by_cid = fields!(PinByCidOptions: skip_if_pinned, timeout, retry);
    by_cid.extend(own);
    let batch = fields!(BatchOptions<()>: concurrency);
    let list = fields!(ListOptions: offset, limit, pinned, sort_by, sort_order, keyvalues);
    let wait = fields!(WaitPolicy: deadline, first_delay, max_delay);
    let cid = fields!(CidOptions: profile, empty_folders);
    let verify = fields!(VerifyOptions: gateway);
    let stream = methods!(w3pin::ByteStream: length);

    let takes = |arguments: &[&str], options: &[&FoundByName]| {
        let mut takes = found(arguments);
        for set in options {
            takes.extend((*set).clone());
        }
        takes
    };
    let _ = |client: &Client, id: &w3pin::PinId, cid: &w3pin::Cid, prepared: &PreparedUpload| {
        drop((
            client.pin_file("", PinOptions::new()),
            client.pin_folder("", PinOptions::new()),
        ));
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
        drop(w3pin::preview_upload(
            Content::bytes(""),
            &PinOptions::new(),
        ));
    };
    let operations = BTreeMap::from([
        ("pin_file", takes(&["path"], &[&pin, &file])),
        ("pin_folder", takes(&["folder"], &[&pin, &walk])),
        ("pin_path", takes(&["path"], &[&pin, &file, &walk])),
        ("pin_bytes", takes(&["bytes"], &[&pin, &file])),
        ("pin_json", takes(&["value"], &[&pin, &file])),
        ("pin_stream", takes(&["stream"], &[&pin, &file, &stream])),
        ("pin_by_cid", takes(&["cid"], &[&by_cid])),
        ("get_pin", takes(&["id"], &[])),
        ("list_pins", takes(&[], &[&list])),
        ("pins", takes(&[], &[&list])),
        ("unpin", takes(&["id"], &[])),
        ("wait_until_pinned", takes(&["id"], &[&wait])),
        ("check_credentials", takes(&[], &[])),
        (
            "pin_files",
            takes(&["items"], &[&batch, &pin, &file, &walk]),
        ),
        (
            "pin_files_as_completed",
            takes(&["items"], &[&batch, &pin, &file, &walk]),
        ),
        ("pin_cids", takes(&["items"], &[&batch, &by_cid])),
        (
            "pin_cids_as_completed",
            takes(&["items"], &[&batch, &by_cid]),
        ),
        ("unpin_many", takes(&["ids"], &[&batch])),
        ("unpin_many_as_completed", takes(&["ids"], &[&batch])),
        (
            "prepare_upload",
            takes(&["content", "body"], &[&prepare, &file, &walk]),
        ),
        (
            "finish_upload",
            takes(&["upload", "status", "response"], &[]),
        ),
        ("preview_upload", takes(&["content"], &[&preview, &walk])),
        ("compute_cid", takes(&["content"], &[&cid, &walk])),
        ("verify", takes(&["content", "cid"], &[&verify, &walk])),
    ]);
    let mut verification = methods!(Verification: profile, computed_cid);
    verification.extend(found(&["result"]));
    let mut pin_fields = fields!(
        Pin: id, cid, name, size, status, pinned, is_pin_by_hash, is_dir, date_pinned,
        date_unpinned, keyvalues, file_type, sub_hash_status, file_record_id, root_hash, user_id,
        already_pinned, verification
    );
    pin_fields.extend(methods!(Pin: ipfs_url, gateway_url));
    let types = [
        ("Pin", pin_fields),
        ("Page", fields!(Page: pins, totals, unreadable)),
        (
            "UnreadablePin",
            fields!(w3pin::UnreadablePin: position, id, reason),
        ),
        ("Totals", fields!(Totals: files, size)),
        ("Verification", verification),
        (
            "Progress",
            fields!(Progress: bytes_sent, bytes_total, file, items_done, items_total),
        ),
        (
            "PreparedUpload",
            fields!(PreparedUpload: method, url, headers, body, content_length, cid),
        ),
        ("UploadPreview", fields!(UploadPreview: cid, size, files)),
        ("PreviewedFile", fields!(PreviewedFile: name, size)),
        ("Proof", fields!(Proof: files, bytes, blocks_fetched)),
        ("Root", fields!(Root: cid, size, dag_size)),
    ];
    let api = Api::load().unwrap();
    let words = api.words.into_iter().map(|(of, words)| {
        let words: Vec<&str> = words.keys().map(String::as_str).collect();
        (of, found(&words))
    });
    let mut client = methods!(
        ClientBuilder: credentials, endpoint, insecure_http, environment, profile, connect_timeout,
        idle_timeout, call_timeout, retry, rate_limit, proxy, no_proxy, root_certificates_pem,
        platform_roots, user_agent
    );
    let _ = ClientBuilder::gateways::<[w3pin::Gateway; 0]>;
    client.extend(found(&["gateways"]));
    Surface {
        operations: operations
            .into_iter()
            .map(|(name, takes)| {
                let doc = String::new();
                (name.to_owned(), OperationFound { doc, takes })
            })
            .collect(),
        client,
        retry: fields!(RetryPolicy: attempts, base_delay, max_delay, budget),
        types: types
            .into_iter()
            .map(|(name, fields)| (name.to_owned(), fields))
            .collect(),
        words: words.collect(),
        error_kinds: ErrorKind::ALL
            .iter()
            .map(|kind| (kind.as_str().to_owned(), Found::default()))
            .collect(),
        error_fields: methods!(
            Error: kind, reason, field, path, status, service_message, body_excerpt, retry_after,
            expected_cid, returned_cid, is_retryable, is_outcome_unknown
        ),
    }
}

/// The defaults of all options, by set, from the real ones.
fn defaults() -> Value {
    let (pin, list, wait) = (PinOptions::new(), ListOptions::new(), WaitPolicy::default());
    let by_cid = PinByCidOptions::new();
    let (cid, verify) = (CidOptions::new(), VerifyOptions::new());
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
