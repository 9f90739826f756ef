//! Attacks on the system clock, while a server runs or between two runs.

use std::{fs, path::PathBuf, process::Command};

use serde_json::json;
use tempfile::TempDir;

use crate::{
    attack::{Attack, rounds},
    elsewhere::pin_nothing,
    fixture::{ALICE, noise, text},
};

const YEAR: i64 = 365 * 24 * 60 * 60;

/// Offsets of the clock in seconds: from small ones to years, as far as a system allows.
const STEPS: [i64; 10] = [
    0,
    3600,
    -3600,
    10 * YEAR,
    -10 * YEAR,
    0,
    -56 * YEAR,
    205 * YEAR,
    1,
    0,
];

/// The system clock of everything that its shell command starts.
struct Clock {
    folder: TempDir,
}

impl Clock {
    fn new() -> Self {
        let clock = Self {
            folder: TempDir::new().unwrap(),
        };
        clock.set(0);
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/attack/clock.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .arg(clock.library())
            .arg(source)
            .status();
        assert!(built.unwrap().success(), "cc builds {source}");
        clock
    }

    /// Sets the offset from the real time in seconds.
    fn set(&self, seconds: i64) {
        // In place: processes that have it open see the change.
        let mut file = fs::File::options();
        let file = file.write(true).create(true).truncate(false);
        let mut file = file.open(self.file()).unwrap();
        std::io::Write::write_all(&mut file, &seconds.to_ne_bytes()).unwrap();
    }

    /// The shell command that starts a server with this clock.
    fn shell(&self) -> &'static str {
        let (file, library) = (self.file(), self.library());
        let (file, library) = (file.display(), library.display());
        let shell = format!("W3PIN_TEST_CLOCK='{file}' LD_PRELOAD='{library}' exec \"$0\" \"$@\"");
        shell.leak()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ahead")
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("clock.so")
    }
}

#[test]
fn a_clock_that_is_set() {
    let clock = Clock::new();
    let mut attack = Attack::begin_by("clock steps", clock.shell());
    let mut pins = Vec::new();
    let mut ended = Vec::new();
    for round in 0..rounds(1, 5) {
        for (number, ahead) in (round * 100..).zip(STEPS) {
            clock.set(ahead);
            let content = noise(number + 1, 50_000);
            pins.push((attack.upload("x", &content).unwrap(), content));
            let waiting = pin_nothing(attack.address(), ALICE, number, &json!({}));
            assert_eq!(waiting.status, 200, "{waiting:?}");
            // Whatever time it was at the start, the pin ends now.
            if number % 3 == 1 {
                let (id, content) = pins.remove(pins.len() / 2);
                assert_eq!(attack.unpin(&id), 200);
                attack.forget(&content);
                ended.push(id);
            }
            check(&attack, &pins, &ended);
            if number % 4 == 2 {
                attack.kill();
                attack.start();
                check(&attack, &pins, &ended);
            }
        }
    }
    attack.note(&format!("set {} times", rounds(1, 5) * STEPS.len() as u64));
    attack.finish();
}

/// Whether all pins are listed in order, with valid times.
fn check(attack: &Attack, pins: &[(String, Vec<u8>)], ended: &[String]) {
    let path = "/api/pinning/pins/?pinned=all&limit=1000";
    let listed = attack.call("GET", Some(ALICE), path, "").data();
    let listed = listed["pins"].as_array().unwrap();
    for (id, is_pinned) in pins
        .iter()
        .map(|(id, _)| (id, true))
        .chain(ended.iter().map(|id| (id, false)))
    {
        let pin = listed.iter().find(|pin| text(&pin["id"]) == id).unwrap();
        assert_eq!(pin["pinned"], is_pinned, "{pin}");
        for name in ["date_pinned", "date_unpinned"] {
            let time = text(&pin[name]);
            let format = &time::format_description::well_known::Rfc3339;
            time::OffsetDateTime::parse(time, format).unwrap();
        }
    }
}
