//! A prepared call, which Python waits for or awaits.

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
    client::Clients,
    error::raise,
    event_queue::{EventQueue, Pending},
    logging,
    results::ToPython,
    runtime,
};

/// The longest delay until Ctrl-C is noticed.
const TICK: Duration = Duration::from_millis(50);

/// Creates the Python object of a result, once the interpreter is available.
pub(crate) type Answer = Box<dyn FnOnce(Python<'_>) -> PyResult<Py<PyAny>> + Send>;
pub(crate) type Outcome = w3pin::Result<Answer>;
type Work = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// What work in progress requests from Python.
pub(crate) enum Request {
    /// Report progress to the caller.
    Progress(Answer),
    /// Provide the next block of the caller's stream, or nothing at its end.
    Block(oneshot::Sender<Option<Bytes>>),
}

/// The caller's functions, and the channel of requests for them.
pub(crate) struct Callbacks {
    progress: Option<Py<PyAny>>,
    next_block: Option<Py<PyAny>>,
    requests: tokio::sync::Mutex<mpsc::UnboundedReceiver<Request>>,
}

impl Callbacks {
    /// Receives the progress of an upload with these options, if there is a progress function, and
    /// requests for blocks.
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

    /// Serves requests for these functions; `None` if there are none.
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

    /// Returns the next request.
    pub(crate) async fn request(&self) -> Option<Request> {
        self.requests.lock().await.recv().await
    }

    /// Returns a pending request.
    pub(crate) fn waiting_request(&self) -> Option<Request> {
        self.requests.try_lock().ok()?.try_recv().ok()
    }

    /// Calls the progress function.
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
                // The work may have ended meanwhile, and then needs no block.
                let _ = reply.send((!block.is_empty()).then_some(block));
                Ok(())
            }
            (Request::Block(_), None) => Ok(()),
        }
    }
}

/// Passes progress to the thread that serves these requests.
pub(crate) fn told<P: ToPython + Clone + Send + 'static>(
    requests: mpsc::UnboundedSender<Request>,
) -> impl Fn(&P) + Send + Sync {
    move |progress| {
        let progress = progress.clone();
        // The receiver may be gone, if the call is being stopped.
        let _ = requests.send(Request::Progress(Box::new(move |py| {
            progress.to_python(py)
        })));
    }
}

/// Work that hasn't started.
enum Prepared {
    /// Work for the threads of the background.
    InBackground(Work),
    /// Work of a client, which is done in the foreground if Python waits for it.
    Of(Clients, Box<dyn FnOnce(w3pin::Client) -> Work + Send>),
}

impl Prepared {
    fn in_background(self) -> Work {
        match self {
            Self::InBackground(work) => work,
            Self::Of(clients, begin) => begin(clients.background),
        }
    }
}

type Ready = (Prepared, Option<Arc<Callbacks>>);

/// A call to the service that hasn't started. It can be made once.
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
        Self::prepared(Prepared::InBackground(boxed(work)), callbacks)
    }

    /// A call of a client, which gets the connections for where it runs.
    pub(crate) fn of<T: ToPython + Send + 'static, W>(
        clients: Clients,
        callbacks: Option<Callbacks>,
        begin: impl FnOnce(w3pin::Client) -> W + Send + 'static,
    ) -> Self
    where
        W: Future<Output = w3pin::Result<T>> + Send + 'static,
    {
        let begin = Box::new(|client| boxed(begin(client)));
        Self::prepared(Prepared::Of(clients, begin), callbacks)
    }

    fn prepared(work: Prepared, callbacks: Option<impl Into<Arc<Callbacks>>>) -> Self {
        Self {
            work: Mutex::new(Some((work, callbacks.map(Into::into)))),
            running: OnceLock::new(),
        }
    }

    fn take(&self) -> PyResult<Ready> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        work.take()
            .ok_or_else(|| PyRuntimeError::new_err("this call was made already"))
    }
}

fn boxed<T: ToPython + Send + 'static>(
    work: impl Future<Output = w3pin::Result<T>> + Send + 'static,
) -> Work {
    Box::pin(work.map_ok(|value| -> Answer { Box::new(move |py| value.to_python(py)) }))
}

#[pymethods]
impl Call {
    /// Makes the call and waits for its result, without holding the interpreter.
    fn wait(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let (work, callbacks) = self.take()?;
        logging::begin(py)?;
        let outcome = match (work, callbacks) {
            (Prepared::Of(clients, begin), None) => {
                wait_in_foreground(py, begin(clients.foreground))
            }
            (work, None) => wait(py, runtime::background(py)?, work.in_background()),
            (work, Some(callbacks)) => wait_and_serve(
                py,
                runtime::background(py)?,
                work.in_background(),
                &callbacks,
            ),
        };
        logging::flush(py)?;
        answer(py, outcome?)
    }

    /// Makes the call in the background, and resolves the future of the queue's event loop.
    fn start(&self, py: Python<'_>, queue: &EventQueue, future: Py<PyAny>) -> PyResult<()> {
        let (work, callbacks) = self.take()?;
        let runtime = runtime::background(py)?;
        logging::begin(py)?;
        let pending = Pending::new(queue, future);
        let task = runtime.spawn(pending.settle(work.in_background(), callbacks));
        let _ = self.running.set(task.abort_handle());
        Ok(())
    }

    /// Stops the call if it is in progress.
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

/// Runs on the caller's own thread, and so does the network unless another thread waits, too.
fn wait_in_foreground(py: Python<'_>, work: Work) -> PyResult<Outcome> {
    let runtime = runtime::foreground(py)?;
    let caught_up = async move {
        runtime::catch_up().await;
        work.await
    };
    wait(py, runtime, Box::pin(caught_up)).inspect_err(|_| {
        // The connection of interrupted work is closed.
        runtime.block_on(runtime::catch_up());
    })
}

/// Runs on the caller's own thread, which avoids switching threads.
fn wait(py: Python<'_>, runtime: &Runtime, mut work: Work) -> PyResult<Outcome> {
    // The rest of the work is dropped in the context of its timers.
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

/// Runs on the runtime's threads, and calls the caller's functions on the caller's own thread.
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

/// Work that stops when it is dropped.
struct Spawned(JoinHandle<Outcome>);

impl Drop for Spawned {
    fn drop(&mut self) {
        self.0.abort();
    }
}
