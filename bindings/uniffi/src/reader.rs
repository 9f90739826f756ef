//! A file with random access.

use std::{
    io::{self, SeekFrom},
    sync::Arc,
};

use tokio::{
    io::{AsyncReadExt, AsyncSeekExt},
    sync::Mutex,
};
use w3pin::{ContentReader, Error, ErrorKind, IpfsPath, Result, Retriever};

use crate::{
    cancel::{CancelToken, OpenRetriever, Stops},
    error::Failure,
    number::count,
};

/// An open file. Dropping it, or cancelling a read, closes its connection.
#[derive(uniffi::Object)]
pub struct NativeReader {
    file: Arc<File>,
    size: u64,
    open: OpenRetriever,
}

struct File {
    retriever: Retriever,
    path: IpfsPath,
    /// `None` after a call was stopped; the next one reopens the file.
    reader: Mutex<Option<ContentReader>>,
}

/// The most bytes to return at once.
const MOST: usize = 1024 * 1024;

impl NativeReader {
    pub(crate) fn new(
        retriever: Retriever,
        path: IpfsPath,
        reader: ContentReader,
        open: OpenRetriever,
    ) -> Arc<Self> {
        let size = reader.size();
        let reader = Mutex::new(Some(reader));
        Arc::new(Self {
            file: Arc::new(File {
                retriever,
                path,
                reader,
            }),
            size,
            open,
        })
    }
}

#[uniffi::export]
impl NativeReader {
    /// The file's path, which other calls read parts of it by.
    pub fn path(&self) -> String {
        self.file.path.to_string()
    }

    /// The file's size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads up to `most` bytes at a position; none at the end.
    pub async fn read(
        &self,
        position: i64,
        most: i64,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Vec<u8>, Failure> {
        let file = Arc::clone(&self.file);
        let read = async move {
            let most = count::<usize>("length", most)?.min(MOST);
            file.read(count("position", position)?, most).await
        };
        Stops::of_retriever(self.open.clone(), cancel)
            .run(read)
            .await
    }
}

impl File {
    async fn read(&self, position: u64, most: usize) -> Result<Vec<u8>> {
        let mut place = self.reader.lock().await;
        let mut reader = match place.take() {
            Some(reader) => reader,
            None => self.retriever.open(&self.path).await?,
        };
        let read = read(&mut reader, position, most).await.map_err(error)?;
        *place = Some(reader);
        Ok(read)
    }
}

async fn read(reader: &mut ContentReader, position: u64, most: usize) -> io::Result<Vec<u8>> {
    reader.seek(SeekFrom::Start(position)).await?;
    let left = reader.size().saturating_sub(position);
    let most = left.min(most as u64);
    let mut bytes = Vec::with_capacity(most as usize);
    reader.take(most).read_buf(&mut bytes).await?;
    Ok(bytes)
}

fn error(error: io::Error) -> Error {
    let reason = error.to_string();
    error
        .downcast()
        .unwrap_or_else(|_| Error::new(ErrorKind::LocalIo, reason))
}
