//! A body means the same however the network cuts it.
#![no_main]

use arbitrary::Arbitrary;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use w3pin_server::multipart::{Event, MultipartError, MultipartLimits, MultipartReader};

const LIMITS: MultipartLimits = MultipartLimits {
    parts: 8,
    header_bytes: 256,
};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    content_type: Option<&'a str>,
    cuts: Vec<u8>,
    body: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let content_type = input
        .content_type
        .unwrap_or("multipart/form-data; boundary=x");
    let whole = read(content_type, [input.body]);
    let mut rest = input.body;
    let slices: Vec<_> = input
        .cuts
        .iter()
        .map(|cut| {
            let (slice, behind) = rest.split_at(usize::from(*cut).min(rest.len()));
            rest = behind;
            slice
        })
        .collect();
    assert_eq!(read(content_type, slices.into_iter().chain([rest])), whole);
});

/// The events, the data of a part in one piece, and how it ended.
fn read<'a>(
    content_type: &str,
    slices: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Result<(), MultipartError>) {
    let mut events = Vec::new();
    let end = read_into(content_type, slices, &mut events);
    let heads = events.iter().filter_map(|event| match event {
        Event::Part(head) => Some(head),
        _ => None,
    });
    assert!(heads.clone().count() <= LIMITS.parts);
    for head in heads {
        let filename = head.filename.as_deref().unwrap_or_default();
        assert!(head.name.len() + filename.len() <= LIMITS.header_bytes);
    }
    (events, end)
}

fn read_into<'a>(
    content_type: &str,
    slices: impl IntoIterator<Item = &'a [u8]>,
    events: &mut Vec<Event>,
) -> Result<(), MultipartError> {
    let mut reader = MultipartReader::new(content_type, LIMITS)?;
    for slice in slices {
        reader.push(Bytes::copy_from_slice(slice));
        while let Some(event) = reader.next_event()? {
            match (events.last_mut(), event) {
                (Some(Event::Data(before)), Event::Data(data)) => {
                    *before = [&before[..], &data[..]].concat().into();
                }
                (_, event) => events.push(event),
            }
        }
    }
    reader.finish()
}
