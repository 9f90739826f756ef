//! Tests with a service that sends escape sequences and forged lines, and with paths that aren't regular
//! files.

use serde_json::json;

use crate::{
    fixture::{Place, to},
    service::{Kept, Server, cid, success},
};

/// Escape sequences, line and field separators, and characters that change the direction of text.
const FORGED: &str =
    "x\u{1b}]0;owned\u{7}\u{9b}31m\r\nid\tforged\u{0}\u{202e}\u{2066}\u{200f}\u{7f}\u{e0041}";

fn forger() -> Server {
    Server::new(|_, request, connection| {
        let (status, data) = if request.path.contains("checks") || request.path.contains("test") {
            (401, json!(null))
        } else {
            let pin = json!({
                "id": "real",
                "cid": cid(b"a"),
                "status": FORGED,
                "sub_hash_status": FORGED,
                "pinned": false,
                "file_record_id": FORGED,
                "root_hash": FORGED,
                "user_id": FORGED,
                "date_pinned": "2999-01-01T00:00:00Z",
                "metadata": {
                    "name": FORGED,
                    "type": FORGED,
                    "keyvalues": {FORGED: FORGED, "status": "forged", "w": FORGED},
                },
            });
            match (request.method.as_str(), request.path.contains("/pins/")) {
                ("GET", true) => {
                    let bad = json!({"id": FORGED, "cid": FORGED});
                    (200, json!({"totals": {"files": 2}, "pins": [pin, bad]}))
                }
                ("POST", _) => (201, pin),
                ("GET", _) => (200, pin),
                _ => (418, json!(null)),
            }
        };
        let body = if status < 300 {
            success(&data.to_string())
        } else {
            json!({"status": "fail", "message": FORGED}).to_string()
        };
        connection.answer(status, &body);
        Kept::Yes
    })
}

#[test]
fn nothing_foreign_moves_the_cursor_forges_lines_or_turns_text_around() {
    let server = forger();
    let endpoint = server.endpoint().to_string();
    let place = Place::new();
    place.write("a", "a");
    place.write("b\u{1b}[2J\u{202e}", "");
    let cid = cid(b"a");
    let odd = "gone\u{1b}[2J\u{202e}\u{9b}";
    for args in [
        &["add", "a"][..],
        &[
            "add",
            "a",
            "--skip-if-pinned",
            "--name",
            "n",
            "--meta",
            "k=v",
        ],
        &["add", "b\u{1b}[2J\u{202e}", "a"],
        &["add-cid", &cid],
        &["ls"],
        &["ls", "--all"],
        &["get", "real"],
        &["wait", "real", "--timeout", "0"],
        &["rm", "real"],
        &["check"],
        &["cid", odd],
        &["verify", odd, &cid],
        &["verify", "a", odd],
        &["get", odd],
        &["add-cid", odd],
        &["ls", odd],
        &["ls", "--sort", odd],
        &["--cacert", odd, "ls"],
        &["--config", odd, "ls"],
        &["--endpoint", odd, "ls"],
        &["add", "a", "--dry-run", "--include", odd],
        &["--data", odd, "export", odd],
    ] {
        for form in [&[][..], &["--json"], &["-v"], &["-vv"]] {
            let ran = place.run(&to(&endpoint, &[args, form].concat()));
            let all = format!("{}{}", ran.out, ran.err);
            assert!(!all.is_empty(), "{args:?}");
            let bad: Vec<char> = all
                .chars()
                .filter(|it| {
                    (it.is_control() && !"\n\t".contains(*it))
                        || "\u{202e}\u{2066}\u{200f}\u{e0041}".contains(*it)
                })
                .collect();
            assert!(bad.is_empty(), "{args:?} {form:?}: {bad:?} in {all:?}");
        }
    }
    let got = place.run(&to(&endpoint, &["get", "real"])).ok();
    let lines: Vec<&str> = got
        .lines()
        .filter(|line| line.starts_with("id\t") || line.starts_with("status\t"))
        .collect();
    assert_eq!(lines.len(), 2, "no key-value passes for a field: {got}");
    assert!(got.contains("meta.status\tforged\n"), "{got}");
    for args in [&["add", "a"][..], &["ls"], &["ls", "--all"]] {
        let out = place.run(&to(&endpoint, args)).out;
        assert_eq!(out.lines().count(), 1, "{out:?}");
        assert_eq!(out.split('\t').count(), 7, "{out:?}");
    }
    // Decoded JSON contains exactly what the service sent.
    let pin = place.run(&to(&endpoint, &["get", "real", "--json"])).json();
    assert_eq!(
        (&pin["name"], &pin["status"]),
        (&json!(FORGED), &json!(FORGED))
    );
    assert_eq!(pin["keyvalues"][FORGED], FORGED);
}

#[test]
fn a_service_that_echoes_the_request_makes_no_key_appear() {
    let server = Server::new(|_, request, connection| {
        let echo = format!("{:?} {:?}", request.path, request.headers);
        connection.answer(
            500,
            &json!({"status": "error", "message": echo}).to_string(),
        );
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    let place = Place::new();
    place.write("a", "a");
    for args in [
        &["add", "a"][..],
        &["ls"],
        &["get", "x"],
        &["check"],
        &["rm", "x"],
    ] {
        for form in [&[][..], &["--json"], &["-v"], &["-vvv"]] {
            let args = [args, &["--retries", "0"], form].concat();
            let ran = place.run(&to(&endpoint, &args));
            let all = format!("{}{}", ran.out, ran.err);
            assert!(
                !all.contains("8f2d17") && !all.contains("1c9a44"),
                "{args:?}: {all}"
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn paths_that_are_no_files_or_folders_are_refused_without_waiting() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt, os::unix::fs::symlink};

    let place = Place::new();
    place.write("a", "a");
    place.write("folder/a", "a");
    for fifo in ["fifo", "folder/pipe"] {
        let mut mkfifo = std::process::Command::new("mkfifo");
        let made = mkfifo.arg(fifo).current_dir(place.path()).status();
        assert!(made.unwrap().success());
    }
    symlink("nowhere", place.path().join("dangling")).unwrap();
    symlink("loop", place.path().join("loop")).unwrap();
    symlink("fifo", place.path().join("to-fifo")).unwrap();
    let odd = OsStr::from_bytes(b"odd\xff");
    std::fs::write(place.path().join(odd), "odd").unwrap();
    let server = Server::new(|_, request, _| panic!("{request:?} was sent"));
    let endpoint = server.endpoint().to_string();
    for (path, code) in [
        ("fifo", 2),
        ("to-fifo", 2),
        ("folder", 2),
        ("dangling", 1),
        ("loop", 1),
        ("a/", 1),
        ("a/b", 1),
        ("/", 2),
        ("/dev/null", 2),
        ("/dev/zero", 2),
        ("./-", 1),
    ] {
        for command in [&["add"][..], &["add", "--dry-run"]] {
            let args = to(&endpoint, &[command, &[path]].concat());
            let said = place.run(&args).fails(code);
            assert!(said.contains("hint: "), "{args:?}: {said}");
        }
        if path != "/" {
            place.run(&["cid", path]).fails(code);
        }
    }
    let mut command = place.command(&to(&endpoint, &["add"]));
    let said = crate::fixture::Ran::of(command.arg(odd)).fails(2);
    assert!(said.contains("isn't UTF-8"), "{said}");
    let cid = cid(b"a");
    place.run(&["verify", "fifo", &cid]).fails(2);
    assert!(server.requests().is_empty());
}
