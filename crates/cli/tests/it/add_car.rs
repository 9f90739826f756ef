//! Tests of pinning CAR files.

use std::{fs, process::Stdio};

use crate::fixture::{Place, Ran};

/// Packs a folder and returns its root.
fn packed(place: &Place) -> String {
    place.write("site/a", "hi");
    place.write("site/b", "x".repeat(600_000));
    let packed = place.run(&["car", "pack", "site", "--output", "s.car", "--json"]);
    packed.json()["cid"].as_str().unwrap().to_owned()
}

#[test]
fn what_a_car_holds_is_pinned_and_served() {
    let place = Place::new();
    let root = packed(&place);
    let server = place.serve(&[]);
    let pin = place
        .run(&server.flags(&["add", "--car", "s.car", "--json"]))
        .json();
    assert_eq!(pin["cid"], root);
    assert_eq!(pin["name"], "s");
    assert_eq!(pin["verification"]["result"], "verified");
    let file = format!("{root}/a");
    let content = place.run(&["cat", &file, "--gateway", server.gateway()]);
    assert_eq!(content.ok(), "hi");

    let mut command = place.command(&server.flags(&["add", "--car", "-", "--json"]));
    let input = fs::File::open(place.path().join("s.car")).unwrap();
    let again = Ran::of(command.stdin(Stdio::from(input))).json();
    assert_eq!(again["id"], pin["id"]);
    assert_eq!(again["already_pinned"], true);
}

#[test]
fn a_damaged_car_is_refused_though_its_root_is_pinned() {
    let place = Place::new();
    packed(&place);
    let server = place.serve(&[]);
    place.run(&server.flags(&["add", "--car", "s.car"])).ok();
    let mut bytes = fs::read(place.path().join("s.car")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    place.write("bad.car", &bytes);
    for more in [&["--skip-if-pinned"][..], &[]] {
        let args = [&["add", "--car", "bad.car"], more].concat();
        let said = place.run(&server.flags(&args)).fails(1);
        assert!(said.contains("the CAR contains an invalid block"), "{said}");
        assert!(said.contains("w3pin car verify"), "{said}");
    }
    place.write("no.car", "");
    place
        .run(&server.flags(&["add", "--car", "no.car"]))
        .fails(1);
    let profile = ["add", "--car", "s.car", "--profile", "unixfs-v1-2025"];
    place.run(&server.flags(&profile)).fails(2);
}
