//! Prepares uploads for another HTTP stack: a background session of iOS, Android's WorkManager, a
//! worker.

use std::{
    fmt, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Weak},
};

use http::Response;
use serde::{Deserialize, Serialize};
use w3pin_core::{Cid, Error, Multipart, Pin, Result};
use w3pin_unixfs::Profile;

use crate::{
    Client, Content, PinOptions,
    blocking::blocking,
    driver::no_entropy,
    upload::{Outgoing, write_body},
};

/// A request to be sent by another HTTP stack, and what is needed to check its response.
///
/// It can be serialized with `serde` until the response arrives, even in another run of the
/// program. The headers are then omitted, since they contain the account's keys.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PreparedUpload {
    /// The HTTP method, POST.
    pub method: String,
    /// The URL to send it to.
    pub url: String,
    /// The headers to send, which include the account's keys.
    #[serde(skip)]
    pub headers: Vec<(String, String)>,
    /// The path of the file to send as the body.
    pub body: PathBuf,
    /// The length of the body in bytes.
    pub content_length: u64,
    /// The CID that the service is expected to return.
    pub cid: Cid,
    upload: w3pin_core::PreparedUpload,
}

impl fmt::Debug for PreparedUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedUpload")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &format_args!("[redacted]"))
            .field("body", &self.body)
            .field("content_length", &self.content_length)
            .field("cid", &self.cid)
            .finish()
    }
}

impl Client {
    /// Prepares an upload for another HTTP stack to send, and writes its body to a file.
    ///
    /// - `content`: A file or folder, on disk or in memory.
    /// - `body`: The path of the file to write the body to, which must not exist.
    ///
    /// Send it with the given method, URL and headers, then pass the response to
    /// [`finish_upload`](Self::finish_upload), and remove the file. If the future is dropped, no
    /// file is left behind.
    ///
    /// # Errors
    /// The errors of [`pin_path`](Self::pin_path) if the content can't be sent, and
    /// [`LocalIo`](w3pin_core::ErrorKind::LocalIo) if the body can't be written, or the file exists.
    pub async fn prepare_upload(
        &self,
        content: impl Into<Content>,
        body: impl AsRef<Path>,
        options: PinOptions,
    ) -> Result<PreparedUpload> {
        self.endpoint().api().require_uploads()?;
        let (content, path) = (content.into(), body.as_ref().to_owned());
        options.check_prepared()?;
        let profile = options.profile.unwrap_or(self.inner.profile);
        let upload_options = options.upload_options(self.inner.profile);
        let session = self.inner.session.clone();
        let mut entropy = [0; 16];
        getrandom::fill(&mut entropy).map_err(no_entropy)?;
        let wanted = Arc::new(());
        let still_wanted = Arc::downgrade(&wanted);
        let prepared = blocking(move || {
            let outgoing = Outgoing::new(content, &options)?;
            let (parts, source) = outgoing.into_parts();
            let request = session.prepare_upload(parts, &upload_options, entropy)?;
            let (head, plan): (_, Multipart) = request.into_parts();
            let mut profiles = vec![profile];
            profiles.extend(Profile::known().into_iter().filter(|it| *it != profile));
            let (body, computed) = NewFile::write(&path, |file| {
                let mut file = WhileWanted(file, still_wanted);
                write_body(&plan, &source, &profiles, &mut file)
            })?;
            let Some(expected) = computed.first() else {
                return Err(Error::invalid_input(
                    "content",
                    "there is nothing to upload",
                ));
            };
            let prepared = PreparedUpload {
                method: head.method.to_string(),
                url: head.uri.to_string(),
                headers: head
                    .headers
                    .iter()
                    .map(|(name, value)| {
                        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                        (name.to_string(), value)
                    })
                    .collect(),
                body: path,
                content_length: plan.content_length().unwrap_or_default(),
                cid: expected.cid.clone(),
                upload: w3pin_core::PreparedUpload::new(computed, &upload_options),
            };
            Ok((body, prepared))
        });
        let (body, prepared) = prepared.await?;
        drop(wanted);
        body.keep();
        Ok(prepared)
    }

    /// Checks the response to a prepared upload and returns the pin.
    ///
    /// - `upload`: The prepared upload.
    /// - `status`: The HTTP status of the response.
    /// - `response`: The body of the response.
    ///
    /// # Errors
    /// The errors of [`pin_path`](Self::pin_path), for what the service responds.
    pub async fn finish_upload(
        &self,
        upload: &PreparedUpload,
        status: u16,
        body: impl Into<bytes::Bytes>,
    ) -> Result<Pin> {
        let status = http::StatusCode::from_u16(status).map_err(|_| {
            Error::invalid_input("status", format!("{status} isn't an HTTP status"))
        })?;
        let mut response = Response::new(body.into());
        *response.status_mut() = status;
        let call = self
            .inner
            .session
            .finish_upload(upload.upload.clone(), response);
        self.inner.driver.drive(call).await
    }
}

/// Fails once the caller of the write is gone.
struct WhileWanted<'a>(&'a mut dyn Write, Weak<()>);

impl Write for WhileWanted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.1.strong_count() == 0 {
            return Err(io::Error::other("the call was cancelled"));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A file that didn't exist before, and is removed on drop unless it is kept.
struct NewFile(Option<PathBuf>);

impl NewFile {
    /// Creates and writes the file.
    fn write<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<T>) -> Result<(Self, T)> {
        let unwritable = |cause: io::Error| {
            let reason = match cause.kind() {
                io::ErrorKind::AlreadyExists => {
                    "the file exists; give a path for a new one".to_owned()
                }
                _ => format!("the body can't be written ({cause})"),
            };
            Error::local_io(path.display().to_string(), reason, cause)
        };
        let mut options = fs::File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(unwritable)?;
        let made = Self(Some(path.to_owned()));
        let written = write(&mut file)?;
        Ok((made, written))
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            let _ = fs::remove_file(path);
        }
    }
}
