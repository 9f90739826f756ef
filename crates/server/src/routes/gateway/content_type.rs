//! Determines the content type of a file.

use serde::de::IgnoredAny;

/// The number of bytes at the start of a file that determine its type.
pub(super) const HEAD: usize = 3072;

/// Returns the type of a file, from its name if possible, or else from its first bytes. `is_whole`
/// says that these are the whole file.
pub(super) fn content_type(name: &str, head: &[u8], is_whole: bool) -> String {
    let by_name = mime_guess::from_path(name).first();
    let kind = match &by_name {
        Some(kind) => kind.essence_str(),
        None => sniff(head, is_whole),
    };
    if kind.starts_with("text/") && is_utf8(head, is_whole) {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_owned()
    }
}

fn sniff(head: &[u8], is_whole: bool) -> &'static str {
    if let Some(kind) = infer::get(head).map(|kind| kind.mime_type())
        && kind != "text/xml"
    {
        return kind;
    }
    if !is_text(head, is_whole) {
        return "application/octet-stream";
    }
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_json = || serde_json::from_str::<IgnoredAny>(text).is_ok();
    if text.starts_with("<svg") || text.starts_with("<?xml") && text.contains("<svg") {
        "image/svg+xml"
    } else if text.starts_with("<?xml") {
        "text/xml"
    } else if is_whole && text.starts_with(['{', '[']) && is_json() {
        "application/json"
    } else {
        "text/plain"
    }
}

/// Returns whether this is human-readable text.
fn is_text(head: &[u8], is_whole: bool) -> bool {
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127);
    is_utf8(head, is_whole) && !head.iter().any(is_control)
}

/// Returns whether this is UTF-8 or a prefix of it.
fn is_utf8(head: &[u8], is_whole: bool) -> bool {
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(cause) => !is_whole && cause.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::content_type;

    #[test]
    fn a_name_tells_the_type() {
        let of = |name: &str| content_type(name, b"x", true);
        assert_eq!(of("a.html"), "text/html; charset=utf-8");
        assert_eq!(of("a.css"), "text/css; charset=utf-8");
        assert_eq!(of("a.json"), "application/json");
        assert_eq!(of("a.svg"), "image/svg+xml");
        assert_eq!(of("a.mp4"), "video/mp4");
        assert_eq!(content_type("a.txt", b"caf\xe9", true), "text/plain");
        // Cut within a character.
        let cut = "é".as_bytes().split_at(1).0;
        assert_eq!(
            content_type("a.txt", cut, false),
            "text/plain; charset=utf-8"
        );
        assert_eq!(content_type("a.txt", cut, true), "text/plain");
    }

    #[test]
    fn without_a_name_the_beginning_tells_it() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        for (head, expected) in [
            (&png[..], "image/png"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"<!doctype html><p>x", "text/html; charset=utf-8"),
            (b"  <html><body>", "text/html; charset=utf-8"),
            (b"<svg xmlns=\"x\"></svg>", "image/svg+xml"),
            (b"<?xml version=\"1.0\"?>\n<!-- x --><svg>", "image/svg+xml"),
            (b"<?xml version=\"1.0\"?><a/>", "text/xml; charset=utf-8"),
            (b"{\"a\": 1}", "application/json"),
            (b"[1, 2]\n", "application/json"),
            (b"{ not json", "text/plain; charset=utf-8"),
            ("grüße\n".as_bytes(), "text/plain; charset=utf-8"),
            (b"caf\xe9", "application/octet-stream"),
            (b"a\0b", "application/octet-stream"),
            (b"", "text/plain; charset=utf-8"),
        ] {
            let shown = String::from_utf8_lossy(head);
            assert_eq!(content_type("", head, true), expected, "{shown}");
            assert_eq!(content_type("README", head, true), expected, "{shown}");
        }
        assert_eq!(
            content_type("", b"{\"a\": 1", false),
            "text/plain; charset=utf-8"
        );
    }
}
