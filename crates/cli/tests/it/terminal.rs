//! Tests of the output on a terminal.

use std::{
    io::{Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use crate::{
    fixture::{Place, Ran, to},
    service::{Kept, Server, cid, honest, page, pin},
    throttle::Throttle,
};

/// Runs the command on a pseudoterminal with this many columns.
fn on_terminal(place: &Place, columns: u32, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let quoted = |arg: &str| format!("'{}'", arg.replace('\'', r"'\''"));
    let words: Vec<String> = [env!("CARGO_BIN_EXE_w3pin")]
        .iter()
        .chain(args)
        .map(|arg| quoted(arg))
        .collect();
    let script = format!("stty cols {columns} rows 40; {}", words.join(" "));
    let mut command = Command::new("script");
    command
        .args(["-q", "-e", "-c", &script, "/dev/null"])
        .current_dir(place.path())
        .env("SHELL", "/bin/sh")
        .env("HOME", place.path().join("home"))
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .envs(variables.iter().copied())
        .stdin(Stdio::null());
    Ran::of(&mut command)
}

#[test]
fn a_list_is_a_table_that_fits() {
    let place = Place::new();
    let server = Server::new(|_, _, connection| {
        connection.answer(
            200,
            &page(&[pin("6fb8f4a2-7de4-4c8b-a4f5-0b9f9d9f1a11", &cid(b"a"))]),
        );
        Kept::Yes
    });
    let endpoint = server.endpoint().to_string();
    let list = to(&endpoint, &["ls"]);
    let wide = on_terminal(&place, 200, &list, &[]).ok();
    assert!(
        wide.lines()
            .any(|line| line.contains("NAME") && line.trim_end().ends_with("ID")),
        "{wide}"
    );
    let narrow = on_terminal(&place, 80, &list, &[]).ok();
    assert!(
        narrow
            .lines()
            .all(|line| line.trim_end().chars().count() <= 80),
        "{narrow}"
    );
    assert!(
        narrow.contains("  cid ") && !narrow.contains("NAME"),
        "{narrow}"
    );
}

#[test]
fn colors_are_used_as_they_are_wanted() {
    let place = Place::new();
    let red = "\u{1b}[31m";
    let fails = ["cid", "gone"];
    let colored = |args: &[&str], variables: &[(&str, &str)]| {
        let args = [&fails[..], args].concat();
        on_terminal(&place, 80, &args, variables).out.contains(red)
    };
    assert!(colored(&[], &[]));
    assert!(!colored(&[], &[("NO_COLOR", "1")]));
    assert!(!colored(&["--color", "never"], &[]));
    assert!(colored(&["--color=always"], &[("NO_COLOR", "1")]));
    assert!(!place.run(&fails).err.contains('\u{1b}'));
    assert!(
        place
            .run(&["--color", "always", "cid", "gone"])
            .err
            .contains(red)
    );
    let usage = ["--color", "always", "nonsense"];
    assert!(place.run(&usage).err.contains('\u{1b}'));
    assert!(!place.run(&["nonsense"]).err.contains('\u{1b}'));
    let help = on_terminal(&place, 80, &["--help", "--color", "never"], &[]);
    assert!(!help.ok().contains('\u{1b}'));
}

#[test]
fn one_bar_tells_of_the_whole_batch_never_falls_and_goes() {
    let place = Place::new();
    let server = Server::new(|_, request, connection| {
        if request.is_upload() {
            thread::sleep(Duration::from_millis(250));
        }
        honest(request, connection)
    });
    let endpoint = server.endpoint().to_string();
    let names: Vec<String> = (0..6).map(|it| format!("file{it}")).collect();
    for (index, name) in names.iter().enumerate() {
        place.write(name, vec![index as u8 + 1; 100_000]);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let add = [&["add", "--concurrency", "2", "gone"], &names[..]].concat();
    let ran = on_terminal(&place, 120, &to(&endpoint, &add), &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let done: Vec<u32> = ran
        .out
        .split(['\r', '\n'])
        .filter_map(|line| line.split_once("/7\u{1b}").map(|(before, _)| before))
        .map(|before| {
            before
                .rsplit(|it: char| !it.is_ascii_digit())
                .next()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect();
    assert!(done.len() > 2, "{ran:?}");
    assert!(done.windows(2).all(|pair| pair[0] <= pair[1]), "{done:?}");
    // The progress bar's line is cleared at the end.
    let last = ran.out.rsplit("\u{1b}[2K").next().unwrap();
    assert!(!last.contains("/7"), "{last:?}");
    assert_eq!(ran.out.matches(" pinned\r\n").count(), 6, "{ran:?}");
}

#[test]
fn a_bar_tells_of_a_fetch_and_cat_prints_what_there_is() {
    let place = Place::new();
    place.write("big", vec![b'x'; 4 << 20]);
    place.write("small", "\u{1b}[7mreversed\u{1b}[0m");
    let served = place.serve(&[]);
    let pinned = |name: &str| {
        let pin = place.run(&served.flags(&["add", name, "--json"])).json();
        pin["cid"].as_str().unwrap().to_owned()
    };
    let gateway = Throttle::new(served.gateway(), Duration::from_millis(5));
    let url = gateway.url();
    let fetch = ["fetch", &pinned("big"), "back", "--gateway", &url];
    let ran = on_terminal(&place, 120, &fetch, &[]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("back") && ran.out.contains("/4.00 MiB"),
        "{ran:?}"
    );
    let last = ran.out.rsplit("\u{1b}[2K").next().unwrap();
    assert!(!last.contains("/4.00 MiB"), "{last:?}");
    let quiet = on_terminal(&place, 120, &[&fetch[..], &["--quiet"]].concat(), &[]);
    assert_eq!(quiet.ok().lines().count(), 1);

    let cat = ["cat", &pinned("small"), "--gateway", &url];
    assert_eq!(
        on_terminal(&place, 120, &cat, &[]).ok(),
        "\u{1b}[7mreversed\u{1b}[0m"
    );
    // Everything else is escaped.
    let tree = ["tree", &pinned("small"), "--gateway", &url];
    assert!(on_terminal(&place, 120, &tree, &[]).ok().contains("(16 B)"));
}

/// A terminal that runs a script, with a user who types.
struct Terminal {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Terminal {
    fn new(place: &Place, script: &str) -> Self {
        let mut child = Command::new("script")
            .args(["-q", "-e", "-c", script, "/dev/null"])
            .current_dir(place.path())
            .env("SHELL", "/bin/sh")
            .env("HOME", place.path().join("home"))
            .env("XDG_CONFIG_HOME", place.path().join("home/config"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: child.stdout.take().unwrap(),
            child,
        }
    }

    /// The output up to this text.
    fn wait_for(&mut self, text: &str) -> String {
        let mut shown = Vec::new();
        while !shown.ends_with(text.as_bytes()) {
            let mut byte = [0];
            let read = self.output.read_exact(&mut byte);
            assert!(
                read.is_ok(),
                "{text:?} in {:?}",
                String::from_utf8_lossy(&shown)
            );
            shown.extend(byte);
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    fn type_in(&mut self, keys: &[u8]) {
        // A prompt is displayed before the terminal is configured for its answer.
        thread::sleep(Duration::from_millis(300));
        self.input.write_all(keys).unwrap();
    }

    fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        self.child.wait().unwrap();
        rest
    }
}

#[test]
fn keys_that_nothing_sets_are_asked_for_and_the_secret_is_not_shown() {
    let place = Place::new();
    let served = place.serve(&["--api-key", "K-typed", "--secret-key", "S-typed"]);
    let command = env!("CARGO_BIN_EXE_w3pin");
    let script = format!("{command} check --save --endpoint {}", served.endpoint());
    let mut terminal = Terminal::new(&place, &script);
    terminal.wait_for("API key: ");
    terminal.type_in(b"K-typed\r");
    terminal.wait_for("(not shown): ");
    terminal.type_in(b"S-typed\r");
    let rest = terminal.rest();
    assert!(
        rest.contains("accepts") && !rest.contains("S-typed"),
        "{rest}"
    );
    place.run(&["ls"]).ok();
}

#[test]
fn a_signal_while_a_secret_is_typed_leaves_the_terminal_as_it_was() {
    let place = Place::new();
    let command = env!("CARGO_BIN_EXE_w3pin");
    let mut terminal = Terminal::new(
        &place,
        &format!("trap : INT; {command} check --save; echo code $?; stty -a"),
    );
    terminal.wait_for("API key: ");
    terminal.type_in(b"K\r");
    terminal.wait_for("(not shown): ");
    terminal.type_in(&[3]);
    terminal.wait_for("code 130");
    let settings = terminal.rest();
    assert!(
        settings.contains(" echo ") && !settings.contains("-echo "),
        "{settings}"
    );
}
