use std::{collections::BTreeMap, io, sync::Arc};

use axum::{
    body::Body,
    extract::{Query, State},
    response::Response,
};
use bytes::Bytes;
use http::Uri;
use serde::Serialize;
use uuid::Uuid;
use w3pin_core::{PinnedFilter, SortBy, SortOrder};

use super::{caller::Caller, pin_view::PinView};
use crate::{
    app::App,
    envelope::{Refusal, json_body},
    pieces::{self, PIECE},
    records::{PinFilter, PinPage},
};

const DEFAULT_LIMIT: usize = 10;
const LARGEST_LIMIT: usize = 1000;

struct ListQuery {
    offset: usize,
    limit: usize,
    filter: PinFilter,
    by: SortBy,
    order: SortOrder,
}

#[derive(Serialize)]
struct Totals {
    files: u64,
    size: u64,
}

/// `GET /pins/`: a page of the account's pins. One with much in it is sent pin by pin, so that it is never
/// in memory as a whole.
pub(super) async fn list_pins(
    caller: Caller,
    State(app): State<Arc<App>>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let query = ListQuery::parse(&uri)?;
    let who = caller.party();
    let (text, page) = if query.filter.keyvalues.is_empty() {
        let begin = move |app: &App| Page::begin(app, caller, &query, &|| {});
        app.read(who, begin).await?
    } else {
        app.search(who, move |app, effort| {
            Page::begin(app, caller, &query, &|| effort.check())
        })
        .await?
    };
    if page.has_ended {
        return Ok(json_body(Body::from(text)));
    }
    let start = (app, Some(text), page);
    let body = pieces::body(start, |(app, first, page)| async {
        let (text, page) = match first {
            Some(first) => (first, page),
            None if page.has_ended => return Ok(None),
            None => {
                let who = page.caller.party();
                let written = app.read(who, |app| page.write(app, Vec::new())).await;
                written.map_err(|_| io::Error::other("a pin can't be read"))?
            }
        };
        Ok(Some((Bytes::from(text), (app, None, page))))
    });
    Ok(json_body(body))
}

/// What is left of a page.
struct Page {
    caller: Caller,
    pins: Vec<Uuid>,
    is_first: bool,
    has_ended: bool,
}

impl Page {
    /// The beginning of the text, and what is left of the page.
    fn begin(
        app: &App,
        caller: Caller,
        query: &ListQuery,
        each: &dyn Fn(),
    ) -> Result<(Vec<u8>, Self), Refusal> {
        let page = query.find(app, caller.account, each)?;
        let totals = Totals {
            files: page.files,
            size: page.size,
        };
        let totals = serde_json::to_string(&totals).map_err(|cause| Refusal::internal(&cause))?;
        let text = format!("{{\"data\":{{\"totals\":{totals},\"pins\":[");
        let rest = Self {
            caller,
            pins: page.pins,
            is_first: true,
            has_ended: false,
        };
        rest.write(app, text.into_bytes())
    }

    /// Adds the next pins to a text that isn't to be much longer than a piece, and in the end what comes
    /// after them.
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
                serde_json::to_writer(&mut text, &PinView::as_kept(&record))
                    .map_err(|cause| Refusal::internal(&cause))?;
            }
            if self.pins.is_empty() {
                text.extend_from_slice(b"]},\"status\":\"success\"}");
                self.has_ended = true;
            }
        }
        Ok((text, self))
    }
}

impl ListQuery {
    fn parse(uri: &Uri) -> Result<Self, Refusal> {
        let mut query = Self {
            offset: 0,
            limit: DEFAULT_LIMIT,
            filter: PinFilter::default(),
            by: SortBy::CreatedAt,
            order: SortOrder::Descending,
        };
        let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err(Refusal::bad_request("the query can't be read"));
        };
        for (name, value) in pairs {
            // An empty value is one that isn't given.
            if !value.is_empty() {
                query.set(&name, &value)?;
            }
        }
        Ok(query)
    }

    fn find(&self, app: &App, account: Uuid, each: &dyn Fn()) -> Result<PinPage, Refusal> {
        let records = &app.store.records;
        let Self {
            offset,
            limit,
            filter,
            by,
            order,
        } = self;
        let places = *offset..offset.saturating_add(*limit);
        Ok(records.list(account, filter, *by, *order, places, each)?)
    }

    /// Parameters that the API doesn't know are let pass.
    fn set(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let refuse = |expected: &str| {
            Err(Refusal::bad_request(format!(
                "invalid {name}: it must be {expected}"
            )))
        };
        match name {
            "offset" => match value.parse() {
                Ok(offset) => self.offset = offset,
                Err(_) => return refuse("a whole number from 0 on"),
            },
            "limit" => match value.parse() {
                Ok(limit) if (1..=LARGEST_LIMIT).contains(&limit) => self.limit = limit,
                _ => return refuse("a whole number from 1 to 1000"),
            },
            "pinned" => match PinnedFilter::from_wire(value) {
                Some(pinned) => self.filter.pinned = pinned,
                None => return refuse("all, true or false"),
            },
            "sortBy" => match value.parse() {
                Ok(by) => self.by = by,
                Err(_) => return refuse("created_at, size or name"),
            },
            "sortOrder" => match SortOrder::from_wire(value) {
                Some(order) => self.order = order,
                None => return refuse("ASC or DESC"),
            },
            "metadata" => match serde_json::from_str::<BTreeMap<_, _>>(value) {
                Ok(keyvalues) => self.filter.keyvalues = keyvalues,
                Err(_) => return refuse("a JSON object of keyvalues"),
            },
            _ => {}
        }
        Ok(())
    }
}
