use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::{StatusCode, Uri};
use serde::Serialize;

use super::{App, Caller, ask};
use crate::{
    envelope::{Refusal, success},
    record::{PinView, Record},
    store::{PinFilter, SortBy, SortOrder},
};

const DEFAULT_LIMIT: usize = 10;
const LARGEST_LIMIT: usize = 1000;

struct Question {
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

#[derive(Serialize)]
struct Page<'a> {
    totals: Totals,
    pins: Vec<PinView<'a>>,
}

/// `GET /pins/`: a page of the account's pins.
pub(super) async fn list_pins(
    Caller(account): Caller,
    State(app): State<Arc<App>>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let question = Question::parse(&uri)?;
    let listing = ask(&app, move |app| {
        let Question {
            offset,
            limit,
            filter,
            by,
            order,
        } = question;
        Ok(app.store.list(account, &filter, by, order, offset, limit)?)
    })
    .await?;
    let page = Page {
        totals: Totals {
            files: listing.files,
            size: listing.size,
        },
        pins: listing.pins.iter().map(Record::as_kept).collect(),
    };
    Ok(success(StatusCode::OK, page))
}

impl Question {
    fn parse(uri: &Uri) -> Result<Self, Refusal> {
        let mut question = Self {
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
                question.set(&name, &value)?;
            }
        }
        Ok(question)
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
            "pinned" => match value {
                "all" => self.filter.pinned = None,
                "true" => self.filter.pinned = Some(true),
                "false" => self.filter.pinned = Some(false),
                _ => return refuse("all, true or false"),
            },
            "sortBy" => match value {
                "created_at" => self.by = SortBy::CreatedAt,
                "size" => self.by = SortBy::Size,
                "name" => self.by = SortBy::Name,
                _ => return refuse("created_at, size or name"),
            },
            "sortOrder" => match value {
                "ASC" => self.order = SortOrder::Ascending,
                "DESC" => self.order = SortOrder::Descending,
                _ => return refuse("ASC or DESC"),
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
