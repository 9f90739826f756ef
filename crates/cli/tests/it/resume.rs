//! Tests of fetches that are killed and resumed.

use std::{
    fs,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use crate::{
    fixture::{Place, Served, signal},
    service::content,
    throttle::Throttle,
};

/// What a killed fetch may have received without writing it: blocks in transit, and the current write.
const WINDOW: u64 = 2 << 20;

/// 8 times, or `W3PIN_TEST_KILLS` times.
fn kills() -> u64 {
    let given = std::env::var("W3PIN_TEST_KILLS").ok();
    given.map_or(8, |it| it.parse().unwrap())
}

fn throttled(served: &Served) -> Throttle {
    Throttle::new(served.gateway(), Duration::from_millis(1))
}

fn spawn(place: &Place, args: &[&str]) -> Child {
    let mut command = place.command(args);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Runs a fetch, kills it repeatedly, and lets it finish. Returns the total number of bytes transferred.
fn fetch_with_kills(place: &Place, gateway: &Throttle, cid: &str, size: u64) -> u64 {
    let url = gateway.url();
    let fetch = ["fetch", cid, "back", "--gateway", &url];
    let kills = kills();
    for kill in 0..kills {
        let before = gateway.passed();
        let mut child = spawn(place, &fetch);
        // At a different point each time, and rarely so late that nothing is left to do.
        let wanted = before + (kill * 7919 % 13) * 2 * size / kills / 13;
        while gateway.passed() <= wanted && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    place.run(&fetch).ok();
    gateway.passed()
}

#[test]
fn a_killed_fetch_of_a_file_goes_on_where_it_was() {
    let place = Place::new();
    let bytes = content(24 << 20);
    place.write("big", &bytes);
    let served = place.serve(&[]);
    let pin = place.run(&served.flags(&["add", "big", "--json"])).json();
    let gateway = throttled(&served);
    let size = bytes.len() as u64;
    let passed = fetch_with_kills(&place, &gateway, pin["cid"].as_str().unwrap(), size);
    assert!(fs::read(place.path().join("back")).unwrap() == bytes);
    let twice = passed - size;
    println!("{twice} bytes came twice in {} kills", kills());
    assert!(
        twice <= kills() * WINDOW + (1 << 20),
        "{twice} bytes came twice"
    );
    let left = fs::read_dir(place.path())
        .unwrap()
        .map(|it| it.unwrap().file_name());
    assert!(
        !left
            .into_iter()
            .any(|it| it.to_string_lossy().ends_with(".part"))
    );
}

#[test]
fn a_killed_fetch_of_a_folder_goes_on_where_it_was() {
    let place = Place::new();
    let mut size = 0;
    for number in 0..120_usize {
        let length = 1 + number * 7919 % 300_000;
        let bytes = content(length + number);
        place.write(&format!("site/{}/{number}", number % 7), &bytes[number..]);
        size += length as u64;
    }
    let served = place.serve(&[]);
    let pin = place.run(&served.flags(&["add", "site", "--json"])).json();
    let gateway = throttled(&served);
    let passed = fetch_with_kills(&place, &gateway, pin["cid"].as_str().unwrap(), size);
    let mut diff = std::process::Command::new("diff");
    let same = diff.args(["-r", "site", "back"]).current_dir(place.path());
    assert!(same.status().unwrap().success());
    let twice = passed.saturating_sub(size);
    println!("{twice} bytes came twice in {} kills", kills());
    assert!(
        twice <= kills() * WINDOW + (1 << 20),
        "{twice} bytes came twice"
    );
}

#[test]
fn an_interrupted_fetch_says_that_the_same_command_goes_on() {
    let place = Place::new();
    place.write("big", content(8 << 20));
    let served = place.serve(&[]);
    let pin = place.run(&served.flags(&["add", "big", "--json"])).json();
    let gateway = throttled(&served);
    let url = gateway.url();
    let fetch = [
        "fetch",
        pin["cid"].as_str().unwrap(),
        "back",
        "--gateway",
        &url,
    ];
    for (name, code, word) in [("-INT", 130, "interrupted"), ("-TERM", 143, "terminated")] {
        let before = gateway.passed();
        let child = spawn(&place, &fetch);
        while gateway.passed() < before + 1_500_000 {
            thread::sleep(Duration::from_millis(1));
        }
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        let expected = format!(
            "error: {word}; what was fetched is kept, and the same command resumes from there\n"
        );
        assert_eq!(said, expected);
    }
    place.run(&fetch).ok();
    assert!(gateway.passed() < (8 << 20) + 2 * WINDOW);
}
