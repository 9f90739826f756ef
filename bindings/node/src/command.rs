//! The `w3pin` command, inside of the JavaScript runtime's process.

use std::{env, ffi::OsString, iter};

use napi_derive::napi;

/// Runs the command with these arguments; gives its exit code.
#[napi]
pub fn run_command(args: Vec<String>) -> u8 {
    restore_default_signals();
    end_with_npx();
    let name = iter::once(OsString::from("w3pin"));
    w3pin_cli::run(name.chain(unaltered(args)))
}

/// Node.js handles SIGINT and SIGTERM by raising them again once its handler is gone. The command's
/// handlers call the ones they replace, so they would be raised without end.
#[cfg(unix)]
#[allow(unsafe_code, reason = "the standard library has no signals")]
fn restore_default_signals() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        // SAFETY: the default action runs no code of this process.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

#[cfg(not(unix))]
fn restore_default_signals() {}

/// npx runs the command in a shell, which SIGTERM ends without reaching the command. Elsewhere than on
/// Linux that shell becomes the command.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "the standard library has no signals")]
fn end_with_npx() {
    if env::var_os("npm_lifecycle_event").is_some_and(|event| event == "npx") {
        // SAFETY: this takes two numbers, and changes what this process is sent, nothing else.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) };
    }
}

#[cfg(not(target_os = "linux"))]
fn end_with_npx() {}

/// The same arguments as the system gave them: JavaScript's strings can't hold every file name. Where
/// the system doesn't tell, as under musl, they stay as they are.
fn unaltered(args: Vec<String>) -> Vec<OsString> {
    let given: Vec<OsString> = env::args_os().collect();
    let last = &given[given.len().saturating_sub(args.len())..];
    if (last.iter().map(|it| it.to_string_lossy())).eq(args.iter().map(String::as_str)) {
        last.to_vec()
    } else {
        args.into_iter().map(OsString::from).collect()
    }
}
