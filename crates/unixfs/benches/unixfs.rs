//! Files, folders and blocks.

#![allow(clippy::unwrap_used, reason = "a bench that fails has to stop")]

use std::{convert::Infallible, hint::black_box};

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use w3pin_unixfs::{
    Block, BlockSink, Candidates, Cid, FileBuilder, Node, Profile, TreeBuilder, decode,
    verify_block,
};

const MIB: usize = 1024 * 1024;

/// Keeps the block that was made last, which is the root.
#[derive(Default)]
struct Last(Option<(Cid, Vec<u8>)>);

impl BlockSink for Last {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
        self.0 = Some((block.cid, block.to_vec()));
        Ok(())
    }
}

/// Two chunks: each pushed alone, which is one stream, and together, which is two.
fn leaves(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("two leaves");
    for profile in [Profile::unixfs_v0_2015(), Profile::unixfs_v1_2025()] {
        let content = vec![7_u8; 2 * profile.chunk_size()];
        group.throughput(Throughput::Bytes(content.len() as u64));
        for (name, chunks) in [("one after the other", 1), ("both at once", 2)] {
            let slice = chunks * profile.chunk_size();
            group.bench_function(BenchmarkId::new(name, profile), |bench| {
                bench.iter(|| {
                    let mut file = FileBuilder::new(&profile);
                    for slice in black_box(&content).chunks(slice) {
                        file.push(slice);
                    }
                    file.root()
                });
            });
        }
    }
    group.finish();
}

fn files(criterion: &mut Criterion) {
    let content = vec![7_u8; 64 * MIB];
    let mut group = criterion.benchmark_group("a file of 64 MiB");
    group.throughput(Throughput::Bytes(content.len() as u64));
    group.sample_size(10);
    for profile in Profile::known() {
        group.bench_function(BenchmarkId::from_parameter(profile), |bench| {
            bench.iter(|| {
                let mut file = FileBuilder::new(&profile);
                file.push(black_box(&content));
                file.root()
            });
        });
    }
    group.bench_function("all known profiles", |bench| {
        bench.iter(|| {
            let mut candidates = Candidates::new(&Profile::known());
            candidates.update(black_box(&content));
            candidates.finish()
        });
    });
    group.finish();
}

fn file() -> Node {
    let mut file = FileBuilder::new(&Profile::default());
    file.push(b"hello world");
    file.root()
}

fn tree(paths: &[String], node: Node) -> TreeBuilder {
    let mut tree = TreeBuilder::new(&Profile::default());
    for path in paths {
        tree.add_file(path, node).unwrap();
    }
    tree
}

fn folders(criterion: &mut Criterion) {
    let node = file();
    let mut group = criterion.benchmark_group("a tree of 10,000 files");
    group.throughput(Throughput::Elements(10_000));
    group.sample_size(20);
    for (name, in_each) in [("folders of 100", 100), ("one sharded folder", 10_000)] {
        let paths: Vec<String> = (0..10_000)
            .map(|index| format!("folder-{}/file-{index}.txt", index / in_each))
            .collect();
        group.bench_function(BenchmarkId::new("filled", name), |bench| {
            bench.iter(|| tree(black_box(&paths), node));
        });
        group.bench_function(BenchmarkId::new("finished", name), |bench| {
            bench.iter_batched(
                || tree(&paths, node),
                |tree| tree.root().unwrap(),
                BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

fn blocks(criterion: &mut Criterion) {
    let profile = Profile::unixfs_v0_2015();
    let mut file = FileBuilder::with_sink(&profile, Last::default());
    let Ok(()) = file.update(&vec![7; 174 * profile.chunk_size()]);
    let Ok((_, Last(inner))) = file.finish();
    let mut last = Last::default();
    let paths: Vec<String> = (0..1_000)
        .map(|index| format!("file-{index}.txt"))
        .collect();
    tree(&paths, self::file()).finish(&mut last).unwrap();

    let mut group = criterion.benchmark_group("a block");
    for (name, block) in [
        ("inner node of 174 links", inner),
        ("folder of 1,000 entries", last.0),
    ] {
        let (cid, block) = block.unwrap();
        group.throughput(Throughput::Bytes(block.len() as u64));
        group.bench_function(BenchmarkId::new("decoded", name), |bench| {
            bench.iter(|| decode(&cid, black_box(&block)).unwrap().links().len());
        });
        group.bench_function(BenchmarkId::new("verified", name), |bench| {
            bench.iter(|| verify_block(&cid, black_box(&block)).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, leaves, files, folders, blocks);
criterion_main!(benches);
