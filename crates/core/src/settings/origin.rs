//! The origin of a setting.

use crate::Error;

/// Where a setting comes from, for errors that name the place to fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The program.
    Program,
    /// An environment variable: `W3PIN_` and the setting's name.
    Environment,
    /// The config file at this path.
    File(String),
}

impl Origin {
    /// Adds the origin to the error of a setting.
    pub(crate) fn name(&self, error: Error, setting: &str) -> Error {
        match self {
            Self::Program => error,
            Self::Environment => {
                error.with_reason_added(&format!("set by W3PIN_{}", setting.to_uppercase()))
            }
            Self::File(path) => error
                .with_reason_added(&format!("set by {setting} in the config file"))
                .with_path(path.clone()),
        }
    }
}
