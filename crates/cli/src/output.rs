//! What is printed: results on stdout, everything else on stderr.

use std::io::{self, IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use w3pin::{Pin, Verification};

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]");

/// Where and how to print.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    terminal: bool,
}

impl Output {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self {
            json,
            quiet,
            terminal: io::stdout().is_terminal(),
        }
    }

    /// Whether JSON is wanted.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress is to be shown.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Prints a document.
    pub(crate) fn document(&self, value: &impl Serialize) -> io::Result<()> {
        let text = if self.terminal {
            serde_json::to_string_pretty(value)
        } else {
            serde_json::to_string(value)
        };
        self.line(&text?)
    }

    /// Prints one of many documents, each on a line.
    pub(crate) fn json_line(&self, value: &impl Serialize) -> io::Result<()> {
        self.line(&serde_json::to_string(value)?)
    }

    /// Prints a line.
    pub(crate) fn line(&self, line: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(line.as_bytes())?;
        stdout.write_all(b"\n")?;
        stdout.flush()
    }

    /// Prints pins: a table for people, a line of fields for programs.
    pub(crate) fn pins(&self, pins: &[Pin]) -> io::Result<()> {
        if !self.terminal {
            return pins.iter().try_for_each(|pin| self.pin_line(pin));
        }
        if pins.is_empty() {
            self.note("no pins");
            return Ok(());
        }
        let mut table = table();
        table.set_header(["NAME", "CID", "SIZE", "STATUS", "PINNED AT", "ID"]);
        for pin in pins {
            table.add_row([
                printable(pin.name.as_deref().unwrap_or("")),
                pin.cid.to_string(),
                pin.size.map(size).unwrap_or_default(),
                status(pin),
                pin.date_pinned.map(date).unwrap_or_default(),
                pin.id.to_string(),
            ]);
        }
        self.line(&table.to_string())
    }

    /// Prints a pin as one line: id, CID, name, size, status, pinned, date, separated by tabs.
    pub(crate) fn pin_line(&self, pin: &Pin) -> io::Result<()> {
        self.line(&format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            pin.id,
            pin.cid,
            printable(pin.name.as_deref().unwrap_or("")),
            pin.size.map(|size| size.to_string()).unwrap_or_default(),
            pin.status,
            pin.pinned,
            pin.date_pinned.map(rfc3339).unwrap_or_default(),
        ))
    }

    /// Prints what became of `what`.
    pub(crate) fn pinned(&self, what: &str, pin: &Pin) -> io::Result<()> {
        if !self.terminal {
            return self.pin_line(pin);
        }
        let what = printable(what);
        let state = if pin.already_pinned {
            "was pinned already"
        } else {
            "pinned"
        };
        self.line(&format!("{what} {state}"))?;
        self.line(&format!("  cid     {}", pin.cid))?;
        self.line(&format!("  id      {}", pin.id))?;
        self.line(&format!("  status  {}", status(pin)))?;
        self.line(&format!("  proof   {}", proof(pin)))
    }

    /// Prints all of a pin.
    pub(crate) fn pin(&self, pin: &Pin) -> io::Result<()> {
        if self.json {
            return self.document(pin);
        }
        let mut fields = vec![
            ("id", pin.id.to_string()),
            ("cid", pin.cid.to_string()),
            ("name", pin.name.clone().unwrap_or_default()),
            ("type", pin.file_type.clone().unwrap_or_default()),
            ("folder", pin.is_dir.to_string()),
            (
                "size",
                pin.size.map(|size| size.to_string()).unwrap_or_default(),
            ),
            ("status", pin.status.to_string()),
            ("pinned", pin.pinned.to_string()),
            (
                "pinned_at",
                pin.date_pinned.map(rfc3339).unwrap_or_default(),
            ),
            (
                "unpinned_at",
                pin.date_unpinned.map(rfc3339).unwrap_or_default(),
            ),
        ];
        fields.extend(
            pin.keyvalues
                .iter()
                .map(|(key, value)| (key.as_str(), value.clone())),
        );
        self.fields(&fields)
    }

    /// Prints all that is known of one thing, a line for each field.
    pub(crate) fn fields(&self, fields: &[(&str, String)]) -> io::Result<()> {
        let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            let value = printable(value);
            self.line(&if self.terminal {
                format!("{name:width$}  {value}")
            } else {
                format!("{name}\t{value}")
            })?;
        }
        Ok(())
    }

    /// Tells the person something that isn't the result.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.message(text);
        }
    }

    pub(crate) fn error(&self, text: &str) {
        self.message(&format!("error: {text}"));
    }

    pub(crate) fn hint(&self, text: &str) {
        if !self.quiet {
            self.message(&format!("hint: {text}"));
        }
    }

    fn message(&self, text: &str) {
        // There is nobody left to tell.
        let _ = writeln!(io::stderr(), "{}", printable(text));
    }
}

fn table() -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    table
}

/// Control characters in names would move the cursor of a terminal, or end a line of fields.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { '\u{fffd}' } else { char })
        .collect()
}

fn status(pin: &Pin) -> String {
    let unpinned = pin.date_unpinned.is_some();
    if unpinned {
        "unpinned".to_owned()
    } else {
        pin.status.to_string()
    }
}

fn proof(pin: &Pin) -> String {
    match &pin.verification {
        Verification::Verified { profile } => {
            format!("verified: the CID is that of the bytes sent ({profile})")
        }
        Verification::Unchecked => "unchecked".to_owned(),
        Verification::Mismatch { computed } => {
            format!("MISMATCH: the bytes sent are {computed}, so this is other content")
        }
        Verification::Unproved { computed } => format!(
            "unproved: no known profile gives this CID for the bytes sent ({computed}); \
             `w3pin verify` compares the blocks"
        ),
    }
}

fn size(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}

fn date(date: OffsetDateTime) -> String {
    date.format(DATE).unwrap_or_default()
}

fn rfc3339(date: OffsetDateTime) -> String {
    date.format(&time::format_description::well_known::Rfc3339)
        .unwrap_or_default()
}
