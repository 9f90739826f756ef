//! Tests with every vector of `vectors/cid-vectors.json`.

use w3pin_unixfs::Discard;

use crate::vector::{Vector, vectors};

#[test]
fn all_but_the_large() {
    assert_eq!(check(|vector| !vector.is_large()), 231);
}

#[test]
#[ignore = "gigabytes of content: run with --release -- --ignored"]
fn the_large() {
    assert_eq!(check(Vector::is_large), 19);
}

/// Checks the selected vectors, and returns how many there were.
fn check(chosen: impl Fn(&Vector) -> bool) -> usize {
    let mut checked = 0;
    for vector in vectors().iter().filter(|vector| chosen(vector)) {
        let root = vector.build(&mut Discard);
        assert_eq!(
            (root.cid.to_string(), root.dag_size),
            (vector.cid.clone(), vector.tsize),
            "{} under {}",
            vector.name,
            vector.profile(),
        );
        checked += 1;
    }
    checked
}
