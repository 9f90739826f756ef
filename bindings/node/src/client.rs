//! The client.

use napi::{Env, bindgen_prelude::Uint8Array};
use napi_derive::napi;
use serde_json::value::RawValue;
use w3pin::{BatchItem, Client, Error, PinOptions, PreparedUpload, Result};

use crate::{
    batch::NativeBatch,
    call::{OnProgress, listener},
    calls::NativeCalls,
    content::{NativeContent, copy},
    error::rejection,
    feed::Feed,
    options::{Item, Options, count, parse},
    pins::NativePins,
    retriever::NativeRetriever,
    settings::ClientSettings,
};

/// A client of the service. Its methods take the arguments of the operation, and its options as
/// JSON.
#[napi]
pub struct NativeClient {
    client: Client,
}

#[napi]
impl NativeClient {
    /// Creates a client from its settings.
    #[napi(constructor)]
    pub fn new(settings: String) -> napi::Result<Self> {
        let client = parse::<ClientSettings>(&settings).and_then(ClientSettings::client);
        Ok(Self {
            client: client.map_err(|error| rejection(&error))?,
        })
    }

    /// Returns the endpoint.
    #[napi(getter)]
    pub fn endpoint(&self) -> String {
        self.client.endpoint().to_string()
    }

    /// Returns a retriever that uses the client's connections.
    #[napi]
    pub fn retriever(&self) -> NativeRetriever {
        self.client.retriever().into()
    }

    /// Pins a file.
    #[napi]
    pub fn pin_file(
        &self,
        env: &Env,
        path: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let options = pin(&options, on_progress)?;
            client.pin_file(path, options).await
        };
        calls.start(env, call, work)
    }

    /// Pins the content of a CAR.
    #[napi]
    pub fn pin_car(
        &self,
        env: &Env,
        path: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let options = pin(&options, on_progress)?;
            client.pin_car(path, options).await
        };
        calls.start(env, call, work)
    }

    /// Pins a folder.
    #[napi]
    pub fn pin_folder(
        &self,
        env: &Env,
        folder: NativeContent,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<()> {
        let (client, folder) = (self.client.clone(), folder.read("folder"));
        let work = async move {
            let options = pin(&options, on_progress)?;
            client.pin_folder(folder?, options).await
        };
        calls.start(env, call, work)
    }

    /// Keeps a folder pinned under a name.
    #[napi]
    #[allow(clippy::too_many_arguments, reason = "each is one of JavaScript's")]
    pub fn sync_folder(
        &self,
        env: &Env,
        folder: NativeContent,
        name: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<()> {
        let (client, folder) = (self.client.clone(), folder.read("folder"));
        let work = async move {
            let mut options = parse::<Options>(&options)?.sync()?;
            options.progress = on_progress.map(listener);
            client.sync_folder(folder?, name, options).await
        };
        calls.start(env, call, work)
    }

    /// Pins the file or folder at a path.
    #[napi]
    pub fn pin_path(
        &self,
        env: &Env,
        path: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let options = pin(&options, on_progress)?;
            client.pin_path(path, options).await
        };
        calls.start(env, call, work)
    }

    /// Pins bytes.
    #[napi]
    pub fn pin_bytes(
        &self,
        env: &Env,
        bytes: Uint8Array,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<()> {
        let (client, bytes) = (self.client.clone(), copy(&bytes));
        let work = async move {
            let options = pin(&options, on_progress)?;
            client.pin_bytes(bytes, options).await
        };
        calls.start(env, call, work)
    }

    /// Pins a value that is given as JSON.
    #[napi]
    pub fn pin_json(
        &self,
        env: &Env,
        json: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let json = RawValue::from_string(json).map_err(|cause| {
                Error::invalid_input(
                    "value",
                    format!("the value can't be converted to JSON: {cause}"),
                )
            })?;
            let options = pin(&options, on_progress)?;
            client.pin_json(&json, options).await
        };
        calls.start(env, call, work)
    }

    /// Pins the content of a feed.
    #[napi]
    pub fn pin_stream(
        &self,
        env: &Env,
        feed: &Feed,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let mut stream = feed.stream()?;
        let work = async move {
            if let Some(bytes) = parse::<Options>(&options)?.length {
                stream = stream.length(bytes);
            }
            let options = pin(&options, on_progress)?;
            client.pin_stream(stream, options).await
        };
        calls.start(env, call, work)
    }

    /// Pins a CID.
    #[napi]
    pub fn pin_by_cid(
        &self,
        env: &Env,
        cid: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let options = parse::<Options>(&options)?.pin_by_cid()?;
            client.pin_by_cid(&cid.parse()?, options).await
        };
        calls.start_here(env, call, work)
    }

    /// Retrieves a pin.
    #[napi]
    pub fn get_pin(
        &self,
        env: &Env,
        id: String,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move { client.get_pin(&id.parse()?).await };
        calls.start_here(env, call, work)
    }

    /// Lists a page.
    #[napi]
    pub fn list_pins(
        &self,
        env: &Env,
        options: String,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let list = parse::<Options>(&options)?.list()?;
            client.list_pins(&list).await
        };
        calls.start_here(env, call, work)
    }

    /// Starts listing all pages.
    #[napi]
    pub fn pins(&self, options: String) -> napi::Result<NativePins> {
        let list = parse::<Options>(&options).and_then(|options| options.list());
        let list = list.map_err(|error| rejection(&error))?;
        Ok(NativePins::new(self.client.pins(list)))
    }

    /// Removes a pin.
    #[napi]
    pub fn unpin(&self, env: &Env, id: String, calls: &NativeCalls, call: u32) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move { client.unpin(&id.parse()?).await };
        calls.start_here(env, call, work)
    }

    /// Waits until a pin is done.
    #[napi]
    pub fn wait_until_pinned(
        &self,
        env: &Env,
        id: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let policy = parse::<Options>(&options)?.wait()?;
            client.wait_until_pinned(&id.parse()?, policy).await
        };
        calls.start_here(env, call, work)
    }

    /// Checks the credentials.
    #[napi]
    pub fn check_credentials(&self, env: &Env, calls: &NativeCalls, call: u32) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move { client.check_credentials().await };
        calls.start_here(env, call, work)
    }

    /// Pins many paths; the items are in JSON.
    #[napi]
    pub fn pin_files(
        &self,
        env: &Env,
        items: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let options = parse::<Options>(&options)?.batch(pin(&options, on_progress)?)?;
            let items = self::items(&items, Item::path)?;
            Ok(client.pin_files(items, options).await)
        };
        calls.start(env, call, work)
    }

    /// Starts pinning many paths.
    #[napi]
    pub fn pin_files_as_completed(
        &self,
        items: String,
        options: String,
        on_progress: Option<OnProgress>,
    ) -> napi::Result<NativeBatch> {
        begun(|| {
            let options = parse::<Options>(&options)?.batch(pin(&options, on_progress)?)?;
            let items = self::items(&items, Item::path)?;
            let batch = self.client.pin_files_as_completed(items, options);
            Ok(NativeBatch::new(batch))
        })
    }

    /// Pins many CIDs.
    #[napi]
    pub fn pin_cids(
        &self,
        env: &Env,
        items: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let options = parse::<Options>(&options)?;
            let options = options.batch(options.pin_by_cid()?)?;
            let items = self::items(&items, Item::parse)?;
            Ok(client.pin_cids(items, options).await)
        };
        calls.start(env, call, work)
    }

    /// Starts pinning many CIDs.
    #[napi]
    pub fn pin_cids_as_completed(
        &self,
        items: String,
        options: String,
    ) -> napi::Result<NativeBatch> {
        begun(|| {
            let options = parse::<Options>(&options)?;
            let options = options.batch(options.pin_by_cid()?)?;
            let items = self::items(&items, Item::parse)?;
            let batch = self.client.pin_cids_as_completed(items, options);
            Ok(NativeBatch::new(batch))
        })
    }

    /// Removes many pins.
    #[napi]
    pub fn unpin_many(
        &self,
        env: &Env,
        ids: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let client = self.client.clone();
        let work = async move {
            let options = parse::<Options>(&options)?.batch(())?;
            let ids = items(&ids, Item::parse)?;
            Ok(client.unpin_many(ids, options).await)
        };
        calls.start(env, call, work)
    }

    /// Starts removing many pins.
    #[napi]
    pub fn unpin_many_as_completed(
        &self,
        ids: String,
        options: String,
    ) -> napi::Result<NativeBatch> {
        begun(|| {
            let options = parse::<Options>(&options)?.batch(())?;
            let ids = items(&ids, Item::parse)?;
            let batch = self.client.unpin_many_as_completed(ids, options);
            Ok(NativeBatch::new(batch))
        })
    }

    /// Prepares an upload, and writes its body to a file.
    #[napi]
    pub fn prepare_upload(
        &self,
        env: &Env,
        content: NativeContent,
        body: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let (client, content) = (self.client.clone(), content.read("content"));
        let work = async move {
            let options = parse::<Options>(&options)?.pin()?;
            client.prepare_upload(content?, body, options).await
        };
        calls.start(env, call, work)
    }

    /// Checks the response to a prepared upload, which JavaScript has stored as this text.
    #[napi]
    pub fn finish_upload(
        &self,
        env: &Env,
        kept: String,
        status: f64,
        response: Uint8Array,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let (client, response) = (self.client.clone(), copy(&response));
        let work = async move {
            let upload: PreparedUpload = serde_json::from_str(&kept).map_err(|cause| {
                Error::invalid_input("upload", format!("this isn't a prepared upload: {cause}"))
            })?;
            let status = count("status", status as u64)?;
            client.finish_upload(&upload, status, response).await
        };
        calls.start(env, call, work)
    }
}

/// Parses the options of an upload, and adds the progress function.
fn pin(json: &str, on_progress: Option<OnProgress>) -> Result<PinOptions> {
    let mut options = parse::<Options>(json)?.pin()?;
    options.progress = on_progress.map(listener);
    Ok(options)
}

fn items<T>(json: &str, read: impl Fn(Item) -> BatchItem<T>) -> Result<Vec<BatchItem<T>>> {
    let items: Vec<Item> = parse(json)?;
    Ok(items.into_iter().map(read).collect())
}

fn begun<T>(begin: impl FnOnce() -> Result<T>) -> napi::Result<T> {
    begin().map_err(|error| rejection(&error))
}
