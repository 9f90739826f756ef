//! Tests of fetching blocks from gateways, which get no keys and may send anything.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};
use w3pin_core::{
    Call, Cid, Cooldowns, Delivery, Error, ErrorKind, Gateway, RequestBody, Result, Retrieval,
    RetryPolicy, Step,
};

use w3pin_unixfs::{FileBuilder, Profile};

use crate::script::SECOND;

/// The CID of a block.
fn cid_of(block: &[u8]) -> Cid {
    let mut file = FileBuilder::new(&Profile::unixfs_v1_2025());
    file.push(block);
    file.root().cid.into()
}

fn call(gateway: &str, attempts: u32) -> Call<Bytes> {
    call_for(b"block", gateway, attempts)
}

fn call_for(block: &[u8], gateway: &str, attempts: u32) -> Call<Bytes> {
    let gateway: Gateway = gateway.parse().unwrap();
    let policy = RetryPolicy::default().attempts(attempts);
    let retrieval = Retrieval::new(vec![gateway], Cooldowns::new()).unwrap();
    let retrieval = retrieval.retry(policy).unwrap().timeout(Some(30 * SECOND));
    retrieval.block(cid_of(block))
}

type Answer = Result<Response<Bytes>>;

fn answer(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Answer {
    let mut response = Response::new(Bytes::copy_from_slice(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    Ok(response)
}

/// The block, and the addresses it was requested from.
fn fetch(mut call: Call<Bytes>, answers: Vec<Answer>) -> (Result<Bytes>, Vec<String>) {
    let (mut now, mut asked, mut answers) = (Duration::ZERO, Vec::new(), answers.into_iter());
    loop {
        match call.next(now, 1) {
            Step::Send(transmission) => {
                let request = &transmission.request;
                let headers = request.headers();
                assert_eq!(headers["accept"], "application/vnd.ipld.raw");
                assert_eq!(headers.len(), 1, "nothing else is told");
                assert_eq!(request.method(), "GET");
                assert!(matches!(request.body(), RequestBody::Empty));
                asked.push(request.uri().to_string());
                match answers.next().expect("no request is unexpected") {
                    Ok(response) => call.responded(response, Delivery::complete()),
                    Err(error) => call.failed(error, Delivery::complete()),
                }
            }
            Step::Sleep(delay) => now += delay,
            Step::Done(result) => {
                assert_eq!(answers.len(), 0);
                return (result, asked);
            }
            step => panic!("{step:?}"),
        }
    }
}

#[test]
fn a_block_is_asked_for_by_its_cid_and_comes_as_it_is() {
    for block in [&b""[..], b"block", b"\xef\xbb\xbfblock"] {
        let (block_, asked) = fetch(
            call_for(block, "https://gateway.example", 1),
            vec![answer(200, &[], block)],
        );
        assert_eq!(block_.unwrap(), block);
        assert_eq!(
            asked,
            [format!(
                "https://gateway.example/ipfs/{}?format=raw",
                cid_of(block)
            )]
        );
    }
}

#[test]
fn transient_failures_are_retried_and_others_are_not() {
    let lost = || Err(Error::new(ErrorKind::Transport, "reset"));
    let block = || answer(200, &[], b"block");
    let gateway = "https://gateway.example";
    for failure in [
        lost(),
        answer(504, &[], b""),
        answer(429, &[("retry-after", "1")], b""),
    ] {
        let (result, asked) = fetch(call(gateway, 2), vec![failure, block()]);
        assert_eq!((&result.unwrap()[..], asked.len()), (&b"block"[..], 2));
    }
    for failure in [
        answer(404, &[], b""),
        answer(200, &[], &vec![0; (2 << 20) + 1]),
    ] {
        assert!(fetch(call(gateway, 2), vec![failure]).0.is_err());
    }
}

#[test]
fn a_block_that_comes_compressed_is_read() {
    let gzipped = |bytes: &[u8]| {
        let mut encoder = flate2::GzBuilder::new().read(bytes, flate2::Compression::fast());
        let mut gzipped = Vec::new();
        std::io::Read::read_to_end(&mut encoder, &mut gzipped).unwrap();
        gzipped
    };
    let gateway = "https://gateway.example";
    let gzip = [("content-encoding", "gzip")];
    for block in [&b"block"[..], b"\xef\xbb\xbfblock"] {
        let (result, _) = fetch(
            call_for(block, gateway, 1),
            vec![answer(200, &gzip, &gzipped(block))],
        );
        assert_eq!(result.unwrap(), block);
    }
    let bomb = gzipped(&vec![0; 64 << 20]);
    let (result, _) = fetch(call(gateway, 1), vec![answer(200, &gzip, &bomb)]);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Decode);
    let brotli = answer(200, &[("content-encoding", "br")], b"?");
    assert_eq!(
        fetch(call(gateway, 1), vec![brotli]).0.unwrap_err().kind(),
        ErrorKind::Decode
    );
}

/// Returns whether a redirect is followed.
fn follows(from: &str, to: &str) -> bool {
    let redirect = || answer(302, &[("location", to)], b"");
    let mut call = call(from, 1);
    assert!(matches!(call.next(Duration::ZERO, 0), Step::Send(_)));
    call.responded(redirect().unwrap(), Delivery::complete());
    match call.next(Duration::ZERO, 0) {
        Step::Send(_) => true,
        Step::Done(Err(_)) => false,
        step => panic!("{step:?}"),
    }
}

#[test]
fn a_redirect_may_lead_to_another_host() {
    for (from, to) in [
        ("https://gateway.example", "https://other.example/ipfs/x"),
        ("https://gateway.example", "//93.184.216.34/x"),
        ("https://gateway.example", "https://[2606:2800:220:1::1]/x"),
        ("http://gateway.example", "https://other.example/x"),
        ("http://gateway.example", "http://other.example/x"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8081/x"),
        ("http://127.0.0.1:8080", "http://localhost:8080/x"),
        ("http://192.168.1.5", "http://192.168.1.6/x"),
    ] {
        assert!(follows(from, to), "{from} → {to}");
    }
}

#[test]
fn a_redirect_never_leads_inward() {
    for host in [
        "localhost",
        "localhost.",
        "LOCALHOST",
        "sub.localhost",
        "sub.localhost.",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.100.100.200",
        "[::1]",
        "[::]",
        "[fc00::1]",
        "[fd12::1]",
        "[fe80::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:0.0.0.0]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
    ] {
        let to = format!("https://{host}/x");
        assert!(!follows("https://gateway.example", &to), "{to}");
        let to = format!("http://{host}/x");
        assert!(!follows("http://gateway.example", &to), "{to}");
    }
}

#[test]
fn a_redirect_never_leads_from_https_to_http_nor_elsewhere() {
    for to in [
        "http://gateway.example/x",
        "ftp://gateway.example/x",
        "file:///etc/passwd",
        "https://user:password@gateway.example/x",
        "https://",
    ] {
        assert!(!follows("https://gateway.example", to), "{to}");
    }
}

#[test]
fn redirects_that_go_round_in_circles_end() {
    let circle = || answer(302, &[("location", "/x")], b"");
    let (result, asked) = fetch(
        call("https://gateway.example", 1),
        (0..6).map(|_| circle()).collect(),
    );
    assert_eq!(asked.len(), 6);
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Api);
}
