//! The client.

use napi::{
    Env,
    bindgen_prelude::{PromiseRaw, Uint8Array},
};
use napi_derive::napi;
use serde::Serialize;
use serde_json::value::RawValue;
use w3pin::{Cid, Client, Content, Error, ManyOptions, PinByCidOptions, PinId, PinOptions, Result};

use crate::{
    call::{CancelToken, OnProgress, teller},
    failure::{json, rejection, text},
    feed::Feed,
    options::{self, ClientSettings, parse, path},
    pins::NativePins,
};

type Promised<'env> = napi::Result<PromiseRaw<'env, String>>;

/// A client of the service.
#[napi]
pub struct NativeClient {
    client: Client,
}

#[napi]
impl NativeClient {
    /// Makes one of its settings.
    #[napi(constructor)]
    pub fn new(settings: String) -> napi::Result<Self> {
        let client = parse::<ClientSettings>(&settings).and_then(|it| it.client());
        Ok(Self {
            client: client.map_err(|error| rejection(&error))?,
        })
    }

    /// Where the service is.
    #[napi(getter)]
    pub fn endpoint(&self) -> String {
        self.client.endpoint().to_string()
    }

    /// Pins what is at a path; `kind` says whether it must be a file or a folder.
    #[napi]
    pub fn pin_path<'env>(
        &self,
        env: &'env Env,
        kind: String,
        local: String,
        options: String,
        token: &CancelToken,
        on_progress: Option<OnProgress>,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let call = token.stopping(async move {
            let options = upload(&options, on_progress)?;
            let local = path(local)?;
            match kind.as_str() {
                "file" => client.pin_file(local, options).await,
                "folder" => client.pin_folder(local, options).await,
                _ => client.pin_path(local, options).await,
            }
        });
        answer(env, call)
    }

    /// Pins bytes. They are copied once, since JavaScript may change them meanwhile.
    #[napi]
    pub fn pin_bytes<'env>(
        &self,
        env: &'env Env,
        bytes: Uint8Array,
        options: String,
        token: &CancelToken,
        on_progress: Option<OnProgress>,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let bytes = bytes.to_vec();
        let call = token.stopping(async move {
            client
                .pin_bytes(bytes, upload(&options, on_progress)?)
                .await
        });
        answer(env, call)
    }

    /// Pins a JSON document.
    #[napi]
    pub fn pin_json<'env>(
        &self,
        env: &'env Env,
        document: String,
        options: String,
        token: &CancelToken,
        on_progress: Option<OnProgress>,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let call = token.stopping(async move {
            let document = RawValue::from_string(document).map_err(|cause| {
                Error::invalid_input("value", format!("the value can't be JSON: {cause}"))
            })?;
            client
                .pin_json(&document, upload(&options, on_progress)?)
                .await
        });
        answer(env, call)
    }

    /// Pins what is put into a feed.
    #[napi]
    pub fn pin_stream<'env>(
        &self,
        env: &'env Env,
        feed: &Feed,
        options: String,
        token: &CancelToken,
        on_progress: Option<OnProgress>,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let stream = feed.stream()?;
        let call = token.stopping(async move {
            client
                .pin_stream(stream, upload(&options, on_progress)?)
                .await
        });
        answer(env, call)
    }

    /// Pins a CID.
    #[napi]
    pub fn pin_by_cid<'env>(
        &self,
        env: &'env Env,
        cid: String,
        options: String,
        token: &CancelToken,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let call = token.stopping(async move {
            let options = parse::<options::Pin>(&options)?.by_cid()?;
            client.pin_by_cid(&cid.parse()?, options).await
        });
        answer(env, call)
    }

    /// Retrieves a pin.
    #[napi]
    pub fn get_pin<'env>(&self, env: &'env Env, id: String, token: &CancelToken) -> Promised<'env> {
        let client = self.client.clone();
        answer(
            env,
            token.stopping(async move { client.get_pin(&id.parse()?).await }),
        )
    }

    /// Lists a page.
    #[napi]
    pub fn list_pins<'env>(
        &self,
        env: &'env Env,
        options: String,
        token: &CancelToken,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let call = token.stopping(async move {
            client
                .list_pins(&parse::<options::List>(&options)?.list()?)
                .await
        });
        answer(env, call)
    }

    /// Begins to list all pages.
    #[napi]
    pub fn pins(&self, options: String) -> napi::Result<NativePins> {
        let list = parse::<options::List>(&options).and_then(|it| it.list());
        Ok(NativePins::new(
            self.client.pins(list.map_err(|error| rejection(&error))?),
        ))
    }

    /// Unpins.
    #[napi]
    pub fn unpin<'env>(&self, env: &'env Env, id: String, token: &CancelToken) -> Promised<'env> {
        let client = self.client.clone();
        answer(
            env,
            token.stopping(async move { client.unpin(&id.parse()?).await }),
        )
    }

    /// Waits until a pin is done.
    #[napi]
    pub fn wait_until_pinned<'env>(
        &self,
        env: &'env Env,
        id: String,
        options: String,
        token: &CancelToken,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let call = token.stopping(async move {
            let policy = parse::<options::Wait>(&options)?.policy()?;
            client.wait_until_pinned(&id.parse()?, policy).await
        });
        answer(env, call)
    }

    /// Checks the credentials.
    #[napi]
    pub fn check_credentials<'env>(&self, env: &'env Env, token: &CancelToken) -> Promised<'env> {
        let client = self.client.clone();
        answer(
            env,
            token.stopping(async move { client.check_credentials().await }),
        )
    }

    /// Pins many paths.
    #[napi]
    pub fn pin_files<'env>(
        &self,
        env: &'env Env,
        paths: Vec<String>,
        concurrency: u32,
        options: String,
        token: &CancelToken,
        on_progress: Option<OnProgress>,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let call = token.stopping(async move {
            let paths: Result<Vec<_>> = paths.into_iter().map(path).collect();
            let many = ManyOptions::<PinOptions>::new()
                .concurrency(concurrency as usize)
                .pin(upload(&options, on_progress)?);
            Ok(each(client.pin_files(paths?, many).await))
        });
        answer(env, call)
    }

    /// Pins many CIDs.
    #[napi]
    pub fn pin_cids<'env>(
        &self,
        env: &'env Env,
        cids: Vec<String>,
        concurrency: u32,
        options: String,
        token: &CancelToken,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let call = token.stopping(async move {
            let cids: Result<Vec<Cid>> = cids.iter().map(|cid| cid.parse()).collect();
            let many = ManyOptions::<PinByCidOptions>::new()
                .concurrency(concurrency as usize)
                .pin(parse::<options::Pin>(&options)?.by_cid()?);
            Ok(each(client.pin_cids(cids?, many).await))
        });
        answer(env, call)
    }

    /// Unpins many pins.
    #[napi]
    pub fn unpin_many<'env>(
        &self,
        env: &'env Env,
        ids: Vec<String>,
        concurrency: u32,
        token: &CancelToken,
    ) -> Promised<'env> {
        let client = self.client.clone();
        let call = token.stopping(async move {
            let ids: Result<Vec<PinId>> = ids.iter().map(|id| id.parse()).collect();
            Ok(each(client.unpin_many(ids?, concurrency as usize).await))
        });
        answer(env, call)
    }

    /// Proves content by a path, or by bytes where there are some.
    #[napi]
    pub fn verify<'env>(
        &self,
        env: &'env Env,
        local: String,
        bytes: Option<Uint8Array>,
        cid: String,
        options: String,
        token: &CancelToken,
    ) -> Promised<'env> {
        #[derive(Serialize)]
        struct Proof {
            files: u64,
            bytes: u64,
            blocks_fetched: u64,
        }
        let client = self.client.clone();
        let bytes = bytes.map(|bytes| bytes.to_vec());
        let call = token.stopping(async move {
            let content = match bytes {
                Some(bytes) => Content::Bytes(bytes.into()),
                None => Content::Path(path(local)?),
            };
            let options = parse::<options::Entries>(&options)?.verify()?;
            let proof = client.verify(content, &cid.parse()?, options).await?;
            Ok(Proof {
                files: proof.files,
                bytes: proof.bytes,
                blocks_fetched: proof.blocks_fetched,
            })
        });
        answer(env, call)
    }
}

fn upload(json: &str, on_progress: Option<OnProgress>) -> Result<PinOptions> {
    let options = parse::<options::Pin>(json)?.upload()?;
    Ok(match on_progress {
        Some(on_progress) => options.progress(teller(on_progress)),
        None => options,
    })
}

/// A promise of the call's result as JSON.
pub(crate) fn answer<'env, T: Serialize + Send + 'static>(
    env: &'env Env,
    call: impl Future<Output = napi::Result<T>> + Send + 'static,
) -> Promised<'env> {
    env.spawn_future(async move { text(&call.await?) })
}

/// One result or error for each item.
#[derive(Serialize)]
enum Item<T> {
    #[serde(rename = "ok")]
    Done(T),
    #[serde(rename = "error")]
    Failed(Box<RawValue>),
}

fn each<T>(results: Vec<Result<T>>) -> Vec<Item<T>> {
    let item = |result: Result<T>| match result {
        Ok(done) => Item::Done(done),
        Err(error) => Item::Failed(RawValue::from_string(json(&error)).unwrap_or_default()),
    };
    results.into_iter().map(item).collect()
}
