//! Tests of reading from gateways that never finish, with a simulated clock.

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use http::{Response, header};
use w3pin_car::{header as car_header, section_head};
use w3pin_core::{
    Call, Cooldowns, Delivery, Error, ErrorKind, IpfsPath, Node, Piece, ReadOptions, Result,
    Retrieval, RetryPolicy, Step,
};
use w3pin_unixfs::{Block, BlockSink, Cid, FileBuilder, Profile};

use crate::script::SECOND;

/// The blocks of a file, leaves before their root.
#[derive(Default)]
struct Blocks(Vec<(Cid, Vec<u8>)>);

impl BlockSink for Blocks {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
        self.0.push((block.cid, block.to_vec()));
        Ok(())
    }
}

/// A file of several blocks.
fn file(content: &[u8]) -> (IpfsPath, Vec<(Cid, Vec<u8>)>) {
    let profile: Profile = "custom(chunk=100)".parse().unwrap();
    let mut file = FileBuilder::with_sink(&profile, Blocks::default());
    file.update(content).unwrap();
    let (root, blocks) = file.finish().unwrap();
    (IpfsPath::new(root.cid.into()), blocks.0)
}

fn section((cid, block): &(Cid, Vec<u8>)) -> Vec<u8> {
    [section_head(cid, block.len()), block.clone()].concat()
}

fn read(path: IpfsPath) -> Call<Node, Piece> {
    let gateways = vec!["https://gateway.example".parse().unwrap()];
    let retrieval = Retrieval::new(gateways, Cooldowns::new()).unwrap();
    let retrieval = retrieval.retry(RetryPolicy::never()).unwrap();
    retrieval.content(path, ReadOptions::new())
}

/// The result, the number of pieces of the CAR that were read, and the number of blocks requested
/// individually.
#[derive(Debug)]
struct Ended {
    result: Result<Node>,
    bytes: Vec<u8>,
    pulled: usize,
    blocks: usize,
}

/// Drives a call against a gateway that sends these pieces of a CAR, each after a time, and serves the blocks
/// individually.
fn drive(
    mut call: Call<Node, Piece>,
    blocks: &[(Cid, Vec<u8>)],
    mut pieces: impl Iterator<Item = (Duration, Vec<u8>)>,
    pause: Duration,
) -> Ended {
    let (mut now, mut bytes, mut pulled, mut asked) = (Duration::ZERO, Vec::new(), 0, 0);
    loop {
        match call.next(now, 1) {
            Step::Open(_) => {
                let mut head = Response::new(());
                let kind = "application/vnd.ipld.car; version=1; order=dfs; dups=y";
                head.headers_mut()
                    .insert(header::CONTENT_TYPE, kind.parse().unwrap());
                call.opened(head);
            }
            Step::Pull => {
                let (delay, piece) = pieces.next().map_or((SECOND, None), |(delay, piece)| {
                    (delay, Some(Bytes::from(piece)))
                });
                pulled += 1;
                assert!(pulled < 10_000, "it never ends");
                now += delay;
                call.pulled(Ok(piece));
            }
            Step::Send(transmission) => {
                asked += 1;
                let path = transmission.request.uri().path().to_owned();
                let found = blocks
                    .iter()
                    .find(|(cid, _)| path.ends_with(&cid.to_string()));
                match found {
                    Some((_, block)) => {
                        let response = Response::new(Bytes::from(block.clone()));
                        call.responded(response, Delivery::complete());
                    }
                    None => {
                        let error = Error::new(ErrorKind::Transport, "no such block");
                        call.failed(error, Delivery::complete());
                    }
                }
            }
            Step::Yield(piece) => {
                bytes.extend_from_slice(&piece.bytes);
                now += pause;
            }
            Step::Sleep(delay) => now += delay,
            Step::Close => {}
            Step::Done(result) => {
                return Ended {
                    result,
                    bytes,
                    pulled,
                    blocks: asked,
                };
            }
            step => panic!("{step:?}"),
        }
    }
}

#[test]
fn a_response_that_drips_is_given_up_for_blocks() {
    let content: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let (path, blocks) = file(&content);
    let root = &blocks[blocks.len() - 1];
    let car = [car_header(&[root.0]), section(root)].concat();
    let drips = car.into_iter().map(|byte| (SECOND, vec![byte]));
    let ended = drive(read(path), &blocks, drips, Duration::ZERO);
    assert!(ended.result.is_ok(), "{ended:?}");
    assert_eq!(ended.bytes, content);
    assert!(ended.pulled < 40, "{ended:?}");
}

#[test]
fn a_slow_reader_keeps_its_response() {
    let content: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let (path, blocks) = file(&content);
    let order = blocks
        .iter()
        .rev()
        .take(1)
        .chain(&blocks[..blocks.len() - 1]);
    let header = car_header(&[blocks[blocks.len() - 1].0]);
    let pieces = std::iter::once(header).chain(order.map(section));
    let pieces = pieces.map(|piece| (Duration::ZERO, piece));
    let ended = drive(read(path), &blocks, pieces, 60 * SECOND);
    assert!(ended.result.is_ok(), "{ended:?}");
    assert_eq!((ended.bytes, ended.blocks), (content, 0));
}

#[test]
fn a_response_that_repeats_itself_is_given_up_for_blocks() {
    let content: Vec<u8> = (0..=255).cycle().take(1000).collect();
    let (path, blocks) = file(&content);
    let root = &blocks[blocks.len() - 1];
    let first = [car_header(&[root.0]), section(root), section(&blocks[0])].concat();
    let again = std::iter::repeat_with(|| section(&blocks[0]));
    let pieces = std::iter::once(first).chain(again);
    let pieces = pieces.map(|piece| (Duration::ZERO, piece));
    let ended = drive(read(path), &blocks, pieces, Duration::ZERO);
    assert!(ended.result.is_ok(), "{ended:?}");
    assert_eq!(ended.bytes, content);
    assert!(ended.pulled < 100, "{ended:?}");
}

#[test]
fn content_that_repeats_comes_out_of_one_response() {
    let content = vec![7; 50_000];
    let (path, blocks) = file(&content);
    let leaf = blocks[0].clone();
    // The nodes of the file in walk order, each followed by its leaves, which are all equal.
    let nodes: Vec<_> = blocks.iter().filter(|(cid, _)| *cid != leaf.0).collect();
    let root = nodes[nodes.len() - 1];
    let mut pieces = vec![car_header(&[root.0]), section(root)];
    for node in &nodes[..nodes.len() - 1] {
        pieces.push(section(node));
    }
    pieces.extend(std::iter::repeat_n(section(&leaf), 500));
    let pieces = pieces.into_iter().map(|piece| (Duration::ZERO, piece));
    let ended = drive(read(path), &blocks, pieces, Duration::ZERO);
    assert!(ended.result.is_ok(), "{ended:?}");
    assert_eq!(ended.bytes, content);
    assert!(ended.blocks <= 4, "{ended:?}");
}
