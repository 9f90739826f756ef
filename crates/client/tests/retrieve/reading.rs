//! Tests that content read back equals what was imported.

use std::io::SeekFrom;

use tokio::io::{AsyncReadExt, AsyncSeekExt};
use w3pin::{ErrorKind, IpfsPath, NodeKind, Profile, ReadOptions, unixfs::Cid};

use crate::{
    dag::{DAG_PB, Dag, RAW, cid_with},
    gateway::{Gateway, retriever},
    server::content,
};

pub(crate) fn path(cid: Cid) -> IpfsPath {
    IpfsPath::new(cid.into())
}

pub(crate) fn below(cid: Cid, path: &str) -> IpfsPath {
    format!("{cid}/{path}").parse().unwrap()
}

fn profiles() -> Vec<Profile> {
    // Raw and wrapped leaves, several levels, and both CID versions.
    let texts = [
        "unixfs-v1-2025",
        "unixfs-v0-2015",
        "custom(chunk=1000,width=3)",
        "custom(chunk=1000,width=3,leaves=wrapped,cid=0)",
    ];
    texts.map(|text| text.parse().unwrap()).into()
}

#[tokio::test]
async fn files_of_every_layout_are_read_whole_and_in_parts() {
    for profile in profiles() {
        let long = if profile.chunk_size() == 1000 {
            30_000
        } else {
            3_000_000
        };
        for length in [0, 1, 999, 1000, 1001, 9001, long] {
            let bytes = content(length);
            let dag = Dag::default();
            let cid = dag.file(&profile, &bytes);
            for gateway in [Gateway::good(&dag), Gateway::blocks_only(&dag)] {
                let retriever = retriever(&[&gateway]);
                let read = retriever
                    .read(&path(cid), ReadOptions::new())
                    .await
                    .unwrap();
                assert!(read == bytes, "{profile} {length}");
                for range in [
                    0..1,
                    1..length,
                    length / 3..length / 2,
                    length / 2..length + 9,
                ] {
                    let expected = &bytes[range.start.min(length)..range.end.min(length)];
                    let part = ReadOptions::new()
                        .start(range.start as u64)
                        .end(range.end as u64);
                    let read = retriever.read(&path(cid), part).await;
                    if range.start > length {
                        assert_eq!(read.unwrap_err().kind(), ErrorKind::InvalidInput);
                    } else {
                        assert!(read.unwrap() == expected, "{profile} {length} {range:?}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_file_comes_in_one_response_and_a_part_without_the_rest() {
    let dag = Dag::default();
    let bytes = content(5_000_000);
    let cid = dag.file(&Profile::kubo_cidv1_legacy(), &bytes);
    let gateway = Gateway::good(&dag);
    let retriever = retriever(&[&gateway]);
    assert!(
        retriever
            .read(&path(cid), ReadOptions::new())
            .await
            .unwrap()
            == bytes
    );
    assert_eq!(gateway.requests().len(), 1);
    let before = gateway.bytes();
    let part = retriever
        .read(
            &path(cid),
            ReadOptions::new()
                .start(4_000_000)
                .end(4_000_100)
                .most_bytes(100),
        )
        .await;
    assert!(part.unwrap() == bytes[4_000_000..4_000_100]);
    assert!(gateway.bytes() - before < 300_000);
    assert_eq!(gateway.requests().len(), 2);
}

#[tokio::test]
async fn paths_lead_through_folders_small_and_large() {
    let dag = Dag::default();
    let names: Vec<String> = (0..2000).map(|at| format!("file {at}.txt")).collect();
    let files: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), name.as_bytes()))
        .chain([("a/b/c/d.txt", &b"deep"[..]), ("ü %?#/x", b"odd")])
        .collect();
    let sharded = "custom(shard-threshold=1000)".parse().unwrap();
    for profile in [Profile::default(), sharded] {
        let root = dag.folder(&profile, &files);
        for gateway in [Gateway::good(&dag), Gateway::blocks_only(&dag)] {
            let retriever = retriever(&[&gateway]);
            for (name, content) in files.iter().step_by(333).chain(files.iter().rev().take(2)) {
                let place = IpfsPath::new(root.into()).join(name).unwrap();
                assert!(
                    retriever
                        .read(&place, ReadOptions::new().most_bytes(100))
                        .await
                        .unwrap()
                        == *content,
                    "{name}"
                );
            }
            let error = retriever
                .read(
                    &below(root, "file 2000.txt"),
                    ReadOptions::new().most_bytes(100),
                )
                .await;
            assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
            let error = retriever
                .read(
                    &below(root, "a/b/c/d.txt/e"),
                    ReadOptions::new().most_bytes(100),
                )
                .await;
            assert_eq!(error.unwrap_err().kind(), ErrorKind::NotFound);
            let error = retriever
                .read(&below(root, "a/b"), ReadOptions::new().most_bytes(100))
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);

            let mut entries = retriever.list(&path(root));
            let mut found = Vec::new();
            while let Some(entry) = entries.next().await {
                let entry = entry.unwrap();
                let is_folder = matches!(&*entry.name, "a" | "ü %?#");
                assert_eq!(entry.kind == NodeKind::Folder, is_folder);
                if !is_folder {
                    assert_eq!(entry.size, Some(entry.name.len() as u64));
                }
                found.push(entry.name);
            }
            found.sort();
            let mut expected = names.clone();
            expected.extend(["a".to_owned(), "ü %?#".to_owned()]);
            expected.sort();
            assert_eq!(found, expected);
        }
    }
}

#[tokio::test]
async fn a_listing_goes_on_behind_an_entry_that_nobody_has() {
    let dag = Dag::default();
    let gone = dag.directory(&[(dag.add(RAW, b"x".to_vec()), "x")]);
    let there = dag.directory(&[(dag.add(RAW, b"y".to_vec()), "y")]);
    let root = dag.directory(&[(there, "a"), (gone, "b"), (there, "c")]);
    dag.remove(&gone);
    for gateway in [Gateway::good(&dag), Gateway::blocks_only(&dag)] {
        let mut entries = retriever(&[&gateway]).list(&path(root));
        let mut found = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.unwrap();
            assert_eq!(entry.size, None);
            found.push((entry.name, entry.kind));
        }
        let expected = [
            ("a", NodeKind::Folder),
            ("b", NodeKind::Unavailable),
            ("c", NodeKind::Folder),
        ];
        assert_eq!(found, expected.map(|(name, kind)| (name.to_owned(), kind)));
    }
    // Invalid content is still rejected.
    dag.insert(gone, b"other bytes".to_vec());
    let gateway = Gateway::blocks_only(&dag);
    let mut entries = retriever(&[&gateway]).list(&path(root));
    assert!(entries.next().await.unwrap().is_ok());
    let error = entries.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    assert!(entries.next().await.is_none());
}

#[tokio::test]
async fn a_block_that_was_looked_at_is_not_fetched_again() {
    let dag = Dag::default();
    let raw = dag.add(RAW, vec![7; 1_500_000]);
    let document = dag.add(0x71, b"\xa1\x61a\x01".to_vec());
    let root = dag.directory(&[(raw, "raw"), (document, "document")]);
    for name in ["raw", "document"] {
        for (gateway, requests) in [(Gateway::good(&dag), 1), (Gateway::blocks_only(&dag), 3)] {
            let retriever = retriever(&[&gateway]);
            let node = retriever.resolve(&below(root, name)).await.unwrap();
            let cid = IpfsPath::new(node.cid);
            let read = retriever.read(&cid, ReadOptions::new()).await.unwrap();
            assert_eq!(Some(read.len() as u64), node.size);
            // The second request is for the CAR, which `blocks_only` rejects.
            assert_eq!(
                gateway.requests().len(),
                requests,
                "{:?}",
                gateway.requests()
            );
        }
    }
}

#[tokio::test]
async fn a_path_takes_one_request() {
    let dag = Dag::default();
    let root = dag.folder(&Profile::default(), &[("a/b/c/d.txt", b"deep")]);
    let gateway = Gateway::good(&dag);
    let read = retriever(&[&gateway])
        .read(
            &below(root, "a/b/c/d.txt"),
            ReadOptions::new().most_bytes(100),
        )
        .await;
    assert!(read.unwrap() == b"deep"[..]);
    assert_eq!(gateway.requests().len(), 1, "{:?}", gateway.requests());
}

#[tokio::test]
async fn a_reader_jumps() {
    let dag = Dag::default();
    let bytes = content(9_000_000);
    let cid = dag.file(&Profile::default(), &bytes);
    let gateway = Gateway::good(&dag);
    let mut file = retriever(&[&gateway]).open(&path(cid)).await.unwrap();
    assert_eq!(file.size(), 9_000_000);
    for (seek, at) in [
        (SeekFrom::Start(5_000_000), 5_000_000),
        (SeekFrom::Current(-4_000_000), 1_001_000),
        (SeekFrom::Current(10), 1_002_010),
        (SeekFrom::End(-500), 8_999_500),
        (SeekFrom::Start(0), 0),
    ] {
        assert_eq!(file.seek(seek).await.unwrap(), at);
        let mut read = Vec::new();
        (&mut file).take(1000).read_to_end(&mut read).await.unwrap();
        let at = at as usize;
        assert!(read == bytes[at..(at + 1000).min(bytes.len())], "{seek:?}");
    }
    assert!(file.seek(SeekFrom::Current(-9_000_000)).await.is_err());
    file.seek(SeekFrom::Start(20_000_000)).await.unwrap();
    assert_eq!(file.read(&mut [0; 10]).await.unwrap(), 0);
    file.seek(SeekFrom::Start(0)).await.unwrap();
    let mut all = Vec::new();
    file.read_to_end(&mut all).await.unwrap();
    assert!(all == bytes);
}

#[tokio::test]
async fn limits_hold_before_anything_is_read() {
    let dag = Dag::default();
    let cid = dag.file(&Profile::default(), &content(3_000_000));
    let gateway = Gateway::blocks_only(&dag);
    let error = retriever(&[&gateway])
        .read(&path(cid), ReadOptions::new().most_bytes(2_999_999))
        .await;
    assert_eq!(error.as_ref().unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(error.unwrap_err().field(), Some("most_bytes"));
    assert_eq!(gateway.requests().len(), 2);
}

#[tokio::test]
async fn every_usual_hash_is_checked_and_others_are_refused_by_name() {
    use sha2::Digest;

    let dag = Dag::default();
    let block = b"hello world".to_vec();
    let sha512 = sha2::Sha512::digest(&block).to_vec();
    let blake3 = "d74981efa70a0c880b8d8c1985d075dbcbf679b99a5f9914e5aaf96b831a9e24";
    let blake2b = "256c83b297114d201b30179f3f0ef0cace9783622da5974326b436178aeef610";
    for (code, digest, good) in [
        (0x13, sha512.clone(), true),
        (0xb220, hex(blake2b), true),
        (0x1e, hex(blake3), true),
        (0x00, block.clone(), true),
        (0x11, vec![1; 20], false),
        (0x12, vec![1; 20], false),
    ] {
        let cid = cid_with(RAW, code, &digest);
        dag.insert(cid, block.clone());
        let gateway = Gateway::good(&dag);
        let read = retriever(&[&gateway])
            .read(&path(cid), ReadOptions::new().most_bytes(100))
            .await;
        if good {
            assert!(read.unwrap() == block, "{code:x}");
            continue;
        }
        let error = read.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(
            error.to_string().contains(&format!("0x{code:x}")),
            "{error}"
        );
        assert!(gateway.requests().is_empty());
    }
    // Different bytes under each of them.
    for (code, digest) in [(0x13, sha512), (0xb220, hex(blake2b)), (0x1e, hex(blake3))] {
        let cid = cid_with(RAW, code, &digest);
        dag.insert(cid, b"hello w0rld".to_vec());
        let gateway = Gateway::good(&dag);
        let error = retriever(&[&gateway])
            .read(&path(cid), ReadOptions::new().most_bytes(100))
            .await;
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Decode);
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits = (0..text.len()).step_by(2);
    digits
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[tokio::test]
async fn a_root_of_another_format_is_its_block() {
    let dag = Dag::default();
    let cbor = b"\xa1\x61a\x01".to_vec();
    let cid = dag.add(0x71, cbor.clone());
    let gateway = Gateway::good(&dag);
    let retriever = retriever(&[&gateway]);
    assert!(
        retriever
            .read(&path(cid), ReadOptions::new().most_bytes(100))
            .await
            .unwrap()
            == cbor
    );
    let node = retriever.resolve(&path(cid)).await.unwrap();
    assert_eq!((node.kind, node.size), (NodeKind::Block, Some(4)));
    let error = retriever
        .read(&below(cid, "a"), ReadOptions::new().most_bytes(100))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn what_repeats_is_read_from_gateways_that_leave_repetitions_out() {
    let dag = Dag::default();
    let leaf = dag.add(RAW, vec![7; 1000]);
    let other = dag.add(RAW, content(1000));
    let many: Vec<_> = (0..500)
        .map(|at| (if at % 50 == 0 { other } else { leaf }, 1000))
        .collect();
    let cid = dag.node(b"", &many);
    let gateway = Gateway::new(
        &dag,
        std::sync::Arc::new(|asked, connection| {
            if !asked.car {
                return None;
            }
            let mut once = Vec::new();
            for cid in &asked.blocks {
                if !once.contains(cid) {
                    once.push(*cid);
                }
            }
            let blocks: Vec<_> = once.iter().map(|it| (*it, asked.block(it))).collect();
            let body = crate::gateway::car(&once[..1], &blocks);
            let kind = "application/vnd.ipld.car; version=1; order=dfs; dups=n";
            crate::gateway::send(connection, kind, &body);
            Some(crate::server::Kept::Yes)
        }),
    );
    let read = retriever(&[&gateway])
        .read(&path(cid), ReadOptions::new())
        .await
        .unwrap();
    assert_eq!(read.len(), 500_000);
    assert!(gateway.requests().len() < 5, "{:?}", gateway.requests());
    assert_eq!(cid.codec(), DAG_PB);
}
