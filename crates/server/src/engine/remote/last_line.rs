/// Finds the last line of a response, keeping at most two lines.
#[derive(Debug, Default)]
pub(super) struct LastLine {
    line: Vec<u8>,
    last: Vec<u8>,
}

impl LastLine {
    /// A line contains a name of at most some KiB and a CID; an endless one is truncated.
    const LONGEST: usize = 1 << 20;

    pub(super) fn read(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len() < Self::LONGEST {
                self.line.extend_from_slice(piece);
            }
            if piece.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        if !self.line.trim_ascii().is_empty() {
            std::mem::swap(&mut self.line, &mut self.last);
        }
        self.line.clear();
    }

    /// Returns the last line that isn't empty.
    pub(super) fn last(mut self) -> Vec<u8> {
        self.end_line();
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::LastLine;

    #[test]
    fn the_last_line_is_found_however_it_comes() {
        for answer in [
            "{\"a\":1}\n{\"b\":2}\n",
            "{\"a\":1}\n{\"b\":2}",
            "{\"b\":2}\n\n \n",
        ] {
            for cut in 0..answer.len() {
                let mut lines = LastLine::default();
                lines.read(&answer.as_bytes()[..cut]);
                lines.read(&answer.as_bytes()[cut..]);
                assert_eq!(
                    lines.last().trim_ascii(),
                    b"{\"b\":2}",
                    "{answer:?} cut at {cut}"
                );
            }
        }
        assert_eq!(LastLine::default().last(), b"");
    }
}
