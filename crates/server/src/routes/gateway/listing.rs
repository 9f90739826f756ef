//! A page that lists a folder.

use std::{fmt::Write, io, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use w3pin_unixfs::{Cid, decode};

use super::resolve::{Found, fetch};
use crate::{app::App, envelope::Refusal};

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The page, a block of the folder at a time. `location` is the folder's path, as it was sent.
pub(super) fn stream(app: &Arc<App>, folder: Found, location: &str) -> Body {
    let location = escape(location);
    let head = format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{location}</title>\n\
         <h1>{location}</h1>\n<ul>\n"
    );
    let app = Arc::clone(app);
    let start = Rows {
        ahead: vec![folder.cid],
        location: location.into(),
    };
    let rows = stream::try_unfold(start, move |rows| {
        let app = Arc::clone(&app);
        async move {
            let next = rows.next(&app).await;
            next.map_err(|_| io::Error::other("a block can't be read"))
        }
    });
    let text = |text: Bytes| stream::once(async { Ok::<_, io::Error>(text) });
    Body::from_stream(text(head.into()).chain(rows).chain(text("</ul>\n".into())))
}

/// The rows of one folder, found block by block.
struct Rows {
    ahead: Vec<Cid>,
    location: Arc<str>,
}

impl Rows {
    async fn next(mut self, app: &App) -> Result<Option<(Bytes, Self)>, Refusal> {
        let Some(cid) = self.ahead.pop() else {
            return Ok(None);
        };
        let found = fetch(app, &cid).await?;
        let node = decode(&found.cid, &found.block).map_err(|cause| super::undecodable(&cause))?;
        let before = self.ahead.len();
        self.ahead.extend(node.sub_shards().map(|link| link.cid));
        self.ahead[before..].reverse();
        let mut rows = String::new();
        for entry in node.entries() {
            let (name, segment) = (escape(entry.name), utf8_percent_encode(entry.name, SEGMENT));
            let location = &self.location;
            let _ = writeln!(rows, "<li><a href=\"{location}/{segment}\">{name}</a>");
        }
        Ok(Some((rows.into(), self)))
    }
}

/// A text as it stands in HTML, between tags and in quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
