//! Keeping a folder pinned under a name: whatever happens, a whole deploy is pinned, and nothing that belongs to
//! somebody else is touched.

mod calls;
mod service;

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use w3pin_core::{
    Boundary, Call, Cid, Delivery, DeployOptions, Error, ErrorKind, FilePart, Metadata, Pin,
    RetryPolicy, Sent, Session, Step, SyncOutcome, Synced, Transmission, Upload, WaitPolicy,
};

use self::service::{NAME, Service, habits, root, roots};
use crate::script::session;

/// The content of a folder, by a number.
fn content(number: u8) -> Vec<u8> {
    format!("content {number}").into_bytes()
}

fn parts(number: u8) -> Vec<FilePart> {
    let length = content(number).len() as u64;
    vec![FilePart::new("site/index.html", Some(length)).unwrap()]
}

fn cid(number: u8) -> Cid {
    let boundary = Boundary::from_entropy([1; 16]);
    let upload = Upload::new(parts(number), &Metadata::new(), boundary).unwrap();
    root(&upload.plan, &content(number))
}

fn options(keep: u32) -> DeployOptions {
    let mut options = DeployOptions::new(NAME);
    options.keep = keep;
    options.wait = WaitPolicy::default().deadline(Duration::from_secs(60));
    options
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Works,
    /// It doesn't reach the service.
    Unsent,
    /// The service does what is asked, and its response is lost.
    Lost,
    /// The service is busy.
    Refused,
}

/// A sync on one machine.
struct Machine {
    call: Call<Synced, Pin>,
    content: u8,
    wakes: Duration,
    requests: usize,
    uploads: usize,
    entropy: u64,
    undisturbed: bool,
}

impl Machine {
    fn new(session: &Session, number: u8, options: DeployOptions, entropy: u64) -> Self {
        let bytes = ((u128::from(entropy) << 8) | u128::from(number)).to_be_bytes();
        Self {
            call: session.sync_folder(parts(number), options, bytes),
            content: number,
            wakes: Duration::ZERO,
            requests: 0,
            uploads: 0,
            entropy,
            undisturbed: true,
        }
    }

    /// Takes one step.
    fn step(
        &mut self,
        service: &mut Service,
        now: &mut Duration,
        fate: Fate,
    ) -> Option<w3pin_core::Result<Synced>> {
        *now = (*now).max(self.wakes) + Duration::from_millis(300);
        self.entropy = self
            .entropy
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(1);
        match self.call.next(*now, self.entropy) {
            Step::Send(transmission) => self.send(&transmission, service, *now, fate),
            Step::Sleep(delay) => self.wakes = *now + delay,
            Step::Read(reading) => {
                let computed = roots(&reading.profiles, &reading.plan, &content(self.content));
                self.call.computed(Ok(computed));
            }
            Step::Yield(pin) => assert!(pin.pinned, "{pin:?}"),
            Step::Done(result) => return Some(result),
            step => panic!("{step:?}"),
        }
        None
    }

    fn send(
        &mut self,
        transmission: &Transmission,
        service: &mut Service,
        now: Duration,
        fate: Fate,
    ) {
        self.requests += 1;
        self.undisturbed &= fate == Fate::Works;
        if transmission.operation == "upload" {
            self.uploads += 1;
        }
        let broken = || Error::new(ErrorKind::Transport, "the network did it");
        if fate == Fate::Unsent {
            return self.call.failed(broken(), Delivery::unsent());
        }
        if let w3pin_core::RequestBody::Multipart(plan) = transmission.request.body() {
            let computed = roots(&transmission.profiles, plan, &content(self.content));
            self.call.computed(Ok(computed));
        }
        if fate == Fate::Refused {
            let mut busy = http::Response::new(bytes::Bytes::new());
            *busy.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            return self.call.responded(busy, Delivery::complete());
        }
        let response = service.answer(transmission, &content(self.content), now);
        if fate == Fate::Lost {
            let mut delivery = Delivery::complete();
            delivery.sent = Sent::Everything;
            return self.call.failed(broken(), delivery);
        }
        self.call.responded(response, Delivery::complete());
    }

    /// Runs to the end with nobody in between.
    fn finish(mut self, service: &mut Service, now: &mut Duration) -> Finished {
        loop {
            assert!(self.requests < 2_000, "it never ends");
            if let Some(result) = self.step(service, now, Fate::Works) {
                return Finished {
                    result,
                    requests: self.requests,
                    uploads: self.uploads,
                };
            }
        }
    }
}

struct Finished {
    result: w3pin_core::Result<Synced>,
    requests: usize,
    uploads: usize,
}

/// What happens next in a history.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A machine starts to sync this content, where it does nothing.
    Start {
        machine: usize,
        content: u8,
        keep: u32,
    },
    /// A machine goes on, so many steps.
    Go {
        machine: usize,
        steps: u8,
        fate: Fate,
    },
    /// A machine stops in the middle.
    Kill { machine: usize },
    /// Somebody pins something that isn't a deploy.
    Foreign { content: u8, kind: u8 },
    /// Nothing happens for a while.
    Pass { seconds: u64 },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let fate = prop_oneof![
        12 => Just(Fate::Works),
        1 => Just(Fate::Unsent),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Refused),
    ];
    let event = prop_oneof![
        6 => (0_usize..2, 0_u8..4, 1_u32..4)
            .prop_map(|(machine, content, keep)| Event::Start { machine, content, keep }),
        24 => (0_usize..2, 1_u8..12, fate)
            .prop_map(|(machine, steps, fate)| Event::Go { machine, steps, fate }),
        1 => (0_usize..2).prop_map(|machine| Event::Kill { machine }),
        1 => (0_u8..5, 0_u8..4).prop_map(|(content, kind)| Event::Foreign { content, kind }),
        2 => (1_u64..120).prop_map(|seconds| Event::Pass { seconds }),
    ];
    prop::collection::vec(event, 0..80)
}

fn foreign(service: &mut Service, number: u8, kind: u8, now: Duration) {
    let cid = cid(number);
    let (name, keyvalues) = match kind {
        0 => (NAME, json!({})),
        1 => (
            NAME,
            json!({ "w3pin.sync": "other", "w3pin.cid": cid.to_string() }),
        ),
        2 => (
            "kept for ever",
            json!({ "w3pin.sync": NAME, "w3pin.cid": cid.to_string() }),
        ),
        _ => (NAME, json!({ "w3pin.sync": NAME })),
    };
    service.add_foreign(&cid, name, keyvalues, now);
}

/// Histories are longer than the inputs of other tests.
fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig {
        cases: usual.cases / 4,
        ..usual
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_whole_deploy_is_pinned_at_every_moment(
        habits in habits(),
        events in events(),
        last in 0_u8..4,
        keep in 1_u32..4,
        entropy: u64,
    ) {
        let policy = RetryPolicy::default().attempts(3).max_delay(Duration::from_secs(4));
        let session = session().retry(policy).unwrap();
        let mut service = Service::new(habits);
        let mut machines = [None, None];
        let mut now = Duration::ZERO;
        for (number, event) in (1_u64..).zip(events) {
            match event {
                Event::Start { machine, content, keep } => {
                    let entropy = entropy.wrapping_mul(number);
                    machines[machine]
                        .get_or_insert_with(|| Machine::new(&session, content, options(keep), entropy));
                }
                Event::Go { machine, steps, fate } => {
                    for step in 0..steps {
                        let Some(it) = &mut machines[machine] else { break };
                        let fate = if step == 0 { fate } else { Fate::Works };
                        if let Some(result) = it.step(&mut service, &mut now, fate) {
                            if let Ok(synced) = &result {
                                check(synced, it);
                            }
                            machines[machine] = None;
                        }
                    }
                }
                Event::Kill { machine } => machines[machine] = None,
                Event::Foreign { content, kind } => foreign(&mut service, content, kind, now),
                Event::Pass { seconds } => now += Duration::from_secs(seconds),
            }
        }

        // Whatever happened, the next sync sets it right.
        drop(machines);
        service.habits.recover();
        now += Duration::from_secs(120);
        let overtaken = service.is_pinning();
        let ended = Machine::new(&session, last, options(keep), entropy).finish(&mut service, &mut now);
        let mut synced = ended.result.unwrap();
        if overtaken {
            // What a killed sync has sent may be pinned after this one, and be the newest until the next.
            service.pin_all();
            let ended = Machine::new(&session, last, options(keep), entropy ^ 2);
            synced = ended.finish(&mut service, &mut now).result.unwrap();
        }
        let held_by_another = service.has_foreign(&synced.cid);
        let newest = service.deploys().next().map(|it| it.cid.clone());
        if !held_by_another && service.habits.is_ordinary() {
            prop_assert_eq!(newest, Some(cid(last)), "the newest deploy is what was synced last");
        }
        let again = Machine::new(&session, last, options(keep), entropy ^ 1);
        let again = again.finish(&mut service, &mut now);
        let synced = again.result.unwrap();
        if !held_by_another && service.habits.is_ordinary() {
            prop_assert_eq!(synced.outcome, SyncOutcome::Unchanged);
            prop_assert_eq!(again.uploads, 0);
        }
    }
}

/// What every result says.
fn check(synced: &Synced, machine: &Machine) {
    let pin = synced.pin.as_ref().unwrap();
    assert!(pin.cid.same_content(&cid(machine.content)));
    // What another pin holds is no deploy.
    let is_kept = synced.kept.iter().any(|kept| kept.id == pin.id);
    assert_eq!(is_kept, pin.is_deploy(NAME), "{synced:?}");
    let removed = synced.removed.iter().chain(&synced.postponed);
    for id in removed {
        assert!(synced.kept.iter().all(|kept| kept.id != *id), "{synced:?}");
    }
    if synced.outcome == SyncOutcome::Unchanged {
        assert_eq!(machine.uploads, 0);
        let few = machine.requests <= 3;
        assert!(
            few || !machine.undisturbed || synced.removed.is_empty(),
            "{}",
            machine.requests
        );
    }
}
