//! Fetches a single file to disk.

use std::{iter, ops::Range, path::PathBuf, sync::Arc};

use futures_util::{StreamExt, TryStreamExt, stream};
use w3pin_core::{Cid, Error, ErrorKind, IpfsPath, ReadOptions, Result, stripes};

use super::{Fetch, disk, part_file::PartFile, part_writer::PartWriter};
use crate::{
    blocking::blocking,
    driver::{Advance, Hands},
    retrieve::LocalFile,
};

impl Fetch {
    /// Completes a file, whatever part of it exists already.
    pub(super) async fn file(
        self: &Arc<Self>,
        cid: Cid,
        size: Option<u64>,
        target: PathBuf,
    ) -> Result<()> {
        let place = target.clone();
        if let Some(there) = blocking(move || disk::existing_file(&place)).await? {
            let length = there.metadata().map_or(u64::MAX, |metadata| metadata.len());
            let (holes, size) = self.holes(&cid, length, LocalFile::new(there)).await?;
            if holes.is_empty() && size == Some(length) {
                self.meter.promise(length)?;
                self.meter.found(length);
                self.meter.file();
                return Ok(());
            }
            if !self.options.overwrite {
                let reason = "a file with other content exists and isn't overwritten";
                return Err(Error::new(ErrorKind::LocalIo, reason)
                    .with_field("overwrite")
                    .with_path(target.display().to_string()));
            }
        }
        let (place, known) = (target.clone(), cid.clone());
        let (part, there) = blocking(move || {
            let part = PartFile::open(place, &known)?;
            let there = part.length()?;
            Ok((part, there))
        })
        .await?;
        let (missing, size): (Vec<_>, _) = if there == 0 {
            (iter::once(0..u64::MAX).collect(), size)
        } else {
            let local = LocalFile::new(part.reader()?);
            let (holes, size) = self.holes(&cid, there, local).await?;
            let missing: u64 = holes.iter().map(|hole| hole.end - hole.start).sum();
            self.meter
                .found(size.unwrap_or_default().saturating_sub(missing));
            (holes, size)
        };
        // A file of unknown size is a single block, for which one gateway is enough.
        let usable = match size {
            Some(size) => {
                self.meter.promise(size)?;
                self.retriever.retrieval.usable_gateways()
            }
            None => 1,
        };
        let parts = missing.into_iter().flat_map(|hole| {
            let end = hole.end.min(size.unwrap_or(u64::MAX));
            stripes(hole.start..end, usable)
        });
        let read = stream::iter(parts.map(|range| {
            // The last part has no end, so that a whole file is requested as a whole.
            let end = Some(range.end).filter(|end| Some(*end) != size && *end < u64::MAX);
            self.range(&cid, range.start, end, &part)
        }));
        let sizes: Vec<u64> = read
            .buffer_unordered(self.options.concurrency)
            .try_collect()
            .await?;
        let size = match (size, sizes.first()) {
            (Some(size), _) => size,
            (None, Some(&size)) => {
                self.meter.promise(size)?;
                size
            }
            (None, None) => part.length()?,
        };
        let replace = self.options.overwrite;
        blocking(move || part.finish(size, replace)).await?;
        self.meter.file();
        Ok(())
    }

    /// Returns the missing parts of the file, and its size if known.
    async fn holes(
        &self,
        cid: &Cid,
        length: u64,
        local: LocalFile,
    ) -> Result<(Vec<Range<u64>>, Option<u64>)> {
        let mut call = self.retriever.retrieval.holes(cid.clone(), length);
        let mut hands = Hands {
            local: Some(local),
            ..Hands::default()
        };
        let mut holes = Vec::new();
        loop {
            match self.retriever.driver.advance(&mut call, &mut hands).await {
                Advance::Item(hole) => holes.push(hole),
                Advance::Done(size) => return Ok((holes, size?)),
            }
        }
    }

    /// Fetches a part of the file. Returns the file's size.
    async fn range(&self, cid: &Cid, start: u64, end: Option<u64>, part: &PartFile) -> Result<u64> {
        let path = IpfsPath::new(cid.clone());
        let mut options = ReadOptions::new()
            .start(start)
            .most_bytes(self.options.most_bytes);
        options.end = end;
        let mut call = self.retriever.retrieval.content(path, options);
        let mut hands = Hands::default();
        let mut writer = PartWriter::new(part.clone());
        loop {
            match self.retriever.driver.advance(&mut call, &mut hands).await {
                Advance::Item(piece) => {
                    let written = writer.take(piece).await?;
                    self.meter.wrote(written);
                }
                Advance::Done(node) => {
                    // Data from before a failure is kept for the next attempt.
                    let written = writer.end().await?;
                    self.meter.wrote(written);
                    return Ok(node?.size.unwrap_or_default());
                }
            }
        }
    }
}
