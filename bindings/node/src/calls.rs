//! Calls, and the function that is told how each has ended.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use futures_util::FutureExt;
use napi::{
    Env, Status,
    bindgen_prelude::{FnArgs, spawn, within_runtime_if_available},
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use tokio::task::AbortHandle;
use w3pin::Result;

use crate::{call::json, error, results::Show};

/// The number of a call, why it failed, and its result; both as JSON.
type Settled = FnArgs<(u32, Option<String>, Option<String>)>;
/// Told about each call that has ended. It keeps the process alive only while there are calls.
type Settle = ThreadsafeFunction<Settled, (), Settled, Status, false, true>;
type Ended = (Option<String>, Option<String>);
type Work = Pin<Box<dyn Future<Output = Ended> + Send>>;

/// Calls in progress, which JavaScript numbers. They share a function, since creating one takes
/// longer than a small call itself.
#[napi]
pub struct NativeCalls {
    settle: Arc<Mutex<Option<Settle>>>,
    running: Arc<Mutex<HashMap<u32, AbortHandle>>>,
}

#[napi]
impl NativeCalls {
    #[napi(constructor)]
    pub fn new(settle: Settle) -> Self {
        Self {
            settle: Arc::new(Mutex::new(Some(settle))),
            running: Arc::default(),
        }
    }

    /// Stops a call, about whose end nothing is told.
    #[napi]
    pub fn cancel(&self, call: u32) {
        if let Some(task) = locked(&self.running).remove(&call) {
            task.abort();
        }
    }

    /// Lets the process exit: JavaScript awaits no call.
    #[napi]
    pub fn unref(&self, env: &Env) -> napi::Result<()> {
        self.keep_alive(env, false)
    }

    /// Releases the function.
    #[napi]
    pub fn close(&self) {
        locked(&self.settle).take();
    }
}

impl NativeCalls {
    /// Starts a call.
    pub(crate) fn start<T: Show + 'static>(
        &self,
        env: &Env,
        call: u32,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> napi::Result<()> {
        self.run(env, call, Box::pin(ended(work)), None)
    }

    /// Starts a small call and sends its request before returning, since waking another thread for
    /// that would take longer.
    pub(crate) fn start_here<T: Show + 'static>(
        &self,
        env: &Env,
        call: u32,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> napi::Result<()> {
        let mut work: Work = Box::pin(ended(work));
        // The task that continues it is woken in its place.
        let mut unwoken = Context::from_waker(Waker::noop());
        let ended = match within_runtime_if_available(|| work.as_mut().poll(&mut unwoken)) {
            Poll::Ready(ended) => Some(ended),
            Poll::Pending => None,
        };
        self.run(env, call, work, ended)
    }

    fn run(&self, env: &Env, call: u32, work: Work, already: Option<Ended>) -> napi::Result<()> {
        self.keep_alive(env, true)?;
        let (settle, running) = (Arc::clone(&self.settle), Arc::clone(&self.running));
        // Locked until the task is in it, which may end before that.
        let mut tasks = locked(&self.running);
        let task = spawn(async move {
            let (failure, result) = match already {
                Some(ended) => ended,
                None => work.await,
            };
            locked(&running).remove(&call);
            if let Some(settle) = &*locked(&settle) {
                let settled = (call, failure, result).into();
                settle.call(settled, ThreadsafeFunctionCallMode::NonBlocking);
            }
        });
        tasks.insert(call, task.abort_handle());
        Ok(())
    }

    #[expect(deprecated, reason = "no other method changes it afterwards")]
    fn keep_alive(&self, env: &Env, alive: bool) -> napi::Result<()> {
        match &mut *locked(&self.settle) {
            Some(settle) if alive => settle.refer(env),
            Some(settle) => settle.unref(env),
            None => Ok(()),
        }
    }
}

impl Drop for NativeCalls {
    /// Stops the calls: the worker that awaits them has been terminated.
    fn drop(&mut self) {
        for (_, task) in locked(&self.running).drain() {
            task.abort();
        }
    }
}

/// Returns the failure or the result of work.
async fn ended<T: Show + 'static>(work: impl Future<Output = Result<T>>) -> Ended {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(value)) => match json(&value.show()) {
            Ok(result) => (None, Some(result)),
            Err(error) => (Some(error.reason.to_string()), None),
        },
        Ok(Err(error)) => (Some(error::json(&error)), None),
        Err(_) => (Some("w3pin itself failed; please report".to_owned()), None),
    }
}

fn locked<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}
