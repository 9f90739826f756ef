//! Compares the CID vectors served by a node's gateway and by ours.

use std::{
    collections::{BTreeMap, HashSet},
    convert::Infallible,
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

use cid::Cid;
use tempfile::TempDir;
use w3pin_car::{header, section_head};
use w3pin_unixfs::{Block, BlockSink};

use super::{
    comparison::{Comparison, encode},
    import_file, node_with_gateway,
};
use crate::{
    cars::{car_path, serve_cars},
    fixture::TestServer,
    node::KuboNode,
    vector::{Vector, vectors},
};

/// Whether the comparison takes seconds.
fn is_large(vector: &Vector) -> bool {
    vector.tsize > 8 << 20 || vector.entries() > 500
}

/// All queries except those with ranges.
const WHOLE: [&str; 5] = [
    "format=car",
    "format=car&car-dups=y",
    "format=car&car-dups=n",
    "format=car&dag-scope=block",
    "format=car&dag-scope=entity",
];

/// For files: around the boundaries of chunks, and of everything.
const RANGES: [&str; 3] = [
    "format=car&dag-scope=entity&entity-bytes=262143:262144",
    "format=car&dag-scope=entity&entity-bytes=1048575:2097152&car-dups=n",
    "format=car&dag-scope=entity&entity-bytes=-1:*",
];

#[test]
#[ignore = "needs Kubo: cargo xtask kubo"]
fn the_small_ones_give_the_same_blocks_in_the_same_order() {
    let corpus = Corpus::new(|vector| !is_large(vector));
    let (node, kubo) = corpus.node_with_gateway();
    let compared = corpus.compare(&kubo, &corpus.serve(), &WHOLE, &RANGES);
    assert!(compared > 1000, "{compared}");
    let over_node = TestServer::over(node, |_| {});
    let again = corpus.compare(&kubo, &over_node, &WHOLE, &RANGES);
    assert_eq!(again, compared);
}

#[test]
#[ignore = "needs Kubo, gigabytes of disk and minutes: cargo xtask kubo"]
fn the_large_ones_give_the_same_blocks_in_the_same_order() {
    let vectors = vectors();
    let large = vectors.iter().filter(|vector| is_large(vector));
    let mut large: Vec<(u64, &str)> = large.map(|it| (it.tsize, &it.cid[..])).collect();
    large.sort_unstable();
    large.dedup();
    assert!(large.len() > 30);
    let mut left = &large[..];
    while !left.is_empty() {
        let (some, rest) = left.split_at(fitting(left));
        left = rest;
        let corpus = Corpus::new(|vector| some.iter().any(|(_, cid)| *cid == vector.cid));
        let (_node, kubo) = corpus.node_with_gateway();
        let server = corpus.serve();
        // Sequentially, since each response may be a gigabyte.
        for query in [WHOLE[0], WHOLE[3]] {
            corpus.compare(&kubo, &server, &[query], &[]);
        }
        corpus.compare(&kubo, &server, &[], &RANGES);
    }
}

/// The number of vectors on disk at once, each as a CAR, in the node and in the server.
fn fitting(dags: &[(u64, &str)]) -> usize {
    let mut bytes = 0;
    let fit = dags.iter().take_while(|(size, _)| {
        bytes += size;
        bytes <= 1 << 29
    });
    fit.count().max(1)
}

/// Vectors as CARs, each root once, and the paths to request: only its own for a file.
struct Corpus {
    cars: TempDir,
    dags: BTreeMap<Cid, Vec<String>>,
}

impl Corpus {
    fn new(chosen: impl Fn(&Vector) -> bool) -> Self {
        let cars = TempDir::new().unwrap();
        let mut dags = BTreeMap::new();
        for vector in vectors().iter().filter(|vector| chosen(vector)) {
            let root = vector.cid.parse().unwrap();
            let car = car_path(&cars, &root);
            if !car.exists() {
                let mut sink = Car::create(&car, &root);
                assert_eq!(vector.build(&mut sink).cid, root);
                sink.file.flush().unwrap();
            }
            dags.insert(root, vector.paths());
        }
        Self { cars, dags }
    }

    /// A node that has all of it.
    fn node_with_gateway(&self) -> (KuboNode, String) {
        let (node, kubo) = node_with_gateway();
        for root in self.dags.keys() {
            import_file(&node, &car_path(&self.cars, root));
        }
        (node, kubo)
    }

    /// A server that has all of it in its own store.
    fn serve(&self) -> TestServer {
        let roots: Vec<_> = self.dags.keys().copied().collect();
        serve_cars(&self.cars, &roots)
    }

    /// Requests everything with the queries of `whole`, and files also with those of `ranges`. Returns the
    /// number of compared requests.
    fn compare(&self, kubo: &str, server: &TestServer, whole: &[&str], ranges: &[&str]) -> usize {
        let mut comparison = Comparison::new(kubo, server);
        for (root, paths) in &self.dags {
            for path in paths {
                let is_file = paths.len() == 1 || !path.is_empty();
                let ranges = if is_file { ranges } else { &[] };
                let queries: Vec<_> = whole
                    .iter()
                    .chain(ranges)
                    .map(ToString::to_string)
                    .collect();
                comparison.compare(&format!("/ipfs/{root}{}", encode(path)), &queries);
            }
        }
        comparison.end()
    }
}

/// A CAR that is written while blocks are created, each once.
struct Car {
    file: BufWriter<File>,
    written: HashSet<Cid>,
}

impl Car {
    fn create(path: &PathBuf, root: &Cid) -> Self {
        let mut file = BufWriter::new(File::create(path).unwrap());
        file.write_all(&header(&[*root])).unwrap();
        Self {
            file,
            written: HashSet::new(),
        }
    }
}

impl BlockSink for Car {
    type Error = Infallible;

    fn put(&mut self, block: Block<'_>) -> Result<(), Infallible> {
        if self.written.insert(block.cid) {
            let head = section_head(&block.cid, block.len());
            self.file.write_all(&head).unwrap();
            for part in block.parts() {
                self.file.write_all(part).unwrap();
            }
        }
        Ok(())
    }
}
