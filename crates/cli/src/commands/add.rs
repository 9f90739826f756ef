//! `w3pin add PATH…`

use std::{
    io::{self, BufRead, IsTerminal},
    path::Path,
};

use futures_util::{StreamExt, stream};
use w3pin::{
    BatchOptions, ByteStream, CarFile, Client, Completed, Error, ErrorKind, Pin, PinOptions,
    Result, Verify,
};

use super::{
    done,
    pinned::{Asked, Pinned},
};
use crate::{args::Add, failure::Failure, output::Output};

pub(crate) async fn run(
    add: &Add,
    client: &Client,
    output: &Output,
) -> std::result::Result<(), Failure> {
    check(add)?;
    let mut options = options(add)?;
    let asked = Asked {
        name: add.name.clone(),
        keyvalues: options.metadata.keyvalues.clone(),
        proof: options.verify != Verify::Off,
    };
    let mut pinned = Pinned::new(subjects(add), asked, output);
    let bar = output.messages().bar(&match &add.paths[..] {
        [path] => own_name(path),
        paths => format!("0/{}", paths.len()),
    });
    options = options.progress(bar.follow());

    if add.car {
        let cars = (0..).zip(&add.paths).map(|(index, path)| {
            let options = options.clone();
            async move {
                let result = pin_car(path, client, options).await;
                Completed { index, result }
            }
        });
        let pins = stream::iter(cars).buffer_unordered(add.concurrency.into());
        done::take_all(
            Box::pin(pins),
            add.waiting.policy(),
            client,
            &mut pinned,
            output,
        )
        .await;
        drop(bar);
        return pinned.end();
    }
    let (inputs, files): (Vec<_>, Vec<_>) =
        (0..).zip(&add.paths).partition(|(_, path)| is_input(path));
    let places: Vec<usize> = files.iter().map(|(index, _)| *index).collect();
    let batch = BatchOptions::new()
        .concurrency(add.concurrency.into())?
        .each(options.clone());
    let files = files.into_iter().map(|(_, path)| path.as_path());
    let files = client
        .pin_files_as_completed(files, batch)
        .map(|completed| Completed {
            index: places.get(completed.index).copied().unwrap_or_default(),
            ..completed
        });
    let inputs = stream::iter(inputs).then(|(index, _)| {
        let options = options.clone();
        async move {
            let result = client.pin_stream(input(add, output), options).await;
            Completed { index, result }
        }
    });
    let pins = stream::select(files, Box::pin(inputs));
    done::take_all(pins, add.waiting.policy(), client, &mut pinned, output).await;
    drop(bar);
    pinned.end()
}

async fn pin_car(path: &Path, client: &Client, options: PinOptions) -> Result<Pin> {
    if !is_input(path) {
        return client.pin_car(path, options).await;
    }
    let car = tokio::task::spawn_blocking(|| CarFile::read(io::stdin().lock()));
    let car = car
        .await
        .map_err(|cause| Error::new(ErrorKind::LocalIo, cause.to_string()))??;
    client.pin_car_file(car, options).await
}

/// Waits for the first bytes of standard input, if it is to be sent.
///
/// Must be called before a session locks the data of a local server, which the command that writes
/// the bytes may need.
pub(super) async fn await_input(add: &Add) -> std::result::Result<(), Failure> {
    if add.paths.iter().any(|path| is_input(path)) && !io::stdin().is_terminal() {
        // They stay buffered; a failure occurs again when they are sent.
        let _ = super::blocking(|| io::stdin().lock().fill_buf().map(drop)).await?;
    }
    Ok(())
}

/// Rejects options that don't apply to the paths.
pub(super) fn check(add: &Add) -> Result<()> {
    let inputs = add.paths.iter().filter(|path| is_input(path)).count();
    if inputs > 1 {
        return Err(Error::invalid_input(
            "path",
            "standard input (-) can be read only once; give it once",
        ));
    }
    if add.length.is_some() && inputs == 0 {
        return Err(Error::invalid_input(
            "length",
            "--length only applies to standard input (-); the length of a file is known",
        ));
    }
    let lone = [
        ("name", add.name.is_some()),
        ("file_name", add.file_name.is_some()),
        ("content_type", add.content_type.is_some()),
    ];
    match lone.into_iter().find(|(_, is_given)| *is_given) {
        Some((field, _)) if add.paths.len() > 1 => Err(Error::invalid_input(
            field,
            format!(
                "--{} needs a single path; run the command for each",
                field.replace('_', "-")
            ),
        )),
        _ => Ok(()),
    }
}

pub(super) fn options(add: &Add) -> Result<PinOptions> {
    let mut options = PinOptions::new()
        .keyvalues(add.metadata.keyvalues()?)
        .walk(add.walk.options(add.symlinks))
        .verify(add.verify.into())
        .skip_if_pinned(add.skip_if_pinned)
        .mark_attempt(!add.no_mark);
    options.metadata.name.clone_from(&add.name);
    options.file_name.clone_from(&add.file_name);
    options.content_type.clone_from(&add.content_type);
    options.profile = add.profile;
    options.timeout = add.upload_timeout;
    Ok(options)
}

/// Returns the paths as they are shown.
pub(super) fn subjects(add: &Add) -> Vec<String> {
    let paths = add.paths.iter();
    paths.map(|path| path.display().to_string()).collect()
}

pub(super) fn is_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn input(add: &Add, output: &Output) -> ByteStream {
    if io::stdin().is_terminal() {
        let end = if cfg!(windows) {
            "Ctrl-Z and Enter"
        } else {
            "Ctrl-D"
        };
        output.note(&format!("reading standard input until {end}"));
    }
    let stream = ByteStream::from_reader(io::stdin());
    match add.length {
        Some(length) => stream.length(length),
        None => stream,
    }
}

fn own_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
