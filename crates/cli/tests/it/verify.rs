use crate::fixture::Place;

#[test]
fn a_pin_is_proved_by_its_cid_or_its_id() {
    let place = Place::new();
    place.write("site/a", "a".repeat(700_000));
    place.write("site/sub/b", "b");
    let served = place.serve(&["--profile", "unixfs-v1-2025"]);
    let pin = place.run(&served.flags(&["add", "site", "--json"])).json();
    let (cid, id) = (pin["cid"].as_str().unwrap(), pin["id"].as_str().unwrap());
    let json = place
        .run(&served.flags(&["verify", "site", id, "--json"]))
        .json();
    assert_eq!(
        (&json["verified"], &json["cid"]),
        (&true.into(), &pin["cid"])
    );
    assert_eq!(
        (json["files"].as_u64(), json["bytes"].as_u64()),
        (Some(2), Some(700_001))
    );

    // Proving a CID needs no account.
    let out = place
        .run(&["verify", "site", cid, "--gateway", served.gateway()])
        .ok();
    assert_eq!(out, format!("{cid}\tsite\n"));

    place.write("site/sub/b", "c");
    let said = place.run(&served.flags(&["verify", "site", cid])).fails(5);
    assert!(said.contains("site/sub/b differs at byte 0"), "{said}");
    assert!(!said.contains("w3pin verify"), "it has just run: {said}");
    let unknown = place
        .run(&served.flags(&["verify", "site", "no-such-pin"]))
        .fails(4);
    assert!(unknown.contains("hint:"), "{unknown}");
}

#[test]
fn a_local_server_is_its_own_gateway() {
    let place = Place::new();
    place.write("big", "0123456789".repeat(30_000));
    let pin = place.local(&["add", "big", "--json"]).json();
    place
        .local(&["verify", "big", pin["cid"].as_str().unwrap()])
        .ok();
    place
        .local(&["verify", "big", pin["id"].as_str().unwrap()])
        .ok();
}
