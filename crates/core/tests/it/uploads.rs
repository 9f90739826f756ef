use w3pin_core::{
    Boundary, Credentials, Endpoint, ErrorKind, FilePart, Metadata, Multipart, Operation, Segment,
    Upload,
};

fn plan(parts: Vec<FilePart>, metadata: &Metadata) -> Multipart {
    Multipart::new(parts, metadata, Boundary::from_entropy([0xab; 16])).unwrap()
}

fn part(name: &str, length: u64) -> FilePart {
    FilePart::new(name, Some(length)).unwrap()
}

/// The body, each source filled with `*`.
fn body(plan: &Multipart) -> String {
    plan.segments()
        .map(|segment| match segment {
            Segment::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            Segment::Source { length, .. } => "*".repeat(length.unwrap() as usize),
        })
        .collect()
}

#[test]
fn files_come_first_and_metadata_last_as_a_stringified_object() {
    let plan = plan(
        vec![part("site/a.txt", 3), part("site/b/c.txt", 1)],
        &Metadata::new().name("my site").keyvalue("k", "v"),
    );
    let boundary = "w3pin-abababababababababababababababab";
    assert_eq!(
        body(&plan),
        format!(
            "--{boundary}\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"site/a.txt\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\
             ***\r\n--{boundary}\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"site/b/c.txt\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\
             *\r\n--{boundary}\r\n\
             Content-Disposition: form-data; name=\"metadata\"\r\n\r\n\
             {{\"keyvalues\":{{\"k\":\"v\"}},\"name\":\"my site\"}}\r\n--{boundary}--\r\n"
        )
    );
    assert_eq!(plan.content_length(), Some(body(&plan).len() as u64));
    assert_eq!(
        plan.content_type(),
        "multipart/form-data; boundary=w3pin-abababababababababababababababab"
    );
}

#[test]
fn no_file_name_ends_its_header() {
    for (name, written) in [
        ("a\"b", "a\\\"b"),
        ("\u{e9}\u{1F600}", "\u{e9}\u{1F600}"),
        (" lead", " lead"),
        ("a;b=c%22", "a;b=c%22"),
    ] {
        let body = body(&plan(vec![part(name, 1)], &Metadata::new()));
        assert!(
            body.contains(&format!("; filename=\"{written}\"\r\n")),
            "{body}"
        );
    }
}

#[test]
fn a_stream_of_unknown_length_is_chunked() {
    let upload = Upload::new(
        vec![FilePart::new("stream", None).unwrap()],
        &Metadata::new(),
        Boundary::from_entropy([0; 16]),
    )
    .unwrap();
    let credentials = Credentials::new("K", "S").unwrap();
    let request = upload.prepare(&Endpoint::default(), &credentials).unwrap();
    assert_eq!(request.uri().path(), "/api/pinning/");
    assert!(!request.headers().contains_key("content-length"));
    assert_eq!(request.body().content_length(), None);
}

#[test]
fn a_known_length_is_announced_even_where_it_is_huge() {
    let upload = Upload::new(
        vec![part("huge", u64::MAX / 2)],
        &Metadata::new(),
        Boundary::from_entropy([0; 16]),
    )
    .unwrap();
    let credentials = Credentials::new("K", "S").unwrap();
    let request = upload.prepare(&Endpoint::default(), &credentials).unwrap();
    let length: u64 = request.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(length > u64::MAX / 2);
}

#[test]
fn what_cannot_be_sent_is_refused() {
    for name in ["", "/a", "a/", "a//b", ".", "a/../b", "a\0"] {
        let error = FilePart::new(name, Some(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}");
    }
    assert!(
        FilePart::new("empty.txt", Some(0))
            .unwrap_err()
            .to_string()
            .contains("empty.txt")
    );
    let boundary = Boundary::from_entropy([0; 16]);
    assert!(Multipart::new(vec![], &Metadata::new(), boundary.clone()).is_err());
    assert!(Multipart::new(vec![part("a", 1)], &Metadata::new().name(""), boundary).is_err());
}

#[test]
fn boundaries_differ_with_their_entropy() {
    assert_ne!(
        Boundary::from_entropy([1; 16]),
        Boundary::from_entropy([2; 16])
    );
}
