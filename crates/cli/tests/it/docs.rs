//! Checks that `docs/cli.md` and the help agree.

use std::{collections::BTreeSet, fs};

use crate::fixture::Place;

fn documented() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md");
    fs::read_to_string(path).unwrap()
}

/// The words of a text that start with this prefix.
fn words(text: &str, start: &str) -> BTreeSet<String> {
    text.split(|it: char| !(it.is_ascii_alphanumeric() || "-_".contains(it)))
        .filter(|word| {
            let rest = word.strip_prefix(start);
            rest.is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_alphabetic()))
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_command_option_and_variable_is_documented() {
    let place = Place::new();
    let documented = documented();
    let help = place.run(&["--help"]).ok();
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let commands: Vec<&str> = list
        .lines()
        .map_while(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    let mut all = help.clone();
    for command in ["pack", "unpack", "ls", "verify"] {
        all += &place.run(&["car", command, "--help"]).ok();
    }
    for command in &commands {
        assert!(
            documented.contains(&format!("w3pin {command}")),
            "{command}"
        );
        all += &place.run(&[command, "--help"]).ok();
    }
    assert!(all.contains("USER:PASSWORD@"), "nothing in help is secret");
    for start in ["--", "W3PIN_"] {
        let known = words(&documented, start);
        let given = words(&all, start);
        let own = ["--help", "--version", "--verbose"].map(str::to_owned);
        let missing: Vec<_> = given
            .difference(&known)
            .filter(|word| !own.contains(word))
            .collect();
        assert!(missing.is_empty(), "not in docs/cli.md: {missing:?}");
        let gone: Vec<_> = known.difference(&given).collect();
        assert!(gone.is_empty(), "only in docs/cli.md: {gone:?}");
    }
}

#[test]
fn exit_codes_are_those_of_the_help() {
    let help = Place::new().run(&["-h"]).ok();
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    assert!(documented().contains(codes.trim_end()), "{codes}");
}
