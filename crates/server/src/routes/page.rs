//! Sends lists of pins.

use std::{io, sync::Arc};

use axum::{body::Body, response::Response};
use uuid::Uuid;

use super::caller::Caller;
use crate::{
    app::App,
    envelope::{Refusal, json_body},
    pieces::{self, PIECE},
    records::PinRecord,
};

/// The rest of a list. Large lists are sent pin by pin, so that they are never in memory as a
/// whole.
pub(super) struct Page {
    caller: Caller,
    pins: Vec<Uuid>,
    format: PageFormat,
    is_first: bool,
    has_ended: bool,
}

/// The format of a list.
pub(super) struct PageFormat {
    /// Writes a pin.
    pub(super) write: WritePin,
    /// The text after the last pin.
    pub(super) end: &'static str,
}

type WritePin = Box<dyn Fn(&PinRecord, &mut Vec<u8>) -> serde_json::Result<()> + Send + Sync>;

impl Page {
    /// Starts a list of an account's pins. Returns it and its first piece, which starts with
    /// `text`.
    pub(super) fn begin(
        app: &App,
        caller: Caller,
        pins: Vec<Uuid>,
        format: PageFormat,
        text: String,
    ) -> Result<(Vec<u8>, Self), Refusal> {
        let page = Self {
            caller,
            pins,
            format,
            is_first: true,
            has_ended: false,
        };
        page.write(app, text.into_bytes())
    }

    /// Returns the response that starts with this piece.
    pub(super) fn answer(self, app: Arc<App>, first: Vec<u8>) -> Response {
        if self.has_ended {
            return json_body(Body::from(first));
        }
        let body = pieces::body_after(first.into(), (app, self), |(app, page)| async {
            if page.has_ended {
                return Ok(None);
            }
            let who = page.caller.party();
            let written = app.read(who, |app| page.write(app, Vec::new())).await;
            let (text, page) = written.map_err(|_| io::Error::other("a pin can't be read"))?;
            Ok(Some((text.into(), (app, page))))
        });
        json_body(body)
    }

    /// Adds the next pins to a piece until it is full, and after the last pin the end of the list.
    fn write(mut self, app: &App, mut text: Vec<u8>) -> Result<(Vec<u8>, Self), Refusal> {
        while text.len() < PIECE && !self.has_ended {
            // As text a record is up to twice as long.
            let bytes = (PIECE - text.len()) / 2;
            let records = &app.store.records;
            let (records, count) = records.first_pins(self.caller.account, &self.pins, bytes)?;
            self.pins.drain(..count);
            for record in records {
                if !std::mem::take(&mut self.is_first) {
                    text.push(b',');
                }
                (self.format.write)(&record, &mut text)
                    .map_err(|cause| Refusal::internal(&cause))?;
            }
            if self.pins.is_empty() {
                text.extend_from_slice(self.format.end.as_bytes());
                self.has_ended = true;
            }
        }
        Ok((text, self))
    }
}
