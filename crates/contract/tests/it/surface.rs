//! The Rust client's surface, by code that names all of it: what isn't there doesn't compile.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    time::Duration,
};

use serde_json::{Value, json};
use w3pin::{
    CidOptions, Client, ClientBuilder, Error, ErrorKind, ListPins, ManyOptions, Page, Pin,
    PinByCidOptions, PinOptions, PinnedFilter, Profile, Progress, Proof, Root, SortBy, SortOrder,
    Symlinks, Totals, Verification, Verify, VerifyOptions, WaitPolicy,
};
use w3pin_contract::{Api, Surface};

/// The names of methods, each of which must be there.
macro_rules! methods {
    ($type:ty: $($method:ident),+ $(,)?) => {{
        $( let _ = <$type>::$method; )+
        names(&[$(stringify!($method)),+])
    }};
}

/// The names of fields, each of which must be there.
macro_rules! fields {
    ($type:ty: $($field:ident),+ $(,)?) => {{
        let _ = |it: $type| { $( let _ = it.$field; )+ };
        names(&[$(stringify!($field)),+])
    }};
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

pub(crate) fn rust() -> Surface {
    let mut pin = fields!(PinOptions: profile, verify, skip_if_pinned, progress, timeout, retry);
    pin.extend(fields!(w3pin::Metadata: name, keyvalues));
    let walk = fields!(PinOptions: hidden, symlinks);
    let mut by_cid = fields!(PinByCidOptions: skip_if_pinned, timeout, retry);
    by_cid.extend(fields!(w3pin::Metadata: name, keyvalues));
    let many = fields!(ManyOptions: concurrency);
    let list = fields!(ListPins: offset, limit, pinned, sort_by, sort_order, keyvalues);
    let wait = fields!(WaitPolicy: deadline, first_delay, max_delay);
    let cid = fields!(CidOptions: profile, hidden, symlinks);
    let verify = fields!(VerifyOptions: gateway, hidden, symlinks);

    let takes = |arguments: &[&str], options: &[&BTreeSet<String>]| -> BTreeSet<String> {
        let mut takes = names(arguments);
        takes.extend(options.iter().copied().flatten().cloned());
        takes
    };
    let _ = |client: &Client, id: &w3pin::PinId, cid: &w3pin::Cid| {
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
            client.list_pins(&ListPins::new()),
            client.pins(ListPins::new()),
        ));
        drop((
            client.wait_until_pinned(id, WaitPolicy::default()),
            client.check_credentials(),
        ));
        drop(client.pin_files([""], ManyOptions::new()));
        drop(client.pin_cids([], ManyOptions::new()));
        drop(client.unpin_many([], 1));
        drop(client.verify(w3pin::Content::Path("".into()), cid, VerifyOptions::new()));
        drop(w3pin::compute_cid("", &CidOptions::new()));
    };
    let operations = BTreeMap::from([
        ("pin_file", takes(&["path"], &[&pin])),
        ("pin_folder", takes(&["path"], &[&pin, &walk])),
        ("pin_path", takes(&["path"], &[&pin, &walk])),
        ("pin_bytes", takes(&["bytes"], &[&pin])),
        ("pin_json", takes(&["value"], &[&pin])),
        ("pin_stream", takes(&["stream"], &[&pin])),
        ("pin_by_cid", takes(&["cid"], &[&by_cid])),
        ("get_pin", takes(&["id"], &[])),
        ("list_pins", takes(&[], &[&list])),
        ("pins", takes(&[], &[&list])),
        ("unpin", takes(&["id"], &[])),
        ("wait_until_pinned", takes(&["id"], &[&wait])),
        ("check_credentials", takes(&[], &[])),
        ("pin_files", takes(&["paths"], &[&many, &pin, &walk])),
        ("pin_cids", takes(&["cids"], &[&many, &by_cid])),
        ("unpin_many", takes(&["ids"], &[&many])),
        ("compute_cid", takes(&["path"], &[&cid])),
        ("verify", takes(&["content", "cid"], &[&verify])),
    ]);
    let verification = methods!(Verification: profile, computed_cid);
    Surface {
        operations: operations
            .into_iter()
            .map(|(name, it)| (name.to_owned(), it))
            .collect(),
        client: methods!(
            ClientBuilder: credentials, endpoint, profile, connect_timeout, idle_timeout,
            call_timeout, retry, pacing, proxy, no_proxy, root_certificates_pem, platform_roots,
            user_agent
        ),
        types: BTreeMap::from([
            (
                "Pin".to_owned(),
                fields!(
                    Pin: id, cid, name, size, status, pinned, is_pin_by_hash, is_dir, date_pinned,
                    date_unpinned, keyvalues, file_type, sub_hash_status, file_record_id,
                    root_hash, user_id, already_pinned, verification
                ),
            ),
            ("Page".to_owned(), fields!(Page: pins, totals, unreadable)),
            (
                "UnreadablePin".to_owned(),
                fields!(w3pin::UnreadablePin: position, id, reason),
            ),
            ("Totals".to_owned(), fields!(Totals: files, size)),
            (
                "Verification".to_owned(),
                &verification | &names(&["result"]),
            ),
            (
                "Progress".to_owned(),
                fields!(Progress: bytes_sent, bytes_total, file),
            ),
            (
                "Proof".to_owned(),
                fields!(Proof: files, bytes, blocks_fetched),
            ),
            ("Root".to_owned(), fields!(Root: cid, size, dag_size)),
        ]),
        error_kinds: ErrorKind::ALL
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
        error_fields: methods!(
            Error: kind, reason, field, path, status, service_message, body_excerpt, retry_after,
            expected_cid, returned_cid, is_retryable, is_outcome_unknown
        ),
    }
}

/// The defaults of all options, by set, from the real ones.
fn defaults() -> Value {
    let (pin, list, wait) = (PinOptions::new(), ListPins::new(), WaitPolicy::default());
    let by_cid = PinByCidOptions::new();
    let (cid, verify) = (CidOptions::new(), VerifyOptions::new());
    let millis = |time: Duration| json!(time.as_millis() as u64);
    json!({
        "pin": {
            "name": pin.metadata.name,
            "keyvalues": pin.metadata.keyvalues,
            "profile": pin.profile.map(|profile| profile.to_string()),
            "verify": word(&["off", "report", "require"], &pin.verify),
            "skip_if_pinned": pin.skip_if_pinned,
            "progress": pin.progress.map(|_| true),
            "timeout": pin.timeout.map(millis),
            "retry": pin.retry.map(|_| true),
        },
        "walk": { "hidden": pin.hidden, "symlinks": word(&SYMLINKS, &pin.symlinks) },
        "pin_by_cid": {
            "name": by_cid.metadata.name,
            "keyvalues": by_cid.metadata.keyvalues,
            "skip_if_pinned": by_cid.skip_if_pinned,
            "timeout": by_cid.timeout.map(millis),
            "retry": by_cid.retry.map(|_| true),
        },
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
        "cid": {
            "profile": cid.profile.to_string(),
            "hidden": cid.hidden,
            "symlinks": word(&SYMLINKS, &cid.symlinks),
        },
        "verify": {
            "gateway": verify.gateway.map(|gateway| gateway.to_string()),
            "hidden": verify.hidden,
            "symlinks": word(&SYMLINKS, &verify.symlinks),
        },
    })
}

const SYMLINKS: [&str; 4] = ["refuse", "follow", "skip", "preserve"];

/// The word that is read as this value.
fn word<T: FromStr + PartialEq>(words: &[&'static str], value: &T) -> &'static str {
    words
        .iter()
        .find(|word| word.parse().is_ok_and(|parsed: T| parsed == *value))
        .unwrap()
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
        for word in words {
            assert!(reads[&*of](&word), "{word} isn't read as {of}");
        }
        assert!(!reads[&*of]("no such word"), "{of}");
    }
}
