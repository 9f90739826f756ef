//! Whatever options, clocks, failures and answers a call meets: nothing overflows, it ends, and its keys stay
//! with their origin.
#![no_main]

use std::time::Duration;

use arbitrary::{Arbitrary, Unstructured};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use libfuzzer_sys::fuzz_target;
use w3pin_core::{
    Call, Cid, Credentials, Delivery, Endpoint, Error, ErrorKind, FilePart, ListOptions,
    PinByCidOptions, PinId, RetryPolicy, Sent, Session, Step, UploadOptions, Verify, WaitPolicy,
};

const CID: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

/// Far more than any call of these sends, as listings end once nothing is left to be answered.
const MOST_STEPS: usize = 100_000;

#[derive(Arbitrary, Debug)]
struct Settings {
    attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
    budget: Duration,
    call_timeout: Option<Duration>,
    timeout: Option<Duration>,
    wait: [Duration; 3],
    offset: u64,
    limit: u32,
    skip_if_pinned: bool,
    required: bool,
    repeatable: bool,
    length: Option<u64>,
    began: Duration,
}

#[derive(Arbitrary, Debug)]
enum Happening<'a> {
    Answer {
        status: u16,
        headers: Vec<(&'a str, &'a [u8])>,
        body: &'a [u8],
    },
    Lost {
        whole: bool,
        nothing: bool,
        reused_connection: bool,
    },
}

fuzz_target!(|bytes: &[u8]| {
    let mut input = Unstructured::new(bytes);
    let Ok((settings, which)) = <(Settings, u8)>::arbitrary(&mut input) else {
        return;
    };
    let Some(session) = session(&settings) else {
        return;
    };
    let cid: Cid = CID.parse().expect("a CID");
    let id: PinId = "id".parse().expect("an id");
    match which % 6 {
        0 => drive(session.get_pin(id), &settings, input),
        1 => drive(session.unpin(id), &settings, input),
        2 => {
            let mut options = PinByCidOptions::new();
            options.skip_if_pinned = settings.skip_if_pinned;
            options.timeout = settings.timeout;
            drive(session.pin_by_cid(cid, options), &settings, input);
        }
        3 => {
            let [deadline, first, most] = settings.wait;
            let policy = WaitPolicy::default()
                .deadline(deadline)
                .first_delay(first)
                .max_delay(most);
            drive(session.wait_until_pinned(id, policy), &settings, input);
        }
        4 => {
            let list = ListOptions::new()
                .offset(settings.offset)
                .limit(settings.limit);
            if let Ok(list) = list {
                drive(session.pins(list), &settings, input);
            }
        }
        _ => {
            let part = FilePart::new("name", settings.length).expect("a name");
            let mut options = UploadOptions::default();
            options.skip_if_pinned = settings.skip_if_pinned;
            options.timeout = settings.timeout;
            options.verify = if settings.required {
                Verify::Require
            } else {
                Verify::default()
            };
            let upload = session.upload(vec![part], settings.repeatable, options, [1; 16]);
            drive(upload, &settings, input);
        }
    }
});

fn session(settings: &Settings) -> Option<Session> {
    let policy = RetryPolicy::default()
        .attempts(settings.attempts)
        .base_delay(settings.base_delay)
        .max_delay(settings.max_delay)
        .budget(settings.budget);
    let endpoint: Endpoint = "https://pin.example/api".parse().expect("an endpoint");
    let credentials = Credentials::new("THE-API-KEY", "THE-SECRET").expect("keys");
    let session = Session::new(endpoint, credentials).retry(policy).ok()?;
    Some(session.call_timeout(settings.call_timeout))
}

fn drive<T, I>(mut call: Call<T, I>, settings: &Settings, mut input: Unstructured<'_>) {
    let mut now = settings.began;
    for entropy in 0..MOST_STEPS {
        match call.next(now, entropy as u64) {
            Step::Send(transmission) => {
                let uri = transmission.request.uri().to_string();
                let keyed = transmission
                    .request
                    .headers()
                    .values()
                    .any(|value| value.as_bytes().starts_with(b"THE-"));
                assert!(!keyed || uri.starts_with("https://pin.example/"), "{uri}");
                happen(&mut call, &mut input);
            }
            Step::Sleep(delay) => now = now.saturating_add(delay),
            Step::Read(_) => call.computed(Err(Error::new(ErrorKind::LocalIo, "unreadable"))),
            Step::Yield(_) => {}
            Step::Open(_) | Step::Pull | Step::Close | Step::Compare(_) | Step::LookUp(_) => {
                unreachable!("nothing here is read back")
            }
            Step::Done(Ok(_)) => return,
            Step::Done(Err(error)) => {
                let shown = format!("{error} {error:?}");
                assert!(
                    !shown.contains("THE-API-KEY") && !shown.contains("THE-SECRET"),
                    "{shown}"
                );
                return;
            }
        }
    }
    panic!("the call doesn't end");
}

fn happen<T, I>(call: &mut Call<T, I>, input: &mut Unstructured<'_>) {
    let mut delivery = Delivery::complete();
    match Happening::arbitrary(input) {
        // What is left of the input says nothing: the service refuses.
        Err(_) => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::FORBIDDEN;
            call.responded(response, delivery);
        }
        Ok(Happening::Answer {
            status,
            headers,
            body,
        }) => {
            let mut response = Response::new(Bytes::copy_from_slice(body));
            *response.status_mut() =
                StatusCode::from_u16(100 + status % 500).expect("a status of three digits");
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) =
                    (name.parse::<HeaderName>(), HeaderValue::from_bytes(value))
                {
                    response.headers_mut().append(name, value);
                }
            }
            call.responded(response, delivery);
        }
        Ok(Happening::Lost {
            whole,
            nothing,
            reused_connection,
        }) => {
            delivery.sent = match (whole, nothing) {
                (true, _) => Sent::Everything,
                (false, true) => Sent::Nothing,
                (false, false) => Sent::Part,
            };
            delivery.reused_connection = reused_connection;
            call.failed(Error::new(ErrorKind::Transport, "lost"), delivery);
        }
    }
}
