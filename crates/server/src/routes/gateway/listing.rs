//! The HTML page that lists a folder.

use std::{fmt::Write, io};

use axum::body::Body;
use bytes::Bytes;
use percent_encoding::utf8_percent_encode;
use w3pin_unixfs::decode;

use super::{
    held_block::HeldBlock,
    request::SEGMENT,
    resolve::{Blocks, Found},
    walk::{Extent, Next, Walk},
};
use crate::{
    effort::Effort,
    envelope::Refusal,
    pieces::{self, PIECE},
};

/// The maximum depth of shards: each level takes at least 3 of the 64 bits of a name's hash.
const DEEPEST: usize = 21;
/// The number of blocks to read for one piece of the page, before checking whether the client is
/// still there.
const READS: usize = 256;

/// Streams the page, a few rows at a time. `location` is the folder's path. The first rows are read
/// before this returns, so that the response can report what is wrong with the folder.
pub(super) async fn stream(
    blocks: &Blocks,
    folder: Found,
    location: &str,
) -> Result<Body, Refusal> {
    let location = escape(location);
    let head = format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{location}</title>\n\
         <h1>{location}</h1>\n<ul>\n"
    );
    let Some((first, page)) = Page::new(blocks, folder, head)?.read_on().await? else {
        return Ok(Body::empty());
    };
    Ok(pieces::body_after(first, page, |page| async {
        let read = page.read_on().await;
        read.map_err(|_| io::Error::other("a block can't be read"))
    }))
}

/// The rest of a page.
struct Page {
    blocks: Blocks,
    /// The folder's shards, in order.
    walk: Walk,
    /// The block whose rows are being written.
    held: HeldBlock,
    /// How many of its rows have been written, unless all have.
    written: Option<usize>,
    /// The number of blocks read since the last row.
    without_rows: usize,
    /// The start of the page.
    head: Option<String>,
    is_over: bool,
}

impl Page {
    fn new(blocks: &Blocks, folder: Found, head: String) -> Result<Self, Refusal> {
        let mut walk = Walk::new(&folder, Extent::Entity);
        if let Some(Next::Visit(root)) = walk.next() {
            walk.enter(root, &folder, |_| false)?;
        }
        Ok(Self {
            blocks: blocks.clone(),
            walk,
            held: HeldBlock::new(blocks, folder),
            written: Some(0),
            without_rows: 0,
            head: Some(head),
            is_over: false,
        })
    }

    /// Reads the next part of the page, and returns it with the rest, or `None` at the end.
    async fn read_on(mut self) -> Result<Option<(Bytes, Self)>, Refusal> {
        let Blocks { app, who } = self.blocks.clone();
        let read = app.list(who, move |_, effort| {
            let text = self.next(effort)?;
            Ok(text.map(|text| (text.into(), self)))
        });
        read.await
    }

    fn next(&mut self, effort: &Effort) -> Result<Option<String>, Refusal> {
        if self.is_over {
            return Ok(None);
        }
        let mut text = self.head.take().unwrap_or_default();
        let mut reads = 0;
        while text.len() < PIECE && reads < READS {
            if let Some(written) = self.written {
                self.write_rows(written, &mut text)?;
                continue;
            }
            effort.check();
            reads += 1;
            if !self.read()? {
                self.is_over = true;
                text.push_str("</ul>\n");
                break;
            }
        }
        Ok(Some(text))
    }

    /// Adds rows of the block, after those that were written, until the text is long enough.
    fn write_rows(&mut self, written: usize, text: &mut String) -> Result<(), Refusal> {
        let block = self.held.read()?;
        let node = decode(self.held.cid(), &block).map_err(|cause| super::undecodable(&cause))?;
        self.written = None;
        for (number, entry) in node.entries().enumerate().skip(written) {
            if text.len() >= PIECE {
                self.written = Some(number);
                break;
            }
            let (name, segment) = (escape(entry.name), utf8_percent_encode(entry.name, SEGMENT));
            let _ = writeln!(text, "<li><a href=\"./{segment}\">{name}</a>");
            self.without_rows = 0;
        }
        Ok(())
    }

    /// Reads the next block, if there is one.
    fn read(&mut self) -> Result<bool, Refusal> {
        match self.walk.next() {
            None => return Ok(false),
            Some(Next::Read(cid)) => {
                let found = self.blocks.read(&cid)?;
                self.walk.look_ahead(&found, |_| false)?;
            }
            Some(Next::Visit(link)) => {
                // In a valid folder every shard leads to an entry. Without this check invalid ones
                // could be read endlessly.
                self.without_rows += 1;
                if link.depth > DEEPEST || self.without_rows > DEEPEST {
                    let message = "this folder's shards are nested too deeply, or are empty";
                    return Err(Refusal::bad_request(message));
                }
                let found = self.blocks.read(&link.cid)?;
                self.walk.enter(link, &found, |_| false)?;
                self.held.replace(found);
                self.written = Some(0);
            }
        }
        Ok(true)
    }
}

/// Escapes text for HTML, between tags and in quotes.
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

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        convert::Infallible,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use futures_util::future::BoxFuture;
    use http_body_util::BodyExt;
    use redb::WriteTransaction;
    use w3pin_unixfs::{Block, BlockSink, Cid, FileBuilder, Profile, TreeBuilder};

    use super::{Found, stream};
    use crate::{
        app::App,
        config::ServerConfig,
        content_key::ContentKey,
        engine::{Engine, Form, Intake},
        error::StoreError,
        memory::MemoryPlan,
        party::{Network, Party},
        records::PinRecord,
        routes::gateway::resolve::Blocks,
        store::Store,
    };

    /// Blocks in memory that count reads.
    #[derive(Debug, Default)]
    struct Counted {
        blocks: HashMap<Cid, Vec<u8>>,
        reads: Arc<AtomicUsize>,
    }

    impl BlockSink for Counted {
        type Error = Infallible;

        fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
            self.blocks.insert(block.cid, block.to_vec());
            Ok(())
        }
    }

    impl Engine for Counted {
        fn intake(&self, _: Form) -> Result<Intake, StoreError> {
            Err(StoreError::Full)
        }

        fn pin(
            &self,
            _: &WriteTransaction,
            _: &mut PinRecord,
            _: &ContentKey,
        ) -> Result<(), StoreError> {
            Err(StoreError::Full)
        }

        fn unpin(
            &self,
            _: &WriteTransaction,
            _: &PinRecord,
            _: &ContentKey,
        ) -> Result<(), StoreError> {
            Err(StoreError::NotFound)
        }

        fn wake(&self) {}

        fn block(&self, cid: Cid) -> BoxFuture<'_, Result<Option<Vec<u8>>, StoreError>> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { Ok(self.blocks.get(&cid).cloned()) })
        }

        fn free_bytes(&self) -> Option<u64> {
            None
        }
    }

    #[tokio::test]
    async fn a_list_reads_each_shard_about_once() {
        const FILES: usize = 50_000;

        let profile = Profile::default();
        let mut counted = Counted::default();
        let (file, _) = FileBuilder::new(&profile).finish().unwrap();
        let mut tree = TreeBuilder::new(&profile);
        for number in 0..FILES {
            tree.add_file(&number.to_string(), file).unwrap();
        }
        let root = tree.finish(&mut counted).unwrap().cid;
        let folder = Found {
            cid: root,
            block: counted.blocks[&root].clone(),
        };
        let shards = counted.blocks.len();
        assert!(shards > 10_000, "{shards}");

        let place = tempfile::tempdir().unwrap();
        let config = ServerConfig::new(place.path());
        let reads = Arc::clone(&counted.reads);
        let mut store = Store::open(&config).unwrap();
        store.engine = Box::new(counted);
        let memory = MemoryPlan::new(&config.limits, profile.chunk_size(), false);
        let app = App::new(store, Vec::new(), &config, &memory, config.listen);
        let blocks = Blocks {
            app: Arc::new(app),
            who: Party::stranger(Network::of(config.listen.ip())),
        };

        let mut page = stream(&blocks, folder, "/").await.unwrap();
        let mut rows = 0;
        // Each piece is dropped before the next one is requested, as a connection does.
        while let Some(piece) = page.frame().await {
            let piece = piece.unwrap().into_data().unwrap();
            rows += memchr::memmem::find_iter(&piece, "<li>").count();
        }
        assert_eq!(rows, FILES);
        let reads = reads.load(Ordering::Relaxed);
        assert!(
            reads < shards + shards / 20,
            "{reads} reads of {shards} shards"
        );
    }
}
