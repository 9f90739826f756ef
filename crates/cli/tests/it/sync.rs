//! Tests of `w3pin sync`.

use serde_json::Value;

use crate::fixture::{Place, Ran};

fn sync(place: &Place, more: &[&str]) -> Ran {
    place.local(&[&["sync", "site", "--name", "site"], more].concat())
}

fn json(place: &Place, more: &[&str]) -> Value {
    let ran = sync(place, &[&["--json"], more].concat());
    serde_json::from_str(&ran.ok()).unwrap()
}

fn pins(place: &Place) -> Vec<Value> {
    let listed = place
        .local(&["ls", "--pinned", "--json", "--limit", "100"])
        .ok();
    serde_json::from_str::<Value>(&listed).unwrap()["pins"]
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn a_folder_is_sent_when_it_has_changed_and_old_deploys_go() {
    let place = Place::new();
    place.write("site/index.html", "one");
    let first = json(&place, &["--keep", "2"]);
    assert_eq!(first["outcome"], "pinned");
    let cid = place.run(&["cid", "site"]).ok();
    let cid = cid.split_whitespace().next().unwrap();
    assert_eq!(first["cid"], cid);
    assert_eq!(first["dnslink"], format!("dnslink=/ipfs/{cid}"));
    assert!(
        first["contenthash"]
            .as_str()
            .unwrap()
            .starts_with("0xe3010170")
    );
    assert_eq!(first["pin"]["keyvalues"]["w3pin.sync"], "site");

    let again = json(&place, &["--keep", "2"]);
    assert_eq!(
        (&again["outcome"], &again["pin"]["id"]),
        (&"unchanged".into(), &first["pin"]["id"])
    );

    let mut ids = vec![first["pin"]["id"].clone()];
    for content in ["two", "three"] {
        place.write("site/index.html", content);
        ids.push(json(&place, &["--keep", "2"])["pin"]["id"].clone());
    }
    let left: Vec<_> = pins(&place).iter().map(|pin| pin["id"].clone()).collect();
    assert_eq!(left, [ids[2].clone(), ids[1].clone()]);

    // Restored content becomes the newest again, though the server doesn't pin content twice.
    place.write("site/index.html", "two");
    let back = json(&place, &["--keep", "2"]);
    assert_eq!(back["outcome"], "pinned");
    assert_eq!(json(&place, &[])["outcome"], "unchanged");
    assert_eq!(pins(&place).len(), 2);
}

#[test]
fn pins_of_others_stay() {
    let place = Place::new();
    place.write("site/index.html", "one");
    place.write("mine.txt", "mine");
    let mine = place.local(&[
        "add",
        "mine.txt",
        "--name",
        "site",
        "--meta",
        "w3pin.sync=else",
    ]);
    let mine = mine.ok().split('\t').next().unwrap().to_owned();
    for content in ["one", "two"] {
        place.write("site/index.html", content);
        json(&place, &["--keep", "1"]);
    }
    let pins = pins(&place);
    assert_eq!(pins.len(), 2);
    assert!(pins.iter().any(|pin| pin["id"] == mine.as_str()));
}

#[test]
fn a_dry_run_tells_and_changes_nothing() {
    let place = Place::new();
    place.write("site/index.html", "one");
    let told = json(&place, &["--dry-run"]);
    assert_eq!(
        (&told["outcome"], &told["pin"]),
        (&"pinned".into(), &Value::Null)
    );
    assert!(pins(&place).is_empty());
    let first = json(&place, &[]);
    place.write("site/index.html", "two");
    let told = json(&place, &["--dry-run", "--keep", "1"]);
    assert_eq!(
        told["removed"],
        Value::Array(vec![first["pin"]["id"].clone()])
    );
    assert_eq!(pins(&place).len(), 1);
}

#[test]
fn a_gateway_must_serve_the_deploy_before_anything_is_removed() {
    let place = Place::new();
    let served = place.serve(&["--api-key", "key", "--secret-key", "secret"]);
    let run = |more: &[&str]| {
        let flags = [
            "--endpoint",
            served.endpoint(),
            "--api-key",
            "key",
            "--secret-key",
            "secret",
        ];
        let sync = ["sync", "site", "--name", "site", "--keep", "1", "--json"];
        place.run(&[&sync[..], &flags, more].concat())
    };
    place.write("site/index.html", "one");
    place.write("site/large.bin", vec![7; 600_000]);
    let first: Value = serde_json::from_str(&run(&[]).ok()).unwrap();
    place.write("site/index.html", "two");

    let failed = run(&[
        "--check-gateway",
        "http://127.0.0.1:9",
        "--timeout",
        "0s",
        "--retries",
        "0",
    ]);
    assert_ne!(failed.code, 0);
    assert!(
        failed.err.contains("older deploys aren't removed"),
        "{}",
        failed.err
    );
    let root = served.endpoint().split("/api").next().unwrap();
    let second: Value = serde_json::from_str(&run(&["--check-gateway", root]).ok()).unwrap();
    assert_eq!(second["outcome"], "unchanged");
    assert_eq!(
        second["removed"],
        Value::Array(vec![first["pin"]["id"].clone()])
    );
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let place = Place::new();
    place.write("site/index.html", "one");
    place.write("file.txt", "file");
    for (args, part) in [
        (&["sync", "site"][..], "--name"),
        (&["sync", "site", "--name", ""], "name"),
        (&["sync", "site", "--name", "n", "--keep", "0"], "--keep"),
        (&["sync", "site", "--name", "n", "--keep", "-1"], "--keep"),
        (&["sync", "file.txt", "--name", "n"], "folder"),
        (&["sync", "gone", "--name", "n"], "no such file"),
        (
            &["sync", "site", "--name", "n", "--meta", "w3pin.cid=x"],
            "w3pin.cid",
        ),
        (
            &["sync", "site", "--name", "n", "--check-gateway", "ftp://x"],
            "gateway",
        ),
    ] {
        let ran = place.local(args);
        assert_ne!(ran.code, 0, "{args:?}");
        assert!(ran.err.contains(part), "{args:?}: {}", ran.err);
    }
    assert!(pins(&place).is_empty());
}

/// The value of `key: value`, or the lines below `key: |`, at this depth of a YAML document.
fn yaml(text: &str, key: &str) -> Option<String> {
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let line = line.trim_start();
        let Some(value) = line.strip_prefix(key).and_then(|it| it.strip_prefix(':')) else {
            continue;
        };
        let value = value.trim();
        if value != "|" {
            return Some(value.trim_matches('"').to_owned());
        }
        let depth = |line: &str| line.len() - line.trim_start().len();
        let indent = lines.peek().map_or(0, |line| depth(line));
        let block = lines.take_while(|line| line.is_empty() || depth(line) >= indent);
        return Some(
            block
                .map(|line| format!("{}\n", line.get(indent..).unwrap_or("")))
                .collect(),
        );
    }
    None
}

/// Runs the action's steps as a GitHub runner would.
#[cfg(unix)]
#[test]
fn the_action_syncs_and_gives_its_outputs() {
    let action = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../action.yml");
    let action = std::fs::read_to_string(action).unwrap();
    let (head, steps) = action.split_once("  steps:\n").unwrap();
    let steps: Vec<&str> = steps.split("    - name: ").skip(1).collect();
    assert_eq!(steps.len(), 2);
    for step in &steps {
        assert_eq!(yaml(step, "shell").as_deref(), Some("bash"));
        let script = yaml(step, "run").unwrap();
        assert!(
            !script.contains("${{"),
            "inputs reach a script by its environment alone"
        );
    }

    let place = Place::new();
    let served = place.serve(&["--api-key", "key", "--secret-key", "secret"]);
    let folder = "-a folder $(touch hacked) `touch hacked`; touch hacked";
    place.write(&format!("{folder}/index.html"), "one");
    let root = served.endpoint().split("/api").next().unwrap().to_owned();
    let given = |input: &str| match input {
        "path" => folder.to_owned(),
        "name" => "--n\"'; touch hacked $(touch hacked)".to_owned(),
        "check-gateway" => format!("\n{root}\n\n"),
        "endpoint" => served.endpoint().to_owned(),
        "api-key" => "key".to_owned(),
        "secret-key" => "secret".to_owned(),
        other => yaml(
            head.split_once(&format!("  {other}:\n")).unwrap().1,
            "default",
        )
        .unwrap(),
    };
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_w3pin"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let run = || {
        let output = place.path().join("output");
        std::fs::write(&output, "").unwrap();
        for step in &steps {
            let script = place.write("step.sh", yaml(step, "run").unwrap());
            let mut command = std::process::Command::new("bash");
            command
                .args(["--noprofile", "--norc", "-eo", "pipefail"])
                .arg(script)
                .current_dir(place.path())
                .env("PATH", &path)
                .env("HOME", place.path())
                .env("GITHUB_OUTPUT", &output)
                .env("GITHUB_ACTION_PATH", workspace);
            for line in step.lines().map(str::trim) {
                if let Some((name, value)) = line.split_once(": ${{ inputs.") {
                    command.env(name, given(value.trim_end_matches(" }}")));
                }
            }
            Ran::of(&mut command).ok();
        }
        std::fs::read_to_string(output).unwrap()
    };
    let first = run();
    let (_, outputs) = head.split_once("outputs:\n").unwrap();
    let mut names = 0;
    for line in outputs
        .lines()
        .filter_map(|line| line.split_once("steps.sync.outputs."))
    {
        let name = line.1.trim_end_matches(" }}");
        assert!(first.contains(&format!("{name}=")), "{name}: {first}");
        names += 1;
    }
    assert_eq!(first.lines().count(), names, "{first}");
    assert!(first.contains("unchanged=false\n"), "{first}");
    assert!(first.contains("dnslink=dnslink=/ipfs/bafy"), "{first}");
    assert_eq!(run(), first.replace("unchanged=false", "unchanged=true"));
    assert!(!place.path().join("hacked").exists());
}
