//! The `w3pin` command, within the JavaScript runtime's process.

use std::{env, ffi::OsString, iter};

use napi_derive::napi;

/// Runs the command with these arguments. Returns its exit code.
#[napi]
pub fn run_command(args: Vec<String>) -> u8 {
    restore_default_signals();
    end_with_npx();
    let name = iter::once(OsString::from("w3pin"));
    w3pin_cli::run(name.chain(unaltered(args)))
}

/// Node.js handles SIGINT and SIGTERM by raising them again once its handler is gone. The command's
/// handlers call those that they replace, so the signals would be raised forever.
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

/// npx runs the command in a shell, and SIGTERM ends that shell without reaching the command. On
/// systems other than Linux the shell is replaced by the command.
#[cfg(target_os = "linux")]
#[allow(unsafe_code, reason = "the standard library has no signals")]
fn end_with_npx() {
    if env::var_os("npm_lifecycle_event").is_some_and(|event| event == "npx") {
        // SAFETY: this takes two numbers, and only changes which signal this process receives.
        unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) };
    }
}

#[cfg(not(target_os = "linux"))]
fn end_with_npx() {}

/// Returns the arguments as given by the system: JavaScript's strings can't represent every file
/// name. If the system doesn't provide them, as with musl, they are unchanged.
fn unaltered(args: Vec<String>) -> Vec<OsString> {
    let given: Vec<OsString> = env::args_os().collect();
    let last = &given[given.len().saturating_sub(args.len())..];
    if (last.iter().map(|it| it.to_string_lossy())).eq(args.iter().map(String::as_str)) {
        last.to_vec()
    } else {
        args.into_iter().map(OsString::from).collect()
    }
}
