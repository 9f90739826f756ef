//! Passes the client's logs to Python's `logging`.
//!
//! Records are queued, and delivered by Python threads that make calls, and by event loops. So the
//! runtime's threads never wait for the interpreter to log.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU8, Ordering},
        mpsc,
    },
};

use pyo3::{
    IntoPyObjectExt, intern,
    prelude::*,
    sync::PyOnceLock,
    types::{IntoPyDict, PyDict},
};
use tokio::sync::Notify;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

struct Record {
    level: u8,
    message: String,
    fields: Fields,
}

static RECORDS: OnceLock<mpsc::Sender<Record>> = OnceLock::new();
/// Locked only by threads that hold the interpreter.
static WAITING: Mutex<Option<mpsc::Receiver<Record>>> = Mutex::new(None);
static LOGGED: Notify = Notify::const_new();
/// The lowest level that Python's logger accepts.
static LEAST: AtomicU8 = AtomicU8::new(OFF);
const OFF: u8 = u8::MAX;

/// Returns Python's number of a level.
fn number(level: &Level) -> u8 {
    match *level {
        Level::ERROR => 40,
        Level::WARN => 30,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    }
}

/// Determines which records are wanted; none if the program hasn't imported `logging`.
pub(crate) fn begin(py: Python<'_>) -> PyResult<()> {
    let Some(logger) = logger(py)? else {
        return Ok(());
    };
    let level: u32 = logger
        .call_method0(intern!(py, "getEffectiveLevel"))?
        .extract()?;
    if RECORDS.get().is_none() {
        let (sender, receiver) = mpsc::channel();
        // An existing subscriber already receives all logs.
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

/// Delivers queued records.
pub(crate) fn flush(py: Python<'_>) -> PyResult<()> {
    loop {
        let record = match WAITING.try_lock().as_deref() {
            Ok(Some(receiver)) => receiver.try_recv(),
            _ => return Ok(()),
        };
        let (Ok(record), Some(logger)) = (record, logger(py)?) else {
            return Ok(());
        };
        let mut text = record.message;
        let fields = PyDict::new(py);
        for (name, value) in record.fields.0 {
            // Writing to a string can't fail.
            let _ = write!(text, " {name}={value}");
            fields.set_item(name, value.into_python(py)?)?;
        }
        let extra = [("extra", [("w3pin", fields)].into_py_dict(py)?)].into_py_dict(py)?;
        logger.call_method(intern!(py, "log"), (record.level, "%s", text), Some(&extra))?;
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
        // It is just being imported.
        return Ok(None);
    };
    let logger = LOGGER.get_or_try_init(py, || {
        Ok::<_, PyErr>(get_logger.call1(("w3pin",))?.unbind())
    })?;
    Ok(Some(logger.bind(py)))
}

struct ToPython;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ToPython {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target().starts_with("w3pin")
            && number(metadata.level()) >= LEAST.load(Ordering::Relaxed)
    }

    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        id: &span::Id,
        context: Context<'_, S>,
    ) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                let more = of_span.0.iter();
                fields
                    .0
                    .extend(more.map(|(name, value)| (*name, value.clone())));
            }
        }
        event.record(&mut fields);
        let record = Record {
            level: number(event.metadata().level()),
            message: fields
                .0
                .remove("message")
                .map_or_else(String::new, |message| message.to_string()),
            fields,
        };
        if let Some(records) = RECORDS.get()
            && records.send(record).is_ok()
        {
            LOGGED.notify_waiters();
        }
    }
}

/// The fields of an event, by name.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, Value>);

#[derive(Clone)]
enum Value {
    Text(String),
    Number(u64),
    Flag(bool),
}

impl Value {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        match self {
            Self::Text(text) => text.into_bound_py_any(py),
            Self::Number(number) => number.into_bound_py_any(py),
            Self::Flag(flag) => flag.into_bound_py_any(py),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), Value::Number(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name(), Value::Flag(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), Value::Text(value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        self.0.insert(field.name(), Value::Text(text));
    }
}
