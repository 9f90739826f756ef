//! Limits how the C library's allocator divides memory.

/// Restarts the command with few malloc arenas, if it runs a server and glibc would create many;
/// returns if that isn't so, or fails.
///
/// Each arena retains memory that others could use, since freed memory is returned to the system
/// only from its end. With eight arenas a processor, glibc's default, uploads of folders on several
/// threads took two and a half times the memory that they need. The number can only be set by the
/// environment that a process starts with.
pub(crate) fn have_few() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::{env, os::unix::process::CommandExt, process::Command};

        const ARENAS: &str = "MALLOC_ARENA_MAX";
        let is_set = env::var_os(ARENAS).is_some() || env::var_os("GLIBC_TUNABLES").is_some();
        // If it is a file's name instead, restarting does no harm.
        let serves = env::args_os().any(|argument| argument == "serve");
        let Some(program) = env::current_exe().ok().filter(|_| serves && !is_set) else {
            return;
        };
        let mut arguments = env::args_os();
        let name = arguments.next().unwrap_or_default();
        // This returns only if it failed.
        let _failed = Command::new(program)
            .arg0(name)
            .args(arguments)
            .env(ARENAS, "2")
            .exec();
    }
}
