//! File names in a `Content-Disposition` header.

use std::fmt::{self, Write};

/// The name as the inside of a quoted string (RFC 9110 5.6.4), which servers read back to the letter:
/// `"` and `\` are escaped by a backslash, text beyond ASCII is sent as UTF-8. A line break would end
/// the header, and a quoted string has no escape for one, so it is percent-encoded as browsers do.
pub(crate) fn quoted(name: &str) -> impl fmt::Display + '_ {
    Quoted(name)
}

struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                '"' | '\\' => {
                    f.write_char('\\')?;
                    f.write_char(char)?;
                }
                '\r' => f.write_str("%0D")?,
                '\n' => f.write_str("%0A")?,
                _ => f.write_char(char)?,
            }
        }
        Ok(())
    }
}
