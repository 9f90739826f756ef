//! Tests of listing all pages while pins are added and removed.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use w3pin_core::{Call, Delivery, ErrorKind, ListOptions, Page, Result, Step};

use crate::{
    RAW_CID,
    script::{Reply, Script, answer, data, lost, page, session, shown},
};

/// The list of a service, newest first. A number is a pin; other entries are returned as they are.
type Entries = Vec<Value>;

fn pins(numbers: impl IntoIterator<Item = u32>) -> Entries {
    numbers.into_iter().map(|it| json!(it)).collect()
}

/// The result of a listing.
#[derive(Debug, Default)]
struct Listing {
    offsets: Vec<u64>,
    ids: Vec<u32>,
    unreadable: Vec<u64>,
    pages: Vec<usize>,
}

/// Lists all pins of a service that changes its list before each request.
fn list(
    limit: u32,
    mut entries: Entries,
    total: impl Fn(&Entries) -> Option<usize>,
    mut change: impl FnMut(&Listing, &mut Entries),
) -> Result<Listing> {
    let list = ListOptions::new().limit(limit).unwrap();
    let mut call: Call<(), Page> = session().pins(list);
    let mut listing = Listing::default();
    loop {
        match call.next(Duration::ZERO, 0) {
            Step::Send(transmission) => {
                change(&listing, &mut entries);
                let query = transmission.request.uri().query().unwrap().to_owned();
                let number = |name: &str| -> usize {
                    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                    pairs
                        .filter(|it| it.0 == name)
                        .map(|it| it.1)
                        .next()
                        .unwrap()
                        .parse()
                        .unwrap()
                };
                let (offset, limit) = (number("offset"), number("limit"));
                listing.offsets.push(offset as u64);
                assert!(listing.offsets.len() < 400, "{listing:?}");
                let page = entries
                    .iter()
                    .skip(offset)
                    .take(limit)
                    .map(|entry| match entry {
                        Value::Number(number) => shown(&number.to_string(), RAW_CID, json!({})),
                        other => other.clone(),
                    });
                let page: Vec<_> = page.collect();
                let body = json!({
                    "data": { "totals": { "files": total(&entries) }, "pins": page },
                    "status": "success",
                });
                call.responded(
                    http::Response::new(body.to_string().into()),
                    Delivery::complete(),
                );
            }
            Step::Yield(page) => {
                listing.pages.push(page.pins.len());
                listing.ids.extend(
                    page.pins
                        .iter()
                        .map(|pin| -> u32 { pin.id.as_str().parse().unwrap() }),
                );
                listing
                    .unreadable
                    .extend(page.unreadable.iter().map(|entry| entry.position));
            }
            Step::Done(result) => return result.map(|()| listing),
            step => panic!("{step:?}"),
        }
    }
}

fn counted(entries: &Entries) -> Option<usize> {
    Some(entries.len())
}

fn uncounted(_: &Entries) -> Option<usize> {
    None
}

fn still(_: &Listing, _: &mut Entries) {}

fn is_once(ids: &[u32]) -> bool {
    let different: BTreeSet<_> = ids.iter().collect();
    different.len() == ids.len()
}

#[test]
fn every_page_is_asked_for_with_the_last_pin_of_the_one_before() {
    let listing = list(3, pins(1..=6), counted, still).unwrap();
    assert_eq!(listing.offsets, [0, 2, 4]);
    assert_eq!(listing.ids, [1, 2, 3, 4, 5, 6]);
    let listing = list(1, pins(1..=3), counted, still).unwrap();
    assert_eq!(listing.offsets, [0, 1, 2]);
}

#[test]
fn it_ends_at_the_total_or_with_a_short_or_an_empty_page() {
    assert_eq!(list(3, pins([]), counted, still).unwrap().offsets, [0]);
    assert_eq!(list(3, pins([]), uncounted, still).unwrap().offsets, [0]);
    assert_eq!(list(3, pins(1..=3), counted, still).unwrap().offsets, [0]);
    assert_eq!(
        list(3, pins(1..=4), uncounted, still).unwrap().offsets,
        [0, 2]
    );
    // The total may exceed the length of the list.
    let listing = list(3, pins(1..=4), |_| Some(99), still).unwrap();
    assert_eq!(listing.ids, [1, 2, 3, 4]);
    assert!(listing.offsets.len() <= 4, "{listing:?}");
}

#[test]
fn a_total_that_counts_less_than_there_is_hides_nothing() {
    for total in [0, 1, 3, 5] {
        let listing = list(3, pins(1..=8), |_| Some(total), still).unwrap();
        // A total equal to the number of pins read so far can't be distinguished from a correct one.
        assert!(
            listing.ids.len() == 8 || total == 3 || total == 5,
            "{total}: {listing:?}"
        );
    }
}

#[test]
fn a_service_with_a_smaller_bound_on_pages_loses_no_pin() {
    let mut script = Script::new([
        page_of(&[1, 2], 5),
        page_of(&[2, 3], 5),
        page_of(&[3, 4], 5),
        page_of(&[4, 5], 5),
    ]);
    let (_, pages) = script.collect(session().pins(ListOptions::new())).unwrap();
    assert_eq!(pages.iter().map(|page| page.pins.len()).sum::<usize>(), 5);
}

fn page_of(ids: &[u32], total: usize) -> Reply {
    let pins: Vec<_> = ids
        .iter()
        .map(|id| shown(&id.to_string(), RAW_CID, json!({})))
        .collect();
    data(json!({ "totals": { "files": total }, "pins": pins }))
}

#[test]
fn it_starts_where_it_is_told_to_and_takes_pages_of_a_hundred_by_itself() {
    let mut script = Script::new([page(&[])]);
    script
        .collect(session().pins(ListOptions::new().offset(7)))
        .unwrap();
    let query = script.sent[0].request.uri().query().unwrap();
    assert!(query.starts_with("offset=7&limit=100&"), "{query}");
}

#[test]
fn pins_that_are_added_meanwhile_are_no_reason_to_give_one_twice() {
    let mut newest = 1000;
    let listing = list(5, pins((1..=40).rev()), counted, |_, entries| {
        for _ in 0..2 {
            newest += 1;
            entries.insert(0, json!(newest));
        }
    })
    .unwrap();
    assert!(is_once(&listing.ids), "{listing:?}");
    assert!((1..=40).all(|id| listing.ids.contains(&id)), "{listing:?}");
}

#[test]
fn pins_that_are_removed_meanwhile_hide_no_other() {
    // Before the third page, this many of the pins already read are removed.
    for (limit, removed) in [(3, 1), (3, 2), (3, 3), (3, 4), (5, 6), (10, 10), (10, 18)] {
        let listing = list(limit, pins(1..=60), counted, |listing, entries| {
            if listing.offsets.len() == 2 {
                entries.drain(..removed);
            }
        })
        .unwrap();
        assert!(is_once(&listing.ids), "{limit} {removed}: {listing:?}");
        let missing: Vec<_> = (1..=60).filter(|id| !listing.ids.contains(id)).collect();
        // Pins removed before they were read aren't listed.
        assert!(
            missing.iter().all(|id| *id <= removed as u32),
            "{limit} {removed}: {missing:?}"
        );
    }
}

#[test]
fn far_more_than_a_page_removed_at_once_hides_no_other() {
    for removed in [30, 45, 60, 79] {
        let listing = list(10, pins(1..=200), counted, |listing, entries| {
            if listing.offsets.len() == 9 {
                entries.drain(..removed);
            }
        })
        .unwrap();
        assert!(is_once(&listing.ids));
        let missing: Vec<_> = (1..=200).filter(|id| !listing.ids.contains(id)).collect();
        assert_eq!(missing, [0; 0], "{removed}: {:?}", listing.offsets);
    }
}

#[test]
fn a_list_that_is_unpinned_while_it_is_read_is_read_whole() {
    // Like `ls --all | rm`: all pins of a page are removed before the next page is requested.
    for limit in [1, 2, 7, 100] {
        let listing = list(limit, pins(1..=150), counted, |listing, entries| {
            entries.retain(|entry| !listing.ids.contains(&(entry.as_u64().unwrap() as u32)));
        })
        .unwrap();
        let missing: Vec<_> = (1..=150).filter(|id| !listing.ids.contains(id)).collect();
        assert_eq!(missing, [0; 0], "{limit}: {:?}", listing.offsets);
    }
}

#[test]
fn entries_that_are_null_or_cannot_be_read_hide_no_other() {
    let odd = || json!({ "id": "odd", "cid": "" });
    for end in [json!(null), odd()] {
        let mut entries = pins(1..=12);
        for position in [2, 5, 8] {
            entries[position] = end.clone();
        }
        let listing = list(3, entries, counted, still).unwrap();
        assert_eq!(
            listing.ids,
            [1, 2, 4, 5, 7, 8, 10, 11, 12],
            "{:?}",
            listing.offsets
        );
        let expected: &[u64] = if end.is_null() { &[] } else { &[2, 5, 8] };
        assert_eq!(
            listing.unreadable, expected,
            "each is told once, with its place"
        );
    }
}

#[test]
fn pages_of_nothing_readable_are_passed_over() {
    let mut entries = pins(1..=2);
    entries.extend((0..7).map(|_| json!({ "id": "odd", "cid": "" })));
    entries.extend(pins(3..=4));
    let listing = list(3, entries, counted, still).unwrap();
    assert_eq!(listing.ids, [1, 2, 3, 4], "{:?}", listing.offsets);
    assert_eq!(listing.unreadable, [2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn pages_that_repeat_end_with_an_error() {
    let same = page_of(&[1, 2, 3], 1_000_000);
    let mut script = Script::new([]).then_always(same);
    let error = script
        .collect(session().pins(ListOptions::new().limit(3).unwrap()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.reason().contains("same pins on every page"),
        "{error}"
    );
    assert!(script.sent.len() < 10);
}

#[test]
fn an_empty_page_that_counts_more_ends_it() {
    let mut script = Script::new([page_of(&[1, 2, 3], 99), page_of(&[3], 99), page_of(&[], 99)]);
    let (_, pages) = script
        .collect(session().pins(ListOptions::new().limit(3).unwrap()))
        .unwrap();
    assert_eq!(pages.len(), 1, "only pages with something new are given");
}

#[test]
fn a_page_that_fails_is_asked_for_again_and_ends_it_otherwise() {
    let mut script = Script::new([
        page_of(&[1, 2, 3], 4),
        lost(),
        answer(503, ""),
        page_of(&[3, 4], 4),
    ]);
    let (_, pages) = script
        .collect(session().pins(ListOptions::new().limit(3).unwrap()))
        .unwrap();
    assert_eq!(pages.len(), 2);
    let mut script = Script::new([answer(401, "")]);
    let error = script
        .collect(session().pins(ListOptions::new()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Authentication);
}

#[test]
fn nothing_is_asked_for_before_it_is_wanted() {
    let mut call = session().pins(ListOptions::new().limit(1).unwrap());
    assert!(matches!(call.next(Duration::ZERO, 0), Step::Send(_)));
    let body = json!({ "data": { "totals": { "files": 2 }, "pins": [shown("1", RAW_CID, json!({}))] }, "status": "success" });
    call.responded(
        http::Response::new(body.to_string().into()),
        Delivery::complete(),
    );
    assert!(matches!(call.next(Duration::ZERO, 0), Step::Yield(_)));
    // Years later.
    let later = Duration::from_secs(1 << 30);
    assert!(matches!(call.next(later, 0), Step::Send(_)));
}
