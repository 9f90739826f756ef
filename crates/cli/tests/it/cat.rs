//! Tests of printing files to standard output.

use crate::{
    dag::{Dag, from},
    fixture::{Place, Served},
    service::{Server, content},
};

fn pinned(place: &Place, bytes: &[u8]) -> (Served, String) {
    place.write("file", bytes);
    let served = place.serve(&[]);
    let pin = place.run(&served.flags(&["add", "file", "--json"])).json();
    (served, pin["cid"].as_str().unwrap().to_owned())
}

#[test]
fn files_are_printed_as_they_are_one_after_the_other() {
    let place = Place::new();
    // Bytes that a terminal would interpret.
    let bytes = [&content(700_000)[..], b"\x1b[2J\0\xff\r\n"].concat();
    let (served, cid) = pinned(&place, &bytes);
    let mut cat = place.command(&["cat", &cid, &cid, "--gateway", served.gateway()]);
    let output = cat.output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    assert!(output.stdout == [&bytes[..], &bytes].concat());
    let mut fetch = place.command(&["fetch", &cid, "-", "--gateway", served.gateway()]);
    assert!(fetch.output().unwrap().stdout == bytes);
}

#[test]
fn a_range_is_that_of_http() {
    let place = Place::new();
    let bytes: String = (0..300_000)
        .map(|it| char::from(b'a' + (it % 26) as u8))
        .collect();
    let (served, cid) = pinned(&place, bytes.as_bytes());
    let cat =
        |range: &str| place.run(&["cat", &cid, "--gateway", served.gateway(), "--range", range]);
    for (range, expected) in [
        ("0-0", &bytes[..1]),
        ("0-99", &bytes[..100]),
        ("262100-262200", &bytes[262_100..262_201]),
        ("299999-", &bytes[299_999..]),
        ("299990-18446744073709551615", &bytes[299_990..]),
        ("300000-", ""),
        ("-3", &bytes[299_997..]),
        ("-18446744073709551615", &bytes[..]),
    ] {
        assert!(cat(range).ok() == expected, "{range}");
    }
    assert!(cat("300001-").fails(2).contains("--range"));
    for range in [
        "5-3", "-0", "x", "1", "", "-", "0-1,3-4", "-1.5", "NaN-", "--help",
    ] {
        assert_eq!(cat(range).code, 2, "{range}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_the_end_and_a_full_disk_a_failure() {
    use crate::fixture::{Ran, full_device, in_shell, unread_pipe};

    let place = Place::new();
    let (served, cid) = pinned(&place, &content(3_000_000));
    let gateway = ["--gateway", served.gateway()];
    for command in [&["cat", &cid, &cid][..], &["fetch", &cid, "-"]] {
        let args = [command, &gateway].concat();
        let ran = Ran::of(place.command(&args).stdout(unread_pipe()));
        assert_eq!((ran.code, &ran.err[..]), (0, ""), "{args:?}");
        let ran = Ran::of(place.command(&args).stdout(full_device()));
        assert_eq!(ran.code, 7, "{ran:?}");
        assert!(
            ran.err.contains("No space left") && ran.err.contains("left out"),
            "{ran:?}"
        );
        let head = Ran::of(&mut in_shell(
            &place,
            "\"$0\" \"$@\" | head -c 10 | wc -c",
            &args,
        ));
        assert_eq!((head.out.trim(), &head.err[..]), ("10", ""));
        let closed = Ran::of(&mut in_shell(&place, "exec \"$0\" \"$@\" >&-", &args));
        assert!([0, 7].contains(&closed.code), "{closed:?}");
    }
}

#[test]
fn what_is_printed_has_no_hole() {
    let place = Place::new();
    let dag = Dag::default();
    let (one, two) = (dag.file(b"one").to_string(), dag.file(b"two").to_string());
    let gone = Dag::default().file(b"gone").to_string();
    let folder = dag.folder(&[]).to_string();
    let link = dag.symlink("one").to_string();
    let gateway = dag.gateway();
    let gateway = from(&gateway);
    let cat = |args: &[&str]| place.run(&[&["cat"], args, &[&gateway[0], &gateway[1]]].concat());
    assert_eq!(cat(&[&one, &two]).ok(), "onetwo");
    for (wrong, code, says) in [
        (&gone, 4, "--gateway"),
        (&folder, 2, "w3pin tree"),
        (&link, 2, "link"),
    ] {
        let ran = cat(&[&one, wrong, &two]);
        assert_eq!(ran.out, "one");
        let said = ran.fails(code);
        assert!(said.contains(&wrong[..]) && said.contains(says), "{said}");
        let ran = cat(&[wrong, "--range", "-1"]);
        assert_eq!(ran.code, code, "{ran:?}");
    }
    let ran = cat(&[&one, "--json"]);
    assert!(ran.out.starts_with("{\"error\""), "{ran:?}");
    assert!(ran.fails(2).contains("--json"));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_though_nobody_reads_on() {
    use std::process::Stdio;

    let place = Place::new();
    let (served, cid) = pinned(&place, &content(3_000_000));
    let mut child = place
        .command(&["cat", &cid, "--gateway", served.gateway()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The pipe fills up long before the end.
    let mut out = child.stdout.take().unwrap();
    std::io::Read::read_exact(&mut out, &mut [0; 1000]).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    crate::fixture::signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert_eq!(output.stderr, b"error: interrupted\n");
}

#[test]
fn a_gateway_that_has_nothing_is_told_by_its_status() {
    let place = Place::new();
    let cid = Dag::default().file(b"x").to_string();
    for (status, code) in [(404, 4), (410, 4), (451, 1), (401, 1), (500, 1), (429, 1)] {
        let gateway = Server::new(move |_, _, connection| {
            connection.answer_with(status, &[("Retry-After", "3600")], "no");
            crate::service::Kept::Yes
        });
        let flags = from(&gateway);
        let args = ["cat", &cid, "--retries", "0", &flags[0], &flags[1]];
        let said = place.run(&args).fails(code);
        assert!(
            said.contains("hint:") && !said.contains("api/pinning"),
            "{status}: {said}"
        );
    }
}
