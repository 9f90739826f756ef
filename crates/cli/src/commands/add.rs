//! `w3pin add PATH…`

use std::path::Path;

use futures_util::{StreamExt, stream};
use w3pin::{ByteStream, Client, Error, Pin, PinOptions, Result, WaitPolicy};

use super::pairs;
use crate::{args::Add, failure::Failure, output::Output, progress::Bars, report::Report};

pub(crate) async fn run(add: &Add, client: &Client, output: &Output) -> Result<(), Failure> {
    if add.name.is_some() && add.paths.len() > 1 {
        return Err(Error::invalid_input("name", "a name is for one path alone").into());
    }
    let bars = Bars::new(output);
    let mut results = stream::iter(&add.paths)
        .map(|path| pin(add, path, client, &bars))
        .buffered(add.concurrency.into());
    let mut report = Report::new(add.paths.len(), output);
    for path in &add.paths {
        if let Some(result) = results.next().await {
            let what = path.display().to_string();
            bars.aside(|| report.take(&what, result, |pin| output.pinned(&what, pin)))?;
        }
    }
    report.end()
}

async fn pin(add: &Add, path: &Path, client: &Client, bars: &Bars) -> Result<Pin> {
    let bar = bars.bar(path);
    let mut options = PinOptions::new()
        .keyvalues(pairs(&add.pairs))
        .hidden(add.hidden)
        .symlinks(add.symlinks.into())
        .verify(add.verify.into())
        .skip_if_pinned(add.skip_if_pinned)
        .progress(bar.follow());
    options.profile = add.profile;
    options.metadata.name.clone_from(&add.name);
    let pin = if path.as_os_str() == "-" {
        client
            .pin_stream(ByteStream::from_reader(std::io::stdin()), options)
            .await?
    } else {
        client.pin_path(path, options).await?
    };
    drop(bar);
    if !add.wait {
        return Ok(pin);
    }
    let _waiting = bars.spinner(format!("waiting for {}", pin.id));
    let policy = WaitPolicy::default().deadline(add.patience.timeout);
    let done = client.wait_until_pinned(&pin.id, policy).await?;
    // What this call has proved and found, a later look doesn't know.
    let Pin {
        verification,
        already_pinned,
        ..
    } = pin;
    let mut done = done;
    (done.verification, done.already_pinned) = (verification, already_pinned);
    Ok(done)
}
