//! The retriever.

use bytes::Bytes;
use napi::{
    Env,
    bindgen_prelude::{BufferSlice, PromiseRaw},
};
use napi_derive::napi;
use w3pin::Retriever;

use crate::{
    call::{CancelToken, OnFetchProgress, fetch_listener},
    calls::NativeCalls,
    content_stream::NativeContentStream,
    error::rejection,
    folder_entries::NativeFolderEntries,
    options::{Options, parse},
    settings::ClientSettings,
};

/// Reads content back from gateways.
#[napi]
pub struct NativeRetriever {
    retriever: Retriever,
}

impl From<Retriever> for NativeRetriever {
    fn from(retriever: Retriever) -> Self {
        Self { retriever }
    }
}

#[napi]
impl NativeRetriever {
    /// Creates a retriever from its settings.
    #[napi(constructor)]
    pub fn new(settings: String) -> napi::Result<Self> {
        let retriever = parse::<ClientSettings>(&settings).and_then(ClientSettings::retriever);
        retriever.map(Self::from).map_err(|error| rejection(&error))
    }

    /// Resolves a path to a file, a folder or a symbolic link.
    #[napi]
    pub fn resolve(
        &self,
        env: &Env,
        path: String,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let retriever = self.retriever.clone();
        let work = async move { retriever.resolve(&path.parse()?).await };
        calls.start(env, call, work)
    }

    /// Reads a file into memory owned by JavaScript, which can be transferred to workers.
    #[napi]
    pub fn read<'env>(
        &self,
        env: &'env Env,
        path: String,
        options: String,
        token: &CancelToken,
    ) -> napi::Result<PromiseRaw<'env, BufferSlice<'env>>> {
        let retriever = self.retriever.clone();
        let call = token.stopping(async move {
            let options = parse::<Options>(&options)?.read();
            retriever.read(&path.parse()?, options).await
        });
        env.spawn_future_with_callback(call, |env, bytes: Bytes| BufferSlice::copy_from(env, bytes))
    }

    /// Starts streaming a file.
    #[napi]
    pub fn stream(&self, path: String, options: String) -> napi::Result<NativeContentStream> {
        let stream = || {
            let options = parse::<Options>(&options)?.read();
            Ok(self.retriever.stream(&path.parse()?, options))
        };
        let stream = stream().map_err(|error| rejection(&error))?;
        Ok(NativeContentStream::new(stream))
    }

    /// Resolves a file to read in parts.
    #[napi]
    pub fn open(
        &self,
        env: &Env,
        path: String,
        calls: &NativeCalls,
        call: u32,
    ) -> napi::Result<()> {
        let retriever = self.retriever.clone();
        let work = async move { retriever.open(&path.parse()?).await };
        calls.start(env, call, work)
    }

    /// Starts listing a folder.
    #[napi]
    pub fn list(&self, path: String) -> napi::Result<NativeFolderEntries> {
        let path = path.parse().map_err(|error| rejection(&error))?;
        Ok(NativeFolderEntries::new(self.retriever.list(&path)))
    }

    /// Writes a file or folder to disk.
    #[napi]
    #[allow(clippy::too_many_arguments, reason = "each is one of JavaScript's")]
    pub fn fetch(
        &self,
        env: &Env,
        path: String,
        destination: String,
        options: String,
        calls: &NativeCalls,
        call: u32,
        on_progress: Option<OnFetchProgress>,
    ) -> napi::Result<()> {
        let retriever = self.retriever.clone();
        let work = async move {
            let mut options = parse::<Options>(&options)?.fetch()?;
            options.on_progress = on_progress.map(fetch_listener);
            retriever.fetch(&path.parse()?, destination, options).await
        };
        calls.start(env, call, work)
    }
}
