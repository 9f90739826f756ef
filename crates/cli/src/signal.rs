//! Signals that stop the command.

use std::io;

/// A signal that ends the command.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// From a service manager, `kill`, or a closed console.
    #[cfg_attr(not(any(unix, windows)), expect(dead_code, reason = "there is none"))]
    Terminate,
}

impl Signal {
    pub(crate) fn what_happened(self) -> &'static str {
        match self {
            Self::Interrupt => "interrupted",
            Self::Terminate => "terminated",
        }
    }
}

/// Makes exceeding the file size limit (`ulimit -f`) an error like a full disk, instead of a signal
/// that ends the process.
pub(crate) fn survive_file_size_limit() {
    #[cfg(unix)]
    {
        use rustix::process::Signal;
        use tokio::signal::unix::{SignalKind, signal};

        // Once a handler is installed, the signal doesn't end the process, even if nothing receives
        // it.
        let _ = signal(SignalKind::from_raw(Signal::XFSZ.as_raw()));
    }
}

/// Returns a future that completes at the next signal.
#[cfg(unix)]
pub(crate) fn next() -> io::Result<impl Future<Output = Signal>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Signal::Interrupt,
            _ = terminate.recv() => Signal::Terminate,
        }
    })
}

/// Returns a future that completes at the next signal.
#[cfg(windows)]
pub(crate) fn next() -> io::Result<impl Future<Output = Signal>> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};

    let (mut interrupt, mut pause) = (ctrl_c()?, ctrl_break()?);
    let (mut close, mut shutdown) = (ctrl_close()?, ctrl_shutdown()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => Signal::Interrupt,
            _ = pause.recv() => Signal::Interrupt,
            _ = close.recv() => Signal::Terminate,
            _ = shutdown.recv() => Signal::Terminate,
        }
    })
}

/// Returns a future that completes at the next signal.
#[cfg(not(any(unix, windows)))]
pub(crate) fn next() -> io::Result<impl Future<Output = Signal>> {
    Ok(async {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            Err(_) => std::future::pending().await,
        }
    })
}
