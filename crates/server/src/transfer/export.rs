//! Writes an export.

use std::{
    collections::HashSet,
    fs,
    io::{BufWriter, Write},
    path::Path,
};

use cid::Cid;
use w3pin_unixfs::{RAW, decode, verify_block};

use super::{LINES, Line, TransferError, Transferred, car_path, finish_file, in_file, in_store};
use crate::{
    content_key::ContentKey,
    engine::Engine,
    error::StoreError,
    folder::{create_private_file, create_private_folder},
    records::KeptAccount,
    store::Store,
};

/// The number of leaves to remember, so that most repeated content is written once.
const RECENT_LEAVES: usize = 8192;

pub(super) async fn write(
    store: &Store,
    data: &Path,
    folder: &Path,
) -> Result<Transferred, TransferError> {
    in_file(folder, create_private_folder(folder))?;
    let mut transferred = Transferred::default();
    let path = folder.join(LINES);
    let written = path.with_extension("part");
    let mut records = BufWriter::new(in_file(&written, create_private_file(&written))?);
    let (accounts, damaged) = in_store(data, store.records.kept_accounts())?;
    let known: HashSet<_> = accounts.iter().map(KeptAccount::id).collect();
    for account in accounts {
        in_file(&written, put_line(&mut records, &Line::Account(account)))?;
        transferred.accounts += 1;
    }
    let damaged = damaged
        .into_iter()
        .map(|api_key| format!("the account of {api_key:?}, whose record is damaged"));
    transferred.skipped.extend(damaged);
    let ids = in_store(data, store.records.pin_ids())?;
    let mut roots = Vec::new();
    for (account, id) in ids {
        if !known.contains(&account) {
            let reason = "its account's record is damaged";
            transferred.skipped.push(format!("pin {id}: {reason}"));
            continue;
        }
        let record = match store.records.pin(account, id) {
            Err(StoreError::Damaged(reason)) => {
                transferred.skipped.push(format!("pin {id}: {reason}"));
                continue;
            }
            record => in_store(data, record)?,
        };
        // A live pin without a record is reconstructed, so its loss must be reported here.
        match store.records.any_pin(id.as_u128()) {
            Err(StoreError::Damaged(reason)) => {
                let reason = format!("the content of pin {id}, {}: {reason}", record.cid);
                transferred.skipped.push(reason);
            }
            whole => drop(in_store(data, whole)?),
        }
        if record.is_complete()
            && let Ok(root) = record.cid.parse()
        {
            roots.push((record.id, root));
        }
        in_file(&written, put_line(&mut records, &Line::Pin(record)))?;
        transferred.pins += 1;
    }
    for (id, root) in roots {
        let path = car_path(folder, &root);
        if path.exists() {
            continue;
        }
        match write_car(store.engine.as_ref(), data, root, &path).await? {
            Ok(()) => transferred.contents += 1,
            Err(reason) => {
                let reason = format!("the content of pin {id}, {root}: {reason}");
                transferred.skipped.push(reason);
            }
        }
    }
    // Written last, so that an export with records is complete.
    let file = in_file(
        &written,
        records.into_inner().map_err(|cause| cause.into_error()),
    )?;
    in_file(&path, finish_file(file, &written, &path))?;
    Ok(transferred)
}

fn put_line(output: &mut impl Write, line: &Line) -> std::io::Result<()> {
    serde_json::to_writer(&mut *output, line)?;
    output.write_all(b"\n")
}

/// Writes a CAR, unless the content is unavailable, for the reason in the second result.
async fn write_car(
    engine: &dyn Engine,
    data: &Path,
    root: Cid,
    path: &Path,
) -> Result<Result<(), String>, TransferError> {
    let written = path.with_extension("part");
    let mut output = BufWriter::new(in_file(&written, create_private_file(&written))?);
    in_file(&written, output.write_all(&w3pin_car::header(&[root])))?;
    let mut walk = PostOrder::new(root);
    while let Some(cid) = walk.next_block() {
        let block = match read(engine, cid).await {
            Ok(block) => block,
            Err(Unread::Damaged(reason)) => {
                drop(output);
                in_file(&written, fs::remove_file(&written))?;
                return Ok(Err(reason));
            }
            Err(Unread::Failed(cause)) => return in_store(data, Err(cause)),
        };
        for (cid, block) in walk.take(cid, block) {
            let head = w3pin_car::section_head(&cid, block.len());
            in_file(&written, output.write_all(&head))?;
            in_file(&written, output.write_all(&block))?;
        }
    }
    let file = in_file(
        &written,
        output.into_inner().map_err(|cause| cause.into_error()),
    )?;
    in_file(path, finish_file(file, &written, path))?;
    Ok(Ok(()))
}

/// A block and its links.
struct Read {
    block: Vec<u8>,
    links: Vec<Cid>,
}

/// Why a block can't be exported.
enum Unread {
    Damaged(String),
    Failed(StoreError),
}

async fn read(engine: &dyn Engine, cid: Cid) -> Result<Read, Unread> {
    let block = match engine.block(cid).await {
        Ok(Some(block)) => block,
        Ok(None) => return Err(Unread::Damaged(format!("its block {cid} is missing"))),
        Err(cause @ StoreError::DamagedBlock { .. }) => {
            return Err(Unread::Damaged(cause.to_string()));
        }
        Err(cause) => return Err(Unread::Failed(cause)),
    };
    let damaged = |reason: String| Unread::Damaged(format!("{cid}: {reason}"));
    verify_block(&cid, &block).map_err(|cause| damaged(cause.to_string()))?;
    let node = decode(&cid, &block).map_err(|cause| damaged(cause.to_string()))?;
    let links = node.links().iter().map(|link| link.cid).collect();
    Ok(Read { block, links })
}

/// A post-order walk through a DAG: children come before their parents, so that readers know each
/// block's children already. The nodes on the way down, the keys of all nodes with links and those
/// of some leaves are kept in memory.
struct PostOrder {
    /// Nodes with children to come, the innermost last.
    open: Vec<Open>,
    next: Option<Cid>,
    nodes: HashSet<ContentKey>,
    leaves: HashSet<ContentKey>,
}

struct Open {
    cid: Cid,
    block: Vec<u8>,
    /// The children to come, the next one last.
    ahead: Vec<Cid>,
}

impl PostOrder {
    fn new(root: Cid) -> Self {
        Self {
            open: Vec::new(),
            next: Some(root),
            nodes: HashSet::new(),
            leaves: HashSet::new(),
        }
    }

    /// Returns the block that is needed next, or `None` at the end.
    fn next_block(&mut self) -> Option<Cid> {
        self.next.take()
    }

    /// Takes the needed block, and returns those that can be written now.
    fn take(&mut self, cid: Cid, read: Read) -> Vec<(Cid, Vec<u8>)> {
        let Read { block, mut links } = read;
        links.reverse();
        self.open.push(Open {
            cid,
            block,
            ahead: links,
        });
        let mut ready = Vec::new();
        while let Some(open) = self.open.last_mut() {
            if let Some(child) = open.ahead.pop() {
                let key = ContentKey::of(&child);
                if self.nodes.contains(&key) || self.leaves.contains(&key) {
                    continue;
                }
                self.next = Some(child);
                break;
            }
            let Some(Open { cid, block, .. }) = self.open.pop() else {
                break;
            };
            self.remember(&cid, &block);
            ready.push((cid, block));
        }
        ready
    }

    fn remember(&mut self, cid: &Cid, block: &[u8]) {
        let key = ContentKey::of(cid);
        let is_leaf =
            cid.codec() == RAW || decode(cid, block).is_ok_and(|node| node.links().is_empty());
        if !is_leaf {
            self.nodes.insert(key);
            return;
        }
        if self.leaves.len() == RECENT_LEAVES {
            self.leaves.clear();
        }
        self.leaves.insert(key);
    }
}
