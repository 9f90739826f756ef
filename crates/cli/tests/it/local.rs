//! `--local`, which several commands use at once.

use std::process::Stdio;

use crate::fixture::Place;

#[test]
fn several_wait_for_each_other() {
    let place = Place::new();
    let names = ["a", "b", "c", "d", "e"];
    names.iter().for_each(|name| drop(place.write(name, name)));
    let children: Vec<_> = names
        .iter()
        .map(|name| {
            place
                .command(&["--local", "add", name])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let listed = place.run(&["--local", "ls", "--all"]).ok();
    assert_eq!(listed.lines().count(), names.len());
}

#[test]
fn waiting_is_told_and_has_a_limit() {
    let place = Place::new();
    let _served = place.serve(&["--data", "d"]);
    let list = ["--local", "--data", "d", "ls", "--lock-timeout"];
    let said = place.run(&[&list[..], &["1500ms"]].concat()).fails(1);
    assert!(
        said.contains("waiting for another command that uses d")
            && said.contains("in use by another process")
            && said.contains("--lock-timeout"),
        "{said}"
    );
    let said = place.run(&[&list[..], &["0"]].concat()).fails(1);
    assert!(!said.contains("waiting"), "{said}");
}

#[test]
fn what_the_environment_says_of_another_service_does_not_count() {
    let place = Place::new();
    let mut command = place.command(&["--local", "ls"]);
    command
        .env("W3PIN_PROXY", "http://127.0.0.1:1")
        .env("W3PIN_ENDPOINT", "nowhere")
        .env("W3PIN_CONFIG", "gone.toml");
    crate::fixture::Ran::of(&mut command).ok();
}
