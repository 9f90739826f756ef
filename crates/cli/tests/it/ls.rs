use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use crate::fixture::Place;

fn three() -> Place {
    let place = Place::new();
    for (name, length) in [("b", 10), ("c", 30), ("a", 20)] {
        place.write(name, name.repeat(length));
        place.local(&["add", name]).ok();
    }
    place
}

fn names(out: &str) -> Vec<&str> {
    out.lines()
        .map(|line| line.split('\t').nth(2).unwrap())
        .collect()
}

#[test]
fn pins_are_listed_sorted_and_in_pages() {
    let place = three();
    let list = |args: &[&str]| place.local(&[&["ls"], args].concat()).ok();
    assert_eq!(names(&list(&[])), ["a", "c", "b"]);
    assert_eq!(names(&list(&["--order", "asc"])), ["b", "c", "a"]);
    assert_eq!(names(&list(&["--sort", "size"])), ["c", "a", "b"]);
    assert_eq!(
        names(&list(&["--sort", "name", "--order", "asc"])),
        ["a", "b", "c"]
    );
    assert_eq!(names(&list(&["--limit", "1", "--offset", "1"])), ["c"]);
    assert_eq!(names(&list(&["--all", "--limit", "2"])), ["a", "c", "b"]);
    assert_eq!(names(&list(&["--pinned", "false"])), [""; 0]);
    assert_eq!(names(&list(&["--pinned"])), ["a", "c", "b"]);
    assert_eq!(place.local(&["ls", "--limit", "0"]).code, 2);
    assert_eq!(place.local(&["ls", "--sort", "cid"]).code, 2);
}

#[test]
fn json_is_one_document_or_a_line_for_each_of_all() {
    let place = three();
    let page = place.local(&["ls", "--json", "--limit", "2"]).json();
    assert_eq!(page["pins"].as_array().unwrap().len(), 2);
    assert_eq!(page["totals"]["files"], 3);
    let all = place.local(&["ls", "--json", "--all"]).ok();
    let pins: Vec<serde_json::Value> = all
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(pins.len(), 3);
    assert_eq!(pins[0]["name"], "a");
}

#[test]
fn pins_are_found_by_their_pairs() {
    let place = three();
    place.write("d", "d");
    place.local(&["add", "d", "--meta", "kind=x"]).ok();
    assert_eq!(names(&place.local(&["ls", "--meta", "kind=x"]).ok()), ["d"]);
    assert_eq!(place.local(&["ls", "--meta", "kind"]).code, 2);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let place = Place::new();
    let served = place.serve(&[]);
    for number in 0..40 {
        place.write(&number.to_string(), number.to_string());
    }
    let files: Vec<String> = (0..40).map(|number| number.to_string()).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    place
        .run(&served.flags(&[&["add"], &files[..]].concat()))
        .ok();
    let mut child = place
        .command(&served.flags(&["ls", "--all", "--limit", "1"]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn names_cannot_play_with_the_terminal_or_forge_lines() {
    let place = Place::new();
    place.write("x", "x");
    place
        .local(&["add", "x", "--name", "a\tb\nc\u{1b}[2J"])
        .ok();
    let out = place.local(&["ls"]).ok();
    assert_eq!(out.lines().count(), 1);
    assert_eq!(out.split('\t').count(), 7);
    assert!(!out.contains('\u{1b}'));
}
