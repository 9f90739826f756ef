//! Tests that the keys don't leak.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing_subscriber::{fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};
use w3pin::{ErrorKind, ListOptions, PinOptions};

use crate::{
    API_KEY, SECRET_KEY, builder, client,
    server::{Kept, Server, content, failure, honest},
};

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

pub(crate) fn assert_clean(text: &str) {
    assert!(
        !text.contains(API_KEY) && !text.contains(SECRET_KEY),
        "{text}"
    );
}

#[test]
fn traces_tell_of_every_call_and_hold_no_key() {
    let log = Log::default();
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
        .with_writer(log.clone());
    let _guard = tracing_subscriber::registry().with(layer).set_default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let server = Server::new(|number, request, connection| {
        if number == 1 {
            connection.answer(503, "busy");
            return Kept::Yes;
        }
        honest(request, connection)
    });
    runtime.block_on(async {
        let client = client(&server);
        client
            .list_pins(&ListOptions::new().keyvalue("private", "v4lue"))
            .await
            .unwrap();
        client
            .pin_bytes(content(9000), PinOptions::new())
            .await
            .unwrap();
    });
    let text = log.text();
    assert_clean(&text);
    assert!(
        !text.contains("v4lue"),
        "metadata is the caller's own: {text}"
    );
    for wanted in [
        "operation=\"list_pins\"",
        "operation=\"upload\"",
        "attempt=2",
        "status=503",
        "status=201",
        "bytes_sent=9",
    ] {
        assert!(text.contains(wanted), "{wanted} isn't in {text}");
    }
}

#[tokio::test]
async fn nothing_that_prints_holds_a_key() {
    let server = Server::new(|_, _, connection| {
        connection.answer(401, &failure("you are not logged in"));
        Kept::Yes
    });
    let builder = builder(&server).proxy("http://user:pa55word@127.0.0.1:9");
    assert_clean(&format!("{builder:?}"));
    let proxied = builder.build().unwrap();
    assert!(!format!("{proxied:?}").contains("pa55word"));
    let error = proxied.get_pin(&"a".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    let mut texts = vec![format!("{error:?} {error}")];

    let client = client(&server);
    texts.push(format!("{client:?}"));
    let error = client.pin_bytes("x", PinOptions::new()).await.unwrap_err();
    let mut source: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = source {
        texts.push(format!("{error:?} {error}"));
        source = error.source();
    }
    texts.push(format!("{:?}", client.pins(ListOptions::new())));
    for text in texts {
        assert_clean(&text);
        assert!(!text.contains("pa55word"), "{text}");
    }
}
