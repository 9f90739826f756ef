//! Tests of file names as sent by real clients.

use tempfile::TempDir;

use crate::fixture::{Part, TestServer, file, text};

#[test]
fn names_that_could_lead_elsewhere_are_refused_by_name() {
    let server = TestServer::start();
    let long = format!("d/{}", "x".repeat(256));
    let deep = format!("{}x", "d/".repeat(128));
    for name in [
        "..",
        ".",
        "../x",
        "d/../x",
        "d/./x",
        "d/..",
        "/etc/passwd",
        "/",
        "d//x",
        "d/",
        "C:/x",
        "c:x",
        "d\\x",
        "..\\x",
        "\\\\server\\x",
        "d/\u{1}x",
        "d/\u{7f}",
        "d/\u{85}",
        "d/a\0b",
        "",
        &long,
        &deep,
    ] {
        let message = server.upload(&[file(name, b"x")]).message(400);
        assert!(
            message.starts_with("invalid file name"),
            "{name:?}: {message}"
        );
        let shown: String = name.chars().take(20).collect();
        let plain = !shown.contains(['%', '\\']) && !shown.chars().any(char::is_control);
        assert!(!plain || message.contains(&shown), "{name:?}: {message}");
    }
    assert_eq!(server.kept(), 0);
}

#[test]
fn files_that_do_not_make_one_folder_are_refused_by_name() {
    let server = TestServer::start();
    for (names, culprit) in [
        (&["a", "b"][..], "b"),
        (&["d/a", "e/a"], "e/a"),
        (&["d/a", "b"], "b"),
        (&["a", "d/b"], "d/b"),
        (&["a", "a"], "a"),
        (&["a", "a/b"], "a/b"),
        (&["a/b", "a"], "a"),
        (&["d/a", "d/a"], "d/a"),
        (&["d/a", "d/a/b"], "d/a/b"),
        (&["d/a/b", "d/a"], "d/a"),
    ] {
        let parts: Vec<_> = names.iter().map(|name| file(name, b"x")).collect();
        let message = server.upload(&parts).message(400);
        assert!(
            message.contains(&format!("invalid file name {culprit:?}")),
            "{names:?}: {message}"
        );
    }
    assert_eq!(server.kept(), 0);
}

#[test]
fn odd_names_are_kept_to_the_letter() {
    let server = TestServer::start();
    let long = "é".repeat(127);
    for (number, name) in [
        "with space",
        "quote\"d",
        "it's",
        "percent%20kept",
        "50%",
        "semi;colon",
        "ünï",
        "日本語",
        "a=b",
        "..x",
        "x..",
        "...",
        ".hidden",
        "-",
        "new%2Fslash",
        &long,
        "e\u{301}",
        "🦀",
        "ab:c",
        "<b>&",
    ]
    .iter()
    .enumerate()
    {
        let pin = server.pin(name, format!("content {number}").as_bytes());
        assert_eq!(text(&pin["metadata"]["name"]), *name);
    }
}

#[test]
fn every_way_to_escape_a_name_is_understood() {
    let server = TestServer::start();
    for (number, (parameters, expected)) in [
        (r#"filename="a\"b""#, "a\"b"),
        // A quote from a client that escapes like browsers, or a name that contains `%22`: kept verbatim in
        // both cases.
        (r#"filename="a%22b""#, "a%22b"),
        ("filename=plain.txt", "plain.txt"),
        (
            r#"filename="x"; filename*=UTF-8''na%C3%AFve%20file"#,
            "naïve file",
        ),
        (r#"filename*=utf-8'en'%e2%82%ac; filename="euro""#, "€"),
        (r#"FileName="upper""#, "upper"),
        (r#"filename = "spaced" "#, "spaced"),
        (r#"other="a;filename=no"; filename="yes""#, "yes"),
    ]
    .iter()
    .enumerate()
    {
        let content = format!("content {number}");
        let disposition = format!("form-data; name=\"file\"; {parameters}");
        let part = Part {
            disposition,
            content: content.as_bytes(),
        };
        let reply = server.upload(&[part]);
        assert_eq!(reply.status, 201, "{parameters}: {reply:?}");
        assert_eq!(
            text(&reply.data()["metadata"]["name"]),
            *expected,
            "{parameters}"
        );
    }
    for parameters in [
        r#"filename="open"#,
        "filename*=latin1''x",
        "filename*=UTF-8''%ff",
        "filename*=x",
        "filename",
    ] {
        let disposition = format!("form-data; name=\"file\"; {parameters}");
        server
            .upload(&[Part {
                disposition,
                content: b"x",
            }])
            .message(400);
    }
}

/// Windows reserves some of the names.
#[cfg(unix)]
#[test]
fn curl_sends_names_that_arrive() {
    let server = TestServer::start();
    let folder = TempDir::new().unwrap();
    for (name, arrives) in [
        // curl sends a quote as `%22`, which a name may contain, too: it stays as sent.
        ("quote\"d.txt", "quote%22d.txt"),
        ("ünï.png", "ünï.png"),
        ("percent%.txt", "percent%.txt"),
        ("semi;colon,comma", "semi;colon,comma"),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, name).unwrap();
        // curl's own quoting of the form argument, not of the name.
        let quoted = path
            .display()
            .to_string()
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        let reply = server.curl("/api/pinning/", &["-F", &format!("file=@\"{quoted}\"")]);
        assert_eq!(reply.status, 201, "{reply:?}");
        assert_eq!(text(&reply.data()["metadata"]["name"]), arrives);
    }
}
