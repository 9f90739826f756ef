//! Bounded excerpts of what a service or proxy answered.

const LIMIT: usize = 1024;

/// The beginning of `body` as printable text of at most 1 KiB, or `None` where there is none.
pub(crate) fn excerpt(body: &[u8]) -> Option<String> {
    let head = &body[..body.len().min(LIMIT)];
    let text = String::from_utf8_lossy(head);
    let printable: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LIMIT)
        .collect();
    let trimmed = printable.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}
