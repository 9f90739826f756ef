//! The import.

use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use bytes::{Bytes, BytesMut};
use cid::Cid;
use uuid::Uuid;
use w3pin_unixfs::{decode, verify_block};

use super::{LINES, Line, TransferError, Transferred, car::CarReader, car_path, in_file, in_store};
use crate::{content_key::ContentKey, dag_shape::DagShape, engine::Form, store::Store};

/// Bytes of a CAR that are handed on at once.
const PIECE: usize = 1 << 20;

/// Runs on a thread that may block.
pub(super) fn read(
    store: &Store,
    data: &Path,
    folder: &Path,
) -> Result<Transferred, TransferError> {
    let path = folder.join(LINES);
    let mut transferred = Transferred::default();
    let mut accounts: HashMap<Uuid, Uuid> = HashMap::new();
    // The pins come first, in their order, and wait; then the content, which is what they wait for.
    let lines = BufReader::new(in_file(&path, File::open(&path))?).lines();
    let mut roots = Vec::new();
    for (number, line) in (1..).zip(lines) {
        let line = in_file(&path, line)?;
        let damaged = |reason: String| TransferError::Damaged {
            path: path.clone(),
            reason: format!("line {number}: {reason}"),
        };
        match serde_json::from_str(&line).map_err(|cause| damaged(cause.to_string()))? {
            Line::Account(account) => {
                let id = account.id();
                let here = in_store(data, store.records.take_account(account))?;
                accounts.insert(id, here);
                transferred.accounts += 1;
            }
            Line::Pin(mut record) => {
                let account = accounts.get(&record.account).copied();
                record.account = account.ok_or_else(|| damaged("of no account".to_owned()))?;
                let cid: Cid = record
                    .cid
                    .parse()
                    .map_err(|_| damaged(format!("{:?} is no CID", record.cid)))?;
                if record.pinned() {
                    roots.push(cid);
                }
                if in_store(data, store.take_record(record, &cid))? {
                    transferred.pins += 1;
                }
            }
        }
    }
    for root in roots {
        if in_store(data, store.records.is_wanted(&ContentKey::of(&root)))? {
            read_car(store, data, &root, &car_path(folder, &root))?;
            transferred.contents += 1;
        }
    }
    Ok(transferred)
}

fn read_car(store: &Store, data: &Path, wanted: &Cid, path: &Path) -> Result<(), TransferError> {
    let damaged = |reason: String| TransferError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let mut intake = in_store(data, store.engine.intake(Form::Car))?;
    let shape;
    let root;
    {
        let mut reader = open(path)?;
        root = reader.root;
        let mut last = None;
        while let Some((cid, block)) = in_file(path, reader.next())? {
            verify_block(&cid, &block).map_err(|cause| damaged(cause.to_string()))?;
            let node = decode(&cid, &block).map_err(|cause| damaged(format!("{cid}: {cause}")))?;
            let links: Vec<_> = node.links().iter().map(|link| link.cid).collect();
            in_store(data, intake.block(&cid, &[&block], &links))?;
            last = Some((cid, DagShape::of(&node, block.len())));
        }
        shape = match last {
            Some((cid, shape)) if cid == root && root.hash() == wanted.hash() => shape,
            _ => {
                return Err(damaged(format!(
                    "its last block isn't the root of {wanted}"
                )));
            }
        };
    }
    // Engines that keep no blocks of their own take the file as it is, now that it is known to be
    // whole.
    in_store(data, intake.file("content.car"))?;
    let mut file = in_file(path, File::open(path))?;
    loop {
        let mut piece = BytesMut::zeroed(PIECE);
        let length = in_file(path, file.read(&mut piece))?;
        if length == 0 {
            break;
        }
        piece.truncate(length);
        in_store(data, intake.bytes(&Bytes::from(piece)))?;
    }
    in_store(data, store.commit_content(intake, &root, shape))
}

fn open(path: &Path) -> Result<CarReader<BufReader<File>>, TransferError> {
    let file = in_file(path, File::open(path))?;
    in_file(path, CarReader::open(BufReader::with_capacity(PIECE, file)))
}
