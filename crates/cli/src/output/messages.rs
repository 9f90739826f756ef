//! Messages on stderr, and progress bars among them.

use std::{
    collections::BTreeSet,
    io::{self, IsTerminal, Write},
    sync::{Arc, Mutex, PoisonError},
};

use console::{Style, StyledObject};
use indicatif::{MultiProgress, ProgressDrawTarget};
use w3pin::printable;

/// Messages to the user. Clones share their bars.
#[derive(Clone, Debug)]
pub(crate) struct Messages {
    quiet: bool,
    bars: MultiProgress,
    hints: Arc<Mutex<BTreeSet<String>>>,
}

impl Messages {
    pub(crate) fn new(quiet: bool) -> Self {
        let shows_bars = !quiet && io::stderr().is_terminal();
        let target = if shows_bars {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            quiet,
            bars: MultiProgress::with_draw_target(target),
            hints: Arc::default(),
        }
    }

    /// Returns the progress bars.
    pub(crate) fn bars(&self) -> &MultiProgress {
        &self.bars
    }

    /// Prints with the bars hidden.
    pub(crate) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bars.suspend(print)
    }

    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.say(None, text);
        }
    }

    pub(crate) fn warn(&self, text: &str) {
        self.say(
            Some(Style::new().yellow().bold().apply_to("warning:")),
            text,
        );
    }

    pub(crate) fn error(&self, text: &str) {
        self.say(Some(Style::new().red().bold().apply_to("error:")), text);
    }

    pub(crate) fn hint(&self, text: &str) {
        let mut hints = self.hints.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.quiet && hints.insert(text.to_owned()) {
            self.say(Some(Style::new().cyan().apply_to("hint:")), text);
        }
    }

    /// Writes whole lines of a log.
    pub(crate) fn log(&self, text: &[u8]) {
        // There is no other way to report this.
        let _ = self.aside(|| io::stderr().write_all(text));
    }

    fn say(&self, head: Option<StyledObject<&str>>, text: &str) {
        let text = printable(text);
        let line = match head {
            Some(head) => format!("{} {text}\n", head.for_stderr()),
            None => format!("{text}\n"),
        };
        self.log(line.as_bytes());
    }
}
