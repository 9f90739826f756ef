//! Checks the guarantees of calls with random networks, services and clocks: a call ends, doesn't leak its
//! keys, and never creates a second pin that a look at the list would have prevented.

mod service;

use std::time::Duration;

use proptest::prelude::*;
use w3pin_core::{
    Call, Error, ErrorKind, FilePart, ListOptions, Pin, PinByCidOptions, Result, RetryPolicy,
    Session, Step, UploadOptions, Verify, WaitPolicy,
};

use self::service::{Habits, Happening, Service, habits, happenings};
use crate::script::{CONTENT, CONTENT_CID, session};

/// How the call is made.
#[derive(Clone, Debug)]
struct Setting {
    habits: Habits,
    happenings: Vec<Happening>,
    attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
    budget: Duration,
    timeout: Option<Duration>,
    entropy: u64,
    began: Duration,
}

fn milliseconds(most: u64) -> impl Strategy<Value = Duration> {
    (0..=most).prop_map(Duration::from_millis)
}

fn settings() -> impl Strategy<Value = Setting> {
    let policy = (
        1_u32..5,
        milliseconds(2_000),
        milliseconds(30_000),
        milliseconds(120_000),
    );
    let timeout = prop::option::of(milliseconds(200_000));
    let began = prop_oneof![Just(Duration::ZERO), milliseconds(1 << 40)];
    (habits(), happenings(), policy, timeout, any::<u64>(), began).prop_map(
        |(habits, happenings, policy, timeout, entropy, began)| Setting {
            habits,
            happenings,
            attempts: policy.0,
            base_delay: policy.1,
            max_delay: policy.2,
            budget: policy.3,
            timeout,
            entropy,
            began,
        },
    )
}

impl Setting {
    fn session(&self) -> Session {
        let policy = RetryPolicy::default()
            .attempts(self.attempts)
            .base_delay(self.base_delay)
            .max_delay(self.max_delay)
            .budget(self.budget);
        session().retry(policy).unwrap().call_timeout(self.timeout)
    }

    fn service(&self) -> Service {
        Service::new(
            self.habits.clone(),
            self.happenings.clone(),
            self.max_delay,
            self.began,
        )
    }

    /// The maximum number of requests for what a call reads once.
    fn most_for_a_read(&self) -> usize {
        const STALE: usize = 3;
        const REDIRECTS: usize = 5;
        (self.attempts as usize + STALE) * (REDIRECTS + 1)
    }
}

/// The result of a call.
struct Ended<T, I> {
    result: Result<T>,
    items: Vec<I>,
    at: Duration,
}

/// Drives a call to its end.
fn drive<T, I>(mut call: Call<T, I>, setting: &Setting, service: &mut Service) -> Ended<T, I> {
    let (mut now, mut entropy) = (setting.began, setting.entropy);
    let mut items = Vec::new();
    loop {
        entropy = entropy.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        let step = call.next(now, entropy);
        let left = call
            .deadline()
            .map_or(Duration::MAX, |end| end.saturating_sub(now));
        match step {
            Step::Send(transmission) => {
                let exchange = service.exchange(&transmission, now);
                let late = exchange.takes > left;
                now += exchange.takes.min(left);
                if let Some(roots) = exchange.roots {
                    call.computed(roots);
                }
                match exchange.outcome {
                    Ok(response) if !late => call.responded(response, exchange.delivery),
                    Ok(_) => {
                        let error = Error::new(ErrorKind::Timeout, "the time is over");
                        call.failed(error, exchange.delivery);
                    }
                    Err(error) => call.failed(error, exchange.delivery),
                }
            }
            Step::Sleep(delay) => now += delay.min(left),
            Step::Read(reading) => call.computed(service::roots(&reading.profiles, &reading.plan)),
            Step::Yield(item) => items.push(item),
            Step::Open(_) | Step::Pull | Step::Close | Step::Compare(_) | Step::LookUp(_) => {
                panic!("nothing is read back here")
            }
            Step::Done(result) => {
                for later in [now, now + Duration::from_secs(1)] {
                    assert!(matches!(call.next(later, entropy), Step::Done(Err(_))));
                }
                return Ended {
                    result,
                    items,
                    at: now,
                };
            }
        }
    }
}

/// The guarantees of every call.
fn check<T, I>(service: &Service, ended: &Ended<T, I>, most: usize) {
    assert!(
        service.requests <= most,
        "{} requests, at most {most}",
        service.requests
    );
    if let Err(error) = &ended.result {
        assert!(!error.reason().is_empty());
        assert!(!(error.is_outcome_unknown() && error.is_retryable()));
    }
}

/// The guarantees of a call that pins.
fn check_pinning(
    setting: &Setting,
    service: &Service,
    ended: &Ended<Pin, std::convert::Infallible>,
) {
    let posts = setting.attempts as usize + 3;
    const LOOKS: usize = 16;
    const PAGES: usize = 16;
    check(
        service,
        ended,
        posts + (posts + 2) * LOOKS * PAGES * setting.most_for_a_read(),
    );
    assert!(service.creating.len() <= posts);
    if let Some(timeout) = setting.timeout {
        assert!(ended.at <= setting.began + timeout, "it ends in time");
    }
    let first = service
        .creating
        .first()
        .map_or(setting.began, |first| first.at);
    for request in &service.creating {
        let spent = (request.at - first).saturating_sub(request.sending_before);
        assert!(
            spent <= setting.budget,
            "no attempt starts after the budget"
        );
    }

    let made: Vec<_> = service.made().collect();
    assert!(made.len() <= 1, "pinned twice: {made:?}");
    let doubtful = service.creating.iter().any(|request| request.is_doubtful);
    match &ended.result {
        Ok(pin) if pin.already_pinned => {
            assert!(made.is_empty());
            assert!(service.had(pin.id.as_str()), "{pin:?}");
        }
        // Without dates, a pin of the same content can't be distinguished from the requested one.
        Ok(pin) if pin.id.as_str() == "own" => {
            assert!(!service.is_dated() && pin.is_live(), "{pin:?}");
        }
        Ok(pin) => assert_eq!(made, [pin.id.as_str()]),
        Err(error) if error.is_outcome_unknown() => assert!(doubtful, "{error}"),
        Err(error) if error.kind() == ErrorKind::CidMismatch => {}
        Err(error) => assert!(made.is_empty(), "it was pinned all the same: {error}"),
    }
}

proptest! {
    #[test]
    fn an_upload_pins_once(
        setting in settings(),
        repeatable: bool,
        skip: bool,
        unmarked: bool,
        verify in prop::sample::select(Verify::ALL),
    ) {
        let mut options = UploadOptions::default();
        options.verify = verify;
        options.unmarked = unmarked;
        options.skip_if_pinned = skip && repeatable;
        options.timeout = setting.timeout;
        let parts = vec![FilePart::new("hello.txt", Some(CONTENT.len() as u64)).unwrap()];
        let mut service = setting.service();
        let call = setting.session().upload(parts, repeatable, options, [7; 16]);
        let ended = drive(call, &setting, &mut service);
        check_pinning(&setting, &service, &ended);
        if !repeatable {
            let sent = service.creating.iter().filter(|it| it.content_was_read).count();
            prop_assert!(sent <= 1, "a stream is read once");
        }
        if let (Ok(pin), Verify::Require) = (&ended.result, verify) {
            prop_assert_eq!(pin.verification.as_str(), "verified");
        }
    }

    #[test]
    fn a_pin_by_cid_pins_once(setting in settings(), skip: bool) {
        let mut service = setting.service();
        let options = PinByCidOptions::new().skip_if_pinned(skip);
        let call = setting.session().pin_by_cid(CONTENT_CID.parse().unwrap(), options);
        let ended = drive(call, &setting, &mut service);
        check_pinning(&setting, &service, &ended);
    }

    #[test]
    fn an_unpin_that_succeeds_unpinned(setting in settings(), there: bool) {
        let mut service = setting.service();
        let id = if there { "other-0" } else { "nowhere" };
        let call = setting.session().unpin(id.parse().unwrap());
        let ended = drive(call, &setting, &mut service);
        check(&service, &ended, setting.attempts as usize + 3);
        match &ended.result {
            Ok(()) => prop_assert!(!service.had(id)),
            Err(error) if error.kind() == ErrorKind::NotFound => prop_assert!(!there),
            Err(_) => {}
        }
        if let Some(timeout) = setting.timeout {
            prop_assert!(ended.at <= setting.began + timeout);
        }
    }

    #[test]
    fn a_listing_gives_every_pin_once(setting in settings(), limit in 1_u32..120) {
        let mut service = setting.service();
        let list = ListOptions::new().limit(limit).unwrap();
        let ended = drive(setting.session().pins(list), &setting, &mut service);
        let pages = service.most_pins * 3 + 20;
        check(&service, &ended, pages * setting.most_for_a_read());
        let mut ids: Vec<_> = ended.items.iter().flat_map(|page| &page.pins).map(|pin| &pin.id).collect();
        let given = ids.len();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), given, "none is given twice");
        if ended.result.is_ok() {
            for id in service.always_there() {
                prop_assert!(ids.iter().any(|it| it.as_str() == id), "{} is missing", id);
            }
        }
    }

    #[test]
    fn a_wait_ends_with_the_pin_or_near_its_deadline(
        setting in settings(),
        policy in (milliseconds(100_000), milliseconds(3_000), milliseconds(30_000)),
    ) {
        let mut service = setting.service();
        let wait = WaitPolicy::default()
            .deadline(policy.0)
            .first_delay(policy.1)
            .max_delay(policy.2);
        let call = setting.session().wait_until_pinned("other-0".parse().unwrap(), wait);
        let ended = drive(call, &setting, &mut service);
        let looks = 2 + policy.0.as_millis() as usize;
        check(&service, &ended, looks * setting.most_for_a_read());
        if let Some(timeout) = setting.timeout {
            prop_assert!(ended.at <= setting.began + policy.0 + timeout);
        }
        if let Ok(pin) = &ended.result {
            prop_assert!(pin.pinned || pin.status.as_str() == "DONE");
        }
    }

    #[test]
    fn a_read_ends_in_time(setting in settings()) {
        let mut service = setting.service();
        let call = setting.session().list_pins(ListOptions::new());
        let ended = drive(call, &setting, &mut service);
        check(&service, &ended, setting.most_for_a_read());
        if let Some(timeout) = setting.timeout {
            prop_assert!(ended.at <= setting.began + timeout);
        }
        let mut service = setting.service();
        let ended = drive(setting.session().existing_pins(usize::MAX), &setting, &mut service);
        check(&service, &ended, (service.most_pins + 20) * setting.most_for_a_read());
    }
}
