//! Progress bars on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use w3pin::{FetchProgress, Progress, printable};

use crate::output::Messages;

const KNOWN: &str = "{prefix:.bold} [{bar:30}] {binary_bytes}/{binary_total_bytes} \
                     {binary_bytes_per_sec} {eta} {wide_msg:.dim}";
const UNKNOWN: &str =
    "{prefix:.bold} {spinner} {binary_bytes} {binary_bytes_per_sec} {wide_msg:.dim}";

impl Messages {
    /// Shows the progress of a transfer or a batch of them.
    pub(crate) fn bar(&self, name: &str) -> Bar {
        let bar = ProgressBar::no_length().with_prefix(printable(name).into_owned());
        let bar = self.bars().add(bar);
        bar.set_style(style(UNKNOWN));
        Bar(bar)
    }

    /// Shows that the command is waiting.
    pub(crate) fn spinner(&self, message: &str) -> Bar {
        let bar = ProgressBar::new_spinner().with_message(printable(message).into_owned());
        let bar = self.bars().add(bar);
        bar.enable_steady_tick(Duration::from_millis(120));
        Bar(bar)
    }
}

/// A progress bar, removed on drop.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// Returns the progress function for a fetch.
    pub(crate) fn follow_fetch(&self) -> impl Fn(&FetchProgress) + Send + Sync + 'static {
        let bar = self.0.clone();
        move |progress| {
            show(&bar, progress.bytes, progress.bytes_total);
            if progress.bytes_total.is_none() {
                bar.set_message(format!("{} files", progress.files));
            }
        }
    }

    /// Advances by this many bytes.
    pub(crate) fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    /// Returns the progress function for an upload.
    pub(crate) fn follow(&self) -> impl Fn(&Progress) + Send + Sync + 'static {
        let bar = self.0.clone();
        move |progress| {
            show(&bar, progress.bytes_sent, progress.bytes_total);
            if progress.items_total > 1 {
                bar.set_prefix(format!("{}/{}", progress.items_done, progress.items_total));
            }
            if let Some(file) = &progress.file {
                bar.set_message(printable(file).into_owned());
            }
        }
    }

    /// Changes the message.
    pub(crate) fn say(&self, message: &str) {
        self.0.set_message(printable(message).into_owned());
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn show(bar: &ProgressBar, bytes: u64, total: Option<u64>) {
    if let Some(total) = total
        && bar.length() != Some(total)
    {
        if bar.length().is_none() {
            bar.set_style(style(KNOWN));
        }
        bar.set_length(total);
    }
    bar.set_position(bytes);
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}
