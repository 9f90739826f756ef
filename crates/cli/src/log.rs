//! Logs of the client and the server, on stderr.

use std::{collections::BTreeMap, fmt, io};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};
use tracing_subscriber::{
    Layer,
    filter::{EnvFilter, filter_fn},
    fmt::MakeWriter,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
    util::SubscriberInitExt,
};
use w3pin::printable;

use crate::{
    args::{Args, Command},
    output::{Messages, bytes},
};

/// Starts logging at the level set by the arguments. The client's warnings are always shown.
pub(crate) fn start(args: &Args, messages: &Messages) {
    let serves = matches!(args.command, Command::Serve(_));
    let filter = match args.global.verbose {
        // A server's problems are only visible in its log.
        0 if serves && !args.global.quiet => Some("w3pin_server=warn"),
        0 => None,
        1 => Some("w3pin_server=info"),
        2 => Some("w3pin=trace,w3pin_server=debug,hyper_util=debug,reqwest=debug,rustls=debug"),
        _ => Some("trace"),
    };
    let lines = filter.map(|filter| {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(messages.clone())
            .with_filter(EnvFilter::new(filter))
    });
    let requests = (args.global.verbose == 1).then(|| {
        let filter = filter_fn(is_client).with_max_level_hint(LevelFilter::DEBUG);
        Requests(messages.clone()).with_filter(filter)
    });
    let warnings = filter_fn(|of| is_client(of) && *of.level() <= Level::WARN);
    let warnings = warnings.with_max_level_hint(LevelFilter::WARN);
    // A program that embeds the command may have its own subscriber.
    let _ = tracing_subscriber::registry()
        .with(Warnings(messages.clone()).with_filter(warnings))
        .with(requests)
        .with(lines)
        .try_init();
}

fn is_client(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    target == "w3pin" || target.starts_with("w3pin::")
}

/// Shows the client's warnings to the user.
struct Warnings(Messages);

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let message = fields.get("message");
        self.0.warn(&match fields.get("path") {
            "" => message.to_owned(),
            path => format!("{path}: {message}"),
        });
        if !fields.get("empty_folders").is_empty() {
            self.0
                .hint("`w3pin cid` counts empty folders unless --as-upload is given");
        }
    }
}

/// Shows a line for each completed request.
struct Requests(Messages);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Requests {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = ctx.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, ctx: Context<'_, S>) {
        if let Some(span) = ctx.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        if let Some(span) = ctx.event_span(event)
            && span.name() == "request"
            && let Some(request) = span.extensions().get::<Fields>()
        {
            let mut end = Fields::default();
            event.record(&mut end);
            self.0.log(format!("{}\n", line(request, &end)).as_bytes());
        }
    }
}

/// Formats the line of a request.
fn line(request: &Fields, end: &Fields) -> String {
    let size = |name: &str| {
        request
            .get(name)
            .parse()
            .map_or_else(|_| "?".to_owned(), bytes)
    };
    let (operation, method) = (request.get("operation"), request.get("method"));
    let (path, attempt) = (request.get("path"), request.get("attempt"));
    let (milliseconds, sent) = (end.get("milliseconds"), size("bytes_sent"));
    let text = match end.get("error") {
        "" => format!(
            "{operation} {method} {path}: {} in {milliseconds} ms, attempt {attempt}, {sent} sent, {} \
             received",
            request.get("status"),
            size("bytes_received")
        ),
        error => format!(
            "{operation} {method} {path}: no response after {milliseconds} ms, attempt {attempt}, {sent} \
             sent: {error}"
        ),
    };
    printable(&text).into_owned()
}

/// The fields of a span or an event as text.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl<'a> MakeWriter<'a> for Messages {
    type Writer = Lines;

    fn make_writer(&'a self) -> Lines {
        Lines(self.clone())
    }
}

/// Writes log lines without disturbing progress bars, and without control characters.
pub(crate) struct Lines(Messages);

impl io::Write for Lines {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        let lines = String::from_utf8_lossy(text);
        let lines: Vec<_> = lines.split('\n').map(printable).collect();
        self.0.log(lines.join("\n").as_bytes());
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
