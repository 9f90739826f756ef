//! Tests of concurrent `--local` commands.

use std::{io::Write, process::Stdio, thread, time::Duration};

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

#[test]
fn a_command_that_reads_a_pipe_leaves_the_data_to_the_one_that_writes_it() {
    let place = Place::new();
    place.write("a", "a");
    place.run(&["--local", "add", "a"]).ok();
    for reader in [&["add", "-"][..], &["rm", "-"]] {
        let mut child = place
            .command(&[&["--local"], reader].concat())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Long enough for the other command to take the lock; harmless if it hasn't.
        thread::sleep(Duration::from_secs(1));
        let list = ["--local", "--lock-timeout", "100ms", "ls", "--pinned"];
        let listed = place.run(&list).ok();
        let mut input = child.stdin.take().unwrap();
        input.write_all(listed.as_bytes()).unwrap();
        drop(input);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{reader:?}: {output:?}");
    }
    assert_eq!(place.run(&["--local", "ls", "--pinned"]).ok(), "");
}

#[test]
fn settings_of_another_service_are_refused_by_name() {
    let place = Place::new();
    place.write("key", "K");
    let refused = [
        ("--api-key", "--api-key K --secret-key S"),
        ("--api-key-file", "--api-key-file key --secret-key S"),
        ("--api-key", "--api-key K --secret-key-file key"),
        ("--proxy", "--proxy http://127.0.0.1:1"),
        ("--cacert", "--cacert gone.pem"),
        ("--insecure-http", "--insecure-http"),
        ("--platform-roots", "--platform-roots"),
        ("--user-agent", "--user-agent me"),
        ("--endpoint", "--endpoint aiozpin"),
        ("--config", "--config gone.toml"),
    ];
    for command in ["check", "ls"] {
        for (option, given) in refused {
            let given: Vec<&str> = given.split(' ').collect();
            let args = [&["--local", command], &given[..]].concat();
            let said = place.run(&args).fails(2);
            let conflict = said.lines().next().unwrap();
            let named = conflict.contains("--local") && conflict.contains(option);
            assert!(named, "{args:?}: {said}");
        }
    }
    // The server's own account, and the owner of files found by fsck.
    place.run(&["--local", "ls"]).ok();
    let fsck = ["--local", "fsck", "--api-key", "K", "--secret-key", "S"];
    place.run(&fsck).ok();
}
