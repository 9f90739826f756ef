use cid::{Cid, Version};
use w3pin_sha256::digest;

use crate::block::{Block, BlockSink};
use crate::protobuf::{bytes_len, varint_len, write_bytes, write_length, write_uint};
use crate::sha256_cid::Sha256Cid;

pub(crate) const FIELD_DATA: u64 = 1;
pub(crate) const FIELD_LINKS: u64 = 2;
pub(crate) const LINK_HASH: u64 = 1;
pub(crate) const LINK_NAME: u64 = 2;
pub(crate) const LINK_DAG_SIZE: u64 = 3;

/// The properties of a link's target.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) cid: Sha256Cid,
    pub(crate) dag_size: u64,
}

/// Writes a dag-pb block: links first, then data; every link with hash, name and size, even if the
/// name is empty. Other orders and omissions are valid, but give other CIDs.
#[derive(Default)]
pub(crate) struct BlockWriter {
    bytes: Vec<u8>,
    links: Vec<Cid>,
    dag_size: u64,
}

impl BlockWriter {
    /// Adds a link named `prefix` followed by `name`.
    pub(crate) fn link(&mut self, target: &Target, prefix: &str, name: &str) {
        let out = &mut self.bytes;
        let name_len = prefix.len() + name.len();
        write_length(out, FIELD_LINKS, link_body_len(target, name_len));
        write_length(out, LINK_HASH, target.cid.len());
        target.cid.write(out);
        write_length(out, LINK_NAME, name_len);
        out.extend_from_slice(prefix.as_bytes());
        out.extend_from_slice(name.as_bytes());
        write_uint(out, LINK_DAG_SIZE, target.dag_size);
        self.links.push(target.cid.to_cid());
        self.dag_size = self.dag_size.saturating_add(target.dag_size);
    }

    /// Ends the block with its data and passes it to the sink.
    pub(crate) fn finish<S: BlockSink>(
        mut self,
        data: &[u8],
        version: Version,
        sink: &mut S,
    ) -> Result<Target, S::Error> {
        write_bytes(&mut self.bytes, FIELD_DATA, data);
        let cid = Sha256Cid::dag_pb(version, digest(&[&self.bytes]));
        sink.put(Block::new(
            cid.to_cid(),
            [&self.bytes, &[], &[]],
            &self.links,
        ))?;
        let dag_size = self.dag_size.saturating_add(self.bytes.len() as u64);
        Ok(Target { cid, dag_size })
    }
}

/// Returns the bytes of a link in a block.
pub(crate) fn link_len(target: &Target, name_len: usize) -> usize {
    bytes_len(link_body_len(target, name_len))
}

fn link_body_len(target: &Target, name_len: usize) -> usize {
    bytes_len(target.cid.len()) + bytes_len(name_len) + 1 + varint_len(target.dag_size)
}
