//! Tests of the contract itself: surface and scenarios agree, and gaps are detected.

use serde_json::{Value, json};
use w3pin_contract::{Api, Found, Report, Scenario};

use crate::surface;

fn scenario(change: impl FnOnce(&mut Value)) -> Scenario {
    let mut scenario = json!({
        "id": "group/name",
        "shows": "A rule.",
        "operation": "pin_bytes",
        "arguments": { "bytes": "x" },
        "expect": { "result": null },
    });
    change(&mut scenario);
    serde_json::from_value(scenario).unwrap()
}

/// The problems reported for a scenario after this change.
fn said(change: impl FnOnce(&mut Value)) -> String {
    Api::load().unwrap().unknown(&[scenario(change)]).join("\n")
}

#[test]
fn scenarios_name_only_what_there_is() {
    let unknown = Api::load().unwrap().unknown(&Scenario::load_all().unwrap());
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn every_operation_option_and_kind_of_error_is_shown() {
    let scenarios = Scenario::load_all().unwrap();
    let uncovered = Api::load().unwrap().uncovered(&scenarios);
    assert!(uncovered.is_empty(), "{}", uncovered.join("\n"));
    assert!(
        scenarios.len() >= 60,
        "there are {} scenarios",
        scenarios.len()
    );
}

#[test]
fn a_name_that_is_unknown_is_a_problem() {
    assert_eq!(said(|_| {}), "");
    let misspelt = said(|it| it["options"] = json!({ "verfy": "off" }));
    assert!(misspelt.contains("no option verfy"), "{misspelt}");
    let mistyped = said(|it| it["options"] = json!({ "timeout": "5 s" }));
    assert!(
        mistyped.contains("isn't of type milliseconds"),
        "{mistyped}"
    );
    let elsewhere = said(|it| it["options"] = json!({ "hidden": true }));
    assert!(elsewhere.contains("no option hidden"), "{elsewhere}");
    let missing = said(|it| it["arguments"] = json!({}));
    assert!(missing.contains("argument bytes is missing"), "{missing}");
    let operation = said(|it| it["operation"] = json!("pin_bites"));
    assert!(operation.contains("no operation pin_bites"), "{operation}");
    let kind = said(|it| it["expect"] = json!({ "error": { "kind": "sad" } }));
    assert!(kind.contains("no error kind sad"), "{kind}");
}

#[test]
fn an_answer_that_cannot_be_played_is_a_problem() {
    let answered = |answer: Value| {
        let request = json!({ "method": "POST", "path": "/pinning/" });
        said(|it| it["exchange"] = json!([{ "request": request, "answer": answer }]))
    };
    assert_eq!(answered(json!({ "hex": "0aFf" })), "");
    for hex in ["0a0", "0g"] {
        let odd = answered(json!({ "hex": hex }));
        assert!(odd.contains("hexadecimal"), "{odd}");
    }
    let two = answered(json!({ "data": {}, "text": "x" }));
    assert!(two.contains("more than one body"), "{two}");
}

#[test]
fn only_the_last_requests_may_be_missing() {
    let exchange = |optional| {
        let request = json!({ "method": "POST", "path": "/pinning/" });
        json!({ "request": request, "answer": {}, "optional": optional })
    };
    let both = |first, last| {
        let exchange = json!([exchange(first), exchange(last)]);
        scenario(|it| it["exchange"] = exchange)
    };
    let last = both(false, true);
    assert_eq!([0, 1, 2].map(|arrived| last.missing(arrived)), [1, 0, 0]);
    let problems = |scenario| Api::load().unwrap().unknown(&[scenario]).join("\n");
    assert_eq!(problems(last), "");
    let first = problems(both(true, false));
    assert!(first.contains("only the last"), "{first}");
}

#[test]
fn unknown_keys_are_refused() {
    for key in ["expects", "needs"] {
        let mut scenario = json!({
            "id": "a/b", "shows": "", "operation": "unpin", "expect": { "result": null },
        });
        scenario[key] = json!({});
        assert!(
            serde_json::from_value::<Scenario>(scenario).is_err(),
            "{key}"
        );
    }
    let settings = json!({
        "id": "a/b", "shows": "", "operation": "unpin", "expect": { "result": null },
        "client": { "attempt": 1 },
    });
    assert!(serde_json::from_value::<Scenario>(settings).is_err());
}

#[test]
fn a_surface_without_gaps_has_and_ran_everything() {
    let (api, scenarios) = (Api::load().unwrap(), Scenario::load_all().unwrap());
    let all = scenarios.iter().map(|scenario| scenario.id.clone());
    let whole = Report {
        surface: Some(surface::rust()),
        ran: all.collect(),
        ..Report::default()
    };
    let gaps = |report: &Report| report.gaps("rust", &api, &scenarios).join("\n");
    assert_eq!(gaps(&whole), "");

    let mut silent = whole.clone();
    silent.surface = None;
    assert!(gaps(&silent).contains("nothing of its surface"));

    let mut skips = whole.clone();
    let left_out = skips.ran.pop_first().unwrap();
    skips
        .skipped
        .insert(left_out.clone(), "it is hard".to_owned());
    assert_eq!(gaps(&skips), format!("scenario {left_out} is missing"));

    let mut lacks = whole;
    let surface = lacks.surface.as_mut().unwrap();
    let pin_file = surface.operations.get_mut("pin_file").unwrap();
    pin_file.takes.remove("verify");
    surface.error_kinds.remove("timeout");
    surface.client.insert("colour".to_owned(), Found::default());
    let gaps = gaps(&lacks);
    for gap in [
        "operation pin_file: verify is missing",
        "error kind timeout is missing",
        "client setting colour isn't in the contract",
    ] {
        assert!(gaps.contains(gap), "{gaps}");
    }
}
