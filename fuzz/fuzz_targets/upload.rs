//! What the client sends is what the server reads: names, contents and metadata, in any slices.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use w3pin_core::{Boundary, FileName, FilePart, Metadata, Multipart, Segment};
use w3pin_server::multipart::{Event, MultipartLimits, MultipartReader, PartHead};

const LIMITS: MultipartLimits = MultipartLimits {
    parts: 1000,
    header_bytes: 1 << 20,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    files: Vec<(&'a str, &'a [u8])>,
    name: Option<&'a str>,
    keyvalues: Vec<(&'a str, &'a str)>,
    cuts: Vec<u8>,
}

fuzz_target!(|input: Input<'_>| {
    let boundary = Boundary::from_entropy([7; 16]);
    // A real boundary is drawn by chance; this one could be learnt.
    let holds_boundary =
        |content: &[u8]| String::from_utf8_lossy(content).contains(boundary.as_str());
    let (mut parts, mut contents) = (Vec::new(), Vec::new());
    for (name, content) in input.files {
        if holds_boundary(name.as_bytes()) || holds_boundary(content) {
            return;
        }
        if let Ok(part) = FilePart::new(name, Some(content.len() as u64)) {
            parts.push(part);
            contents.push(content);
        }
    }
    let mut metadata = Metadata::new();
    metadata.name = input.name.map(str::to_owned);
    for (key, value) in input.keyvalues {
        metadata = metadata.keyvalue(key, value);
    }
    let Ok(plan) = Multipart::new(parts, &metadata, boundary.clone()) else {
        return;
    };
    if plan
        .metadata()
        .is_some_and(|json| holds_boundary(json.as_bytes()))
    {
        return;
    }

    let mut body = Vec::new();
    for segment in plan.segments() {
        match segment {
            Segment::Bytes(bytes) => body.extend_from_slice(&bytes),
            Segment::Source { index, .. } => body.extend_from_slice(contents[index]),
        }
    }
    assert_eq!(plan.content_length(), Some(body.len() as u64));

    let content_type = plan.content_type();
    let read = read(content_type.to_str().expect("ASCII"), &body, &input.cuts);
    let mut read = read.into_iter();
    for (part, content) in plan.parts().iter().zip(contents) {
        let (head, bytes) = read.next().expect("every file is a part");
        let name = part.name().as_str();
        assert_eq!(
            (&head.name[..], head.filename.as_deref()),
            ("file", Some(name))
        );
        assert!(bytes == content, "{name:?}");
        assert!(name.parse::<FileName>().is_ok(), "{name:?}");
    }
    if let Some(json) = plan.metadata() {
        let (head, bytes) = read.next().expect("metadata is a part");
        assert_eq!((&head.name[..], head.filename), ("metadata", None));
        assert_eq!(bytes, json.as_bytes());
    }
    assert_eq!(read.next(), None);
});

fn read(content_type: &str, body: &[u8], cuts: &[u8]) -> Vec<(PartHead, Vec<u8>)> {
    let mut reader = MultipartReader::new(content_type, LIMITS).expect("our own content type");
    let (mut parts, mut rest) = (Vec::<(PartHead, Vec<u8>)>::new(), body);
    for length in cuts.iter().map(|cut| usize::from(*cut)).chain([usize::MAX]) {
        let (slice, behind) = rest.split_at(length.min(rest.len()));
        rest = behind;
        reader.push(slice.to_vec().into());
        while let Some(event) = reader.next_event().expect("our own body") {
            match event {
                Event::Part(head) => parts.push((head, Vec::new())),
                Event::Data(data) => {
                    let (_, content) = parts.last_mut().expect("data is in a part");
                    content.extend_from_slice(&data);
                }
                Event::PartEnd => {}
            }
        }
    }
    reader.finish().expect("our own body is whole");
    parts
}
