//! `w3pin cat CID[/PATH]…`

use std::io::{self, Write};

use w3pin::{ContentStream, Error, IpfsPath, ReadOptions, Result, Retriever};

use super::blocking;
use crate::{
    args::{ByteRange, Cat, Global},
    failure::Failure,
    output::Output,
    session::Source,
};

pub(crate) async fn run(
    args: &Cat,
    global: &Global,
    output: &Output,
) -> std::result::Result<(), Failure> {
    refuse_json(output)?;
    let source = Source::open(args.from.parse()?, global, output).await?;
    let result = print_all(args, &source.retriever, output).await;
    result.and(source.close().await)
}

/// Rejects `--json`, since content can't be mixed with documents.
pub(super) fn refuse_json(output: &Output) -> Result<()> {
    if output.is_json() {
        let reason = "content is printed unchanged, not as JSON; leave out --json";
        return Err(Error::invalid_input("json", reason));
    }
    Ok(())
}

/// Prints files one after the other. Stops at the first failure, so that the output has no gap.
async fn print_all(
    args: &Cat,
    retriever: &Retriever,
    output: &Output,
) -> std::result::Result<(), Failure> {
    for path in &args.content {
        let stream = stream(path, args.range, retriever).await;
        let stream = stream.map_err(|error| Failure::reading(error, path))?;
        if copy(stream, path, output, |_| {}).await? == Reader::Gone {
            break;
        }
    }
    Ok(())
}

async fn stream(
    path: &IpfsPath,
    range: Option<ByteRange>,
    retriever: &Retriever,
) -> Result<ContentStream> {
    let all = ReadOptions::new();
    let part = match range {
        None => all,
        Some(ByteRange::From(first, None)) => all.start(first),
        Some(ByteRange::From(first, Some(last))) => all.start(first).end(last.saturating_add(1)),
        Some(ByteRange::Last(count)) => {
            let size = retriever.resolve(path).await?.size;
            all.start(size.unwrap_or_default().saturating_sub(count))
        }
    };
    Ok(retriever.stream(path, part))
}

/// Whether the output is still read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    There,
    /// The reader has closed it, as `head` does, which isn't a failure.
    Gone,
}

/// Prints content as it arrives, and reports how many bytes were printed each time.
pub(super) async fn copy(
    mut stream: ContentStream,
    path: &IpfsPath,
    output: &Output,
    mut printed: impl FnMut(u64),
) -> std::result::Result<Reader, Failure> {
    let mut next = stream.next().await;
    while let Some(piece) = next {
        let piece = piece.map_err(|error| Failure::reading(error, path))?;
        let length = piece.len() as u64;
        // The next piece is read while one is written, but not awaited if the reader is gone.
        let writing = async {
            match blocking(move || print(&piece)).await {
                Ok(written) => written,
                Err(_) => Err(io::Error::other("the write failed")),
            }
        };
        let reading = async { Ok(stream.next().await) };
        match tokio::try_join!(writing, reading) {
            Ok(((), following)) => next = following,
            Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => return Ok(Reader::Gone),
            Err(cause) => {
                output.fail(cause);
                return Err(Failure::CutOff);
            }
        }
        printed(length);
    }
    Ok(Reader::There)
}

/// Prints any bytes, even to a terminal, as `cat` does.
fn print(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
