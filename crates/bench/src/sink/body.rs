use std::io::{self, Read};

/// The framing of a body.
pub(crate) enum Framing {
    Length(u64),
    /// The remaining bytes of the current chunk.
    Chunked {
        left: u64,
        first: bool,
    },
}

/// A request's body without its framing.
pub(crate) struct Body<'a, S> {
    stream: &'a mut S,
    /// The bytes that were read along with the head.
    ahead: &'a mut Vec<u8>,
    framing: Framing,
}

impl<'a, S: Read> Body<'a, S> {
    pub(crate) fn new(stream: &'a mut S, ahead: &'a mut Vec<u8>, framing: Framing) -> Self {
        Self {
            stream,
            ahead,
            framing,
        }
    }

    fn read_raw(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.ahead.is_empty() {
            return match self.stream.read(into)? {
                0 if !into.is_empty() => Err(io::ErrorKind::UnexpectedEof.into()),
                read => Ok(read),
            };
        }
        let read = self.ahead.as_slice().read(into)?;
        self.ahead.drain(..read);
        Ok(read)
    }

    /// Reads a line of the chunked framing, without its line ending.
    fn line(&mut self) -> io::Result<String> {
        let mut line = Vec::new();
        let mut byte = [0];
        while self.read_raw(&mut byte)? > 0 && byte != *b"\n" {
            line.push(byte[0]);
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    fn next_chunk(&mut self, first: bool) -> io::Result<u64> {
        // Many small reads would measure the sink instead of the client.
        let mut piece = [0; 4096];
        if self.ahead.is_empty() {
            let read = self.stream.read(&mut piece)?;
            self.ahead
                .extend_from_slice(piece.get(..read).unwrap_or_default());
        }
        if !first {
            self.line()?;
        }
        let size = self.line()?;
        let size = u64::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)
            .map_err(io::Error::other)?;
        if size == 0 {
            while !self.line()?.is_empty() {}
        }
        Ok(size)
    }
}

impl<S: Read> Read for Body<'_, S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Framing::Chunked { left: 0, first } = self.framing {
            let left = self.next_chunk(first)?;
            self.framing = match left {
                0 => Framing::Length(0),
                left => Framing::Chunked { left, first: false },
            };
        }
        let (Framing::Length(left) | Framing::Chunked { left, .. }) = self.framing;
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(into.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.read_raw(into.get_mut(..most).unwrap_or_default())?;
        let (Framing::Length(left) | Framing::Chunked { left, .. }) = &mut self.framing;
        *left -= read as u64;
        Ok(read)
    }
}
