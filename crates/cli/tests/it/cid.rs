use crate::fixture::{Place, link, shown};

#[test]
fn every_profile_gives_its_own_root_without_a_network() {
    let place = Place::new();
    place.write("big", "0123456789".repeat(30_000));
    for (profile, cid) in [
        (
            "kubo-cidv1-legacy",
            "bafybeif3ikuoxxrue5wmigra6kinaxdhw23e2sxj7esrriilzfownoklty",
        ),
        (
            "unixfs-v1-2025",
            "bafkreierymcojwxnc3i2yb2im7b2pnvsl4itnbecfo44wxnsknopnmq4rq",
        ),
        (
            "unixfs-v0-2015",
            "QmS9aXUQ5PNwsDBGKy2XgwioEZvASMzPk54fuvFBqVPKkf",
        ),
    ] {
        let out = place.run(&["cid", "big", "--profile", profile]).ok();
        assert_eq!(out, format!("{cid}\tbig\n"));
        let json = place
            .run(&["cid", "big", "--profile", profile, "--json"])
            .json();
        assert_eq!(
            (json["cid"].as_str(), json["size"].as_u64()),
            (Some(cid), Some(300_000))
        );
    }
    let custom = "custom(chunk=262144,width=174,leaves=raw,cid=1)";
    let out = place.run(&["cid", "big", "--profile", custom]).ok();
    assert!(out.starts_with("bafybeif3ikuoxxrue5wmigra6kinaxdhw23e2sxj7esrriilzfownoklty"));
    let unknown = place.run(&["cid", "big", "--profile", "newest"]);
    assert_eq!(unknown.code, 2);
}

#[test]
fn a_folder_s_root_counts_empty_folders_and_links_unless_told_otherwise() {
    let place = Place::new();
    place.write("docs/i", "x\n");
    std::fs::create_dir(place.path().join("docs/e")).unwrap();
    link("i", place.path().join("docs/l"));
    for (links, cid) in [
        (
            "preserve",
            "bafybeid36epxeo7n5e6zl6r5wymsk5eu3jmuwfkecrtnuvhfxv2sqo6hum",
        ),
        (
            "skip",
            "bafybeidyg4xrltkskqoqqvgta23m3ifrjro3i57kztiiloagixpcmpexde",
        ),
        (
            "follow",
            "bafybeidb5a57gu2w2q7sxxnvmhaj667fozjkbakmv4aqspuyxbnkj4cl5a",
        ),
    ] {
        let out = place.run(&["cid", "docs", "--symlinks", links]).ok();
        assert_eq!(out, format!("{cid}\tdocs\n"), "{links}");
    }
    let refused = place.run(&["cid", "docs", "--symlinks", "refuse"]).fails(2);
    assert!(refused.contains(&shown("docs/l")), "{refused}");
    let several = place.run(&["cid", "docs", "gone", "--json"]);
    assert_eq!(several.code, 1);
    assert!(
        several.out.contains("\"kind\":\"local_io\""),
        "{}",
        several.out
    );
}
