//! Prints pins, for people and for programs.

use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use w3pin::{Pin, Verification};

use super::{Output, table};

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]");

impl Output {
    /// Prints pins: a table for people, a line of fields for programs.
    pub(crate) fn pins(&self, pins: &[Pin]) {
        if !self.terminal {
            pins.iter().for_each(|pin| self.pin_line(pin));
            return;
        }
        if pins.is_empty() {
            self.note("no pins");
            return;
        }
        let rows = pins.iter().map(|pin| {
            [
                pin.name.clone().unwrap_or_default(),
                pin.cid.to_string(),
                pin.size.map(bytes).unwrap_or_default(),
                status(pin),
                pin.date_pinned.map(date).unwrap_or_default(),
                pin.id.to_string(),
            ]
        });
        let header = ["NAME", "CID", "SIZE", "STATUS", "PINNED AT", "ID"];
        self.raw(&table::table(header, rows));
    }

    /// Prints a pin as one line: id, CID, name, size, status, pinned, date, separated by tabs.
    pub(crate) fn pin_line(&self, pin: &Pin) {
        self.row(&[
            pin.id.as_str(),
            pin.cid.as_str(),
            pin.name.as_deref().unwrap_or(""),
            &pin.size.map(|size| size.to_string()).unwrap_or_default(),
            pin.status.as_str(),
            if pin.pinned { "true" } else { "false" },
            &pin.date_pinned.map(rfc3339).unwrap_or_default(),
        ]);
    }

    /// Prints the result of pinning `what`.
    pub(crate) fn pinned(&self, what: &str, pin: &Pin) {
        if !self.terminal {
            return self.pin_line(pin);
        }
        let state = if pin.already_pinned {
            "was pinned already"
        } else {
            "pinned"
        };
        let proof = proof(pin);
        self.lines([
            format!("{what} {state}"),
            format!("  cid     {}", pin.cid),
            format!("  id      {}", pin.id),
            format!("  status  {}", status(pin)),
            format!("  proof   {proof}"),
        ]);
    }

    /// Prints all fields of a pin.
    pub(crate) fn pin(&self, pin: &Pin) {
        if self.json {
            return self.document(pin);
        }
        let number = |number: Option<u64>| number.map(|it| it.to_string()).unwrap_or_default();
        let moment = |date: Option<OffsetDateTime>| date.map(rfc3339).unwrap_or_default();
        let fields = [
            ("id", pin.id.to_string()),
            ("cid", pin.cid.to_string()),
            ("name", pin.name.clone().unwrap_or_default()),
            ("type", pin.file_type.clone().unwrap_or_default()),
            ("folder", pin.is_dir.to_string()),
            ("size", number(pin.size)),
            ("status", pin.status.to_string()),
            ("pinned", pin.pinned.to_string()),
            ("pinned_at", moment(pin.date_pinned)),
            ("unpinned_at", moment(pin.date_unpinned)),
        ];
        let known = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let known = known.map(|(name, value)| (name.to_owned(), value));
        // Prefixed, so that a key can't look like a field.
        let keyvalues = pin.keyvalues.iter();
        let keyvalues = keyvalues.map(|(key, value)| (format!("meta.{key}"), value.clone()));
        self.fields(&known.chain(keyvalues).collect::<Vec<_>>());
    }

    /// Prints the fields of one item, one on each line.
    fn fields(&self, fields: &[(String, String)]) {
        let width = fields.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or(0);
        if !self.terminal {
            fields
                .iter()
                .for_each(|(name, value)| self.row(&[name, value]));
            return;
        }
        let fields = fields.iter();
        self.lines(fields.map(|(name, value)| format!("{name:width$}  {value}")));
    }
}

fn status(pin: &Pin) -> String {
    if pin.date_unpinned.is_some() {
        "unpinned".to_owned()
    } else {
        pin.status.to_string()
    }
}

fn proof(pin: &Pin) -> String {
    match &pin.verification {
        Verification::Verified {
            profile: Some(profile),
        } => format!("verified: the CID is that of the bytes sent ({profile})"),
        Verification::Verified { profile: None } => {
            "verified: the CID is the root of the CAR sent".to_owned()
        }
        Verification::Unchecked => "unchecked".to_owned(),
        Verification::Mismatch { .. } => "MISMATCH".to_owned(),
        Verification::Unproved { .. } => "unproved".to_owned(),
    }
}

/// Formats a size for people.
pub(crate) fn bytes(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}

fn date(date: OffsetDateTime) -> String {
    date.format(DATE).unwrap_or_default()
}

fn rfc3339(date: OffsetDateTime) -> String {
    date.format(&time::format_description::well_known::Rfc3339)
        .unwrap_or_default()
}
