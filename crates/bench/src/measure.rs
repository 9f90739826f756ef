use std::{
    io::{self, Read},
    process::{Command, Stdio},
    time::Instant,
};

use serde::{Deserialize, Serialize};
use wait4::Wait4;

use crate::Result;

/// The output of a program that measures itself, as one line of JSON.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub(crate) struct Figures {
    pub(crate) seconds: f64,
    /// The median duration of its calls in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) p50_us: Option<f64>,
    /// The 99th percentile of their durations in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) p99_us: Option<f64>,
}

/// One run of one program.
#[derive(Clone, Copy, Deserialize, Serialize)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    pub(crate) p50_us: Option<f64>,
    #[serde(default)]
    pub(crate) p99_us: Option<f64>,
    /// User and system time of the whole process in seconds.
    pub(crate) cpu: f64,
    /// The peak memory in MiB.
    pub(crate) peak: f64,
}

/// Which time of a run counts.
#[derive(Clone, Copy)]
pub(crate) enum Clock {
    /// From the start of the process to its exit.
    Process,
    /// The time reported by the program, which excludes its start.
    Itself,
}

/// Runs a program to its end.
pub(crate) fn measure(mut command: Command, clock: Clock) -> Result<Run> {
    let line = format!("{command:?}");
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| format!("{line}: {cause}"))?;
    // The output fits into the pipe buffers, so the programs exit without being read.
    let used = child.wait4()?;
    let wall = began.elapsed().as_secs_f64();
    if !used.status.success() {
        let said = said(child.stderr.take())?;
        let last = said.lines().last().unwrap_or_default();
        return Err(format!("{line}: {}: {last}", used.status).into());
    }
    let Figures {
        seconds,
        p50_us,
        p99_us,
    } = match clock {
        Clock::Process => Figures {
            seconds: wall,
            p50_us: None,
            p99_us: None,
        },
        Clock::Itself => serde_json::from_str(&said(child.stdout.take())?)
            .map_err(|cause| format!("{line} printed no figures: {cause}"))?,
    };
    Ok(Run {
        seconds,
        p50_us,
        p99_us,
        cpu: (used.rusage.utime + used.rusage.stime).as_secs_f64(),
        #[expect(clippy::cast_precision_loss, reason = "a measured figure")]
        peak: used.rusage.maxrss as f64 / (1024.0 * 1024.0),
    })
}

fn said(pipe: Option<impl Read>) -> io::Result<String> {
    let mut text = String::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_string(&mut text)?;
    }
    Ok(text)
}
