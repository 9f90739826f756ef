use std::io::{self, Read};

use memchr::memmem::Finder;

/// Large enough to make system calls cheap, small enough for the processor's cache.
const BUFFER: usize = 256 << 10;

/// Parses the parts of a body and discards them.
pub(crate) struct Multipart {
    delimiter: Vec<u8>,
}

enum Looking {
    /// Finds the delimiter that ends the current content.
    ForDelimiter,
    /// Finds the empty line that ends the head of a part, or the `--` that ends the body.
    ForHead,
    AtEnd,
}

impl Multipart {
    pub(crate) fn new(boundary: &[u8]) -> Self {
        Self {
            delimiter: [b"\r\n--", boundary].concat(),
        }
    }

    /// Reads to the end of the body, reporting the bytes so far to `taken`. Returns the number of
    /// parts.
    pub(crate) fn discard(
        &self,
        body: &mut impl Read,
        mut taken: impl FnMut(u64),
    ) -> io::Result<u64> {
        let finder = Finder::new(&self.delimiter);
        let mut buffer = vec![0; BUFFER];
        // No line precedes the first delimiter.
        buffer[..2].copy_from_slice(b"\r\n");
        let (mut filled, mut total, mut parts) = (2, 0, 0);
        let mut looking = Looking::ForDelimiter;
        loop {
            let read = body.read(&mut buffer[filled..])?;
            if read == 0 {
                return match looking {
                    Looking::AtEnd => Ok(parts),
                    _ => Err(io::Error::other("the body ends in the middle of a part")),
                };
            }
            filled += read;
            total += read as u64;
            taken(total);
            let mut used = 0;
            loop {
                let rest = &buffer[used..filled];
                match looking {
                    Looking::ForDelimiter => match finder.find(rest) {
                        Some(at) => {
                            used += at + self.delimiter.len();
                            looking = Looking::ForHead;
                        }
                        None => {
                            used += rest.len().saturating_sub(self.delimiter.len() - 1);
                            break;
                        }
                    },
                    Looking::ForHead if rest.starts_with(b"--") => looking = Looking::AtEnd,
                    Looking::ForHead => match memchr::memmem::find(rest, b"\r\n\r\n") {
                        Some(at) => {
                            parts += 1;
                            // The line ending before the next delimiter may be that of this head.
                            used += at + 2;
                            looking = Looking::ForDelimiter;
                        }
                        None => break,
                    },
                    Looking::AtEnd => {
                        used = filled;
                        break;
                    }
                }
            }
            if used == 0 && filled == buffer.len() {
                return Err(io::Error::other("a part's head is too long"));
            }
            buffer.copy_within(used..filled, 0);
            filled -= used;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a few bytes at a time.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let most = into.len().min(self.1);
            self.0.read(&mut into[..most])
        }
    }

    fn parts(body: &[u8]) -> Vec<Option<u64>> {
        (1..40)
            .map(|step| {
                Multipart::new(b"x7")
                    .discard(&mut Trickle(body, step), |_| ())
                    .ok()
            })
            .collect()
    }

    #[test]
    fn parts_are_counted_however_they_arrive() {
        let body = b"--x7\r\nA: b\r\n\r\ncontent\r\n--x6\r\n\r\n--x7\r\nA: c\r\n\r\n\r\n--x7--\r\n";
        assert!(parts(body).iter().all(|parts| *parts == Some(2)));
    }

    #[test]
    fn a_body_without_its_end_is_an_error() {
        assert!(
            parts(b"--x7\r\nA: b\r\n\r\ncontent")
                .iter()
                .all(Option::is_none)
        );
    }
}
