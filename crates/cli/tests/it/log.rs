//! `-v` and `-vv`.

use crate::{
    fixture::{NOBODY, Place, to},
    service::{Kept, Server, cid, failure, pin, success},
};

#[test]
fn each_request_is_shown_on_a_line() {
    let server = Server::new(|number, request, connection| {
        match number {
            1 => connection.answer_with(503, &[("Retry-After", "0")], &failure("busy")),
            _ if request.is_upload() => {
                connection.answer(201, &success(&pin("new", &cid(b"a"))));
            }
            _ => connection.answer(200, &success(&pin("new", &cid(b"a")))),
        }
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    let place = Place::new();
    place.write("a", "a");
    let retry = ["--retry-delay", "1ms"];
    let ran = place.run(&to(
        &endpoint,
        &[&["-v", "get", "new"], &retry[..]].concat(),
    ));
    let lines: Vec<&str> = ran.err.lines().collect();
    assert_eq!(lines.len(), 2, "{ran:?}");
    assert!(
        lines[0].starts_with("get_pin GET /api/pinning/new: 503 in "),
        "{ran:?}"
    );
    assert!(lines[0].contains("ms, attempt 1, 0 B sent, "), "{ran:?}");
    assert!(
        lines[1].starts_with("get_pin GET /api/pinning/new: 200 in "),
        "{ran:?}"
    );
    assert!(lines[1].contains(" attempt 2, "), "{ran:?}");

    let ran = place.run(&to(&endpoint, &["add", "a", "-v"]));
    assert!(
        ran.err.starts_with("upload POST /api/pinning/: 201 in "),
        "{ran:?}"
    );
    assert!(
        !ran.err.contains(" 0 B sent"),
        "the body's bytes are told: {ran:?}"
    );

    let ran = place.run(&to(&endpoint, &["get", "new", "-vv"]));
    for part in [
        "operation=\"get_pin\"",
        "attempt=1",
        "method=GET",
        "status=200",
        "milliseconds=",
    ] {
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    }
    assert!(ran.err.lines().count() > 1, "-vv shows more: {ran:?}");
    let ran = place.run(&to(&endpoint, &["get", "new"]));
    assert_eq!(ran.err, "");
}

#[test]
fn a_request_without_a_response_is_shown_with_its_cause() {
    let place = Place::new();
    let endpoint = format!("http://{NOBODY}/api/pinning");
    let args = ["ls", "-v", "--retries", "1", "--retry-delay", "1ms"];
    let ran = place.run(&to(&endpoint, &args));
    assert_eq!(ran.code, 1, "{ran:?}");
    let requests: Vec<&str> = ran
        .err
        .lines()
        .filter(|line| line.starts_with("list_pins GET /api/pinning/pins/: no response after "))
        .collect();
    assert_eq!(requests.len(), 2, "{ran:?}");
    // The cause is reported once.
    let error = ran
        .err
        .lines()
        .find(|line| line.starts_with("error: "))
        .unwrap();
    assert_eq!(error.matches("refused").count(), 1, "{error}");
}
