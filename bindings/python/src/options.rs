//! Parses the keyword arguments of a call. Each is read in one place, and unknown ones are
//! rejected.

use pyo3::{exceptions::PyTypeError, prelude::*, types::PyDict};
use w3pin::{
    BatchOptions, CidOptions, FetchOptions, ListOptions, Metadata, PinByCidOptions, PinOptions,
    ReadOptions, Symlinks, SyncOptions, VerifyOptions, WaitPolicy, WalkOptions,
};

use crate::{
    arguments::{
        count, flag, gateways, listener, pairs, parsed, profile, retry, seconds, text, texts,
    },
    call::{Callbacks, told},
    error::raise,
};

/// The kinds of content that an upload accepts, which determine its options.
#[derive(Clone, Copy)]
pub(crate) struct Takes {
    file: bool,
    folder: bool,
}

impl Takes {
    pub(crate) const CAR: Self = Self {
        file: false,
        folder: false,
    };
    pub(crate) const FILE: Self = Self {
        file: true,
        folder: false,
    };
    pub(crate) const FOLDER: Self = Self {
        file: false,
        folder: true,
    };
    pub(crate) const EITHER: Self = Self {
        file: true,
        folder: true,
    };
}

/// The keyword arguments of an operation. `None` counts as unset.
pub(crate) struct Options<'py> {
    operation: &'static str,
    given: Bound<'py, PyDict>,
}

impl<'py> Options<'py> {
    pub(crate) fn new(operation: &'static str, given: Bound<'py, PyDict>) -> Self {
        Self { operation, given }
    }

    /// Removes and converts an option.
    pub(crate) fn take<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str, &Bound<'py, PyAny>) -> PyResult<T>,
    ) -> PyResult<Option<T>> {
        if self.given.is_empty() {
            return Ok(None);
        }
        let Some(value) = self.given.get_item(name)? else {
            return Ok(None);
        };
        self.given.del_item(name)?;
        if value.is_none() {
            return Ok(None);
        }
        read(name, &value).map(Some)
    }

    /// Converts an option into a field, if it is set.
    fn set<T>(
        &self,
        name: &str,
        place: &mut T,
        read: impl FnOnce(&str, &Bound<'py, PyAny>) -> PyResult<T>,
    ) -> PyResult<()> {
        if let Some(value) = self.take(name, read)? {
            *place = value;
        }
        Ok(())
    }

    /// Rejects remaining options.
    pub(crate) fn finish(self) -> PyResult<()> {
        match self.given.keys().iter().next() {
            None => Ok(()),
            Some(name) => Err(PyTypeError::new_err(format!(
                "{}() got an unexpected keyword argument {}",
                self.operation,
                name.repr()?
            ))),
        }
    }

    fn metadata(&self) -> PyResult<Metadata> {
        Ok(Metadata {
            name: self.take("name", text)?,
            keyvalues: self.take("keyvalues", pairs)?.unwrap_or_default(),
        })
    }

    /// Returns the options of an upload.
    fn upload(&self, takes: Takes) -> PyResult<PinOptions> {
        let mut upload = PinOptions::new();
        upload.metadata = self.metadata()?;
        upload.profile = self.take("profile", profile)?;
        self.set("verify", &mut upload.verify, parsed)?;
        self.set("mark_attempt", &mut upload.mark_attempt, flag)?;
        if takes.file {
            upload.file_name = self.take("file_name", text)?;
            upload.content_type = self.take("content_type", text)?;
        }
        if takes.folder {
            self.walk(&mut upload.walk)?;
        }
        Ok(upload)
    }

    pub(crate) fn prepare(&self) -> PyResult<PinOptions> {
        self.upload(Takes::EITHER)
    }

    /// Returns the options of an upload, and its progress function.
    pub(crate) fn pin(&self, takes: Takes) -> PyResult<(PinOptions, Option<Py<PyAny>>)> {
        let mut pin = self.upload(takes)?;
        self.set("skip_if_pinned", &mut pin.skip_if_pinned, flag)?;
        pin.timeout = self.take("timeout", seconds)?;
        pin.retry = self.take("retry", retry)?;
        Ok((pin, self.take("progress", listener)?))
    }

    /// Which entries of a folder count.
    fn walk(&self, walk: &mut WalkOptions) -> PyResult<()> {
        self.set("hidden", &mut walk.hidden, flag)?;
        self.set("symlinks", &mut walk.symlinks, parsed::<Symlinks>)?;
        self.set("include", &mut walk.include, texts)?;
        self.set("exclude", &mut walk.exclude, texts)?;
        self.set("gitignore", &mut walk.gitignore, flag)
    }

    pub(crate) fn sync(self) -> PyResult<(SyncOptions, Option<Callbacks>)> {
        let mut sync = SyncOptions::new();
        self.set("keep", &mut sync.keep, count)?;
        self.set("keyvalues", &mut sync.keyvalues, pairs)?;
        sync.profile = self.take("profile", profile)?;
        self.set("check_gateways", &mut sync.check_gateways, gateways)?;
        self.set("dry_run", &mut sync.dry_run, flag)?;
        self.set("deadline", &mut sync.deadline, seconds)?;
        sync.timeout = self.take("timeout", seconds)?;
        sync.retry = self.take("retry", retry)?;
        self.walk(&mut sync.walk)?;
        let (callbacks, requests) = Callbacks::new(self.take("progress", listener)?, None);
        if callbacks.is_some() {
            sync = sync.progress(told(requests));
        }
        self.finish()?;
        Ok((sync, callbacks))
    }

    pub(crate) fn pin_by_cid(&self) -> PyResult<PinByCidOptions> {
        let mut pin = PinByCidOptions::new();
        pin.metadata = self.metadata()?;
        self.set("skip_if_pinned", &mut pin.skip_if_pinned, flag)?;
        pin.timeout = self.take("timeout", seconds)?;
        pin.retry = self.take("retry", retry)?;
        Ok(pin)
    }

    pub(crate) fn pin_files(self) -> PyResult<(BatchOptions<PinOptions>, Option<Callbacks>)> {
        let (mut pin, progress) = self.pin(Takes::EITHER)?;
        let (callbacks, _) = Callbacks::of_upload(&mut pin, progress, None);
        let batch = self.batch(pin)?;
        self.finish()?;
        Ok((batch, callbacks))
    }

    pub(crate) fn pin_cids(self) -> PyResult<BatchOptions<PinByCidOptions>> {
        let batch = self.batch(self.pin_by_cid()?)?;
        self.finish()?;
        Ok(batch)
    }

    pub(crate) fn unpin_many(self) -> PyResult<BatchOptions<()>> {
        let batch = self.batch(())?;
        self.finish()?;
        Ok(batch)
    }

    /// Returns the options of a batch, with those of each of its calls.
    fn batch<O: Default>(&self, each: O) -> PyResult<BatchOptions<O>> {
        let batch = BatchOptions::new().each(each);
        match self.take("concurrency", count)? {
            Some(concurrency) => batch
                .concurrency(concurrency)
                .map_err(|error| raise(self.given.py(), &error)),
            None => Ok(batch),
        }
    }

    pub(crate) fn list(&self) -> PyResult<ListOptions> {
        let mut list = ListOptions::new();
        self.set("offset", &mut list.offset, count)?;
        self.set("pinned", &mut list.pinned, parsed)?;
        self.set("sort_by", &mut list.sort_by, parsed)?;
        self.set("sort_order", &mut list.sort_order, parsed)?;
        self.set("keyvalues", &mut list.keyvalues, pairs)?;
        match self.take("limit", count)? {
            Some(limit) => list
                .limit(limit)
                .map_err(|error| raise(self.given.py(), &error)),
            None => Ok(list),
        }
    }

    pub(crate) fn wait(&self) -> PyResult<WaitPolicy> {
        let mut wait = WaitPolicy::default();
        self.set("deadline", &mut wait.deadline, seconds)?;
        self.set("first_delay", &mut wait.first_delay, seconds)?;
        self.set("max_delay", &mut wait.max_delay, seconds)?;
        Ok(wait)
    }

    pub(crate) fn cid(&self) -> PyResult<CidOptions> {
        let mut cid = CidOptions::new();
        self.set("profile", &mut cid.profile, profile)?;
        self.set("empty_folders", &mut cid.empty_folders, flag)?;
        self.walk(&mut cid.walk)?;
        Ok(cid)
    }

    pub(crate) fn preview(&self) -> PyResult<PinOptions> {
        let mut preview = PinOptions::new();
        preview.metadata.name = self.take("name", text)?;
        preview.profile = self.take("profile", profile)?;
        self.walk(&mut preview.walk)?;
        Ok(preview)
    }

    pub(crate) fn read(self) -> PyResult<ReadOptions> {
        let mut read = ReadOptions::new();
        self.set("start", &mut read.start, count)?;
        read.end = self.take("end", count)?;
        read.most_bytes = self.take("most_bytes", count)?;
        self.finish()?;
        Ok(read)
    }

    pub(crate) fn fetch(self) -> PyResult<(FetchOptions, Option<Callbacks>)> {
        let mut fetch = FetchOptions::new();
        self.set("overwrite", &mut fetch.overwrite, flag)?;
        self.set("concurrency", &mut fetch.concurrency, count)?;
        self.set("symlinks", &mut fetch.symlinks, parsed)?;
        self.set("most_bytes", &mut fetch.most_bytes, count)?;
        self.set("most_entries", &mut fetch.most_entries, count)?;
        let (callbacks, requests) = Callbacks::new(self.take("on_progress", listener)?, None);
        if callbacks.is_some() {
            fetch = fetch.on_progress(told(requests));
        }
        self.finish()?;
        Ok((fetch, callbacks))
    }

    pub(crate) fn verify(&self) -> PyResult<VerifyOptions> {
        let mut verify = VerifyOptions::new();
        verify.gateway = self.take("gateway", parsed)?;
        self.walk(&mut verify.walk)?;
        Ok(verify)
    }
}
