use cid::Cid;

use crate::varint;

/// Returns the start of a CARv1 with these roots.
///
/// The header is DAG-CBOR in its canonical form, as other writers produce it. Readers limit its
/// length, so a CAR should have one or a few roots.
pub fn header(roots: &[Cid]) -> Vec<u8> {
    // {"roots": [42(h'00…'), …], "version": 1}
    let mut cbor = vec![MAP | 2];
    put_text(&mut cbor, "roots");
    put_head(&mut cbor, ARRAY, roots.len() as u64);
    for root in roots {
        let root = root.to_bytes();
        put_head(&mut cbor, TAG, CID_TAG);
        put_head(&mut cbor, BYTES, root.len() as u64 + 1);
        cbor.push(0); // the multibase prefix of raw bytes
        cbor.extend(root);
    }
    put_text(&mut cbor, "version");
    put_head(&mut cbor, UNSIGNED, 1);

    let mut header = Vec::with_capacity(cbor.len() + 3);
    varint::put(&mut header, cbor.len() as u64);
    header.extend(cbor);
    header
}

/// Returns what precedes a block of `length` bytes: the length of both, and the CID.
///
/// The caller must make sure that the block matches the CID, and choose the order of blocks.
pub fn section_head(cid: &Cid, length: usize) -> Vec<u8> {
    let cid = cid.to_bytes();
    let mut head = Vec::with_capacity(cid.len() + 10);
    varint::put(&mut head, cid.len() as u64 + length as u64);
    head.extend(cid);
    head
}

const UNSIGNED: u8 = 0 << 5;
const BYTES: u8 = 2 << 5;
const TEXT: u8 = 3 << 5;
const ARRAY: u8 = 4 << 5;
const MAP: u8 = 5 << 5;
const TAG: u8 = 6 << 5;
/// The tag of a CID in DAG-CBOR.
const CID_TAG: u64 = 42;

/// The major type of an item with its argument, in the fewest bytes.
fn put_head(output: &mut Vec<u8>, major: u8, argument: u64) {
    let bytes = argument.to_be_bytes();
    match argument {
        0..24 => output.push(major | argument as u8),
        24..0x100 => {
            output.push(major | 24);
            output.extend(&bytes[7..]);
        }
        0x100..0x1_0000 => {
            output.push(major | 25);
            output.extend(&bytes[6..]);
        }
        0x1_0000..0x1_0000_0000 => {
            output.push(major | 26);
            output.extend(&bytes[4..]);
        }
        _ => {
            output.push(major | 27);
            output.extend(bytes);
        }
    }
}

fn put_text(output: &mut Vec<u8>, text: &str) {
    put_head(output, TEXT, text.len() as u64);
    output.extend(text.as_bytes());
}
