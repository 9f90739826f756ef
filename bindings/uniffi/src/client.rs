//! The client behind both languages' clients.

use std::sync::Arc;

use serde_json::value::RawValue;
use tokio::sync::watch;
use w3pin::{Content, Error, Result};

use crate::{
    batch::{BatchCursor, Outcome},
    cancel::{CancelToken, Stops},
    content::{Item, LocalContent},
    error::Failure,
    number::count,
    options::{
        ListSettings, PinByCidSettings, SyncSettings, UploadSettings, VerifySettings, WaitSettings,
        batch,
    },
    pin::{PageRecord, PinRecord},
    pins::PinCursor,
    prepared::{PreparedRecord, read},
    results::{ProofRecord, SyncedRecord},
    retriever::NativeRetriever,
    settings::ClientSettings,
    stream::BytePipe,
};

type Cancel = Option<Arc<CancelToken>>;

/// A client of a pinning service, for any number of calls from any thread.
#[derive(uniffi::Object)]
pub struct NativeClient(watch::Sender<Option<w3pin::Client>>);

impl NativeClient {
    fn open(&self) -> Result<w3pin::Client, Failure> {
        self.0.borrow().clone().ok_or(Failure::Closed)
    }

    /// Makes a call, and runs it until it ends or is stopped.
    async fn run<T, C>(
        &self,
        token: Cancel,
        call: impl FnOnce(w3pin::Client) -> C,
    ) -> Result<T, Failure>
    where
        T: Send + 'static,
        C: Future<Output = Result<T>> + Send + 'static,
    {
        let stops = Stops::of(self.0.subscribe(), token);
        stops.run(call(self.open()?)).await
    }
}

#[uniffi::export]
impl NativeClient {
    /// Creates a client with these settings. Nothing is sent.
    #[uniffi::constructor]
    pub fn new(settings: ClientSettings) -> Result<Arc<Self>, Failure> {
        let client = settings.builder()?.build()?;
        Ok(Arc::new(Self(watch::Sender::new(Some(client)))))
    }

    /// Stops every call in progress, and rejects later ones.
    pub fn shutdown(&self) {
        self.0.send_replace(None);
    }

    /// Returns a retriever that uses this client's gateways and connections, until it or the client
    /// is closed.
    pub fn retriever(&self) -> Result<Arc<NativeRetriever>, Failure> {
        let retriever = self.open()?.retriever();
        Ok(NativeRetriever::over(retriever, Some(self.0.subscribe())))
    }

    /// Returns the endpoint.
    pub fn endpoint(&self) -> Result<String, Failure> {
        Ok(self.open()?.endpoint().to_string())
    }

    /// Pins a file.
    pub async fn pin_file(
        &self,
        path: String,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let pin =
            |client: w3pin::Client| async move { client.pin_file(path, options.try_into()?).await };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Pins the content of a CAR.
    pub async fn pin_car(
        &self,
        path: String,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let pin =
            |client: w3pin::Client| async move { client.pin_car(path, options.try_into()?).await };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Pins a folder.
    pub async fn pin_folder(
        &self,
        folder: LocalContent,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let pin = |client: w3pin::Client| async move {
            client.pin_folder(folder, options.try_into()?).await
        };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Keeps a folder pinned under a name.
    pub async fn sync_folder(
        &self,
        folder: LocalContent,
        name: String,
        options: SyncSettings,
        cancel: Cancel,
    ) -> Result<SyncedRecord, Failure> {
        let sync = |client: w3pin::Client| async move {
            client.sync_folder(folder, name, options.try_into()?).await
        };
        Ok(self.run(cancel, sync).await?.into())
    }

    /// Pins a file or a folder.
    pub async fn pin_path(
        &self,
        path: String,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let pin =
            |client: w3pin::Client| async move { client.pin_path(path, options.try_into()?).await };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Pins bytes.
    pub async fn pin_bytes(
        &self,
        bytes: Vec<u8>,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let pin = |client: w3pin::Client| async move {
            client.pin_bytes(bytes, options.try_into()?).await
        };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Pins a JSON document.
    pub async fn pin_json(
        &self,
        value: String,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let pin = |client: w3pin::Client| async move {
            let value = RawValue::from_string(value).map_err(|cause| {
                Error::invalid_input("value", format!("the value isn't JSON: {cause}"))
            })?;
            client.pin_json(&value, options.try_into()?).await
        };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Pins the content of a stream.
    pub async fn pin_stream(
        &self,
        stream: Arc<BytePipe>,
        length: Option<i64>,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let stream = stream.stream();
        let pin = |client: w3pin::Client| async move {
            let stream = match length {
                Some(length) => stream.length(count("length", length)?),
                None => stream,
            };
            client.pin_stream(stream, options.try_into()?).await
        };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Pins the content with this CID.
    pub async fn pin_by_cid(
        &self,
        cid: String,
        options: PinByCidSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let pin = |client: w3pin::Client| async move {
            client.pin_by_cid(&cid.parse()?, options.try_into()?).await
        };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Returns the pin with this ID.
    pub async fn get_pin(&self, id: String, cancel: Cancel) -> Result<PinRecord, Failure> {
        let pin = |client: w3pin::Client| async move { client.get_pin(&id.parse()?).await };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Returns one page of the account's pins.
    pub async fn list_pins(
        &self,
        list: ListSettings,
        cancel: Cancel,
    ) -> Result<PageRecord, Failure> {
        let page = |client: w3pin::Client| async move { client.list_pins(&list.try_into()?).await };
        Ok(self.run(cancel, page).await?.into())
    }

    /// Returns all of the account's pins, page by page.
    pub fn pins(&self, list: ListSettings) -> Result<Arc<PinCursor>, Failure> {
        let pins = self.open()?.pins(list.try_into()?);
        Ok(PinCursor::new(pins, self.0.subscribe()))
    }

    /// Removes a pin.
    pub async fn unpin(&self, id: String, cancel: Cancel) -> Result<(), Failure> {
        let unpin = |client: w3pin::Client| async move { client.unpin(&id.parse()?).await };
        self.run(cancel, unpin).await
    }

    /// Checks a pin until it is pinned.
    pub async fn wait_until_pinned(
        &self,
        id: String,
        policy: WaitSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let pin = |client: w3pin::Client| async move {
            let policy = policy.try_into()?;
            client.wait_until_pinned(&id.parse()?, policy).await
        };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Checks the credentials.
    pub async fn check_credentials(&self, cancel: Cancel) -> Result<(), Failure> {
        let check = |client: w3pin::Client| async move { client.check_credentials().await };
        self.run(cancel, check).await
    }

    /// Pins many files and folders, and returns the results in their order.
    pub async fn pin_files(
        &self,
        items: Vec<Item>,
        concurrency: Option<i64>,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<Vec<Outcome>, Failure> {
        let pins = |client: w3pin::Client| async move {
            let options = batch(concurrency, options.try_into()?)?;
            Ok(client.pin_files(items, options).await)
        };
        Ok(outcomes(self.run(cancel, pins).await?))
    }

    /// Pins many files and folders, and yields each result as soon as it is available.
    pub fn pin_files_as_completed(
        &self,
        items: Vec<Item>,
        concurrency: Option<i64>,
        options: UploadSettings,
    ) -> Result<Arc<BatchCursor>, Failure> {
        let options = batch(concurrency, options.try_into()?)?;
        let pins = self.open()?.pin_files_as_completed(items, options);
        Ok(BatchCursor::new(pins, self.0.subscribe()))
    }

    /// Pins many CIDs, and returns the results in their order.
    pub async fn pin_cids(
        &self,
        items: Vec<Item>,
        concurrency: Option<i64>,
        options: PinByCidSettings,
        cancel: Cancel,
    ) -> Result<Vec<Outcome>, Failure> {
        let pins = |client: w3pin::Client| async move {
            let options = batch(concurrency, options.try_into()?)?;
            Ok(client.pin_cids(items, options).await)
        };
        Ok(outcomes(self.run(cancel, pins).await?))
    }

    /// Pins many CIDs and yields each result as soon as it is available.
    pub fn pin_cids_as_completed(
        &self,
        items: Vec<Item>,
        concurrency: Option<i64>,
        options: PinByCidSettings,
    ) -> Result<Arc<BatchCursor>, Failure> {
        let options = batch(concurrency, options.try_into()?)?;
        let pins = self.open()?.pin_cids_as_completed(items, options);
        Ok(BatchCursor::new(pins, self.0.subscribe()))
    }

    /// Removes many pins, and returns the results in their order.
    pub async fn unpin_many(
        &self,
        items: Vec<Item>,
        concurrency: Option<i64>,
        cancel: Cancel,
    ) -> Result<Vec<Outcome>, Failure> {
        let unpins = |client: w3pin::Client| async move {
            Ok(client.unpin_many(items, batch(concurrency, ())?).await)
        };
        Ok(outcomes(self.run(cancel, unpins).await?))
    }

    /// Removes many pins, and yields each result as soon as it is available.
    pub fn unpin_many_as_completed(
        &self,
        items: Vec<Item>,
        concurrency: Option<i64>,
    ) -> Result<Arc<BatchCursor>, Failure> {
        let options = batch(concurrency, ())?;
        let unpins = self.open()?.unpin_many_as_completed(items, options);
        Ok(BatchCursor::new(unpins, self.0.subscribe()))
    }

    /// Prepares an upload that another HTTP stack sends.
    pub async fn prepare_upload(
        &self,
        content: LocalContent,
        body: String,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PreparedRecord, Failure> {
        let prepare = |client: w3pin::Client| async move {
            let options = options.try_into()?;
            let upload = client.prepare_upload(content, body, options).await?;
            PreparedRecord::try_from(upload)
        };
        self.run(cancel, prepare).await
    }

    /// Checks the response to a prepared upload and returns the pin.
    pub async fn finish_upload(
        &self,
        kept: String,
        status: i64,
        response: Vec<u8>,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let pin = |client: w3pin::Client| async move {
            let status = count("status", status)?;
            client.finish_upload(&read(&kept)?, status, response).await
        };
        Ok(self.run(cancel, pin).await?.into())
    }

    /// Proves that the content under a CID is this content.
    pub async fn verify(
        &self,
        content: LocalContent,
        cid: String,
        settings: VerifySettings,
        cancel: Cancel,
    ) -> Result<ProofRecord, Failure> {
        let proof = |client: w3pin::Client| async move {
            let options = settings.try_into()?;
            client
                .verify(Content::from(content), &cid.parse()?, options)
                .await
        };
        Ok(self.run(cancel, proof).await?.into())
    }
}

fn outcomes<T>(results: Vec<Result<T>>) -> Vec<Outcome>
where
    Outcome: From<Result<T>>,
{
    results.into_iter().map(Outcome::from).collect()
}
