//! Code blocks of Markdown.

/// A fenced block of code.
pub(crate) struct Block<'a> {
    /// The first word after the fence.
    pub(crate) language: &'a str,
    /// The block says `norun`.
    pub(crate) shown_only: bool,
    /// The text between the fences.
    pub(crate) code: &'a str,
}

/// All fenced blocks, in order.
pub(crate) fn of(markdown: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut rest = markdown;
    while let Some(start) = rest.find("\n```") {
        let (info, after) = rest[start + 4..].split_once('\n').unwrap_or_default();
        let end = after.find("\n```").map_or(after.len(), |end| end + 1);
        let end = if after.starts_with("```") { 0 } else { end };
        let (language, attributes) = info.split_once(',').unwrap_or((info, ""));
        blocks.push(Block {
            language: language.trim(),
            shown_only: attributes.split(',').any(|word| word.trim() == "norun"),
            code: &after[..end],
        });
        rest = after.get(end + 3..).unwrap_or_default();
    }
    blocks
}
