use std::ffi::OsString;

use clap::{ColorChoice, ValueEnum};

/// When to use colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// Finds the option before the arguments are parsed, since help uses colors too.
    pub(crate) fn asked_for(args: &[OsString]) -> Self {
        let mut args = args.iter().filter_map(|arg| arg.to_str());
        let mut asked = Self::Auto;
        while let Some(arg) = args.next() {
            let word = match arg.strip_prefix("--color") {
                _ if arg == "--" => break,
                Some("") => args.next(),
                Some(value) => value.strip_prefix('='),
                None => None,
            };
            if let Some(color) = word.and_then(|word| Self::from_str(word, false).ok()) {
                asked = color;
            }
        }
        asked
    }

    /// Applies it to everything that is printed.
    pub(crate) fn apply(self) {
        let colors = match self {
            Self::Auto => return,
            Self::Always => true,
            Self::Never => false,
        };
        console::set_colors_enabled(colors);
        console::set_colors_enabled_stderr(colors);
    }
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}
