use std::fmt;

use w3pin_core::printable;

/// The beginning of a text from outside, quoted and safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Excerpt(String);

impl Excerpt {
    const CHARACTERS: usize = 200;

    pub(crate) fn of(text: &str) -> Self {
        let text = printable(text);
        match text.char_indices().nth(Self::CHARACTERS) {
            Some((end, _)) => Self(format!("{:?}…", &text[..end])),
            None => Self(format!("{text:?}")),
        }
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
