//! JSON that is safe to print on a terminal.

use std::{borrow::Cow, fmt::Write};

use w3pin::printable;

/// Escapes every character in JSON that would change how a terminal shows the text around it. The
/// meaning is the same.
///
/// JSON itself only escapes the first 32 control characters. Other characters that [`printable`]
/// removes also occur only in strings.
pub(super) fn escaped(json: &str) -> Cow<'_, str> {
    if json.split('\n').all(is_printable) {
        return json.into();
    }
    let mut text = String::with_capacity(json.len() + 16);
    for char in json.chars() {
        if char == '\n' || is_printable(char.encode_utf8(&mut [0; 4])) {
            text.push(char);
            continue;
        }
        for unit in char.encode_utf16(&mut [0; 2]) {
            // Writing to a string can't fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text.into()
}

fn is_printable(text: &str) -> bool {
    matches!(printable(text), Cow::Borrowed(_))
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_moves_a_cursor_or_turns_text_around_is_escaped_and_means_the_same() {
        let name = "a\u{1b}[2J\u{9b}31m\u{7f}\u{202e}txt.\u{e0041}é😀\n";
        for json in [
            serde_json::to_string(name).unwrap(),
            serde_json::to_string_pretty(&[name]).unwrap(),
        ] {
            let escaped = escaped(&json);
            assert!(escaped.contains("\\u202e") && escaped.contains("\\udb40\\udc41é😀"));
            let means = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
            assert_eq!(means(&escaped), means(&json));
            assert_eq!(escaped.lines().count(), json.lines().count());
        }
    }
}
