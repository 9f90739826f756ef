//! What the client logs, through Python's `logging`.
//!
//! Records wait in a queue, and are handed over by threads of Python that come by: those that make
//! calls, and event loops. So no thread of the runtime ever waits for the interpreter to log.

use std::{
    fmt::{self, Write},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU8, Ordering},
        mpsc,
    },
};

use pyo3::{intern, prelude::*, sync::PyOnceLock, types::PyDict};
use tokio::sync::Notify;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};

struct Record {
    level: u8,
    text: String,
}

static RECORDS: OnceLock<mpsc::Sender<Record>> = OnceLock::new();
/// Locked by threads that hold the interpreter only.
static WAITING: Mutex<Option<mpsc::Receiver<Record>>> = Mutex::new(None);
static LOGGED: Notify = Notify::const_new();
/// The least level that Python's logger takes.
static LEAST: AtomicU8 = AtomicU8::new(OFF);
const OFF: u8 = u8::MAX;

/// Python's number for it.
fn number(level: &Level) -> u8 {
    match *level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    }
}

/// Asks which records are wanted. Where the program hasn't imported `logging` none are.
pub(crate) fn begin(py: Python<'_>) -> PyResult<()> {
    let Some(logger) = logger(py)? else {
        return Ok(());
    };
    let level: u32 = logger
        .call_method0(intern!(py, "getEffectiveLevel"))?
        .extract()?;
    if RECORDS.get().is_none() {
        let (sender, receiver) = mpsc::channel();
        // A subscriber that is there already has what there is to log.
        if tracing::subscriber::set_global_default(Registry::default().with(ToPython)).is_ok()
            && RECORDS.set(sender).is_ok()
            && let Ok(mut waiting) = WAITING.lock()
        {
            *waiting = Some(receiver);
        }
    }
    let least = u8::try_from(level).unwrap_or(OFF);
    if LEAST.swap(least, Ordering::Relaxed) != least {
        tracing::callsite::rebuild_interest_cache();
    }
    Ok(())
}

/// Hands over what was logged.
pub(crate) fn flush(py: Python<'_>) -> PyResult<()> {
    loop {
        let record = match WAITING.try_lock().as_deref() {
            Ok(Some(receiver)) => receiver.try_recv(),
            _ => return Ok(()),
        };
        let (Ok(record), Some(logger)) = (record, logger(py)?) else {
            return Ok(());
        };
        logger.call_method1(intern!(py, "log"), (record.level, "%s", record.text))?;
    }
}

/// Waits until something is logged.
pub(crate) async fn logged() {
    LOGGED.notified().await;
}

fn logger(py: Python<'_>) -> PyResult<Option<&Bound<'_, PyAny>>> {
    static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
    static LOGGER: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    if let Some(logger) = LOGGER.get(py) {
        return Ok(Some(logger.bind(py)));
    }
    let modules = MODULES.get_or_try_init(py, || -> PyResult<_> {
        let modules = py.import("sys")?.getattr("modules")?;
        Ok(modules.cast_into::<PyDict>()?.unbind())
    })?;
    let Some(logging) = modules.bind(py).get_item(intern!(py, "logging"))? else {
        return Ok(None);
    };
    let Ok(get_logger) = logging.getattr("getLogger") else {
        // It is being imported right now.
        return Ok(None);
    };
    let logger = LOGGER.get_or_try_init(py, || {
        Ok::<_, PyErr>(get_logger.call1(("w3pin",))?.unbind())
    })?;
    Ok(Some(logger.bind(py)))
}

struct ToPython;

impl<S: Subscriber> Layer<S> for ToPython {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target().starts_with("w3pin")
            && number(metadata.level()) >= LEAST.load(Ordering::Relaxed)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text::default();
        event.record(&mut text);
        let record = Record {
            level: number(event.metadata().level()),
            text: text.message + &text.fields,
        };
        if let Some(records) = RECORDS.get()
            && records.send(record).is_ok()
        {
            LOGGED.notify_waiters();
        }
    }
}

/// The message, and ` name=value` for each field.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string can't fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}
