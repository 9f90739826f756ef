//! The bytes of a file, block by block.

use std::{io, ops::Range, sync::Arc};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use w3pin_unixfs::{Cid, decode};

use super::resolve::{Found, fetch};
use crate::{app::App, envelope::Refusal};

/// A walk through a file's DAG. In memory are one block and the links that lead on from it.
pub(super) struct FileBytes {
    /// Nodes to visit, the next one last, each with the place of its bytes in the file.
    ahead: Vec<(Cid, Range<u64>)>,
    /// Bytes that come before those.
    ready: Bytes,
    range: Range<u64>,
}

impl FileBytes {
    /// The bytes of `range`, which lies within the file. The first of them are read before there is an
    /// answer, so that it can say what is the matter with them.
    pub(super) async fn stream(
        app: &Arc<App>,
        root: Found,
        range: Range<u64>,
    ) -> Result<Body, Refusal> {
        let mut bytes = Self {
            ahead: Vec::new(),
            ready: Bytes::new(),
            range,
        };
        let size = root.file_size();
        bytes.ready = bytes.visit(root, 0..size)?;
        let Some((first, rest)) = bytes.next(app).await? else {
            return Ok(Body::empty());
        };
        if rest.ahead.is_empty() {
            return Ok(Body::from(first));
        }
        let app = Arc::clone(app);
        let rest = stream::try_unfold(rest, move |bytes| {
            let app = Arc::clone(&app);
            async move {
                let next = bytes.next(&app).await;
                // The length was promised, so that an end before it is an error to every reader.
                next.map_err(|_| io::Error::other("a block can't be read"))
            }
        });
        let first = stream::once(async { Ok::<_, io::Error>(first) });
        Ok(Body::from_stream(first.chain(rest)))
    }

    /// The next bytes that aren't none.
    async fn next(mut self, app: &App) -> Result<Option<(Bytes, Self)>, Refusal> {
        let mut bytes = std::mem::take(&mut self.ready);
        while bytes.is_empty() {
            let Some((cid, place)) = self.ahead.pop() else {
                return Ok(None);
            };
            bytes = self.visit(fetch(app, &cid).await?, place)?;
        }
        Ok(Some((bytes, self)))
    }

    /// Notes where a node leads, as far as it is wanted; gives the wanted bytes in the node itself.
    fn visit(&mut self, found: Found, place: Range<u64>) -> Result<Bytes, Refusal> {
        let Found { cid, block } = found;
        let node = decode(&cid, &block).map_err(|cause| super::undecodable(&cause))?;
        let own = place.start..place.start + node.data().len() as u64;
        let mut start = own.end;
        let before = self.ahead.len();
        for (link, size) in node.children() {
            let child = start..start.saturating_add(size);
            start = child.end;
            if overlap(&child, &self.range).is_some() {
                self.ahead.push((link.cid, child));
            }
        }
        self.ahead[before..].reverse();
        let Some(wanted) = overlap(&own, &self.range) else {
            return Ok(Bytes::new());
        };
        // Both ends are within a block.
        let from = (wanted.start - own.start) as usize;
        let to = (wanted.end - own.start) as usize;
        let in_block = node.data().as_ptr() as usize - block.as_ptr() as usize;
        Ok(Bytes::from(block).slice(in_block + from..in_block + to))
    }
}

fn overlap(a: &Range<u64>, b: &Range<u64>) -> Option<Range<u64>> {
    let both = a.start.max(b.start)..a.end.min(b.end);
    (!both.is_empty()).then_some(both)
}
