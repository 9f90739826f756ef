use serde_json::json;

use crate::fixture::Place;

#[test]
fn a_data_folder_moves_by_files() {
    let place = Place::new();
    place.write("site/index.html", "<h1>hello</h1>");
    let served = place.serve(&["--data", "old"]);
    let pin = place.run(&served.flags(&["add", "site", "--json"])).json();
    let id = pin["id"].as_str().unwrap();
    let flags = served.flags(&[]);
    let keys = [flags[2], flags[3], flags[4], flags[5]].map(str::to_owned);
    let backend = served.said["backend"].as_str().unwrap().to_owned();
    // A server running meanwhile would write data that the export misses.
    let busy = ["export", "moved", "--data", "old", "--backend", &backend];
    let said = place.run(&busy).fails(1);
    assert!(said.contains("hint: stop the server"), "{said}");
    drop(served);

    let counts = json!({"accounts": 1, "pins": 1, "contents": 1, "skipped": []});
    let exported = place.run(&[&busy[..], &["--json"]].concat()).json();
    assert_eq!(exported, counts);
    let import = ["import", "moved", "--data", "new", "--backend", &backend];
    let said = place.run(&import).ok();
    assert_eq!(said, "imported 1 accounts, 1 pins, 1 contents: moved\n");
    let served = place.serve(&["--data", "new"]);
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let get = [
        &["--endpoint", served.endpoint(), "get", id, "--json"],
        &keys[..],
    ]
    .concat();
    let moved = place.run(&get).json();
    assert_eq!(
        (&moved["cid"], &moved["status"]),
        (&pin["cid"], &json!("DONE"))
    );
}

#[test]
fn a_backend_that_can_not_be_is_refused() {
    let place = Place::new();
    for backend in [
        "kubo",
        "kubo=127.0.0.1:5001",
        "kubo=https://127.0.0.1:5001",
        "kubo=http://127.0.0.1:5001/api/v0",
        "cluster=http://user:word@elsewhere:9094",
    ] {
        let refused = place.run(&["serve", "--backend", backend]);
        assert_eq!(refused.code, 2, "{refused:?}");
    }
    let refused = place.run(&["serve", "--replication", "2"]).fails(2);
    assert!(
        refused.contains("only be set with cluster=URL"),
        "{refused}"
    );
    assert!(refused.contains("leave out --ipfs"), "{refused}");
    let cluster = ["serve", "--backend", "cluster=http://127.0.0.1:9"];
    let profile = ["--profile", "unixfs-v1-2025"];
    let refused = place.run(&[&cluster[..], &profile].concat()).fails(1);
    assert!(refused.contains("--profile"), "{refused}");
}
