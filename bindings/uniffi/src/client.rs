//! The client that both languages' clients stand on.

use std::sync::Arc;

use serde_json::value::RawValue;
use tokio::sync::watch;
use w3pin::{Cid, Error, ManyOptions, PinId, Result};

use crate::{
    cancel::{CancelToken, Stops},
    error::Failure,
    options::{
        ClientSettings, ListSettings, LocalSettings, PinByCidSettings, UploadSettings, WaitSettings,
    },
    pin::{Outcome, PageRecord, PinRecord},
    pins::PinCursor,
    proof::ProofRecord,
    source::{ByteSource, byte_stream},
};

type Cancel = Option<Arc<CancelToken>>;

/// A client of a pinning service, for any number of calls from any thread.
#[derive(uniffi::Object)]
pub struct NativeClient(watch::Sender<Option<w3pin::Client>>);

impl NativeClient {
    fn open(&self) -> Result<w3pin::Client, Failure> {
        self.0.borrow().clone().ok_or(Failure::Closed)
    }

    fn begin(&self, token: Cancel) -> Result<(w3pin::Client, Stops), Failure> {
        let client = Some(self.0.subscribe());
        Ok((self.open()?, Stops { token, client }))
    }
}

#[uniffi::export]
impl NativeClient {
    /// A client with these settings. Nothing is sent.
    #[uniffi::constructor]
    pub fn new(settings: ClientSettings) -> Result<Arc<Self>, Failure> {
        let client = settings.builder()?.build()?;
        Ok(Arc::new(Self(watch::Sender::new(Some(client)))))
    }

    /// Stops every call that is under way, and refuses later ones.
    pub fn shutdown(&self) {
        self.0.send_replace(None);
    }

    /// Where the service is.
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
        let (client, stops) = self.begin(cancel)?;
        let pin = async move { client.pin_file(path, options.try_into()?).await };
        Ok(stops.run(pin).await?.into())
    }

    /// Pins a folder.
    pub async fn pin_folder(
        &self,
        path: String,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let pin = async move { client.pin_folder(path, options.try_into()?).await };
        Ok(stops.run(pin).await?.into())
    }

    /// Pins a file or a folder.
    pub async fn pin_path(
        &self,
        path: String,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let pin = async move { client.pin_path(path, options.try_into()?).await };
        Ok(stops.run(pin).await?.into())
    }

    /// Pins bytes as a file.
    pub async fn pin_bytes(
        &self,
        bytes: Vec<u8>,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let pin = async move { client.pin_bytes(bytes, options.try_into()?).await };
        Ok(stops.run(pin).await?.into())
    }

    /// Pins a document that is JSON already.
    pub async fn pin_json(
        &self,
        json: String,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let pin = async move {
            let json = RawValue::from_string(json).map_err(|cause| {
                Error::invalid_input("json", format!("this isn't JSON: {cause}"))
            })?;
            client.pin_json(&json, options.try_into()?).await
        };
        Ok(stops.run(pin).await?.into())
    }

    /// Pins what a source gives. It is read once, so a try that has begun isn't repeated.
    pub async fn pin_stream(
        &self,
        source: Arc<dyn ByteSource>,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let stream = byte_stream(source);
        let pin = async move { client.pin_stream(stream, options.try_into()?).await };
        Ok(stops.run(pin).await?.into())
    }

    /// Pins what has this CID.
    pub async fn pin_by_cid(
        &self,
        cid: String,
        options: PinByCidSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let pin = async move { client.pin_by_cid(&cid.parse()?, options.into()).await };
        Ok(stops.run(pin).await?.into())
    }

    /// The pin with this id.
    pub async fn get_pin(&self, id: String, cancel: Cancel) -> Result<PinRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let pin = async move { client.get_pin(&id.parse()?).await };
        Ok(stops.run(pin).await?.into())
    }

    /// One page of the account's pins.
    pub async fn list_pins(
        &self,
        list: ListSettings,
        cancel: Cancel,
    ) -> Result<PageRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let page = async move { client.list_pins(&list.try_into()?).await };
        Ok(stops.run(page).await?.into())
    }

    /// All of the account's pins, page by page.
    pub fn pins(&self, list: ListSettings) -> Result<Arc<PinCursor>, Failure> {
        let pins = self.open()?.pins(list.try_into()?);
        Ok(PinCursor::new(pins, self.0.subscribe()))
    }

    /// Removes a pin.
    pub async fn unpin(&self, id: String, cancel: Cancel) -> Result<(), Failure> {
        let (client, stops) = self.begin(cancel)?;
        stops
            .run(async move { client.unpin(&id.parse()?).await })
            .await
    }

    /// Looks at a pin until it is pinned.
    pub async fn wait_until_pinned(
        &self,
        id: String,
        policy: WaitSettings,
        cancel: Cancel,
    ) -> Result<PinRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let pin = async move { client.wait_until_pinned(&id.parse()?, policy.into()).await };
        Ok(stops.run(pin).await?.into())
    }

    /// Whether the service knows the keys.
    pub async fn check_credentials(&self, cancel: Cancel) -> Result<(), Failure> {
        let (client, stops) = self.begin(cancel)?;
        stops
            .run(async move { client.check_credentials().await })
            .await
    }

    /// Pins many files and folders, answered in their order.
    pub async fn pin_files(
        &self,
        paths: Vec<String>,
        concurrency: Option<u32>,
        options: UploadSettings,
        cancel: Cancel,
    ) -> Result<Vec<Outcome>, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let pins = async move {
            let many = at_once(concurrency).pin(options.try_into()?);
            Ok(client.pin_files(paths, many).await)
        };
        let pins = stops.run(pins).await?;
        Ok(pins.into_iter().map(Outcome::from).collect())
    }

    /// Pins many CIDs, answered in their order.
    pub async fn pin_cids(
        &self,
        cids: Vec<String>,
        concurrency: Option<u32>,
        options: PinByCidSettings,
        cancel: Cancel,
    ) -> Result<Vec<Outcome>, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let pins = async move {
            let cids: Result<Vec<Cid>> = cids.iter().map(|cid| cid.parse()).collect();
            let many = at_once(concurrency).pin(options.into());
            Ok(client.pin_cids(cids?, many).await)
        };
        let pins = stops.run(pins).await?;
        Ok(pins.into_iter().map(Outcome::from).collect())
    }

    /// Removes many pins, answered in their order.
    pub async fn unpin_many(
        &self,
        ids: Vec<String>,
        concurrency: Option<u32>,
        cancel: Cancel,
    ) -> Result<Vec<Outcome>, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let unpins = async move {
            let ids: Result<Vec<PinId>> = ids.iter().map(|id| id.parse()).collect();
            Ok(client
                .unpin_many(ids?, at_once::<()>(concurrency).concurrency)
                .await)
        };
        let unpins = stops.run(unpins).await?;
        Ok(unpins.into_iter().map(Outcome::from).collect())
    }

    /// Proves that a DAG is the content at a path.
    pub async fn verify_path(
        &self,
        path: String,
        cid: String,
        options: LocalSettings,
        cancel: Cancel,
    ) -> Result<ProofRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let proof = async move {
            let path = std::path::PathBuf::from(path);
            client
                .verify(path, &cid.parse()?, options.try_into()?)
                .await
        };
        Ok(stops.run(proof).await?.into())
    }

    /// Proves that a DAG is these bytes.
    pub async fn verify_bytes(
        &self,
        bytes: Vec<u8>,
        cid: String,
        options: LocalSettings,
        cancel: Cancel,
    ) -> Result<ProofRecord, Failure> {
        let (client, stops) = self.begin(cancel)?;
        let proof = async move {
            let bytes = w3pin::Content::Bytes(bytes.into());
            client
                .verify(bytes, &cid.parse()?, options.try_into()?)
                .await
        };
        Ok(stops.run(proof).await?.into())
    }
}

/// How many of many are under way at any moment.
fn at_once<P: Default>(concurrency: Option<u32>) -> ManyOptions<P> {
    let many = ManyOptions::new();
    match concurrency {
        Some(number) => many.concurrency(number as usize),
        None => many,
    }
}
