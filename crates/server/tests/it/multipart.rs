//! Tests of the multipart reader with arbitrary input.

use bytes::Bytes;
use proptest::prelude::{Strategy, any, proptest};
use w3pin_server::multipart::{Event, MultipartError, MultipartLimits, MultipartReader};

const LIMITS: MultipartLimits = MultipartLimits {
    parts: 8,
    header_bytes: 200,
};

fn reader() -> MultipartReader {
    MultipartReader::new("multipart/form-data; boundary=b", LIMITS).unwrap()
}

/// The parts of a body pushed in pieces, as (filename, content).
fn read(pieces: &[&[u8]]) -> Result<Vec<(String, Vec<u8>)>, MultipartError> {
    let mut reader = reader();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    let mut open = false;
    for piece in pieces {
        reader.push(Bytes::copy_from_slice(piece));
        while let Some(event) = reader.next_event()? {
            match event {
                Event::Part(head) => {
                    assert!(!open);
                    open = true;
                    parts.push((head.filename.unwrap_or(head.name), Vec::new()));
                }
                Event::Data(bytes) => {
                    assert!(open && !bytes.is_empty());
                    parts.last_mut().unwrap().1.extend_from_slice(&bytes);
                }
                Event::PartEnd => {
                    assert!(open);
                    open = false;
                }
            }
        }
    }
    reader.finish()?;
    assert!(!open);
    Ok(parts)
}

fn body(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--b--\r\n");
    body
}

/// Content composed of fragments of delimiters, without containing one.
fn content() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(
        proptest::sample::select(vec![
            b"\r".as_slice(),
            b"\n",
            b"\r\n",
            b"\r\n-",
            b"-",
            b"--",
            b"--b",
            b"b",
            b"x",
        ]),
        0..30,
    )
    .prop_map(|pieces| {
        let mut content = pieces.concat();
        let delimiter = content.windows(5).position(|window| window == b"\r\n--b");
        content.truncate(delimiter.unwrap_or(content.len()));
        content
    })
}

fn pieces(body: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut % (body.len() + 1)).collect();
    places.extend([0, body.len()]);
    places.sort_unstable();
    places
        .windows(2)
        .map(|pair| body[pair[0]..pair[1]].to_vec())
        .collect()
}

proptest! {
    #[test]
    fn parts_come_out_however_they_are_cut(
        contents in proptest::collection::vec(content(), 0..5),
        cuts in proptest::collection::vec(any::<usize>(), 0..12),
    ) {
        let parts: Vec<_> = contents.into_iter().enumerate()
            .map(|(number, content)| (format!("d/{number}"), content)).collect();
        let body = body(&parts);
        let pieces = pieces(&body, &cuts);
        let pieces: Vec<_> = pieces.iter().map(|piece| &piece[..]).collect();
        assert_eq!(read(&pieces), Ok(parts.clone()));
        let bytes: Vec<_> = body.chunks(1).collect();
        assert_eq!(read(&bytes), Ok(parts));
    }

    #[test]
    fn anything_may_be_sent(
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..20),
        words in proptest::collection::vec(proptest::sample::select(vec![
            "--b", "\r\n", "--", "\r\n--b", "Content-Disposition:", " form-data;", " name=\"", "\"", "; filename=",
            "filename*=", "UTF-8''%", "\\", "%22", ";", "=", ": ", "é",
        ]), 0..40),
    ) {
        let mut sent: Vec<_> = pieces.iter().map(|piece| &piece[..]).collect();
        let _ = read(&sent);
        let words: Vec<_> = words.iter().map(|word| word.as_bytes()).collect();
        let _ = read(&words);
        sent.extend(words);
        let _ = read(&sent);
    }

    #[test]
    fn any_content_type_may_be_sent(text in ".{0,100}", parameters in "multipart/form-data;[ -~]{0,60}") {
        let _ = MultipartReader::new(&text, LIMITS);
        let _ = MultipartReader::new(&parameters, LIMITS);
    }
}

#[test]
fn limits_are_the_same_however_a_body_is_cut() {
    let rest = "\r\n\r\nx\r\n--b--\r\n";
    let head = "Content-Disposition: form-data; name=\"file\"";
    for length in 0..400 {
        let filler = "x".repeat(length);
        let blanks = " ".repeat(length);
        for body in [
            format!("{filler}\r\n--b\r\n{head}{rest}"),
            format!("--b{blanks}\r\n{head}{rest}"),
            format!("--b\r\n{head}\r\nX-Filler: {filler}{rest}"),
        ] {
            let bytes: Vec<_> = body.as_bytes().chunks(1).collect();
            assert_eq!(read(&[body.as_bytes()]), read(&bytes), "{body:?}");
        }
    }
}

#[test]
fn boundaries_are_read_from_the_content_type() {
    for (content_type, good) in [
        ("multipart/form-data; boundary=b", true),
        ("Multipart/Form-Data;charset=utf-8; BOUNDARY=\"b\"", true),
        ("multipart/form-data", false),
        ("multipart/form-data; boundary=", false),
        ("multipart/mixed; boundary=b", false),
        (
            &format!("multipart/form-data; boundary={}", "x".repeat(71)),
            false,
        ),
    ] {
        assert_eq!(
            MultipartReader::new(content_type, LIMITS).is_ok(),
            good,
            "{content_type}"
        );
    }
}

#[test]
fn bodies_that_are_not_forms_are_refused() {
    let head = "Content-Disposition: form-data; name=\"file\"\r\n\r\n";
    for (body, error) in [
        ("", MultipartError::Truncated),
        ("--b", MultipartError::Truncated),
        ("--b-", MultipartError::Truncated),
        ("--b\r\n", MultipartError::Truncated),
        (&format!("--b\r\n{head}x"), MultipartError::Truncated),
        (&format!("--b\r\n{head}x\r\n--b"), MultipartError::Truncated),
        (
            "--bx\r\n",
            MultipartError::Malformed("text behind a boundary"),
        ),
        (
            "--b\r\n\r\nx\r\n--b--",
            MultipartError::Malformed("a part has no Content-Disposition"),
        ),
        (
            "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
            MultipartError::Malformed("a part has no name"),
        ),
        (
            &"x".repeat(300),
            MultipartError::Malformed("it doesn't start with its boundary"),
        ),
        (
            &format!("--b\r\nx: {}", "y".repeat(300)),
            MultipartError::HeadersTooLong(200),
        ),
        (
            &format!("--b\r\n{head}\r\n").repeat(9),
            MultipartError::TooManyParts(8),
        ),
    ] {
        assert_eq!(read(&[body.as_bytes()]), Err(error), "{body}");
    }
    let around = format!("preamble\r\n--b \t\r\n{head}x\r\n--b--epilogue\r\n--b");
    assert_eq!(
        read(&[around.as_bytes()]),
        Ok(vec![("file".to_owned(), b"x".to_vec())])
    );
}
