//! Tests of signals, as sent by users, shells and service managers.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Stdio},
};

use crate::{
    fixture::{Place, signal, to},
    service::{Kept, Server, cid, honest, pin, success},
};

fn spawn(place: &Place, args: &[&str]) -> Child {
    place
        .command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_signal_ends_the_command_with_its_own_code() {
    let place = Place::new();
    let server = Server::raw(|_, mut connection| {
        // It never responds to a request.
        connection.closes();
    });
    let endpoint = server.endpoint().to_string();
    for (name, code, word) in [("-INT", 130, "interrupted"), ("-TERM", 143, "terminated")] {
        let mut child = spawn(&place, &to(&endpoint, &["get", "a", "-vv"]));
        let mut err = BufReader::new(child.stderr.take().unwrap());
        // It has sent the request.
        err.read_line(&mut String::new()).unwrap();
        signal(&child, name);
        let mut rest = String::new();
        err.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{rest}");
        assert!(rest.contains(&format!("error: {word}")), "{rest}");
    }
}

#[test]
fn what_was_done_until_then_is_told() {
    let place = Place::new();
    for name in ["slow", "a", "b"] {
        place.write(name, name);
    }
    let (tell, told) = std::sync::mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let server = Server::new(move |_, request, connection| {
        let slow = request.is_upload() && request.files()[0].2 == b"slow";
        if slow {
            connection.closes();
            return Kept::No;
        }
        honest(request, connection);
        tell.lock().unwrap().send(()).unwrap();
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    for form in [&[][..], &["--json"]] {
        let child = spawn(
            &place,
            &to(&endpoint, &[&["add", "slow", "a", "b"], form].concat()),
        );
        told.recv().unwrap();
        told.recv().unwrap();
        // Both responses are on their way, and nothing else is.
        std::thread::sleep(std::time::Duration::from_millis(300));
        signal(&child, "-INT");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains("2 of 3 have finished"), "{err}");
        if form.is_empty() {
            assert_eq!(out.lines().count(), 2, "{out}");
        } else {
            let documents: serde_json::Value = serde_json::from_str(&out).unwrap();
            assert_eq!(documents[0]["of"], "a");
            assert_eq!(documents[1]["of"], "b");
            assert_eq!(documents.as_array().unwrap().len(), 2);
        }
    }
}

#[test]
fn pins_that_are_waited_for_are_told() {
    let place = Place::new();
    let (tell, asked) = std::sync::mpsc::channel();
    let tell = std::sync::Mutex::new(tell);
    let cids = [cid(b"a"), cid(b"b")];
    let made = cids.clone();
    // Pins are created, but never done.
    let server = Server::new(move |_, request, connection| {
        let body = String::from_utf8_lossy(&request.body);
        let index = made.iter().position(|cid| body.contains(cid));
        let (id, cid) = match index {
            Some(index) => (format!("pin-{index}"), &made[index]),
            None if request.path.contains("pin-1") => ("pin-1".to_owned(), &made[1]),
            None => ("pin-0".to_owned(), &made[0]),
        };
        connection.answer(200, &success(&pin(&id, cid)));
        if index.is_none() {
            tell.lock().unwrap().send(id).unwrap();
        }
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    for (form, count) in [(&["--wait"][..], 1), (&["--wait", "--json"], 2)] {
        // The request of an earlier command.
        while asked.try_recv().is_ok() {}
        let cids = cids.iter().take(count).map(String::as_str);
        let args: Vec<&str> = std::iter::once("add-cid").chain(cids).collect();
        let child = spawn(&place, &to(&endpoint, &[&args[..], form].concat()));
        let mut waited = std::collections::BTreeSet::new();
        while waited.len() < count {
            waited.insert(asked.recv().unwrap());
        }
        signal(&child, "-INT");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{output:?}");
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(err.contains("w3pin wait ID"), "{err}");
        if count == 1 {
            assert!(out.starts_with("pin-0\t"), "{out}");
            continue;
        }
        assert!(err.contains("0 of 2 have finished"), "{err}");
        let documents: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(documents[0]["id"], "pin-0");
        assert_eq!(documents[1]["id"], "pin-1");
    }
}

#[test]
fn input_that_never_ends_does_not_keep_the_process() {
    let place = Place::new();
    let server = Server::new(|_, request, connection| {
        let pin = pin("new", &cid(b"a"));
        connection.answer(if request.is_upload() { 201 } else { 200 }, &success(&pin));
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    let keys = ["ls", "--api-key", "K", "--secret-key-file", "-"];
    let made = std::process::Command::new("mkfifo")
        .arg(place.path().join("pipe"))
        .status();
    assert!(made.unwrap().success());
    let settings = ["ls", "--config", "pipe"];
    for args in [
        to(&endpoint, &["add", "-", "-vv"]),
        to(&endpoint, &["rm", "-"]),
        keys.to_vec(),
        settings.to_vec(),
    ] {
        let mut child = spawn(&place, &args);
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"some\n").unwrap();
        // Long enough for it to be reading; harmless if it isn't.
        std::thread::sleep(std::time::Duration::from_millis(500));
        signal(&child, "-TERM");
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(143), "{args:?}: {output:?}");
        drop(input);
    }
}
