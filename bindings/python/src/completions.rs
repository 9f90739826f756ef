//! How calls that end on the runtime's threads get back to an event loop.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{FutureExt, future::BoxFuture};
use pyo3::{exceptions::PyRuntimeError, intern, prelude::*};
use w3pin::Progress;

use crate::{
    alarm::{Alarm, Watch},
    call::{Callbacks, Outcome, Request, answer},
    convert::ToPython,
    logging,
};

/// One event loop's queue of what has happened. The loop is woken once for all that came since it
/// last looked.
#[pyclass(module = "w3pin._native", frozen)]
pub(crate) struct Completions {
    event_loop: Py<PyAny>,
    queue: Arc<Queue>,
    /// Ends when nobody uses these completions any more.
    _watch: Option<Watch>,
}

#[pymethods]
impl Completions {
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

    /// Whether it is this loop's.
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
    Progress(Arc<Py<PyAny>>, Progress),
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

/// What the loop calls when it is woken.
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
            // What one call's end raises keeps no other from its end.
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
        What::Progress(tell, progress) => match tell.call1(py, (progress.to_python(py)?,)) {
            Ok(_) => return Ok(()),
            // Whoever awaits the future stops the upload.
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

/// A call under way, and the future that waits for it.
pub(crate) struct Pending {
    queue: Arc<Queue>,
    future: Arc<Py<PyAny>>,
}

impl Pending {
    pub(crate) fn new(completions: &Completions, future: Py<PyAny>) -> Self {
        Self {
            queue: Arc::clone(&completions.queue),
            future: Arc::new(future),
        }
    }

    /// Does the work, and tells the loop of it.
    pub(crate) async fn settle(
        self,
        work: impl Future<Output = Outcome> + Send,
        callbacks: Option<Callbacks>,
    ) {
        let (progress, mut requests) = match callbacks {
            Some(callbacks) => (callbacks.progress.map(Arc::new), Some(callbacks.requests)),
            None => (None, None),
        };
        let mut work = std::pin::pin!(std::panic::AssertUnwindSafe(work).catch_unwind());
        let report = |request| {
            if let (Request::Progress(now), Some(tell)) = (request, &progress) {
                self.tell(What::Progress(Arc::clone(tell), now));
            }
        };
        let outcome = loop {
            let asked: BoxFuture<'_, _> = match &mut requests {
                Some(requests) => requests.recv().boxed(),
                None => std::future::pending().boxed(),
            };
            tokio::select! {
                biased;
                Some(request) = asked => report(request),
                outcome = &mut work => break outcome,
                () = logging::logged() => self.tell(What::Logged),
            }
        };
        while let Some(Ok(request)) = requests.as_mut().map(|requests| requests.try_recv()) {
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
