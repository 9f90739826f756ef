//! Attacks without keys, and from other websites.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use crate::{
    attack::{Attack, rounds},
    elsewhere::{answer, ask, head, upload},
    fixture::{ALICE, BOB, file, form},
    served::Served,
};

#[test]
fn secrets_that_are_guessed() {
    guess("guessed secrets", [BOB[0], "wrong"]);
}

#[test]
fn api_keys_that_are_guessed() {
    guess("guessed API keys", ["nobody", "wrong"]);
}

fn guess(name: &'static str, keys: [&str; 2]) {
    let mut attack = Attack::begin_load(name);
    let (heard, asked) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let time = Duration::from_secs(rounds(1, 15));
    let end = Instant::now() + time;
    let path = "/api/apiKeys/testAuthentication";
    let guess = head("GET", path, Some(keys), "");
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                while Instant::now() < end {
                    if let Ok(reply) = answer(&mut ask(attack.address(), &guess)) {
                        asked.fetch_add(1, Ordering::Relaxed);
                        let is_heard = usize::from(reply.status == 401);
                        heard.fetch_add(is_heard, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let (heard, asked) = (heard.into_inner(), asked.into_inner());
    assert!(heard < 50, "{heard} of {asked}");
    let seconds = time.as_secs();
    attack.note(&format!("{heard} of {asked} tries heard in {seconds} s"));
    attack.finish();
}

#[test]
fn pages_of_others() {
    let attack = Attack::begin_load("pages of others");
    let page = b"<script>fetch('/api/pinning/pins')</script>";
    let pin = upload(attack.address(), ALICE, &form(&[file("page.html", page)])).data();
    let get = |path: &str, keys, more: &str, host: &str| {
        let head = head("GET", path, keys, more).replace("localhost", host);
        answer(&mut ask(attack.address(), &head)).unwrap()
    };
    let list = "/api/pinning/pins/";
    let gateway = format!("/ipfs/{}", pin["cid"].as_str().unwrap());
    for path in [list, &gateway] {
        assert_eq!(get(path, Some(ALICE), "", "evil.example").status, 421);
    }
    for sign in ["origin: null\r\n", "sec-fetch-site: cross-site\r\n"] {
        let reply = get(list, Some(ALICE), sign, "localhost");
        assert_eq!(reply.status, 403, "{sign}");
        assert_eq!(reply.header("access-control-allow-origin"), None);
    }
    let shown = get(&gateway, None, "", "localhost");
    assert_eq!((shown.status, &shown.body[..]), (200, &page[..]));
    let policy = shown.header("content-security-policy").unwrap();
    assert!(policy.starts_with("sandbox") && !policy.contains("allow-same-origin"));
    attack.finish();
}

#[cfg(unix)]
#[test]
fn what_other_users_of_the_machine_see() {
    use std::os::unix::fs::PermissionsExt;

    let attack = Attack::begin_load("other users");
    upload(attack.address(), ALICE, &form(&[file("a", b"private")]));
    let mut folders = vec![attack.data().to_path_buf()];
    // As if written by hand.
    fs::set_permissions(&folders[0], fs::Permissions::from_mode(0o755)).unwrap();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            let is_lock = path.ends_with("lock");
            assert!(mode & 0o077 == 0 || is_lock, "{}: {mode:o}", path.display());
        }
    }
    for key in [ALICE, BOB].as_flattened() {
        assert!(!attack.arguments().contains(key));
    }
    if let Some(w3pin) = Served::command() {
        for backend in ["kubo=http://me:hush@[", "nothing=http://me:hush@127.0.0.1"] {
            let ran = Command::new(&w3pin)
                .args(["serve", "--data", "never-made"])
                .env("W3PIN_BACKEND", backend)
                .output()
                .unwrap();
            let said = [ran.stdout, ran.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(!ran.status.success() && !said.contains("hush"), "{said}");
        }
    }
    attack.finish();
}
