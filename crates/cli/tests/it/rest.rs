use crate::fixture::{NOBODY, Place};

#[test]
fn a_pin_is_shown_waited_for_and_unpinned() {
    let place = Place::new();
    place.write("a", "a");
    let id = place.local(&["add", "a", "--json"]).json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let shown = place.local(&["get", &id]).ok();
    assert!(
        shown.contains(&format!("id\t{id}\n")) && shown.contains("status\tDONE\n"),
        "{shown}"
    );
    let json = place.local(&["get", &id, "--json"]).json();
    assert_eq!(
        (&json["id"], &json["pinned"]),
        (&id.as_str().into(), &true.into())
    );
    assert_eq!(place.local(&["wait", &id, "--json"]).json()["pinned"], true);
    assert_eq!(place.local(&["rm", &id]).ok(), format!("{id}\n"));
    let again = place.local(&["rm", &id]).fails(4);
    assert!(again.contains("w3pin ls"), "{again}");
    let several = place.local(&["rm", &id, "nope", "--json"]);
    assert_eq!(several.code, 4);
    let documents: serde_json::Value = serde_json::from_str(&several.out).unwrap();
    assert_eq!(documents[1]["error"]["kind"], "not_found");
}

#[test]
fn ids_from_a_pipe_give_an_array_however_many_come() {
    let place = Place::new();
    place.write("a", "a");
    place.write("b", "b");
    let mut lines = place.local(&["add", "a", "b"]).ok();
    for count in [2, 0, 1] {
        if count == 1 {
            lines = place.local(&["add", "a"]).ok();
        }
        let input: String = lines.split_inclusive('\n').take(count).collect();
        let input = std::fs::File::open(place.write("ids", input)).unwrap();
        let (mut command, _served) = place.local_command(&["rm", "-", "--json"]);
        let documents = crate::fixture::Ran::of(command.stdin(input)).json();
        assert_eq!(documents.as_array().map(Vec::len), Some(count));
    }
}

#[test]
fn bad_input_is_refused_before_anything_is_asked() {
    let place = Place::new();
    // Nothing listens there: a request would fail differently.
    let nowhere = [
        "--endpoint",
        "http://127.0.0.1:1/api/pinning",
        "--api-key",
        "K",
    ];
    let run = |args: &[&str]| place.run(&[&nowhere[..], &["--secret-key", "S"], args].concat());
    for args in [
        &["get", ".."][..],
        &["get", ""],
        &["rm", "pins"],
        &["wait", "."],
        &["add-cid", "Qm"],
        &["ls", "--limit", "0"],
        &["ls", "--order", "up"],
        &["add"],
        &["cid"],
        &["nonsense"],
        &["wait", "x", "--timeout", "soon"],
        &["add", "x", "--verify", "maybe"],
    ] {
        let ran = run(args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains("error:"), "{args:?}: {ran:?}");
    }
    assert_eq!(
        place
            .run(&[
                "ls",
                "--endpoint",
                "http://example.com/api/pinning",
                "--api-key",
                "K",
                "--secret-key",
                "S"
            ])
            .code,
        2
    );
    assert_eq!(place.run(&["ls", "--api-key", "K"]).code, 2);
    assert_eq!(
        place.run(&["ls", "--local", "--endpoint", "aiozpin"]).code,
        2
    );
    place
        .run(&["ls", "--api-key", "a key", "--secret-key", "S"])
        .fails(3);
}

#[test]
fn a_server_that_is_not_there_is_told_with_the_next_step() {
    let place = Place::new();
    let endpoint = format!("http://{NOBODY}/api/pinning");
    let keys = [
        "--endpoint",
        &endpoint,
        "--api-key",
        "K",
        "--secret-key",
        "S",
        "check",
    ];
    let said = place.run(&keys).fails(1);
    assert!(
        said.contains("can't be reached") && said.contains("hint:"),
        "{said}"
    );
}

#[test]
fn every_shell_gets_its_completions() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.run(&["completions", shell]).ok();
        assert!(script.contains("add-cid"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn bash_completes_commands_options_and_values() {
    let place = Place::new();
    let script = place.run(&["completions", "bash"]).ok();
    place.write("w3pin.bash", script);
    for (words, expected) in [
        ("w3pin ver", "verify"),
        ("w3pin add --dry", "--dry-run"),
        ("w3pin add --symlinks f", "follow"),
        ("w3pin --color nev", "never"),
        ("w3pin ls --api-key-f", "--api-key-file"),
    ] {
        let complete = format!(
            "source ./w3pin.bash; COMP_WORDS=({words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 )); \
             _w3pin w3pin \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        let mut bash = std::process::Command::new("bash");
        bash.args(["-c", &complete]).current_dir(place.path());
        let completed = crate::fixture::Ran::of(&mut bash).ok();
        assert_eq!(completed.trim(), expected, "{words}");
    }
}

#[test]
fn help_names_the_exit_codes_and_version_the_version() {
    let place = Place::new();
    let help = place.run(&["--help"]).ok();
    assert!(help.contains("130  interrupted"), "{help}");
    let serve = place.run(&["serve", "--help"]).ok();
    assert!(serve.contains("USER:PASSWORD@"), "{serve}");
    assert_eq!(
        place.run(&["--version"]).ok(),
        format!("w3pin {}\n", env!("CARGO_PKG_VERSION"))
    );
}
