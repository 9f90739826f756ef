use super::TreeError;

/// The longest name of an entry in bytes: far above the limits of file systems, and short enough
/// that a shard full of such names is a block that peers accept.
pub const MAX_NAME_LEN: usize = 4096;

pub(super) fn check(path: &str) -> Result<(), TreeError> {
    for segment in path.split('/') {
        match segment {
            "" => {
                return Err(TreeError::EmptySegment {
                    path: path.to_owned(),
                });
            }
            "." | ".." => {
                return Err(TreeError::DotSegment {
                    path: path.to_owned(),
                });
            }
            _ if segment.len() > MAX_NAME_LEN => {
                return Err(TreeError::NameTooLong {
                    path: path.to_owned(),
                });
            }
            _ => {}
        }
    }
    Ok(())
}
