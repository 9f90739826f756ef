//! Options with a fixed set of words, in every language and on the command line.

/// Implements the words of an enum: `as_str`, `FromStr`, `Display` and `ALL`. For use within this
/// project.
#[doc(hidden)]
#[macro_export]
macro_rules! words {
    ($name:ident, $field:literal, $($word:literal => $value:ident),+) => {
        impl $name {
            /// All values, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// Returns the word used in settings.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Error;

            fn from_str(word: &str) -> $crate::Result<Self> {
                match word {
                    $($word => Ok(Self::$value),)+
                    _ => Err($crate::Error::invalid_input(
                        $field,
                        format!(
                            "{:?} isn't one of {}",
                            $crate::printable(word),
                            [$($word),+].join(", ")
                        ),
                    )),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
