//! A page that lists a folder.

use std::{fmt::Write, io, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use percent_encoding::utf8_percent_encode;
use w3pin_unixfs::{Cid, decode};

use super::{
    request::SEGMENT,
    resolve::{Blocks, Found},
};
use crate::{
    envelope::Refusal,
    held_blocks::Reader,
    pieces::{self, PIECE},
};

/// How deep shards can lie: each level takes at least 3 of the 64 bits of a name's hash.
const DEEPEST: usize = 21;

/// The page, a few rows at a time. `location` is the folder's path.
pub(super) fn stream(blocks: &Blocks, folder: Found, location: &str) -> Body {
    let location = escape(location);
    let head = format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{location}</title>\n\
         <h1>{location}</h1>\n<ul>\n"
    );
    let page = Page {
        reader: blocks.reader(),
        blocks: blocks.clone(),
        above: Vec::new(),
        current: Some((folder.cid, 0)),
        text: Some(head),
        ended: false,
    };
    pieces::body(page, |mut page| async {
        let next = page.next().await;
        let next = next.map_err(|_| io::Error::other("a block can't be read"))?;
        Ok(next.map(|text| (Bytes::from(text), page)))
    })
}

/// What is left of a page.
struct Page {
    blocks: Blocks,
    reader: Reader,
    /// Shards whose own rows have come, the innermost last.
    above: Vec<Shard>,
    /// The block whose rows come next, and how many of them have come.
    current: Option<(Cid, usize)>,
    /// What comes before all rows.
    text: Option<String>,
    ended: bool,
}

/// A shard, and how many of the shards below it have been begun. It is read again for each: the links of
/// all that are open at a time could take any amount of memory.
struct Shard {
    cid: Cid,
    begun: usize,
    count: usize,
}

impl Page {
    async fn next(&mut self) -> Result<Option<String>, Refusal> {
        if self.ended {
            return Ok(None);
        }
        let mut text = self.text.take().unwrap_or_default();
        while text.len() < PIECE {
            let Some((cid, done)) = self.current.take() else {
                if !self.next_shard().await? {
                    self.ended = true;
                    text.push_str("</ul>\n");
                    break;
                }
                continue;
            };
            let block = match self.reader.block().filter(|_| done > 0) {
                Some(block) => block,
                None => {
                    let block = Arc::new(self.blocks.fetch(&cid).await?.block);
                    self.reader.hold(Arc::clone(&block));
                    block
                }
            };
            let node = decode(&cid, &block).map_err(|cause| super::undecodable(&cause))?;
            for (number, entry) in node.entries().enumerate().skip(done) {
                if text.len() >= PIECE {
                    self.current = Some((cid, number));
                    break;
                }
                let (name, segment) =
                    (escape(entry.name), utf8_percent_encode(entry.name, SEGMENT));
                let _ = writeln!(text, "<li><a href=\"./{segment}\">{name}</a>");
            }
            if self.current.is_none() {
                self.above.push(Shard {
                    cid,
                    begun: 0,
                    count: node.sub_shards().count(),
                });
            }
        }
        Ok(Some(text))
    }

    /// Goes on to the next shard, if there is one.
    async fn next_shard(&mut self) -> Result<bool, Refusal> {
        while let Some(shard) = self.above.last_mut() {
            if shard.begun == shard.count {
                self.above.pop();
                continue;
            }
            let found = self.blocks.fetch(&shard.cid).await?;
            let node =
                decode(&found.cid, &found.block).map_err(|cause| super::undecodable(&cause))?;
            let below = node.sub_shards().nth(shard.begun).map(|link| link.cid);
            shard.begun += 1;
            if self.above.len() > DEEPEST {
                return Err(Refusal::bad_request("this folder's shards lie too deep"));
            }
            self.current = below.map(|cid| (cid, 0));
            return Ok(true);
        }
        Ok(false)
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
