//! A call that was made ready: Python waits for it, or awaits it.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures_util::TryFutureExt;
use pyo3::{exceptions::PyRuntimeError, prelude::*};
use tokio::{
    runtime::Runtime,
    sync::{mpsc, oneshot},
    task::{AbortHandle, JoinHandle},
};
use w3pin::PinOptions;

use crate::{
    error::raise,
    event_queue::{EventQueue, Pending},
    logging,
    results::ToPython,
    runtime,
};

/// How long Ctrl-C may go unnoticed.
const TICK: Duration = Duration::from_millis(50);

/// Makes the answer's Python object, once the interpreter is at hand.
pub(crate) type Answer = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;
pub(crate) type Outcome = w3pin::Result<Answer>;
type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// What the work under way asks of Python.
pub(crate) enum Request {
    /// To tell the caller how far it is.
    Progress(Answer),
    /// The next block of the caller's stream; nothing at its end.
    Block(oneshot::Sender<Option<Bytes>>),
}

/// The caller's functions, and who asks for them.
pub(crate) struct Callbacks {
    progress: Option<Py<PyAny>>,
    next_block: Option<Py<PyAny>>,
    requests: tokio::sync::Mutex<mpsc::UnboundedReceiver<Request>>,
}

impl Callbacks {
    /// Listens to the progress of an upload with these options, where somebody wants to know it, and to
    /// whoever asks for blocks.
    pub(crate) fn of_upload(
        options: &mut PinOptions,
        progress: Option<Py<PyAny>>,
        next_block: Option<Py<PyAny>>,
    ) -> (Option<Self>, mpsc::UnboundedSender<Request>) {
        let wanted = progress.is_some();
        let (callbacks, requests) = Self::new(progress, next_block);
        if wanted {
            options.progress = Some(Arc::new(told(requests.clone())));
        }
        (callbacks, requests)
    }

    /// Listens to what is asked of these functions; there is nothing to serve without either.
    pub(crate) fn new(
        progress: Option<Py<PyAny>>,
        next_block: Option<Py<PyAny>>,
    ) -> (Option<Self>, mpsc::UnboundedSender<Request>) {
        let (sender, requests) = mpsc::unbounded_channel();
        let wanted = progress.is_some() || next_block.is_some();
        let callbacks = Self {
            progress,
            next_block,
            requests: tokio::sync::Mutex::new(requests),
        };
        (wanted.then_some(callbacks), sender)
    }

    /// What is asked next.
    pub(crate) async fn request(&self) -> Option<Request> {
        self.requests.lock().await.recv().await
    }

    /// What was asked already.
    pub(crate) fn waiting_request(&self) -> Option<Request> {
        self.requests.try_lock().ok()?.try_recv().ok()
    }

    /// Tells the caller how far the work is.
    pub(crate) fn tell(&self, py: Python<'_>, progress: Answer) -> PyResult<()> {
        match &self.progress {
            Some(tell) => tell.call1(py, (progress(py)?,)).map(drop),
            None => Ok(()),
        }
    }

    fn serve(&self, py: Python<'_>, request: Request) -> PyResult<()> {
        match (request, &self.next_block) {
            (Request::Progress(progress), _) => self.tell(py, progress),
            (Request::Block(reply), Some(next_block)) => {
                let block: Bytes = next_block.call0(py)?.extract(py)?;
                // The work may have ended meanwhile, and needs no block then.
                let _ = reply.send((!block.is_empty()).then_some(block));
                Ok(())
            }
            (Request::Block(_), None) => Ok(()),
        }
    }
}

/// Passes progress on to whoever serves these requests.
pub(crate) fn told<P: ToPython + Clone + Send + 'static>(
    requests: mpsc::UnboundedSender<Request>,
) -> impl Fn(&P) + Send + Sync {
    move |progress| {
        let progress = progress.clone();
        // Nobody may be listening any more, as the call is being stopped.
        let _ = requests.send(Request::Progress(Box::new(move |py| {
            progress.to_python(py)
        })));
    }
}

type Ready = (Work, Option<Arc<Callbacks>>);

/// A call to the service that hasn't begun. It can be made once.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct Call {
    work: Mutex<Option<Ready>>,
    running: OnceLock<AbortHandle>,
}

impl Call {
    pub(crate) fn new<T: ToPython + Send + 'static>(
        work: impl Future<Output = w3pin::Result<T>> + Send + 'static,
    ) -> Self {
        Self::with_callbacks(work, None::<Callbacks>)
    }

    pub(crate) fn with_callbacks<T: ToPython + Send + 'static>(
        work: impl Future<Output = w3pin::Result<T>> + Send + 'static,
        callbacks: Option<impl Into<Arc<Callbacks>>>,
    ) -> Self {
        let work = work.map_ok(|value| -> Answer { Box::new(move |py| value.to_python(py)) });
        Self {
            work: Mutex::new(Some((Box::pin(work), callbacks.map(Into::into)))),
            running: OnceLock::new(),
        }
    }

    fn take(&self) -> PyResult<Ready> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        work.take()
            .ok_or_else(|| PyRuntimeError::new_err("this call was made already"))
    }
}

#[pymethods]
impl Call {
    /// Makes the call and waits for its answer, with the interpreter free for other threads.
    fn wait(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (work, callbacks) = self.take()?;
        let runtime = runtime::shared(py)?;
        logging::begin(py)?;
        let outcome = match callbacks {
            None => wait(py, runtime, work),
            Some(callbacks) => wait_and_serve(py, runtime, work, &callbacks),
        };
        logging::flush(py)?;
        answer(py, outcome?)
    }

    /// Makes the call in the background, and settles the future of the queue's event loop.
    fn start(&self, py: Python<'_>, queue: &EventQueue, future: Py<PyAny>) -> PyResult<()> {
        let (work, callbacks) = self.take()?;
        let runtime = runtime::shared(py)?;
        logging::begin(py)?;
        let pending = Pending::new(queue, future);
        let task = runtime.spawn(pending.settle(work, callbacks));
        let _ = self.running.set(task.abort_handle());
        Ok(())
    }

    /// Stops the call if it is under way.
    fn cancel(&self) {
        if let Some(running) = self.running.get() {
            running.abort();
        }
    }
}

pub(crate) fn answer(py: Python<'_>, outcome: Outcome) -> PyResult<Py<PyAny>> {
    match outcome {
        Ok(answer) => answer(py),
        Err(error) => Err(raise(py, &error)),
    }
}

/// Works on the caller's own thread, which saves the way to another and back.
fn wait(py: Python<'_>, runtime: &Runtime, mut work: Work) -> PyResult<Outcome> {
    // What is left of the work is dropped where its timers are.
    let _context = runtime.enter();
    loop {
        let outcome = py.detach(|| {
            runtime.block_on(async { tokio::time::timeout(TICK, &mut work).await.ok() })
        });
        if let Some(outcome) = outcome {
            return Ok(outcome);
        }
        logging::flush(py)?;
        py.check_signals()?;
    }
}

enum Event {
    Request(Request),
    Done(Outcome),
    Tick,
}

/// Works on the runtime's threads, and calls the caller's functions on the caller's own.
fn wait_and_serve(
    py: Python<'_>,
    runtime: &Runtime,
    work: Work,
    callbacks: &Callbacks,
) -> PyResult<Outcome> {
    let mut work = Spawned(runtime.spawn(work));
    loop {
        let event = py.detach(|| {
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    Some(request) = callbacks.request() => Event::Request(request),
                    outcome = &mut work.0 => Event::Done(resume(outcome)),
                    () = tokio::time::sleep(TICK) => Event::Tick,
                }
            })
        });
        match event {
            Event::Request(request) => callbacks.serve(py, request)?,
            Event::Done(outcome) => {
                while let Some(request) = callbacks.waiting_request() {
                    callbacks.serve(py, request)?;
                }
                return Ok(outcome);
            }
            Event::Tick => logging::flush(py)?,
        }
        py.check_signals()?;
    }
}

fn resume(outcome: Result<Outcome, tokio::task::JoinError>) -> Outcome {
    match outcome {
        Ok(outcome) => outcome,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => unreachable!("only its waiter aborts it"),
        },
    }
}

/// Work that stops when nobody waits for it any more.
struct Spawned(JoinHandle<Outcome>);

impl Drop for Spawned {
    fn drop(&mut self) {
        self.0.abort();
    }
}
