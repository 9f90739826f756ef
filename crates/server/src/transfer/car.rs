//! CARv1, a root and blocks one behind the other: <https://ipld.io/specs/transport/car/carv1/>.

use std::io::{self, BufRead, Read};

use cid::Cid;
use w3pin_unixfs::MAX_BLOCK_SIZE;

/// A header with one root is short, and a CID too.
const LONGEST_HEADER: u64 = 1 << 10;
const LONGEST_CID: u64 = 128;

/// What a CAR of this root begins with.
pub(super) fn header(root: &Cid) -> Vec<u8> {
    let mut link = vec![0]; // A CID in CBOR is preceded by the multibase prefix of raw bytes.
    link.extend(root.to_bytes());
    // {"roots": [42(h'…')], "version": 1}
    let mut cbor = b"\xa2\x65roots\x81\xd8\x2a\x58".to_vec();
    cbor.push(link.len() as u8); // of a CID whose digest has at most 64 bytes
    cbor.extend(link);
    cbor.extend(b"\x67version\x01");
    let mut header = Vec::new();
    put_varint(&mut header, cbor.len() as u64);
    header.extend(cbor);
    header
}

/// What comes before a block.
pub(super) fn block_head(cid: &Cid, length: usize) -> Vec<u8> {
    let cid = cid.to_bytes();
    let mut head = Vec::with_capacity(cid.len() + 10);
    put_varint(&mut head, (cid.len() + length) as u64);
    head.extend(cid);
    head
}

/// Reads a CAR of one root, a block at a time.
pub(super) struct CarReader<R> {
    input: R,
    pub(super) root: Cid,
}

impl<R: BufRead> CarReader<R> {
    pub(super) fn open(mut input: R) -> io::Result<Self> {
        let Some(length @ ..LONGEST_HEADER) = take_varint(&mut input)? else {
            return Err(invalid("no CAR header"));
        };
        let given = take(&mut input, length)?;
        // The root stands behind its tag, in the only form that one root can have.
        let tag = given.windows(3).position(|bytes| bytes == b"\xd8\x2a\x58");
        let root = tag.and_then(|tag| Cid::try_from(given.get(tag + 5..)?).ok());
        let root = root.ok_or_else(|| invalid("a CAR header without a root"))?;
        if !header(&root).ends_with(&given) {
            return Err(invalid("a CAR header other than of one root"));
        }
        Ok(Self { input, root })
    }

    /// The next block, which isn't checked.
    pub(super) fn next(&mut self) -> io::Result<Option<(Cid, Vec<u8>)>> {
        let Some(length) = take_varint(&mut self.input)? else {
            return Ok(None);
        };
        if length > MAX_BLOCK_SIZE as u64 + LONGEST_CID {
            return Err(invalid("a block that is too long"));
        }
        let section = take(&mut self.input, length)?;
        let mut rest = &section[..];
        let cid = Cid::read_bytes(&mut rest).map_err(|_| invalid("a block without a CID"))?;
        Ok(Some((cid, rest.to_vec())))
    }
}

fn put_varint(output: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        output.push(number as u8 | 0x80);
        number >>= 7;
    }
    output.push(number as u8);
}

/// A number, or none at the end.
fn take_varint(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    if input.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let mut byte = [0];
        input.read_exact(&mut byte)?;
        number |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            return Ok(Some(number));
        }
    }
    Err(invalid("a length that never ends"))
}

fn take(input: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    input.take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use cid::Cid;

    use super::{CarReader, block_head, header};

    fn car() -> (Cid, Vec<u8>) {
        let cid: Cid = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
            .parse()
            .unwrap();
        let block = b"hello world";
        let car = [header(&cid), block_head(&cid, block.len()), block.to_vec()].concat();
        (cid, car)
    }

    #[test]
    fn what_is_written_is_read() {
        let (cid, car) = car();
        let mut reader = CarReader::open(&car[..]).unwrap();
        assert_eq!(reader.root, cid);
        assert_eq!(reader.next().unwrap(), Some((cid, b"hello world".to_vec())));
        assert_eq!(reader.next().unwrap(), None);
        // The header as the specification's own example has it: 0x3a for a CIDv1 of SHA-256.
        assert!(car.starts_with(b"\x3a\xa2\x65roots\x81\xd8\x2a\x58\x25\x00\x01\x55\x12\x20"));
    }

    #[test]
    fn what_is_cut_or_changed_is_refused_or_ends() {
        let (_, whole) = car();
        let header = header(&car().0).len();
        for cut in 0..whole.len() {
            let read = CarReader::open(&whole[..cut]).and_then(|mut car| car.next());
            assert_eq!(read.ok().flatten(), None, "cut at {cut}");
        }
        for place in 0..header {
            let mut bytes = whole.clone();
            bytes[place] ^= 0x41;
            if let Ok(car) = CarReader::open(&bytes[..]) {
                assert_ne!(car.root, self::car().0);
            }
        }
        let endless = [&whole[..header], &[0xff; 20]].concat();
        assert!(CarReader::open(&endless[..]).unwrap().next().is_err());
    }
}
