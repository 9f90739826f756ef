//! Tests with output that can't be written.

use crate::{
    fixture::{Place, Ran, unread_pipe},
    service::{Kept, Server, honest},
};

#[test]
fn work_that_was_asked_for_is_finished_though_nobody_reads_the_results() {
    let place = Place::new();
    let names: Vec<String> = (1..=12).map(|it| format!("f{it}")).collect();
    names.iter().for_each(|name| drop(place.write(name, name)));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let served = place.serve(&[]);
    let add = served.flags(&[&["add"], &names[..]].concat());
    let ran = Ran::of(place.command(&add).stdout(unread_pipe()));
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(
        ran.err.contains("error: the output can't be written"),
        "{ran:?}"
    );
    let listed = place.run(&served.flags(&["ls", "--all"])).ok();
    assert_eq!(listed.lines().count(), 12, "{listed}");

    let ids: Vec<&str> = listed
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    let rm = served.flags(&[&["rm"], &ids[..]].concat());
    let ran = Ran::of(place.command(&rm).stdout(unread_pipe()));
    assert_eq!(ran.code, 7, "{ran:?}");
    assert_eq!(place.run(&served.flags(&["ls", "--pinned"])).ok(), "");
}

#[cfg(unix)]
#[test]
fn every_command_tells_that_its_output_was_lost() {
    let place = Place::new();
    place.write("a", "a");
    let served = place.serve(&[]);
    let pin = place.run(&served.flags(&["add", "a", "--json"])).json();
    let (id, cid) = (pin["id"].as_str().unwrap(), pin["cid"].as_str().unwrap());
    let commands = [
        &["add", "a"][..],
        &["add", "a", "--dry-run"],
        &["add-cid", cid],
        &["ls"],
        &["ls", "--all"],
        &["get", id],
        &["wait", id],
        &["cid", "a"],
        &["verify", "a", cid],
        &["fetch", cid, "b"],
        &["tree", cid],
        &["check"],
        &["health", served.address()],
        &["completions", "bash"],
        &["--version"],
        &["add", "--help"],
        &["rm", id],
    ];
    for args in commands {
        for json in [&[][..], &["--json"]] {
            let args = served.flags(&[args, json].concat());
            let ran = Ran::of(place.command(&args).stdout(crate::fixture::full_device()));
            // The second `rm` finds nothing, which takes precedence.
            let expected = if args.contains(&"rm") && args.contains(&"--json") {
                4
            } else {
                7
            };
            assert_eq!(ran.code, expected, "{args:?}: {ran:?}");
            assert!(
                ran.err
                    .contains("error: the output can't be written: No space left"),
                "{args:?}: {ran:?}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn a_failure_counts_more_than_lost_output() {
    let place = Place::new();
    place.write("a", "a");
    let server = Server::new(|_, request, connection| honest(request, connection));
    let endpoint = server.endpoint().to_string();
    let add = crate::fixture::to(&endpoint, &["add", "a", "gone"]);
    let ran = Ran::of(place.command(&add).stdout(crate::fixture::full_device()));
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("gone") && ran.err.contains("output can't be written"));
}

#[test]
fn results_come_in_the_order_of_the_arguments() {
    let place = Place::new();
    for name in ["slow", "a", "b"] {
        place.write(name, name);
    }
    let server = Server::new(|_, request, connection| {
        if request.is_upload() && request.files()[0].2 == b"slow" {
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        honest(request, connection);
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    let add = crate::fixture::to(&endpoint, &["add", "slow", "a", "gone", "b", "--json"]);
    let ran = place.run(&add);
    let documents: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let subjects: Vec<_> = (0..4).map(|it| &documents[it]["of"]).collect();
    assert_eq!(subjects, ["slow", "a", "gone", "b"]);
    let last = server.requests().pop().unwrap();
    assert!(last.is_upload(), "{last:?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_may_grow_no_more_ends_no_work() {
    let place = Place::new();
    let names = ["a", "b", "c"];
    names.iter().for_each(|name| drop(place.write(name, name)));
    let served = place.serve(&[]);
    let add = served.flags(&[&["add"], &names[..]].concat());
    let mut shell = crate::fixture::in_shell(&place, "ulimit -f 0; exec \"$0\" \"$@\" > out", &add);
    let ran = Ran::of(&mut shell);
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.err.contains("File too large"), "{ran:?}");
    let listed = place.run(&served.flags(&["ls", "--all"])).ok();
    assert_eq!(listed.lines().count(), names.len());
}

#[cfg(unix)]
#[test]
fn a_shell_that_takes_the_first_line_or_none_stops_nothing() {
    let place = Place::new();
    let names: Vec<String> = (1..=12).map(|it| format!("f{it}")).collect();
    names.iter().for_each(|name| drop(place.write(name, name)));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let served = place.serve(&[]);
    for (script, form) in [
        ("\"$0\" \"$@\" | head -1", &["--json"][..]),
        ("\"$0\" \"$@\" | head -1", &[]),
        ("exec \"$0\" \"$@\" >&-", &[]),
        ("exec \"$0\" \"$@\" >&- 2>&-", &[]),
    ] {
        let add = served.flags(&[&["add"], form, &names[..]].concat());
        let ran = Ran::of(&mut crate::fixture::in_shell(&place, script, &add));
        assert!([0, 7].contains(&ran.code), "{script}: {ran:?}");
        let listed = place.run(&served.flags(&["ls", "--all", "--pinned"])).ok();
        assert_eq!(listed.lines().count(), 12, "{script}: {ran:?}");
        let ids = listed.lines().map(|line| line.split('\t').next().unwrap());
        let rm: Vec<&str> = std::iter::once("rm").chain(ids).collect();
        place.run(&served.flags(&rm)).ok();
    }
}
