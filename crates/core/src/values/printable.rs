//! Makes text from outside safe to show.

use std::borrow::Cow;

/// Returns `text` without characters that could forge lines, move the cursor or reorder the visible text:
/// line breaks and tabs become spaces, other control and bidirectional formatting characters become
/// U+FFFD.
///
/// Apply it to all text from a service, a file name or another user before it
/// reaches a terminal or a log.
///
/// ```
/// use w3pin_core::printable;
///
/// assert_eq!(printable("holiday"), "holiday");
/// assert_eq!(printable("a\n\u{1b}[31mb\u{202e}"), "a \u{fffd}[31mb\u{fffd}");
/// ```
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if !is_any_unprintable(text) {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().map(|char| match char {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
        char if is_unprintable(char) => char::REPLACEMENT_CHARACTER,
        char => char,
    });
    Cow::Owned(replaced.collect())
}

/// Returns whether `text` contains characters that affect how the text around them is shown.
pub(crate) fn is_any_unprintable(text: &str) -> bool {
    // Without an early exit, so that many bytes are compared at once.
    let is_plain = text.bytes().fold(true, |is_plain, byte| {
        is_plain & matches!(byte, b' '..=b'~')
    });
    !is_plain && text.chars().any(is_unprintable)
}

/// Returns whether a character affects how the text around it is shown.
fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
