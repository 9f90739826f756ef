//! Reads keys and tokens from files, which keeps them out of the list of processes.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use w3pin::{Error, Result};

use super::blocking;
use crate::{
    args::{Command, Global},
    failure::Failure,
};

/// Keys have a few dozen bytes, and tokens some hundred; a longer file contains something else.
const LONGEST: u64 = 4096;

/// Reads the keys from the files in the arguments.
pub(super) async fn read(
    global: &mut Global,
    command: &Command,
) -> std::result::Result<(), Failure> {
    let files = [
        &global.api_key_file,
        &global.secret_key_file,
        &global.token_file,
    ];
    let takes_input = match command {
        Command::Add(add) => add.paths.iter().any(|path| is_input(path)),
        Command::Rm(rm) => rm.ids.iter().any(|id| id.as_str() == "-"),
        _ => false,
    };
    let readers = files.into_iter().flatten().filter(|path| is_input(path));
    if readers.count() + usize::from(takes_input) > 1 {
        return Err(Error::invalid_input(
            if global.token_file.is_some() {
                "token_file"
            } else {
                "secret_key_file"
            },
            "standard input (-) can be read only once; put the secret into a file",
        )
        .into());
    }
    if let Some(path) = global.api_key_file.clone() {
        global.api_key = Some(blocking(move || key("api_key_file", &path)).await??);
    }
    if let Some(path) = global.secret_key_file.clone() {
        global.secret_key = Some(blocking(move || key("secret_key_file", &path)).await??);
    }
    if let Some(path) = global.token_file.clone() {
        global.token = Some(blocking(move || key("token_file", &path)).await??);
    }
    Ok(())
}

fn is_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn key(field: &'static str, path: &Path) -> Result<String> {
    let shown = path.display().to_string();
    let noun = if field == "token_file" {
        "token"
    } else {
        "key"
    };
    let unreadable = |cause: io::Error| {
        let reason = format!("the {noun} can't be read ({cause})");
        Error::local_io(shown.clone(), reason, cause).with_field(field)
    };
    let mut text = String::new();
    let read = if is_input(path) {
        io::stdin().take(LONGEST + 1).read_to_string(&mut text)
    } else {
        let file = fs::File::open(path).map_err(unreadable)?;
        file.take(LONGEST + 1).read_to_string(&mut text)
    };
    read.map_err(unreadable)?;
    let key = text.trim();
    let is_cut = text.len() as u64 > LONGEST;
    if is_cut || key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let reason = format!("the file must contain one {noun} and nothing else");
        return Err(Error::invalid_input(field, reason).with_path(shown));
    }
    Ok(key.to_owned())
}
