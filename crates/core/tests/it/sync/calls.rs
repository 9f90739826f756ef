//! One sync after another, with nobody in between.

use std::time::Duration;

use w3pin_core::{DeployOptions, ErrorKind, SyncOutcome, Synced};

use super::{
    Finished, Machine, cid, foreign, options,
    service::{Habits, Service},
};
use crate::script::session;

/// A service, and the syncs of one machine after another.
struct World {
    service: Service,
    now: Duration,
    syncs: u64,
}

impl World {
    fn new(habits: Habits) -> Self {
        Self {
            service: Service::new(habits),
            now: Duration::ZERO,
            syncs: 0,
        }
    }

    fn run(&mut self, content: u8, options: DeployOptions) -> Finished {
        self.syncs += 1;
        let machine = Machine::new(&session(), content, options, self.syncs);
        machine.finish(&mut self.service, &mut self.now)
    }

    fn sync(&mut self, content: u8, keep: u32) -> Synced {
        self.run(content, options(keep)).result.unwrap()
    }

    /// The contents that are pinned as deploys, newest first.
    fn deployed(&self) -> Vec<u8> {
        let number = |wanted: &w3pin_core::Cid| (0..9).find(|it| cid(*it).same_content(wanted));
        self.service
            .deploys()
            .map(|it| number(&it.cid).unwrap())
            .collect()
    }
}

#[test]
fn only_what_has_changed_is_sent() {
    let mut world = World::new(Habits::plain());
    let first = world.run(1, options(3));
    let synced = first.result.unwrap();
    assert_eq!((synced.outcome, first.uploads), (SyncOutcome::Pinned, 1));
    let pin = synced.pin.unwrap();
    assert_eq!(pin.name.as_deref(), Some("site"));
    assert_eq!(pin.keyvalues["w3pin.sync"], "site");
    assert_eq!(pin.keyvalues["w3pin.cid"], cid(1).to_string());
    assert_eq!(pin.verification.as_str(), "verified");
    assert_eq!(synced.cid, cid(1));

    let second = world.run(1, options(3));
    let synced = second.result.unwrap();
    assert_eq!(
        (synced.outcome, second.uploads),
        (SyncOutcome::Unchanged, 0)
    );
    assert_eq!(second.requests, 1);
    assert_eq!(synced.pin.unwrap().id, pin.id);
}

#[test]
fn as_many_deploys_are_kept_as_are_wanted() {
    let mut world = World::new(Habits::plain());
    for content in 1..=4 {
        world.sync(content, 3);
    }
    assert_eq!(world.deployed(), [4, 3, 2]);
    let synced = world.sync(5, 1);
    assert_eq!(world.deployed(), [5]);
    assert_eq!((synced.removed.len(), synced.kept.len()), (3, 1));
    assert!(synced.removed.is_sorted(), "the oldest goes first");
}

#[test]
fn content_that_comes_back_is_the_newest_deploy() {
    for habits in [Habits::plain(), Habits::plain().conflicting()] {
        let mut world = World::new(habits);
        for content in [1, 2, 1] {
            assert_eq!(world.sync(content, 2).outcome, SyncOutcome::Pinned);
        }
        assert_eq!(world.deployed()[..2], [1, 2]);
        assert_eq!(world.sync(1, 2).outcome, SyncOutcome::Unchanged);
        world.sync(3, 2);
        assert_eq!(world.deployed(), [3, 1]);
    }
}

#[test]
fn content_that_another_pin_holds_is_left_to_it_and_nothing_is_removed() {
    let mut world = World::new(Habits::plain().conflicting());
    world.sync(1, 1);
    foreign(&mut world.service, 2, 0, Duration::ZERO);
    let synced = world.sync(2, 1);
    let pin = synced.pin.unwrap();
    assert!(pin.already_pinned && pin.id.as_str().starts_with("foreign"));
    assert_eq!((synced.removed.len(), synced.kept.len()), (0, 1));
    assert_eq!(world.deployed(), [1]);
}

#[test]
fn a_filter_that_hides_everything_is_not_believed() {
    let mut world = World::new(Habits::plain().filter_hides_all());
    world.sync(1, 1);
    let again = world.run(1, options(1));
    assert_eq!(again.result.unwrap().outcome, SyncOutcome::Unchanged);
    assert_eq!((again.requests, again.uploads), (2, 0));
    world.sync(2, 1);
    assert_eq!(world.deployed(), [2]);
}

#[test]
fn what_is_too_young_is_left_to_the_next_sync() {
    let mut world = World::new(Habits::plain().protecting(Duration::from_secs(300)));
    for content in 1..=4 {
        let synced = world.sync(content, 1);
        assert_eq!(synced.postponed.len(), usize::from(content) - 1);
        assert_eq!(synced.kept.len(), 1);
    }
    world.now += Duration::from_secs(600);
    // An unchanged folder takes three requests at most.
    let again = world.run(4, options(1));
    let synced = again.result.unwrap();
    assert_eq!(synced.outcome, SyncOutcome::Unchanged);
    assert_eq!(
        (again.requests, synced.removed.len(), synced.postponed.len()),
        (3, 2, 1)
    );
    assert_eq!(world.sync(4, 1).removed.len(), 1);
    assert_eq!(world.deployed(), [4]);
}

#[test]
fn a_dry_run_reads_and_tells() {
    let mut world = World::new(Habits::plain());
    for content in 1..=3 {
        world.sync(content, 3);
    }
    let dry = |keep| {
        let mut options = options(keep);
        options.dry_run = true;
        options
    };
    for (keep, removed) in [(1, 3), (2, 2), (3, 1), (4, 0)] {
        let told = world.run(4, dry(keep));
        assert_eq!((told.requests, told.uploads), (1, 0));
        let synced = told.result.unwrap();
        assert_eq!(
            (synced.outcome, synced.pin.is_none()),
            (SyncOutcome::Pinned, true)
        );
        assert_eq!(
            (synced.cid.clone(), synced.removed.len()),
            (cid(4), removed),
            "{synced:?}"
        );
        assert_eq!(synced.kept.len(), 3 - removed);
    }
    let synced = world.run(3, dry(1)).result.unwrap();
    assert_eq!(
        (synced.outcome, synced.removed.len()),
        (SyncOutcome::Unchanged, 2)
    );
    assert_eq!(world.deployed(), [3, 2, 1]);
}

#[test]
fn what_cannot_be_meant_is_refused_before_any_request() {
    type Change = fn(&mut DeployOptions);
    let cases: [(&str, Change); 5] = [
        ("name", |it| it.name.clear()),
        ("keep", |it| it.keep = 0),
        ("keyvalues", |it| {
            drop(it.keyvalues.insert("w3pin.sync".into(), "x".into()))
        }),
        ("keyvalues", |it| {
            drop(it.keyvalues.insert("w3pin.cid".into(), "x".into()))
        }),
        ("keyvalues", |it| {
            drop(it.keyvalues.insert("w3pin.attempt".into(), "x".into()))
        }),
    ];
    for (field, change) in cases {
        let mut options = options(3);
        change(&mut options);
        let ended = World::new(Habits::plain()).run(1, options);
        let error = ended.result.unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (ErrorKind::InvalidInput, Some(field))
        );
        assert_eq!(ended.requests, 0);
    }
}

#[test]
fn names_are_kept_apart() {
    let mut world = World::new(Habits::plain());
    let named = |name: &str| {
        let mut options = options(1);
        options.name = name.to_owned();
        options
    };
    world.sync(1, 1);
    let other = world.run(1, named("other")).result.unwrap();
    assert_eq!(other.outcome, SyncOutcome::Pinned);
    world.run(2, named("other")).result.unwrap();
    assert_eq!(world.deployed(), [1]);
}

#[test]
fn a_result_can_be_published() {
    let mut world = World::new(Habits::plain());
    let synced = world.sync(1, 1);
    assert_eq!(synced.dnslink(), format!("dnslink=/ipfs/{}", cid(1)));
    assert!(synced.contenthash().starts_with("0xe3010170122"));
    let json = serde_json::to_value(&synced).unwrap();
    assert_eq!(json["outcome"], "pinned");
    assert_eq!(json["contenthash"], synced.contenthash());
    assert_eq!(json["pin"]["id"], synced.pin.unwrap().id.as_str());
}
