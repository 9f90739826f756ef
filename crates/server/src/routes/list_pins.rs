use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{Query, State},
    response::Response,
};
use http::Uri;
use serde::Serialize;
use uuid::Uuid;
use w3pin_core::{PinnedFilter, SortBy, SortOrder};

use super::{
    caller::Caller,
    page::{Page, PageFormat},
    pin_view::PinView,
};
use crate::{
    app::App,
    effort::Effort,
    envelope::Refusal,
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

/// `GET /pins/`: returns a page of the account's pins.
pub(super) async fn list_pins(
    caller: Caller,
    State(app): State<Arc<App>>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let query = ListQuery::parse(&uri)?;
    let is_short = query.filter.keyvalues.is_empty();
    let find = move |app: &App, each: &dyn Fn()| {
        let page = query.find(app, caller.account, each)?;
        let totals = Totals {
            files: page.files,
            size: page.size,
        };
        let totals = serde_json::to_string(&totals).map_err(|cause| Refusal::internal(&cause))?;
        let text = format!("{{\"data\":{{\"totals\":{totals},\"pins\":[");
        let format = PageFormat {
            write: Box::new(|record, text| serde_json::to_writer(text, &PinView::as_kept(record))),
            end: "]},\"status\":\"success\"}",
        };
        Page::begin(app, caller, page.pins, format, text)
    };
    let who = caller.party();
    let (first, page) = if is_short {
        app.read(who, move |app| find(app, &|| {})).await?
    } else {
        let search = move |app: &App, effort: &Effort| find(app, &|| effort.check());
        app.search(who, search).await?
    };
    Ok(page.answer(app, first))
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
            return Err(Refusal::bad_request("the query can't be parsed"));
        };
        for (name, value) in pairs {
            // An empty value counts as missing.
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

    /// Unknown parameters are ignored.
    fn set(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let refuse = |expected: &str| {
            Err(Refusal::bad_request(format!(
                "invalid {name}: it must be {expected}"
            )))
        };
        match name {
            "offset" => match value.parse() {
                Ok(offset) => self.offset = offset,
                Err(_) => return refuse("an integer of 0 or more"),
            },
            "limit" => match value.parse() {
                Ok(limit) if (1..=LARGEST_LIMIT).contains(&limit) => self.limit = limit,
                _ => return refuse("an integer from 1 to 1000"),
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
