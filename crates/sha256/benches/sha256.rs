//! Two chunks hashed one after the other, and both at once.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use w3pin_sha256::{digest, digests};

fn two_messages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sha256");
    for length in [64, 1_024, 262_144, 1_048_576] {
        let messages = [vec![1_u8; length], vec![2; length]];
        let [first, second] = &messages;
        group.throughput(Throughput::Bytes(2 * length as u64));
        group.bench_function(BenchmarkId::new("one after the other", length), |bench| {
            bench.iter(|| [first, second].map(|message| digest(&[black_box(message)])));
        });
        group.bench_function(BenchmarkId::new("both at once", length), |bench| {
            bench.iter(|| digests([&[black_box(first)], &[black_box(second)]]));
        });
    }
    group.finish();
}

criterion_group!(benches, two_messages);
criterion_main!(benches);
