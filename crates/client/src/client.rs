//! The client.

use std::{fmt, path::Path, sync::Arc};

use bytes::Bytes;
use serde::Serialize;
use w3pin_core::{
    Cid, Credentials, Endpoint, Error, Gateway, ListOptions, Page, Pin, PinByCidOptions, PinId,
    Result, Session, WaitPolicy, canonical_json,
};
use w3pin_unixfs::Profile;

use crate::{
    ByteStream, CarFile, ClientBuilder, Content, PinOptions, Pins,
    blocking::blocking,
    driver::{Driver, no_entropy},
    upload::{Outgoing, Upload},
};

/// A client of a pinning service, for one account.
///
/// Clones share connections and the rate limit, and are cheap. Every future may be dropped at
/// any time, which cancels the call; whether the service has acted by then isn't known, as when
/// a connection breaks.
///
/// ```no_run
/// use w3pin::{Client, Credentials, ErrorKind, PinOptions, Verify};
///
/// # async fn pin() -> w3pin::Result<()> {
/// let client = Client::builder()
///     .credentials(Credentials::new("API_KEY", "SECRET_KEY")?)
///     .build()?;
/// let options = PinOptions::new().name("report").verify(Verify::Require);
/// match client.pin_file("report.pdf", options).await {
///     Ok(pin) => println!("https://ipfs.io/ipfs/{}", pin.cid),
///     Err(error) if error.kind() == ErrorKind::InsufficientFunds => println!("top up the balance"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

/// The state shared by clones.
pub(crate) struct Inner {
    pub(crate) session: Session,
    pub(crate) driver: Arc<Driver>,
    pub(crate) profile: Profile,
    pub(crate) gateways: Vec<Gateway>,
}

impl Client {
    /// Starts building a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Creates a client from the environment and the config file; see
    /// [`ConfigFile`](crate::ConfigFile).
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there are no credentials, or a setting can't be
    /// used.
    pub fn from_env() -> Result<Self> {
        Self::builder().build()
    }

    pub(crate) fn new(
        session: Session,
        driver: Arc<Driver>,
        profile: Profile,
        gateways: Vec<Gateway>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                session,
                driver,
                profile,
                gateways,
            }),
        }
    }

    /// Returns a client with separate connections, for another runtime: a connection works only
    /// while the runtime that opened it runs. The rate limit and the limit of concurrent requests
    /// are shared.
    #[must_use]
    pub fn with_separate_connections(&self) -> Self {
        let Inner {
            session,
            driver,
            profile,
            gateways,
        } = &*self.inner;
        Self::new(
            session.clone(),
            Arc::new(driver.separate()),
            *profile,
            gateways.clone(),
        )
    }

    /// Returns the endpoint of the service.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.inner.session.endpoint()
    }

    /// Returns the account's keys or token.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        self.inner.session.credentials()
    }

    /// Returns the UnixFS profile that the service is expected to use.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.inner.profile
    }

    /// Pins a file by uploading it.
    ///
    /// - `path`: The file's path; a symbolic link there is followed.
    ///
    /// # Errors
    /// [`LocalIo`](crate::ErrorKind::LocalIo) if the file can't be read or changes size during the
    /// upload, [`InvalidInput`](crate::ErrorKind::InvalidInput) if it is empty, a folder, or has a
    /// name that can't be sent, [`CidMismatch`](crate::ErrorKind::CidMismatch) if proof is required
    /// and missing, and whatever the service refuses.
    pub async fn pin_file(&self, path: impl AsRef<Path>, options: PinOptions) -> Result<Pin> {
        let path = path.as_ref().to_owned();
        self.pin_blocking(options, move |options| Outgoing::file(path, options))
            .await
    }

    /// Pins a folder by uploading all files in it.
    ///
    /// - `folder`: The folder's path, or a mapping of paths to bytes for a folder in memory.
    ///
    /// The root is the folder itself. Empty folders are left out, because an upload can't contain
    /// them.
    ///
    /// # Errors
    /// The errors of [`pin_file`](Self::pin_file), for the folder and every file in it, before anything is sent.
    pub async fn pin_folder(&self, folder: impl Into<Content>, options: PinOptions) -> Result<Pin> {
        let folder = folder.into();
        self.pin_blocking(options, move |options| Outgoing::folder(folder, options))
            .await
    }

    /// Pins the file or folder at a path by uploading it.
    ///
    /// - `path`: The path of a file or folder.
    ///
    /// # Errors
    /// The errors of [`pin_file`](Self::pin_file) and [`pin_folder`](Self::pin_folder).
    pub async fn pin_path(&self, path: impl AsRef<Path>, options: PinOptions) -> Result<Pin> {
        let content = Content::from(path.as_ref());
        self.pin_blocking(options, move |options| Outgoing::new(content, options))
            .await
    }

    /// Pins bytes in memory.
    ///
    /// - `bytes`: The bytes; at least one.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if there are none, and the errors of
    /// [`pin_file`](Self::pin_file).
    pub async fn pin_bytes(&self, bytes: impl Into<Bytes>, options: PinOptions) -> Result<Pin> {
        let outgoing = Outgoing::bytes("bytes", bytes.into(), &options);
        self.pin(options, std::future::ready(outgoing)).await
    }

    /// Pins a value as canonical JSON (RFC 8785), so that every language computes the same CID.
    ///
    /// - `value`: The value; integers beyond 2^53 aren't exact in JSON and are rejected.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if JSON can't represent the value exactly,
    /// and those of [`pin_file`](Self::pin_file).
    pub async fn pin_json(
        &self,
        value: &(impl Serialize + ?Sized),
        options: PinOptions,
    ) -> Result<Pin> {
        let text = serde_json::to_string(value).map_err(|cause| {
            Error::invalid_input(
                "value",
                format!("the value can't be converted to JSON: {cause}"),
            )
        })?;
        let json = canonical_json(&text)?;
        let outgoing = Outgoing::bytes("data.json", json.into(), &options);
        self.pin(options, std::future::ready(outgoing)).await
    }

    /// Pins the content of a stream; once the first byte has been sent, the upload can't be
    /// retried.
    ///
    /// - `stream`: The stream, which is read once.
    ///
    /// Without a [length](ByteStream::length) the body is sent in chunks. If the response is lost,
    /// the client searches for the pin.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the stream is empty,
    /// [`LocalIo`](crate::ErrorKind::LocalIo) if it fails or doesn't have the length it promised,
    /// and those of [`pin_file`](Self::pin_file).
    pub async fn pin_stream(&self, stream: ByteStream, options: PinOptions) -> Result<Pin> {
        let own = options.clone();
        self.pin(options, async move { Outgoing::stream(stream, &own).await })
            .await
    }

    /// Pins the content of a CAR file by uploading it.
    ///
    /// - `path`: The CAR file's path.
    ///
    /// The pin has the blocks and the root CID of the CAR, which must name one root and contain all
    /// blocks below it. Not every service accepts CARs, so the client asks before it sends anything;
    /// `w3pin serve` does. Each block is compared with its CID while it is sent, and blocks that the
    /// root doesn't lead to aren't pinned. Unless a name is set, the pin is named after the file,
    /// without `.car`.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the service doesn't accept CARs, or the
    /// CAR has no root, several roots, or lacks a block; [`Decode`](crate::ErrorKind::Decode) if
    /// the file isn't a CAR, is truncated, or contains a block that doesn't match its CID; and the errors of
    /// [`pin_file`](Self::pin_file).
    pub async fn pin_car(&self, path: impl AsRef<Path>, options: PinOptions) -> Result<Pin> {
        let path = path.as_ref().to_owned();
        self.pin_looked_at_car(options, move || CarFile::open(path))
            .await
    }

    /// Pins the content of an open CAR, like [`pin_car`](Self::pin_car).
    ///
    /// # Errors
    /// The errors of [`pin_car`](Self::pin_car).
    pub async fn pin_car_file(&self, car: CarFile, options: PinOptions) -> Result<Pin> {
        self.pin_looked_at_car(options, move || Ok(car)).await
    }

    async fn pin_looked_at_car(
        &self,
        options: PinOptions,
        open: impl FnOnce() -> Result<CarFile> + Send + 'static,
    ) -> Result<Pin> {
        options.check_car()?;
        self.endpoint().api().require_uploads()?;
        let (session, driver) = (&self.inner.session, &self.inner.driver);
        let began = driver.now();
        let own = options.clone();
        let look = blocking(move || Outgoing::car(open()?, &own));
        let (content, part, root) = driver.within(options.timeout, look).await?;
        let (_, mut upload) = Upload::new(content, options.progress.clone());
        let mut entropy = [0; 16];
        getrandom::fill(&mut entropy).map_err(no_entropy)?;
        let options = options.upload_options(self.inner.profile);
        let call = session.upload_car(part, root, options, entropy);
        driver.upload(call.began(began), &mut upload).await
    }

    /// Pins content that is first inspected on a thread that may block.
    async fn pin_blocking(
        &self,
        options: PinOptions,
        look: impl FnOnce(&PinOptions) -> Result<Outgoing> + Send + 'static,
    ) -> Result<Pin> {
        let own = options.clone();
        self.pin(options, blocking(move || look(&own))).await
    }

    /// Pins content that has been inspected.
    pub(crate) async fn pin(
        &self,
        options: PinOptions,
        content: impl Future<Output = Result<Outgoing>> + Send,
    ) -> Result<Pin> {
        self.endpoint().api().require_uploads()?;
        let (session, driver) = (&self.inner.session, &self.inner.driver);
        let began = driver.now();
        let content = driver.within(options.timeout, content).await?;
        let (parts, mut upload) = Upload::new(content, options.progress.clone());
        let mut entropy = [0; 16];
        getrandom::fill(&mut entropy).map_err(no_entropy)?;
        let call = session.upload(
            parts,
            upload.is_repeatable(),
            options.upload_options(self.inner.profile),
            entropy,
        );
        driver.upload(call.began(began), &mut upload).await
    }

    /// Pins content that is already on IPFS; the service fetches it, which can take a long time.
    ///
    /// - `cid`: The CID of the content's root.
    ///
    /// # Errors
    /// If the service rejects the call.
    pub async fn pin_by_cid(&self, cid: &Cid, options: PinByCidOptions) -> Result<Pin> {
        let call = self.inner.session.pin_by_cid(cid.clone(), options);
        self.inner.driver.drive(call).await
    }

    /// Retrieves a pin.
    ///
    /// - `id`: The pin's id.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if the account has no such pin.
    pub async fn get_pin(&self, id: &PinId) -> Result<Pin> {
        let call = self.inner.session.get_pin(id.clone());
        self.inner.driver.drive(call).await
    }

    /// Lists one page of the account's pins.
    ///
    /// # Errors
    /// If the service rejects the call.
    pub async fn list_pins(&self, list: &ListOptions) -> Result<Page> {
        let call = self.inner.session.list_pins(list.clone());
        self.inner.driver.drive(call).await
    }

    /// Lists all of the account's pins and requests pages as they are needed.
    pub fn pins(&self, list: ListOptions) -> Pins {
        Pins::new(self.clone(), list)
    }

    /// Removes a pin.
    ///
    /// - `id`: The pin's id.
    ///
    /// If the response is lost and the pin is gone when the request is retried, the call succeeds.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if the account has no such pin, and
    /// [`Api`](crate::ErrorKind::Api) with [`retry_after`](Error::retry_after) if the pin is too
    /// new.
    pub async fn unpin(&self, id: &PinId) -> Result<()> {
        let call = self.inner.session.unpin(id.clone());
        self.inner.driver.drive(call).await
    }

    /// Waits until the service has pinned the content.
    ///
    /// - `id`: The pin's id.
    ///
    /// A check that is in progress at the deadline is completed.
    ///
    /// # Errors
    /// [`Timeout`](crate::ErrorKind::Timeout) if that takes longer than the policy allows,
    /// [`Api`](crate::ErrorKind::Api) if the service reports that it failed, and the errors of
    /// [`get_pin`](Self::get_pin).
    pub async fn wait_until_pinned(&self, id: &PinId, policy: WaitPolicy) -> Result<Pin> {
        let call = self.inner.session.wait_until_pinned(id.clone(), policy);
        self.inner.driver.drive(call).await
    }

    /// Checks that the service accepts the credentials.
    ///
    /// # Errors
    /// [`Authentication`](crate::ErrorKind::Authentication) if it doesn't.
    pub async fn check_credentials(&self) -> Result<()> {
        let call = self.inner.session.check_credentials();
        self.inner.driver.drive(call).await.map(drop)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("session", &self.inner.session)
            .field("profile", &self.inner.profile)
            .finish_non_exhaustive()
    }
}
