//! The Rust client's surface, by code that names all of it: what isn't there doesn't compile.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use w3pin::{
    CidOptions, Client, ClientBuilder, Error, ErrorKind, ListPins, ManyOptions, Page, Pin,
    PinByCidOptions, PinOptions, Progress, Proof, Root, Totals, Verification, VerifyOptions,
    WaitPolicy,
};
use w3pin_contract::Surface;

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
            ("Page".to_owned(), fields!(Page: pins, totals)),
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
            expected_cid, returned_cid, is_retryable
        ),
    }
}
