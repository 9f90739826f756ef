use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use crate::fixture::Place;

#[test]
fn keys_are_generated_shown_once_and_kept_as_digests() {
    let place = Place::new();
    let served = place.serve(&["--data", "d"]);
    let (api_key, secret) = (&served.said["api_key"], &served.said["secret_key"]);
    assert_eq!(
        (
            api_key.as_str().unwrap().len(),
            secret.as_str().unwrap().len()
        ),
        (24, 44)
    );
    place.run(&served.flags(&["check"])).ok();
    let (api_key, secret) = (api_key.clone(), secret.clone());
    drop(served);
    let again = place.serve(&["--data", "d"]);
    assert!(again.said["api_key"].is_null() && again.said["secret_key"].is_null());
    let flags = [
        "--endpoint",
        again.endpoint(),
        "--api-key",
        api_key.as_str().unwrap(),
    ];
    place
        .run(
            &[
                &flags[..],
                &["--secret-key", secret.as_str().unwrap(), "check"],
            ]
            .concat(),
        )
        .ok();
    let records = std::fs::read(place.path().join("d/records.redb")).unwrap();
    let secret = secret.as_str().unwrap().as_bytes();
    assert!(!records.windows(secret.len()).any(|window| window == secret));
}

#[test]
fn accounts_may_be_given_and_see_their_own_pins_alone() {
    let place = Place::new();
    place.write("a", "a");
    let accounts = [
        "--api-key",
        "K1",
        "--secret-key",
        "S1",
        "--account",
        "K2:S2",
    ];
    let served = place.serve(&accounts);
    let run = |key: &str, secret: &str, args: &[&str]| {
        let keys = [
            "--endpoint",
            served.endpoint(),
            "--api-key",
            key,
            "--secret-key",
            secret,
        ];
        place.run(&[&keys[..], args].concat())
    };
    run("K1", "S1", &["add", "a"]).ok();
    assert_eq!(run("K1", "S1", &["ls"]).ok().lines().count(), 1);
    assert_eq!(run("K2", "S2", &["ls"]).ok(), "");
    let refused = run("K2", "S1", &["ls"]).fails(3);
    assert!(refused.contains("w3pin check"), "{refused}");
    let colon = place.run(&["serve", "--account", "nocolon"]).fails(2);
    assert!(colon.contains("KEY:SECRET"), "{colon}");
}

#[cfg(unix)]
#[test]
fn it_says_how_to_use_it_and_stops_when_told() {
    let place = Place::new();
    let mut child = place
        .command(&["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut lines = Vec::new();
    for _ in 0..5 {
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        lines.push(line);
    }
    assert!(
        lines[0].starts_with("serving http://127.0.0.1:"),
        "{lines:?}"
    );
    for (line, name) in lines[2..].iter().zip(["ENDPOINT", "API_KEY", "SECRET_KEY"]) {
        assert!(line.starts_with(&format!("export W3PIN_{name}=")), "{line}");
    }
    let pid = child.id().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut out, &mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn other_machines_and_shared_folders_are_refused() {
    let place = Place::new();
    let remote = place.run(&["serve", "--listen", "0.0.0.0:0"]).fails(2);
    assert!(remote.contains("--allow-remote"), "{remote}");
    let _served = place.serve(&["--data", "d"]);
    let said = place
        .run(&["serve", "--data", "d", "--listen", "127.0.0.1:0"])
        .fails(1);
    assert!(
        said.contains("another process") && said.contains("--endpoint"),
        "{said}"
    );
    place.write("a", "a");
    let at_once = ["--local", "--data", "d", "--lock-timeout", "0", "add", "a"];
    place.run(&at_once).fails(1);
}

#[test]
fn keys_come_from_files_and_the_environment_and_no_list_of_processes_shows_them() {
    let place = Place::new();
    place.write("api", "K-file\n");
    place.write("secret", "S-file\n");
    let variables = [
        ("W3PIN_API_KEY", "K-env"),
        ("W3PIN_SECRET_KEY", "S-env"),
        ("W3PIN_ACCOUNTS", "K-one:S-one  K-two:S-two"),
    ];
    let start = |args: &[&str]| {
        let serve = ["serve", "--json", "--listen", "127.0.0.1:0"];
        let mut command = place.command(&[&serve, args].concat());
        command.envs(variables).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let said = serde_json::from_str(&line).unwrap();
        crate::fixture::Served { child, said }
    };
    let accepts = |served: &crate::fixture::Served, name: &str| {
        let (api_key, secret_key) = (format!("K-{name}"), format!("S-{name}"));
        let keys = ["--api-key", &api_key, "--secret-key", &secret_key];
        let args = [&["check", "--endpoint", served.endpoint()], &keys[..]].concat();
        place.run(&args).code == 0
    };
    let served = start(&["--data", "a"]);
    assert!(["env", "one", "two"].iter().all(|it| accepts(&served, it)));
    assert!(served.said["api_key"].is_null(), "{}", served.said);
    let files = ["--api-key-file", "api", "--secret-key-file", "secret"];
    let served = start(&[&["--data", "b"], &files[..]].concat());
    assert!(accepts(&served, "file") && !accepts(&served, "env"));
    #[cfg(target_os = "linux")]
    {
        let shown = std::fs::read(format!("/proc/{}/cmdline", served.child.id())).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("serve"));
        assert!(!shown.contains("-file\0K") && !shown.contains("S-file"));
    }
    let served = start(&["--data", "c", "--isolated"]);
    assert!(!accepts(&served, "env") && !accepts(&served, "one"));
    assert!(served.said["secret_key"].is_string());
}

#[test]
fn its_health_can_be_asked_without_an_account() {
    let place = Place::new();
    let served = place.serve(&["--data", "d"]);
    let address = served.address();
    let healthy = place.run(&["health", address]).ok();
    assert_eq!(healthy, format!("the server at {address} is healthy\n"));
    let document = place.run(&["--json", "health", address]).json();
    assert_eq!(document["healthy"], true);

    // On other systems a file that is open can't be removed.
    #[cfg(unix)]
    {
        std::fs::remove_file(place.path().join("d/records.redb")).unwrap();
        let unhealthy = place.run(&["health", address]).fails(1);
        assert!(
            unhealthy.contains("503") && unhealthy.contains("restart"),
            "{unhealthy}"
        );
    }

    // Something else listens there, or nothing.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = gone.local_addr().unwrap().to_string();
    drop(gone);
    let refused = place.run(&["health", &address]).fails(1);
    assert!(refused.contains(&address), "{refused}");
    for args in [
        &["health", "localhost"][..],
        &["serve", "--listen", "4880"],
        &["serve", "--gateway-listen", "127.0.0.1"],
    ] {
        let refused = place.run(args).fails(2);
        assert!(refused.contains("such as 127.0.0.1:4880"), "{refused}");
    }
}
