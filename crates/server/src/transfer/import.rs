//! Reads an export.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use bytes::BytesMut;
use cid::Cid;
use uuid::Uuid;

use super::{LINES, Line, TransferError, Transferred, car_path, in_file, in_store, open_file};
use crate::{
    car_content::{ArrivingCar, CarFault},
    content_key::ContentKey,
    engine::Form,
    error::StoreError,
    limits::Limits,
    records::{KeptAccount, PinRecord},
    store::Store,
};

/// The most pins to take in one transaction, and the bytes of lines from which they are taken.
const PINS: usize = 256;
const PIN_BYTES: usize = 4 << 20;
/// The bytes of a CAR to pass on at once.
const PIECE: usize = 1 << 20;
/// The most bytes of a name and a type.
const NAMES: usize = 4 << 10;
/// The longest line: metadata of the maximum length with every character escaped.
const LONGEST_LINE: u64 = 1 << 20;

/// Runs on a thread that may block.
pub(super) fn read(
    store: &Store,
    limits: &Limits,
    data: &Path,
    folder: &Path,
) -> Result<Transferred, TransferError> {
    let path = folder.join(LINES);
    let mut import = Import {
        store,
        limits,
        data,
        accounts: HashMap::new(),
        pins: Vec::new(),
        pin_bytes: 0,
        roots: Vec::new(),
        done: Transferred::default(),
    };
    // Pins come first, in their order, and wait for the content, which follows.
    let mut lines = BufReader::new(open_file(&path)?);
    for number in 1_u64.. {
        let damaged = |reason: String| TransferError::Damaged {
            path: path.clone(),
            reason: format!("line {number}: {reason}"),
        };
        let Some(line) = in_file(&path, next_line(&mut lines))? else {
            break;
        };
        let line = line.ok_or_else(|| damaged("it is too long".to_owned()))?;
        let length = line.len();
        let line = serde_json::from_slice(&line).map_err(|cause| damaged(cause.to_string()))?;
        match line {
            Line::Account(account) => import.account(account, damaged)?,
            Line::Pin(record) => import.pin(record, length, damaged)?,
        }
    }
    import.take_pins()?;
    import.contents(folder)
}

/// Returns the next line, or `None` if it is too long.
#[allow(
    clippy::type_complexity,
    reason = "the end, a line, or one that is too long"
)]
fn next_line(input: &mut impl BufRead) -> std::io::Result<Option<Option<Vec<u8>>>> {
    let mut line = Vec::new();
    input.take(LONGEST_LINE + 1).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    Ok(Some(
        Some(line).filter(|line| line.len() as u64 <= LONGEST_LINE),
    ))
}

struct Import<'a> {
    store: &'a Store,
    limits: &'a Limits,
    data: &'a Path,
    /// The accounts of the export, and their IDs here.
    accounts: HashMap<Uuid, Uuid>,
    /// Pins to take in the next transaction, and the bytes of their lines.
    pins: Vec<(PinRecord, Cid)>,
    pin_bytes: usize,
    /// The roots of pins.
    roots: Vec<Cid>,
    done: Transferred,
}

impl Import<'_> {
    fn account(
        &mut self,
        account: KeptAccount,
        damaged: impl Fn(String) -> TransferError,
    ) -> Result<(), TransferError> {
        if !account.is_valid() {
            return Err(damaged("an invalid account".to_owned()));
        }
        let id = account.id();
        if self.accounts.contains_key(&id) {
            return Err(damaged("a duplicate account".to_owned()));
        }
        let here = in_store(self.data, self.store.records.take_account(account))?;
        self.accounts.insert(id, here);
        self.done.accounts += 1;
        Ok(())
    }

    fn pin(
        &mut self,
        mut record: PinRecord,
        length: usize,
        damaged: impl Fn(String) -> TransferError,
    ) -> Result<(), TransferError> {
        let account = self.accounts.get(&record.account).copied();
        record.account =
            account.ok_or_else(|| damaged("a pin of an unknown account".to_owned()))?;
        let cid = record
            // The server adds a name and a type to the metadata.
            .validate(self.limits.field_bytes + NAMES)
            .map_err(|reason| damaged(reason.to_owned()))?;
        if record.is_complete() {
            self.roots.push(cid);
        }
        self.pins.push((record, cid));
        self.pin_bytes += length;
        if self.pins.len() == PINS || self.pin_bytes >= PIN_BYTES {
            self.take_pins()?;
        }
        Ok(())
    }

    fn take_pins(&mut self) -> Result<(), TransferError> {
        self.pin_bytes = 0;
        let pins = std::mem::take(&mut self.pins);
        self.done.pins += in_store(self.data, self.store.take_records(pins))?;
        Ok(())
    }

    fn contents(mut self, folder: &Path) -> Result<Transferred, TransferError> {
        for root in std::mem::take(&mut self.roots) {
            let key = ContentKey::of(&root);
            if !in_store(self.data, self.store.records.is_needed(&key))? {
                continue;
            }
            let path = car_path(folder, &root);
            if !path.exists() {
                let reason = format!("{root}: the export doesn't contain it");
                self.done.skipped.push(reason);
                continue;
            }
            self.car(&root, &path)?;
            self.done.contents += 1;
        }
        Ok(self.done)
    }

    fn car(&self, wanted: &Cid, path: &Path) -> Result<(), TransferError> {
        let Self { store, data, .. } = self;
        let damaged = |reason: String| TransferError::Damaged {
            path: path.to_owned(),
            reason,
        };
        let wrong = |cause: CarFault| match cause {
            CarFault::Store(source) => TransferError::Store {
                data: data.to_path_buf(),
                source,
            },
            cause => damaged(cause.to_string()),
        };
        let mut arriving = in_file(data, ArrivingCar::new(data))?;
        let mut file = open_file(path)?;
        loop {
            let mut piece = BytesMut::zeroed(PIECE);
            let length = in_file(path, file.read(&mut piece))?;
            if length == 0 {
                break;
            }
            piece.truncate(length);
            arriving.push(piece.freeze()).map_err(wrong)?;
        }
        let car = arriving.finish().map_err(wrong)?;
        let root = *car.root();
        if ContentKey::of(&root) != ContentKey::of(wanted) {
            return Err(damaged(format!("its root is not {wanted}")));
        }
        let shape = car.check(|_| Ok::<_, CarFault>(())).map_err(wrong)?;
        let mut intake = in_store(data, store.engine.intake(Form::Car))?;
        car.hand_over(&mut intake, |_| Ok::<_, CarFault>(()))
            .map_err(wrong)?;
        match store.commit_content(intake, &root, shape) {
            // The blocks don't form the expected DAG.
            Err(StoreError::Damaged(reason)) => Err(damaged(reason.to_owned())),
            result => in_store(data, result),
        }
    }
}
