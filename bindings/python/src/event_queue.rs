//! Returns the results of calls from the runtime's threads to an event loop.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{FutureExt, future::BoxFuture};
use pyo3::{exceptions::PyRuntimeError, intern, prelude::*};

use crate::{
    alarm::{Alarm, Watch},
    call::{Answer, Callbacks, Outcome, Request, answer},
    logging,
};

/// The queue of an event loop. The loop is woken once for all results since it last looked.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct EventQueue {
    event_loop: Py<PyAny>,
    queue: Arc<Queue>,
    /// Removed when the queue is dropped.
    _watch: Option<Watch>,
}

#[pymethods]
impl EventQueue {
    #[new]
    #[pyo3(signature = (event_loop, /))]
    fn new(event_loop: Bound<'_, PyAny>) -> PyResult<Self> {
        let news = Arc::new(Mutex::default());
        let drain = Py::new(event_loop.py(), Drain(Arc::clone(&news)))?;
        let (alarm, watch) = Alarm::new(&event_loop, drain.into_any())?;
        Ok(Self {
            event_loop: event_loop.unbind(),
            queue: Arc::new(Queue { alarm, news }),
            _watch: watch,
        })
    }

    /// Returns whether it belongs to this loop.
    fn belongs_to(&self, event_loop: &Bound<'_, PyAny>) -> bool {
        self.event_loop.is(event_loop)
    }
}

struct Queue {
    alarm: Alarm,
    news: Arc<Mutex<Vec<News>>>,
}

struct News {
    future: Arc<Py<PyAny>>,
    what: What,
}

enum What {
    Progress(Arc<Callbacks>, Answer),
    Logged,
    Done(std::thread::Result<Outcome>),
}

impl Queue {
    fn push(&self, news: News) {
        let mut queued = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        queued.push(news);
        let first = queued.len() == 1;
        drop(queued);
        if first {
            self.alarm.ring();
        }
    }
}

/// Called by the loop when it is woken.
#[pyclass(frozen)]
struct Drain(Arc<Mutex<Vec<News>>>);

#[pymethods]
impl Drain {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let news = {
            let mut queued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *queued)
        };
        let mut told = logging::flush(py);
        for News { future, what } in news {
            // An exception from one result doesn't keep others from being delivered.
            told = told.and(tell(future.bind(py), what));
        }
        told
    }
}

fn tell(future: &Bound<'_, PyAny>, what: What) -> PyResult<()> {
    let py = future.py();
    if future.call_method0(intern!(py, "done"))?.is_truthy()? {
        return Ok(());
    }
    let settled = match what {
        What::Logged => return Ok(()),
        What::Progress(callbacks, progress) => match callbacks.tell(py, progress) {
            Ok(()) => return Ok(()),
            // Awaiting code that raises stops the call.
            Err(error) => Err(error),
        },
        What::Done(Ok(outcome)) => answer(py, outcome),
        What::Done(Err(_)) => Err(PyRuntimeError::new_err(
            "w3pin itself failed; please report",
        )),
    };
    match settled {
        Ok(value) => future.call_method1(intern!(py, "set_result"), (value,))?,
        Err(error) => future.call_method1(intern!(py, "set_exception"), (error.into_value(py),))?,
    };
    Ok(())
}

/// A call in progress, and the future that waits for it.
pub(crate) struct Pending {
    queue: Arc<Queue>,
    future: Arc<Py<PyAny>>,
}

impl Pending {
    pub(crate) fn new(queue: &EventQueue, future: Py<PyAny>) -> Self {
        Self {
            queue: Arc::clone(&queue.queue),
            future: Arc::new(future),
        }
    }

    /// Runs the work, and notifies the loop.
    pub(crate) async fn settle(
        self,
        work: impl Future<Output = Outcome> + Send,
        callbacks: Option<Arc<Callbacks>>,
    ) {
        let mut work = std::pin::pin!(std::panic::AssertUnwindSafe(work).catch_unwind());
        let report = |request| {
            if let Request::Progress(now) = request
                && let Some(callbacks) = &callbacks
            {
                self.tell(What::Progress(Arc::clone(callbacks), now));
            }
        };
        let outcome = loop {
            let asked: BoxFuture<'_, _> = match &callbacks {
                Some(callbacks) => callbacks.request().boxed(),
                None => std::future::pending().boxed(),
            };
            tokio::select! {
                biased;
                Some(request) = asked => report(request),
                outcome = &mut work => break outcome,
                () = logging::logged() => self.tell(What::Logged),
            }
        };
        while let Some(request) = callbacks.as_ref().and_then(|it| it.waiting_request()) {
            report(request);
        }
        let Self { queue, future } = self;
        let what = What::Done(outcome);
        queue.push(News { future, what });
    }

    fn tell(&self, what: What) {
        self.queue.push(News {
            future: Arc::clone(&self.future),
            what,
        });
    }
}
