//! The processor time and the priority of a thread, which only Linux lets a thread change for
//! itself.

use std::{io, time::Duration};

/// How much lower the priority of a heavy user's work is than the process's own, as a `nice`
/// increment: it gets all idle time, and about a tenth of contended time.
#[cfg(target_os = "linux")]
pub(super) const NICENESS: i32 = 10;
/// How long such work may run at a time, in nanoseconds; the longest that Linux allows. From 6.12
/// on, a thread that wakes up preempts one with a longer slice at once, instead of waiting for the
/// next tick.
#[cfg(target_os = "linux")]
const SLICE: u64 = 100_000_000;

/// Returns the processor time that the current thread has used, where the system reports it.
#[cfg(target_os = "linux")]
pub(crate) fn processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(time.tv_sec.unsigned_abs(), nanoseconds)
}

/// Returns the `nice` value of work that makes way.
#[cfg(target_os = "linux")]
pub(super) fn low_priority() -> i32 {
    // If the own priority is unknown, a low one is used.
    let own = rustix::process::getpriority_process(None).unwrap_or(0);
    (own + NICENESS).min(19)
}

/// Sets the priority of the current thread. On Linux it doesn't belong to the process.
#[cfg(target_os = "linux")]
pub(super) fn set_priority(priority: i32) -> io::Result<()> {
    // A container may forbid the call that sets both.
    set_priority_and_slice(priority)
        .or_else(|_| Ok(rustix::process::setpriority_process(None, priority)?))
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "no crate wraps this system call")]
fn set_priority_and_slice(priority: i32) -> io::Result<()> {
    let attributes = libc::sched_attr {
        size: u32::try_from(size_of::<libc::sched_attr>()).map_err(io::Error::other)?,
        sched_policy: 0,
        sched_flags: libc::SCHED_FLAG_KEEP_POLICY as u64,
        sched_nice: priority,
        sched_priority: 0,
        sched_runtime: SLICE,
        sched_deadline: 0,
        sched_period: 0,
    };
    let this_thread: libc::pid_t = 0;
    let flags: libc::c_uint = 0;
    // SAFETY: the kernel only reads the attributes, which have the size that they state.
    let result = unsafe {
        libc::syscall(
            libc::SYS_sched_setattr,
            this_thread,
            &raw const attributes,
            flags,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn processor_time() -> Duration {
    Duration::ZERO
}

#[cfg(not(target_os = "linux"))]
pub(super) fn low_priority() -> i32 {
    0
}

#[cfg(not(target_os = "linux"))]
pub(super) fn set_priority(_: i32) -> io::Result<()> {
    Ok(())
}
