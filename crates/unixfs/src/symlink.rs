use crate::attributes::Attributes;
use crate::block::BlockSink;
use crate::dag_pb::{BlockWriter, Target};
use crate::node::Node;
use crate::profile::Profile;
use crate::unixfs;

/// Creates a symlink, on its own or for a folder.
///
/// The target is stored unchanged and needn't exist.
///
/// # Errors
///
/// The error of the sink.
///
/// ```
/// use w3pin_unixfs::{Discard, Profile, symlink};
///
/// let link = symlink("files/foo/baz", &Profile::unixfs_v0_2015(), &mut Discard)?;
/// assert_eq!(link.cid.to_string(), "QmdocmZeF7qwPT9Z8SiVhMSyKA2KKoA2J7jToW6z6WBmxR");
/// # Ok::<(), std::convert::Infallible>(())
/// ```
pub fn symlink<S: BlockSink>(
    target: &str,
    profile: &Profile,
    sink: &mut S,
) -> Result<Node, S::Error> {
    symlink_with_attributes(target, Attributes::default(), profile, sink)
}

/// Creates a [`symlink`] with attributes.
///
/// # Errors
///
/// The error of the sink.
pub fn symlink_with_attributes<S: BlockSink>(
    target: &str,
    attributes: Attributes,
    profile: &Profile,
    sink: &mut S,
) -> Result<Node, S::Error> {
    let Target { cid, dag_size } = write(target, &attributes, profile, sink)?;
    Ok(Node {
        cid: cid.to_cid(),
        dag_size,
        size: target.len() as u64,
    })
}

pub(crate) fn write<S: BlockSink>(
    target: &str,
    attributes: &Attributes,
    profile: &Profile,
    sink: &mut S,
) -> Result<Target, S::Error> {
    let data = unixfs::symlink(target, attributes);
    BlockWriter::default().finish(&data, profile.cid_version(), sink)
}
