use std::{io::Write, process::Stdio, sync::Mutex};

use crate::{
    fixture::{Place, Ran, to, unread_pipe},
    service::{Connection, Kept, Request, Server, pin, query, success},
};

const HELLO: &str = "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am";

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
fn a_list_that_nobody_reads_is_read_no_further() {
    let pins: Vec<String> = (0..400).map(|it| pin(&format!("p{it}"), HELLO)).collect();
    let server = Server::new(move |_, request, connection| {
        answer_list(&pins, request, connection);
        Kept::Yes
    });
    let place = Place::new();
    let endpoint = server.endpoint().to_string();
    let list = to(&endpoint, &["ls", "--all", "--limit", "20"]);
    let ran = Ran::of(place.command(&list).stdout(unread_pipe()));
    assert_eq!(ran.code, 7, "{ran:?}");
    assert!(ran.err.contains("so the rest was left out"), "{ran:?}");
    assert_eq!(
        server.requests().len(),
        1,
        "one page, of which nobody saw a line"
    );
}

#[test]
fn no_pin_is_left_out_while_others_are_unpinned() {
    let pins = Mutex::new(
        (0..60)
            .map(|it| pin(&format!("p{it}"), HELLO))
            .collect::<Vec<_>>(),
    );
    let server = Server::new(move |_, request, connection| {
        let mut pins = pins.lock().unwrap();
        answer_list(&pins, request, connection);
        // The reader of the list unpins the first pin of it.
        let rest = pins.len().min(5);
        pins.drain(..rest);
        Kept::Yes
    });
    let place = Place::new();
    let endpoint = server.endpoint().to_string();
    let out = place
        .run(&to(&endpoint, &["ls", "--all", "--limit", "10"]))
        .ok();
    let ids: Vec<&str> = out
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    let all: Vec<String> = (0..60).map(|it| format!("p{it}")).collect();
    assert!(all.iter().all(|id| ids.contains(&id.as_str())), "{ids:?}");
    assert_eq!(ids.len(), 60, "each once: {ids:?}");
}

#[test]
fn a_list_can_be_piped_to_what_unpins_it() {
    let place = three();
    let listed = place.local(&["ls", "--all", "--meta", "none=such"]).ok();
    assert_eq!(listed, "");
    let (mut command, served) = place.local_command(&["rm", "-", "--json"]);
    drop(served);
    assert_eq!(Ran::of(&mut command).json(), serde_json::json!([]));
    let listed = place.local(&["ls", "--all"]).ok();
    let (mut command, served) = place.local_command(&["rm", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(listed.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    drop(served);
    assert!(output.status.success());
    let ids: Vec<&str> = listed
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .collect::<Vec<_>>(),
        ids
    );
    assert_eq!(place.local(&["ls", "--pinned"]).ok(), "");
}

#[test]
fn entries_that_cannot_be_read_hide_no_other_and_are_told_with_place_and_cause() {
    let pins = vec![
        pin("p0", HELLO),
        pin("p1", ""),
        r#"{"id":"p2","status":"DONE"}"#.to_owned(),
        pin("p3", HELLO),
    ];
    let server = Server::new(move |_, request, connection| {
        answer_list(&pins, request, connection);
        Kept::Yes
    });
    let place = Place::new();
    let endpoint = server.endpoint().to_string();
    for args in [
        &["ls"][..],
        &["ls", "--all"],
        &["ls", "--json"],
        &["ls", "--all", "--json", "-q"],
    ] {
        let ran = place.run(&to(&endpoint, args));
        assert_eq!(ran.code, 1, "{args:?}: {ran:?}");
        assert!(
            ran.out.contains("p0") && ran.out.contains("p3"),
            "{args:?}: {ran:?}"
        );
        assert!(
            ran.err
                .contains("error: entry 2 of the list (id p1) can't be read: "),
            "{args:?}: {ran:?}"
        );
        assert!(
            ran.err.contains("entry 3 of the list (id p2)"),
            "{args:?}: {ran:?}"
        );
    }
    let page: serde_json::Value =
        serde_json::from_str(&place.run(&to(&endpoint, &["ls", "--json"])).out).unwrap();
    assert_eq!(page["unreadable"][0]["position"], 1);
}

/// Responds with a page of these pins.
fn answer_list(pins: &[String], request: &Request, connection: &mut Connection) {
    let query = query(request);
    let number = |name: &str| query.get(name).map_or(0, |it| it.parse().unwrap());
    let page: Vec<String> = pins
        .iter()
        .skip(number("offset"))
        .take(number("limit"))
        .cloned()
        .collect();
    let (total, pins) = (pins.len(), page.join(","));
    connection.answer(
        200,
        &success(&format!(
            r#"{{"totals":{{"files":{total}}},"pins":[{pins}]}}"#
        )),
    );
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
