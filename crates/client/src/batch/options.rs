//! The options of a batch.

use std::num::NonZeroUsize;

use w3pin_core::{Error, Result};

/// The options of a batch and of each call in it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchOptions<O> {
    /// How many calls to run at a time; at least 1.
    pub concurrency: NonZeroUsize,
    /// The options of each call.
    pub each: O,
}

impl<O: Default> BatchOptions<O> {
    /// Returns the defaults: four calls at a time, with default options.
    #[must_use]
    pub fn new() -> Self {
        Self {
            concurrency: const { NonZeroUsize::new(4).unwrap() },
            each: O::default(),
        }
    }
}

impl<O> BatchOptions<O> {
    /// Sets how many calls to run at a time; at least 1.
    ///
    /// # Errors
    /// [`InvalidInput`](w3pin_core::ErrorKind::InvalidInput) for 0.
    pub fn concurrency(mut self, concurrency: usize) -> Result<Self> {
        self.concurrency = NonZeroUsize::new(concurrency).ok_or_else(|| {
            Error::invalid_input("concurrency", "concurrency is 0; the least is 1")
        })?;
        Ok(self)
    }

    /// Sets the options of each call.
    #[must_use]
    pub fn each(mut self, each: O) -> Self {
        self.each = each;
        self
    }
}

impl<O: Default> Default for BatchOptions<O> {
    fn default() -> Self {
        Self::new()
    }
}
