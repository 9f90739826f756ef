//! Passes Rust's logs to JavaScript as JSON.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use napi::{
    Status,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode},
};
use napi_derive::napi;
use serde_json::Value;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

use crate::error::camel_case;

/// Receives a record. It doesn't keep the process alive.
type Listener = ThreadsafeFunction<String, (), String, Status, false, true>;

/// The listeners of the main thread and of workers.
static LISTENERS: Mutex<Vec<Listener>> = Mutex::new(Vec::new());
static IS_WANTED: AtomicBool = AtomicBool::new(false);

/// Calls this thread's function with every record from now on.
#[napi]
pub fn start_logging(listener: Listener) {
    static SUBSCRIBER: OnceLock<()> = OnceLock::new();
    SUBSCRIBER.get_or_init(|| {
        // The module has its own copy of the library, without any other subscriber.
        let _ = tracing::subscriber::set_global_default(Registry::default().with(ToJavaScript));
    });
    let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
    listeners.push(listener);
    if !IS_WANTED.swap(true, Ordering::Relaxed) {
        tracing::callsite::rebuild_interest_cache();
    }
}

struct ToJavaScript;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ToJavaScript {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target().starts_with("w3pin") && IS_WANTED.load(Ordering::Relaxed)
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
                fields.0.extend(of_span.0.clone());
            }
        }
        event.record(&mut fields);
        let level = event.metadata().level().as_str().to_ascii_lowercase();
        fields.0.insert("level".to_owned(), level.into());
        let Ok(record) = serde_json::to_string(&fields.0) else {
            return;
        };
        let mut listeners = LISTENERS.lock().unwrap_or_else(PoisonError::into_inner);
        // A worker that has ended is removed.
        listeners.retain(|listener| {
            let told = listener.call(record.clone(), ThreadsafeFunctionCallMode::NonBlocking);
            told != Status::Closing
        });
    }
}

/// The fields of an event, by their names in JavaScript.
#[derive(Clone, Default)]
struct Fields(BTreeMap<String, Value>);

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(camel_case(field.name()), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(camel_case(field.name()), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(camel_case(field.name()), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0
            .insert(camel_case(field.name()), format!("{value:?}").into());
    }
}
