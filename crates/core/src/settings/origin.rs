//! Where a setting stands.

use crate::Error;

/// Where settings come from, for errors that name the place to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The program sets them.
    Program,
    /// Variables of the environment, `W3PIN_` and the setting's name.
    Environment,
    /// The config file at this path.
    File(String),
}

impl Origin {
    /// Names this place in the error of one of its settings.
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
