use std::fmt::Write;

use super::{ALICE, MALLORY, Others, Served};

/// What came of an attack.
pub(crate) struct Figures {
    line: String,
}

impl Figures {
    /// Those of an attack that is described so.
    pub(crate) fn of(attack: &str) -> Self {
        Self {
            line: format!("FIGURES {attack}"),
        }
    }

    /// The most memory of the server, which must be less than it may take, in MiB.
    pub(crate) fn memory(self, server: &Served, most: u64) -> Self {
        let peak = server.peak_memory();
        let figures = self.say(&format!("peak {peak} MiB, {} MiB now", server.memory()));
        assert!(peak < most, "{}", figures.line);
        figures
    }

    /// What others saw before and while it went on. None of their calls may fail.
    pub(crate) fn others(self, before: &Others, during: &Others) -> Self {
        let (was, is) = (before.p99(), during.p99());
        let figures = self.say(&format!(
            "p99 of others {was:.1} ms before, {is:.1} ms meanwhile ({:.1}x), lost {}, wrong {}",
            is / was,
            during.lost(),
            during.wrong()
        ));
        assert!(during.failed().is_empty(), "{:?}", during.failed());
        assert_eq!((during.lost(), during.wrong()), (0, 0), "{}", figures.line);
        figures
    }

    /// Keys in what the server logs and shows of itself: none may be there.
    pub(crate) fn keys(self, server: &Served) -> Self {
        let shown = [server.log(), server.arguments()].concat();
        let keys = [ALICE, MALLORY].map(|keys| keys.secret_key);
        let seen = keys.iter().filter(|key| shown.contains(**key)).count();
        let figures = self.say(&format!("keys seen {seen}"));
        assert_eq!(seen, 0, "{}", figures.line);
        figures
    }

    pub(crate) fn say(mut self, figure: &str) -> Self {
        let _ = write!(self.line, "; {figure}");
        self
    }

    pub(crate) fn print(self) {
        println!("{}", self.line);
    }
}
