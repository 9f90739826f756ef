//! How the C library's allocator divides memory.

/// Runs the command anew with few arenas, if it serves and glibc would make many; returns where that isn't so,
/// or can't be done.
///
/// Each arena keeps memory that others need, since what is freed goes back to the system only from its end:
/// with eight arenas a processor, glibc's default, folders under way in some threads took two and a half
/// times what they need. The number can only be set by the environment that a process starts with.
pub(crate) fn have_few() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::{env, os::unix::process::CommandExt, process::Command};

        const ARENAS: &str = "MALLOC_ARENA_MAX";
        let is_set = env::var_os(ARENAS).is_some() || env::var_os("GLIBC_TUNABLES").is_some();
        // Where it's a file's name instead, running anew does no harm.
        let serves = env::args_os().any(|argument| argument == "serve");
        let Some(program) = env::current_exe().ok().filter(|_| serves && !is_set) else {
            return;
        };
        let mut arguments = env::args_os();
        let name = arguments.next().unwrap_or_default();
        // This returns only where it failed.
        let _failed = Command::new(program)
            .arg0(name)
            .args(arguments)
            .env(ARENAS, "2")
            .exec();
    }
}
