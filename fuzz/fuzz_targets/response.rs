//! Any answer to any call is understood or refused, and its error stays short.
#![no_main]

use arbitrary::Arbitrary;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use libfuzzer_sys::fuzz_target;
use w3pin_core::{
    Api, Boundary, CheckCredentials, Cid, FetchBlock, FilePart, GetPin, ListOptions, ListPins,
    Metadata, Operation, PinByCid, Unpin, Upload,
};

const CID: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    status: u16,
    headers: Vec<(&'a str, &'a [u8])>,
    retry_after: Option<&'a [u8]>,
    content_type: Option<&'a [u8]>,
    body: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let mut response = Response::new(input.body);
    *response.status_mut() =
        StatusCode::from_u16(100 + input.status % 500).expect("a status of three digits");
    let given = input.headers.into_iter().chain(
        [
            ("retry-after", input.retry_after),
            ("content-type", input.content_type),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?))),
    );
    for (name, value) in given {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value))
        {
            response.headers_mut().append(name, value);
        }
    }

    let cid: Cid = CID.parse().expect("a CID");
    let id: w3pin_core::PinId = "id".parse().expect("an id");
    let parts = vec![FilePart::new("name", Some(1)).expect("a name")];
    let upload = Upload::new(parts, &Metadata::default(), Boundary::from_entropy([0; 16]));
    parse(&CheckCredentials::new(), &response);
    parse(&GetPin::new(id.clone()), &response);
    parse(&PinByCid::new(cid.clone()), &response);
    parse(&Unpin::new(id), &response);
    parse(&upload.expect("an upload"), &response);
    parse(&ListPins::new(ListOptions::new()), &response);
    let _ = FetchBlock::new(cid).parse(&response);
});

fn parse<O: Operation>(operation: &O, response: &Response<&[u8]>) {
    for api in Api::ALL {
        if let Err(error) = operation.parse(*api, response.clone()) {
            assert!(format!("{error}").len() < 8192, "an error is short");
            assert!(
                format!("{error:?}").len() < 65_536,
                "an error's debug text is bounded"
            );
        }
    }
}
