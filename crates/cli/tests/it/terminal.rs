//! What a person sees on a terminal.

use std::process::Command;

use crate::{
    fixture::{Place, Ran},
    service::{Kept, Server, cid, honest, page, pin},
};

/// Runs the command on a terminal of its own, so many columns wide.
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
        .env("HOME", place.path().join("home"))
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .envs(variables.iter().copied())
        .stdin(std::process::Stdio::null());
    Ran::of(&mut command)
}

fn keys<'a>(endpoint: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    crate::fixture::to(endpoint, args)
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
    let list = keys(&endpoint, &["ls"]);
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
            std::thread::sleep(std::time::Duration::from_millis(250));
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
    let ran = on_terminal(&place, 120, &keys(&endpoint, &add), &[]);
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
    // The line of the bar is cleared at the end.
    let last = ran.out.rsplit("\u{1b}[2K").next().unwrap();
    assert!(!last.contains("/7"), "{last:?}");
    assert_eq!(ran.out.matches(" pinned\r\n").count(), 6, "{ran:?}");
}

#[test]
fn keys_that_nothing_sets_are_asked_for_and_the_secret_is_not_shown() {
    let place = Place::new();
    let served = place.serve(&["--api-key", "K-typed", "--secret-key", "S-typed"]);
    let script = format!(
        "{} check --save --endpoint {}",
        env!("CARGO_BIN_EXE_w3pin"),
        served.endpoint()
    );
    let mut child = Command::new("script")
        .args(["-q", "-e", "-c", &script, "/dev/null"])
        .current_dir(place.path())
        .env("HOME", place.path().join("home"))
        .env("XDG_CONFIG_HOME", place.path().join("home/config"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut shown = String::new();
    let mut answer = |question: &str, text: &[u8], shown: &mut String| {
        let mut byte = [0];
        while !shown.ends_with(question) {
            std::io::Read::read_exact(&mut output, &mut byte).unwrap();
            shown.push(byte[0].into());
        }
        // The terminal is set up for the answer right after the question.
        std::thread::sleep(std::time::Duration::from_millis(300));
        std::io::Write::write_all(&mut input, text).unwrap();
    };
    answer("API key: ", b"K-typed\r", &mut shown);
    answer("(not shown): ", b"S-typed\r", &mut shown);
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut output, &mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{shown}{rest}");
    assert!(
        !rest.contains("S-typed") && rest.contains("accepts"),
        "{rest}"
    );
    place.run(&["ls"]).ok();
}
