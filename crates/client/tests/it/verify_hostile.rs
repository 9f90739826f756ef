//! Tests with DAGs that were forged to be taken for other content, or to keep their reader busy.

use std::{
    collections::HashMap,
    convert::Infallible,
    fs,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use w3pin::{
    Content, ErrorKind, Profile, Proof, VerifyOptions,
    unixfs::{
        Attributes, Block, BlockSink, Cid, FileBuilder, ModificationTime, TreeBuilder, shard_prefix,
    },
};

use crate::{
    client,
    server::{Connection, Kept, Server, content},
};

const RAW: u8 = 0x55;
const DAG_PB: u8 = 0x70;
const FILE: u8 = 2;
const HAMT_SHARD: u8 = 5;

/// Blocks by their CIDs, behind a gateway.
#[derive(Clone, Default)]
struct Dag(Arc<Mutex<HashMap<String, Vec<u8>>>>);

impl BlockSink for Dag {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
        self.insert(&block.cid, block.to_vec());
        Ok(())
    }
}

impl Dag {
    fn insert(&self, cid: &Cid, block: Vec<u8>) {
        self.0.lock().unwrap().insert(cid.to_string(), block);
    }

    fn add(&self, codec: u8, block: Vec<u8>) -> Cid {
        let cid = cid_of(codec, &block);
        self.insert(&cid, block);
        cid
    }

    /// A node of a file: its own bytes, then these children with these sizes.
    fn node(&self, data: &[u8], children: &[(Cid, u64)]) -> Cid {
        let mut message = vec![0x08, FILE];
        if !data.is_empty() {
            bytes_field(&mut message, 0x12, data);
        }
        for (_, size) in children {
            uint_field(&mut message, 0x20, *size);
        }
        let links: Vec<_> = children.iter().map(|(cid, _)| (*cid, "")).collect();
        self.add(DAG_PB, dag_pb(&links, &message))
    }

    fn gateway(&self) -> Server {
        let dag = self.clone();
        Server::new(move |_, request, connection| {
            let cid = request.path.strip_prefix("/ipfs/").unwrap();
            let cid = cid.strip_suffix("?format=raw").unwrap();
            let block = dag.0.lock().unwrap().get(cid).cloned();
            match block {
                Some(block) => answer(connection, &block),
                None => connection.answer(404, "no such block"),
            }
            Kept::Yes
        })
    }

    async fn prove(&self, content: impl Into<Content>, root: Cid) -> w3pin::Result<Proof> {
        prove(&self.gateway(), content, root).await
    }
}

async fn prove(gateway: &Server, content: impl Into<Content>, root: Cid) -> w3pin::Result<Proof> {
    client(gateway)
        .verify(content, &root.into(), VerifyOptions::new())
        .await
}

fn answer(connection: &mut Connection, block: &[u8]) {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", block.len());
    connection.send(&[head.as_bytes(), block].concat());
}

fn cid_of(codec: u8, block: &[u8]) -> Cid {
    let whole: Profile = "custom(chunk=2096896)".parse().unwrap();
    let mut file = FileBuilder::new(&whole);
    file.push(block);
    cid_with(codec, 0x12, file.root().cid.hash().digest())
}

fn cid_with(codec: u8, hash: u8, digest: &[u8]) -> Cid {
    let length = u8::try_from(digest.len()).unwrap();
    Cid::try_from([&[1, codec, hash, length], digest].concat()).unwrap()
}

fn dag_pb(links: &[(Cid, &str)], data: &[u8]) -> Vec<u8> {
    let mut block = Vec::new();
    for (cid, name) in links {
        let mut link = Vec::new();
        bytes_field(&mut link, 0x0a, &cid.to_bytes());
        bytes_field(&mut link, 0x12, name.as_bytes());
        bytes_field(&mut block, 0x12, &link);
    }
    bytes_field(&mut block, 0x0a, data);
    block
}

fn bytes_field(out: &mut Vec<u8>, tag: u8, bytes: &[u8]) {
    uint_field(out, tag, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn uint_field(out: &mut Vec<u8>, tag: u8, mut value: u64) {
    out.push(tag);
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[track_caller]
fn fails(proof: w3pin::Result<Proof>, kind: ErrorKind, says: &str) {
    let error = proof.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(says), "{error}");
}

#[tokio::test]
async fn every_block_is_checked_whichever_is_forged() {
    for profile in [
        "custom(chunk=1000,width=3,leaves=raw,cid=1)",
        "custom(chunk=1000,width=4,leaves=wrapped,cid=0)",
    ] {
        let profile: Profile = profile.parse().unwrap();
        let bytes = content(30_500);
        let mut file = FileBuilder::with_sink(&profile, Dag::default());
        file.update(&bytes).unwrap();
        let (root, dag) = file.finish().unwrap();
        let gateway = dag.gateway();
        let bytes = Bytes::from(bytes);
        prove(&gateway, bytes.clone(), root.cid).await.unwrap();
        let fetched: Vec<String> = gateway.requests().into_iter().map(|it| it.path).collect();
        assert!(fetched.len() > 10, "{fetched:?}");
        for forged in 0..fetched.len() {
            let honest = dag.clone();
            let gateway = Server::new(move |number, request, connection| {
                let cid = request.path.strip_prefix("/ipfs/").unwrap();
                let cid = cid.strip_suffix("?format=raw").unwrap();
                let mut block = honest.0.lock().unwrap()[cid].clone();
                if number == forged + 1 {
                    let middle = block.len() / 2;
                    block[middle] ^= 1;
                }
                answer(connection, &block);
                Kept::Yes
            });
            fails(
                prove(&gateway, bytes.clone(), root.cid).await,
                ErrorKind::Decode,
                "served wrong bytes",
            );
        }
    }
}

#[tokio::test]
async fn sizes_that_lie_prove_nothing() {
    let dag = Dag::default();
    let (abc, defgh) = (
        dag.add(RAW, b"abc".to_vec()),
        dag.add(RAW, b"defgh".to_vec()),
    );
    let whole = Bytes::from_static(b"abcdefgh");
    let honest = dag.node(b"", &[(abc, 3), (defgh, 5)]);
    dag.prove(whole.clone(), honest).await.unwrap();
    let inline = dag.node(b"abc", &[(defgh, 5)]);
    dag.prove(whole.clone(), inline).await.unwrap();

    for (data, children, kind) in [
        (&b""[..], vec![(abc, 5), (defgh, 3)], ErrorKind::CidMismatch),
        (b"", vec![(defgh, 5), (abc, 3)], ErrorKind::CidMismatch),
        (b"", vec![(abc, 3), (defgh, 4)], ErrorKind::CidMismatch),
        (b"", vec![(abc, 3), (defgh, 6)], ErrorKind::CidMismatch),
        (b"", vec![(abc, 3)], ErrorKind::CidMismatch),
        (b"", vec![(abc, 8)], ErrorKind::CidMismatch),
        (b"", vec![], ErrorKind::CidMismatch),
        (b"abd", vec![(defgh, 5)], ErrorKind::CidMismatch),
        (b"abcdefgh", vec![(abc, 3)], ErrorKind::CidMismatch),
        (b"abcdefgh", vec![(abc, 0)], ErrorKind::InvalidInput),
        (
            b"",
            vec![(abc, u64::MAX), (abc, 9)],
            ErrorKind::InvalidInput,
        ),
        (b"", vec![(abc, u64::MAX)], ErrorKind::CidMismatch),
    ] {
        let root = dag.node(data, &children);
        fails(dag.prove(whole.clone(), root).await, kind, "");
    }
}

#[tokio::test]
async fn a_dag_without_end_is_given_up() {
    let dag = Dag::default();
    let byte = dag.add(RAW, b"x".to_vec());
    let mut chain = byte;
    for _ in 0..100 {
        chain = dag.node(b"", &[(chain, 1)]);
    }
    fails(
        dag.prove(Bytes::from_static(b"x"), chain).await,
        ErrorKind::InvalidInput,
        "too many levels",
    );

    let (mut wide, mut size) = (byte, 1);
    for _ in 0..7 {
        let mut children = vec![(byte, 1); 40_000];
        children[0] = (wide, size);
        wide = dag.node(b"", &children);
        size += 39_999;
    }
    let bytes = Bytes::from(vec![b'x'; usize::try_from(size).unwrap()]);
    fails(
        dag.prove(bytes, wide).await,
        ErrorKind::InvalidInput,
        "too many links",
    );
}

#[tokio::test]
async fn content_that_is_in_its_cid_is_proved_by_it() {
    let dag = Dag::default();
    let inline = cid_with(RAW, 0x00, b"abc");
    dag.prove(Bytes::from_static(b"abc"), inline).await.unwrap();
    let other = dag.prove(Bytes::from_static(b"abd"), inline).await;
    assert!(other.is_err(), "{other:?}");
}

#[tokio::test]
async fn what_has_another_hash_or_codec_is_neither_proved_nor_denied() {
    let dag = Dag::default();
    let digest = *b"0123456789abcdef0123456789abcdef";
    for root in [
        cid_with(RAW, 0x12, &digest[..20]),
        cid_with(DAG_PB, 0x12, &digest[..20]),
        cid_with(RAW, 0x1b, &digest),
        dag.add(0x71, vec![0xa0]),
    ] {
        fails(
            dag.prove(Bytes::from_static(b"abc"), root).await,
            ErrorKind::InvalidInput,
            "can't be compared",
        );
        let inner = dag.node(b"", &[(root, 3)]);
        fails(
            dag.prove(Bytes::from_static(b"abc"), inner).await,
            ErrorKind::InvalidInput,
            "can't be compared",
        );
    }
}

#[tokio::test]
async fn a_folder_with_more_in_it_is_not_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("1"), "1").unwrap();
    let profile = Profile::custom().shard_threshold(0).build().unwrap();
    let mut dag = Dag::default();
    let mut tree = TreeBuilder::new(&profile);
    let mut file = FileBuilder::new(&profile);
    file.push(b"1");
    let file = file.root();
    for number in 0..3000 {
        tree.add_file(&number.to_string(), file).unwrap();
    }
    let root = tree.finish(&mut dag).unwrap();
    let gateway = dag.gateway();
    fails(
        prove(&gateway, folder.path(), root.cid).await,
        ErrorKind::CidMismatch,
        "which isn't in the local folder",
    );
    let fetched = gateway.requests().len();
    assert!(fetched < 10, "{fetched} of more than 256 shards");
}

#[tokio::test]
async fn a_name_where_no_reader_finds_it_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "a").unwrap();
    let dag = Dag::default();
    let file = dag.add(RAW, b"a".to_vec());
    let shard = |prefix: &str, link: Cid, name: &str| {
        let bucket = usize::from_str_radix(prefix, 16).unwrap();
        let mut bits = vec![0; bucket / 8 + 1];
        bits[0] = 1 << (bucket % 8);
        let mut message = vec![0x08, HAMT_SHARD];
        bytes_field(&mut message, 0x12, &bits);
        uint_field(&mut message, 0x28, 0x22);
        uint_field(&mut message, 0x30, 256);
        dag.add(
            DAG_PB,
            dag_pb(&[(link, &format!("{prefix}{name}"))], &message),
        )
    };
    let right = shard_prefix("a", 0).unwrap();
    let below = shard_prefix("a", 1).unwrap();
    let wrong = if right == "7F" { "80" } else { "7F" };
    dag.prove(folder.path(), shard(&right, file, "a"))
        .await
        .unwrap();
    let deep = shard(&right, shard(&below, file, "a"), "");
    dag.prove(folder.path(), deep).await.unwrap();
    for root in [
        shard(wrong, file, "a"),
        shard(wrong, shard(&below, file, "a"), ""),
    ] {
        fails(
            dag.prove(folder.path(), root).await,
            ErrorKind::InvalidInput,
            "where a lookup doesn't find it",
        );
    }
    // A shard that contains itself is impossible, but one that contains ever more shards isn't.
    let mut endless = shard(&right, file, "a");
    for _ in 0..8 {
        endless = shard(&right, endless, "");
    }
    fails(
        dag.prove(folder.path(), endless).await,
        ErrorKind::InvalidInput,
        "",
    );
}

#[tokio::test]
async fn hidden_files_that_were_left_out_are_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".h"), "h").unwrap();
    let profile = Profile::default();
    let mut dag = Dag::default();
    let mut file = FileBuilder::new(&profile);
    file.push(b"h");
    let mut tree = TreeBuilder::new(&profile);
    tree.add_file(".h", file.root()).unwrap();
    let root = tree.finish(&mut dag).unwrap();
    fails(
        dag.prove(folder.path(), root.cid).await,
        ErrorKind::CidMismatch,
        "it has .h, which isn't in the local folder, or is hidden or excluded",
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_is_no_link_though_it_has_a_link_s_bytes() {
    use w3pin::unixfs::{symlink, symlink_with_attributes};

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "a").unwrap();
    std::os::unix::fs::symlink("a", folder.path().join("l")).unwrap();
    let profile = Profile::default();
    let mut dag = Dag::default();
    let mut file = FileBuilder::new(&profile);
    file.push(b"a");
    let file = file.root();
    let link = symlink("a", &profile, &mut dag).unwrap();
    let block = dag.0.lock().unwrap()[&link.cid.to_string()].clone();
    let mut forged = link;
    forged.cid = dag.add(RAW, block);
    let other = symlink("b", &profile, &mut dag).unwrap();
    let attributes = Attributes {
        mode: Some(0o777),
        mtime: Some(ModificationTime {
            seconds: 1_700_000_000,
            nanoseconds: 0,
        }),
    };
    let dated = symlink_with_attributes("a", attributes, &profile, &mut dag).unwrap();
    for (node, right) in [(link, true), (dated, true), (forged, false), (other, false)] {
        let mut tree = TreeBuilder::new(&profile);
        tree.add_file("a", file).unwrap();
        tree.add_file("l", node).unwrap();
        let root = tree.finish(&mut dag).unwrap();
        let proof = dag.prove(folder.path(), root.cid).await;
        if right {
            proof.unwrap();
        } else {
            fails(proof, ErrorKind::CidMismatch, "the symbolic link l differs");
        }
    }
}

#[tokio::test]
async fn files_that_carry_a_time_are_proved_through_their_root() {
    let attributes = Attributes {
        mode: Some(0o644),
        mtime: Some(ModificationTime::default()),
    };
    for length in [0, 5, 600_000] {
        let bytes = content(length);
        let mut file =
            FileBuilder::with_sink(&Profile::default(), Dag::default()).with_attributes(attributes);
        file.update(&bytes).unwrap();
        let (root, dag) = file.finish().unwrap();
        let proof = dag.prove(Bytes::from(bytes.clone()), root.cid).await;
        assert_eq!(proof.unwrap().bytes, length as u64);
        let more = Bytes::from([&bytes[..], b"!"].concat());
        fails(dag.prove(more, root.cid).await, ErrorKind::CidMismatch, "");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_has_no_lasting_content_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let dag = Dag::default();
    let empty = dag.add(RAW, Vec::new());
    fails(
        dag.prove(pipe, empty).await,
        ErrorKind::InvalidInput,
        "pipe",
    );
}

/// The files there report no length, but have content.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_that_is_longer_than_it_said_is_not_proved_by_its_beginning() {
    let dag = Dag::default();
    let empty = dag.add(RAW, Vec::new());
    fails(
        dag.prove(std::path::Path::new("/proc/self/status"), empty)
            .await,
        ErrorKind::LocalIo,
        "longer",
    );
}
