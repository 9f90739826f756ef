//! Encodes an upload for a node: `multipart/form-data` with each file's path as its `filename`.

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Writes the parts between the files of an upload.
#[derive(Debug)]
pub(super) struct FormWriter {
    boundary: String,
    begun: bool,
}

impl FormWriter {
    /// Creates a form. No content contains its boundary, since clients can't know `random`.
    pub(super) fn new(random: u128) -> Self {
        Self {
            boundary: format!("w3pin-{random:032x}"),
            begun: false,
        }
    }

    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// Returns the bytes before the content of the next file. The path is escaped for Go's
    /// `url.QueryUnescape`.
    pub(super) fn file(&mut self, path: &str) -> Bytes {
        let before = if std::mem::replace(&mut self.begun, true) {
            "\r\n"
        } else {
            ""
        };
        let path = utf8_percent_encode(path, NON_ALPHANUMERIC);
        let boundary = &self.boundary;
        Bytes::from(format!(
            "{before}--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"{path}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        ))
    }

    /// Returns the bytes after the last file.
    pub(super) fn end(&self) -> Bytes {
        Bytes::from(format!("\r\n--{}--\r\n", self.boundary))
    }
}

#[cfg(test)]
mod tests {
    use super::FormWriter;

    #[test]
    fn a_path_can_not_leave_its_header() {
        let mut form = FormWriter::new(7);
        let head = form.file("d/\"\r\nx: y +ü");
        let expected = "--w3pin-00000000000000000000000000000007\r\n\
                        Content-Disposition: form-data; name=\"file\"; \
                        filename=\"d%2F%22%0D%0Ax%3A%20y%20%2B%C3%BC\"\r\n\
                        Content-Type: application/octet-stream\r\n\r\n";
        assert_eq!(head, expected);
        assert!(form.file("d/b").starts_with(b"\r\n--w3pin-"));
        assert!(form.end().ends_with(b"7--\r\n"));
    }
}
