//! The retriever behind both languages' retrievers.

use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream::BoxStream};
use tokio::sync::{Mutex, watch};
use w3pin::{IpfsPath, Result};

use crate::{
    cancel::{CancelToken, Open, OpenRetriever, Stops},
    error::Failure,
    reader::NativeReader,
    retrieved::{EntryRecord, FetchSettings, FetchedRecord, NodeRecord, ReadSettings},
    settings::ClientSettings,
};

type Cancel = Option<Arc<CancelToken>>;

/// Reads content back with proof; any number of calls from any thread.
#[derive(uniffi::Object)]
pub struct NativeRetriever {
    retriever: watch::Sender<Option<w3pin::Retriever>>,
    client: Option<Open>,
}

impl NativeRetriever {
    /// Creates a retriever that uses a client, and is closed with it, or an independent one.
    pub(crate) fn over(retriever: w3pin::Retriever, client: Option<Open>) -> Arc<Self> {
        Arc::new(Self {
            retriever: watch::Sender::new(Some(retriever)),
            client,
        })
    }

    fn open_retriever(&self) -> Result<w3pin::Retriever, Failure> {
        let client = self.client.as_ref();
        if client.is_some_and(|client| client.borrow().is_none()) {
            return Err(Failure::Closed);
        }
        let retriever = self.retriever.borrow().clone();
        retriever.ok_or(Failure::RetrieverClosed)
    }

    fn while_open(&self) -> OpenRetriever {
        OpenRetriever {
            retriever: self.retriever.subscribe(),
            client: self.client.clone(),
        }
    }

    /// Makes a call with a path, and runs it until it ends or is stopped.
    async fn run<T, C>(
        &self,
        token: Cancel,
        path: String,
        call: impl FnOnce(w3pin::Retriever, IpfsPath) -> C + Send + 'static,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        C: Future<Output = Result<T>> + Send + 'static,
    {
        let retriever = self.open_retriever()?;
        let stops = Stops::of_retriever(self.while_open(), token);
        stops
            .run(async move { call(retriever, path.parse()?).await })
            .await
    }
}

#[uniffi::export]
impl NativeRetriever {
    /// Creates a retriever with these settings, which need no keys. Nothing is sent.
    #[uniffi::constructor]
    pub fn new(settings: ClientSettings) -> Result<Arc<Self>, Failure> {
        Ok(Self::over(settings.builder()?.retriever()?, None))
    }

    /// Stops every call in progress, and rejects later ones.
    pub fn shutdown(&self) {
        self.retriever.send_replace(None);
    }

    /// Resolves a path to a file, a folder or a symbolic link.
    pub async fn resolve(&self, path: String, cancel: Cancel) -> Result<NodeRecord, Failure> {
        let resolve = |retriever: w3pin::Retriever, path| async move {
            let node = retriever.resolve(&path).await?;
            Ok(node.into())
        };
        self.run(cancel, path, resolve).await
    }

    /// Reads a file into memory.
    pub async fn read(
        &self,
        path: String,
        settings: ReadSettings,
        cancel: Cancel,
    ) -> Result<Vec<u8>, Failure> {
        let read = |retriever: w3pin::Retriever, path| async move {
            let bytes = retriever.read(&path, settings.into_memory()?).await?;
            Ok(bytes.into())
        };
        self.run(cancel, path, read).await
    }

    /// Streams a file.
    pub fn stream(
        &self,
        path: String,
        settings: ReadSettings,
    ) -> Result<Arc<ContentCursor>, Failure> {
        let (retriever, path): (_, IpfsPath) = (self.open_retriever()?, path.parse()?);
        let pieces = retriever.stream(&path, settings.try_into()?);
        let pieces = pieces.map(|piece| Ok(piece?.into()));
        Ok(Arc::new(ContentCursor(Cursor::new(
            pieces,
            self.while_open(),
        ))))
    }

    /// Opens a file.
    pub async fn open(&self, path: String, cancel: Cancel) -> Result<Arc<NativeReader>, Failure> {
        let open = |retriever: w3pin::Retriever, path| async move {
            let reader = retriever.open(&path).await?;
            Ok((retriever, path, reader))
        };
        let (retriever, path, reader) = self.run(cancel, path, open).await?;
        Ok(NativeReader::new(
            retriever,
            path,
            reader,
            self.while_open(),
        ))
    }

    /// Lists the entries of a folder.
    pub fn list(&self, path: String) -> Result<Arc<EntryCursor>, Failure> {
        let (retriever, path): (_, IpfsPath) = (self.open_retriever()?, path.parse()?);
        let entries = retriever.list(&path).map(|entry| Ok(entry?.into()));
        Ok(Arc::new(EntryCursor(Cursor::new(
            entries,
            self.while_open(),
        ))))
    }

    /// Writes a file or folder to disk.
    pub async fn fetch(
        &self,
        path: String,
        destination: String,
        settings: FetchSettings,
        cancel: Cancel,
    ) -> Result<FetchedRecord, Failure> {
        let fetch = |retriever: w3pin::Retriever, path| async move {
            let options = settings.try_into()?;
            let fetched = retriever.fetch(&path, destination, options).await?;
            Ok(fetched.into())
        };
        self.run(cancel, path, fetch).await
    }
}

/// Returns the pieces of a file. Dropping it, or cancelling a read, closes its connection.
#[derive(uniffi::Object)]
pub struct ContentCursor(Cursor<Vec<u8>>);

#[uniffi::export]
impl ContentCursor {
    /// Returns the next piece, or `None` after the last.
    pub async fn next(&self, cancel: Cancel) -> Result<Option<Vec<u8>>, Failure> {
        self.0.next(cancel).await
    }
}

/// Returns the entries of a folder. Dropping it, or cancelling a read, closes its connections.
#[derive(uniffi::Object)]
pub struct EntryCursor(Cursor<EntryRecord>);

#[uniffi::export]
impl EntryCursor {
    /// Returns the next entry, or `None` after the last.
    pub async fn next(&self, cancel: Cancel) -> Result<Option<EntryRecord>, Failure> {
        self.0.next(cancel).await
    }
}

/// A stream that is read from the other side, since streams can't cross.
struct Cursor<T> {
    reading: Arc<Mutex<Reading<T>>>,
    open: OpenRetriever,
}

enum Reading<T> {
    Items(BoxStream<'static, Result<T>>),
    AtItsEnd,
    /// A stopped or failed stream must not look complete.
    Broken,
}

impl<T: Send + 'static> Cursor<T> {
    fn new(items: impl Stream<Item = Result<T>> + Send + 'static, open: OpenRetriever) -> Self {
        Self {
            reading: Arc::new(Mutex::new(Reading::Items(items.boxed()))),
            open,
        }
    }

    async fn next(&self, cancel: Cancel) -> Result<Option<T>, Failure> {
        let reading = Arc::clone(&self.reading);
        let next = async move {
            let mut reading = reading.lock().await;
            // Stopping this drops the stream, and with it its connection.
            match std::mem::replace(&mut *reading, Reading::Broken) {
                Reading::Items(mut items) => match items.next().await.transpose()? {
                    Some(item) => {
                        *reading = Reading::Items(items);
                        Ok(Some(item))
                    }
                    None => {
                        *reading = Reading::AtItsEnd;
                        Ok(None)
                    }
                },
                Reading::AtItsEnd => {
                    *reading = Reading::AtItsEnd;
                    Ok(None)
                }
                Reading::Broken => Err(w3pin::Error::new(
                    w3pin::ErrorKind::Transport,
                    "the stream was stopped or has failed, so it can't continue",
                )),
            }
        };
        Stops::of_retriever(self.open.clone(), cancel)
            .run(next)
            .await
    }
}
