//! Tests that deviations from what was requested are reported in every output format.

use crate::{
    fixture::{Place, Ran, link, to},
    service::{Kept, Server, cid, page, pin, success},
};

/// The output formats.
const FORMS: [&[&str]; 4] = [&[], &["--json"], &["--quiet"], &["--json", "--quiet"]];

#[test]
fn content_that_was_pinned_wrong_is_told_in_every_form_and_by_the_exit_code() {
    let place = Place::new();
    for name in ["a", "b"] {
        place.write(name, name);
    }
    // Whatever is sent, the service pins another block.
    let server = Server::new(|_, request, connection| {
        if request.is_upload() {
            connection.answer(201, &success(&pin("new", &cid(b"something else"))));
        } else {
            connection.answer(200, &page(&[]));
        }
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    for form in FORMS {
        for paths in [&["a"][..], &["a", "b"]] {
            let ran = place.run(&to(&endpoint, &[&["add"], paths, form].concat()));
            assert_eq!(ran.code, 5, "{form:?}: {ran:?}");
            for path in paths {
                let said = format!("error: {path}: MISMATCH");
                assert!(ran.err.contains(&said), "{form:?}: {ran:?}");
            }
            assert!(ran.out.contains("new"), "the pin is told too: {ran:?}");
        }
    }
    // A failure of another kind doesn't mask it.
    let ran = place.run(&to(&endpoint, &["add", "gone", "a"]));
    assert_eq!(ran.code, 5, "{ran:?}");
    let ran = place.run(&to(&endpoint, &["add", "a", "--verify", "off"]));
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[test]
fn a_mismatch_is_told_though_waiting_for_the_pin_fails() {
    let place = Place::new();
    place.write("a", "a");
    let server = Server::new(|_, request, connection| {
        let pin = pin("new", &cid(b"something else"));
        connection.answer(if request.is_upload() { 201 } else { 200 }, &success(&pin));
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    let ran = place.run(&to(&endpoint, &["add", "a", "--wait", "--timeout", "0"]));
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.err.contains("MISMATCH") && ran.err.contains("still PENDING"));
}

#[test]
fn what_is_not_proved_is_told_in_every_form() {
    let place = Place::new();
    // The server chunks files differently from every known profile.
    let served = place.serve(&["--profile", "custom(chunk=1000,width=174,leaves=raw,cid=1)"]);
    for (number, form) in (0_u8..).zip(FORMS) {
        place.write("big", vec![number; 300_000]);
        let ran = place.run(&served.flags(&[&["add", "big"], form].concat()));
        assert_eq!(ran.code, 0, "{form:?}: {ran:?}");
        assert!(
            ran.err.contains("warning: big: unproved"),
            "{form:?}: {ran:?}"
        );
    }
}

#[test]
fn a_name_and_pairs_that_had_no_effect_are_told() {
    let place = Place::new();
    place.write("a", "a");
    let served = place.serve(&[]);
    let add = |args: &[&str]| place.run(&served.flags(&[&["add", "a"], args].concat()));
    add(&["--name", "first", "--meta", "k=v"]).ok();
    let again = |args: &[&str]| -> Ran { add(args) };
    for form in FORMS {
        let ran = again(
            &[
                &["--name", "second", "--meta", "k=w", "--meta", "l=x"],
                form,
            ]
            .concat(),
        );
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(
            ran.err.contains("warning: a: --name had no effect") && ran.err.contains("\"first\""),
            "{form:?}: {ran:?}"
        );
        assert!(
            ran.err.contains("--meta had no effect") && ran.err.contains("for k, l"),
            "{form:?}: {ran:?}"
        );
    }
    let same = again(&["--name", "first", "--meta", "k=v"]);
    assert_eq!(same.err, "a: was pinned already\n");
    let skipped = again(&["--skip-if-pinned", "--name", "third"]);
    assert!(skipped.err.contains("--name had no effect"), "{skipped:?}");
}

#[test]
fn empty_folders_that_an_upload_leaves_out_are_told_and_one_flag_makes_the_cids_agree() {
    let place = Place::new();
    place.write("site/a", "a");
    std::fs::create_dir(place.path().join("site/empty")).unwrap();
    let served = place.serve(&[]);
    let ran = place.run(&served.flags(&["add", "site", "--json"]));
    assert!(
        ran.err
            .contains("warning: site: empty folders are left out")
            && ran.err.contains("--as-upload"),
        "{ran:?}"
    );
    let pinned = ran.json()["cid"].as_str().unwrap().to_owned();
    assert_ne!(
        place.run(&["cid", "site"]).ok(),
        format!("{pinned}\tsite\n")
    );
    let same = place.run(&["cid", "site", "--as-upload"]).ok();
    assert_eq!(same, format!("{pinned}\tsite\n"));
    link("a", place.path().join("site/l"));
    let refused = place.run(&["cid", "site", "--as-upload"]).fails(2);
    assert!(refused.contains("site/l"), "as an upload does: {refused}");
    let same = place
        .run(&["cid", "site", "--as-upload", "--symlinks", "skip"])
        .ok();
    assert_eq!(same, format!("{pinned}\tsite\n"));
}

#[test]
fn a_finished_drop_is_run_again_for_few_requests() {
    const FILES: usize = 2000;
    let place = Place::new();
    let names: Vec<String> = (0..FILES).map(|it| format!("drop/{it}")).collect();
    let pins: Vec<String> = names
        .iter()
        .map(|name| {
            place.write(name, name);
            pin(name, &cid(name.as_bytes()))
                .replace("PENDING", "DONE")
                .replace("\"pinned\":false", "\"pinned\":true")
        })
        .collect();
    let server = Server::new(move |_, request, connection| {
        assert!(request.is_list(), "nothing is sent: {request:?}");
        let query = crate::service::query(request);
        let number = |name: &str| query.get(name).map_or(0, |it| it.parse().unwrap());
        let page: Vec<&str> = pins
            .iter()
            .skip(number("offset"))
            .take(number("limit"))
            .map(String::as_str)
            .collect();
        let page = page.join(",");
        connection.answer(
            200,
            &success(&format!(
                r#"{{"totals":{{"files":{FILES}}},"pins":[{page}]}}"#
            )),
        );
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let add = to(
        &endpoint,
        &[&["add", "--skip-if-pinned", "-v"], &names[..]].concat(),
    );
    let ran = place.run(&add);
    assert_eq!((ran.code, ran.out.lines().count()), (0, FILES));
    let requests = server.requests().len();
    assert!(requests <= 40, "{requests} requests");
    let lines = ran.err.lines();
    let logged = lines.filter(|line| line.starts_with("list_pins GET "));
    assert_eq!(logged.count(), requests, "-v shows each");
}
