//! Bars on a terminal.

use std::{path::Path, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use w3pin::Progress;

use crate::output::{Output, printable};

const KNOWN: &str = "{prefix:.bold} [{bar:30}] {binary_bytes}/{binary_total_bytes} \
                     {binary_bytes_per_sec} {eta} {wide_msg:.dim}";
const UNKNOWN: &str =
    "{prefix:.bold} {spinner} {binary_bytes} {binary_bytes_per_sec} {wide_msg:.dim}";

/// One bar for each path.
pub(crate) struct Bars(MultiProgress);

impl Bars {
    pub(crate) fn new(output: &Output) -> Self {
        let target = if output.shows_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self(MultiProgress::with_draw_target(target))
    }

    pub(crate) fn bar(&self, path: &Path) -> Bar {
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy();
        let bar = self
            .0
            .add(ProgressBar::no_length().with_prefix(printable(&name)));
        bar.set_style(style(UNKNOWN));
        Bar(bar)
    }

    /// Does what prints, without the bars in its way.
    pub(crate) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }

    /// Shows that something is waited for.
    pub(crate) fn spinner(&self, message: String) -> Bar {
        let bar = self.0.add(ProgressBar::new_spinner().with_message(message));
        bar.enable_steady_tick(Duration::from_millis(120));
        Bar(bar)
    }
}

/// How far one path is. It goes when it is dropped.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// What to tell an upload's progress.
    pub(crate) fn follow(&self) -> impl Fn(&Progress) + Send + Sync + 'static {
        let bar = self.0.clone();
        move |progress| {
            if let Some(total) = progress.bytes_total
                && bar.length() != Some(total)
            {
                bar.set_length(total);
                bar.set_style(style(KNOWN));
            }
            bar.set_position(progress.bytes_sent);
            // A lone file is named by the bar already.
            if let Some(file) = progress.file.as_ref().filter(|file| file.contains('/')) {
                bar.set_message(printable(file));
            }
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
