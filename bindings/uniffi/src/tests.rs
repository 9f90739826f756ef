//! Whatever a language passes is accepted or rejected by name; nothing panics.

use std::collections::HashMap;

use w3pin::{
    BatchOptions, Error, ErrorKind, FetchOptions, ListOptions, PinByCidOptions, PinOptions,
    RateLimit, ReadOptions, RetryPolicy, WaitPolicy,
};

use crate::{
    client::NativeClient,
    error::Failure,
    number::{count, time},
    options::{ListSettings, PinByCidSettings, UploadSettings, WaitSettings, WalkSettings, batch},
    retrieved::{FetchSettings, FetchedSymlinks, ReadSettings},
    settings::{ClientSettings, RateLimitSetting, RetrySettings},
};

/// The numbers at the edges of all that are used.
const NUMBERS: [i64; 10] = [
    i64::MIN,
    i64::MIN + 1,
    -1,
    0,
    1,
    u16::MAX as i64 + 1,
    u32::MAX as i64,
    u32::MAX as i64 + 1,
    i64::MAX - 1,
    i64::MAX,
];

/// Returns whether an invalid value was rejected as a named argument.
fn is_refused(error: &Error) -> bool {
    error.kind() == ErrorKind::InvalidInput && error.field().is_some()
}

fn taken_or_refused<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        assert!(is_refused(&error), "{error}");
    }
}

fn retry(number: i64) -> RetrySettings {
    RetrySettings {
        attempts: Some(number),
        base_delay: Some(number),
        max_delay: Some(number),
        budget: Some(number),
    }
}

fn client(number: i64) -> ClientSettings {
    ClientSettings {
        api_key: Some("KEY".to_owned()),
        secret_key: Some("SECRET".to_owned()),
        endpoint: Some("http://127.0.0.1:9/api/pinning".to_owned()),
        connect_timeout: Some(number),
        idle_timeout: Some(number),
        call_timeout: Some(number),
        ..ClientSettings::default()
    }
}

fn upload(number: i64) -> UploadSettings {
    UploadSettings {
        name: None,
        keyvalues: HashMap::new(),
        profile: None,
        verify: None,
        skip_if_pinned: false,
        mark_attempt: true,
        progress: None,
        timeout: Some(number),
        retry: Some(retry(number)),
        file_name: None,
        content_type: None,
        walk: WalkSettings {
            hidden: false,
            symlinks: None,
            include: Vec::new(),
            exclude: Vec::new(),
            gitignore: false,
        },
    }
}

fn read(number: i64) -> ReadSettings {
    ReadSettings {
        start: number,
        end: Some(number),
        most_bytes: Some(number),
    }
}

#[test]
fn every_number_is_taken_or_refused_by_name() {
    for number in NUMBERS {
        taken_or_refused(count::<u16>("status", number));
        taken_or_refused(time("timeout", number));
        taken_or_refused(RetryPolicy::try_from(retry(number)));
        taken_or_refused(RateLimit::try_from(RateLimitSetting::PerMinute {
            requests: number,
        }));
        taken_or_refused(PinOptions::try_from(upload(number)));
        taken_or_refused::<BatchOptions<PinOptions>>(batch(Some(number), PinOptions::new()));
        taken_or_refused(ListOptions::try_from(ListSettings {
            offset: Some(number),
            limit: Some(number),
            pinned: None,
            sort_by: None,
            sort_order: None,
            keyvalues: HashMap::new(),
        }));
        taken_or_refused(PinByCidOptions::try_from(PinByCidSettings {
            name: None,
            keyvalues: HashMap::new(),
            skip_if_pinned: false,
            timeout: Some(number),
            retry: Some(retry(number)),
        }));
        taken_or_refused(WaitPolicy::try_from(WaitSettings {
            deadline: Some(number),
            first_delay: Some(number),
            max_delay: Some(number),
        }));
        taken_or_refused(ReadOptions::try_from(read(number)));
        taken_or_refused(read(number).into_memory());
        taken_or_refused(FetchOptions::try_from(FetchSettings {
            overwrite: false,
            concurrency: Some(number),
            symlinks: FetchedSymlinks::Inside,
            most_bytes: Some(number),
            most_entries: Some(number),
            progress: None,
        }));
        taken_or_refused(
            client(number)
                .builder()
                .and_then(|builder| builder.retriever()),
        );
        taken_or_refused(client(number).builder().and_then(|builder| builder.build()));
    }
}

#[test]
fn a_negative_number_says_what_it_is() {
    let refused = count::<u16>("status", -1).unwrap_err();
    assert_eq!(refused.field(), Some("status"));
    assert!(refused.reason().contains("-1"), "{refused}");
    let refused = time("timeout", -1_500_000_000).unwrap_err();
    assert!(refused.reason().contains("-1.5s"), "{refused}");
}

/// A call to a port without a listener, with the longest possible times.
#[tokio::test]
async fn the_longest_times_never_overflow() {
    let mut settings = client(i64::MAX);
    settings.retry = Some(RetrySettings {
        attempts: Some(1),
        ..retry(i64::MAX)
    });
    let client = NativeClient::new(settings).unwrap();
    let mut options = upload(i64::MAX);
    options.retry = None;
    let failed = client.pin_bytes(vec![1], options, None).await.unwrap_err();
    let Failure::Pinning { details } = failed else {
        panic!("it failed otherwise: {failed}");
    };
    assert_eq!(details.kind, ErrorKind::Transport, "{}", details.text);
}

/// What would be too large for the other side is rejected like any other excess.
#[test]
fn no_more_is_read_into_memory_than_can_cross() {
    let options = read(i64::MAX).into_memory().unwrap();
    assert!(options.most_bytes.unwrap() < i32::MAX as u64);
    let mut settings = read(0);
    settings.most_bytes = None;
    let options = settings.into_memory().unwrap();
    assert_eq!(
        options.most_bytes,
        ReadOptions::new().into_memory().most_bytes
    );
}
