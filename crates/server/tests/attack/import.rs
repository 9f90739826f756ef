//! Attacks with forged exports.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use w3pin_server::ServerConfig;

use crate::{
    attack::Attack,
    fixture::{ALICE, TestServer, noise, text},
};

#[test]
fn an_export_that_means_harm() {
    let mut attack = Attack::begin("hostile import");
    let id = attack.upload("mine", &noise(1, 100_000)).unwrap();
    let mine = attack
        .call("GET", Some(ALICE), &format!("/api/pinning/{id}"), "")
        .data();
    let runtime = tokio::runtime::Runtime::new().unwrap();

    let files = TempDir::new().unwrap();
    let mut from = TestServer::embedded(|_| {});
    from.pin("theirs", &noise(2, 100_000));
    from.stop();
    let config = ServerConfig::new(from.data());
    runtime
        .block_on(w3pin_server::export(&config, files.path()))
        .unwrap();
    let path = files.path().join("records.jsonl");
    let lines = fs::read_to_string(&path).unwrap();
    let account: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    let mut pin: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();

    attack.kill();
    let config = ServerConfig::new(attack.data());
    let import = |lines: String| {
        fs::write(&path, lines).unwrap();
        runtime.block_on(w3pin_server::import(&config, files.path()))
    };
    let mut stranger = account.clone();
    stranger["account"]["id"] = mine["user_id"].clone();
    stranger["account"]["api_key"] = "stranger".into();
    pin["pin"]["account"] = mine["user_id"].clone();
    import(format!("{stranger}\n{pin}")).unwrap();
    let long = "x".repeat(64 << 20);
    for line in [
        json!({"account": {"api_key": long}}).to_string(),
        "[".repeat(1 << 20),
        "{}".to_owned(),
        pin.to_string(),
    ] {
        import(line).unwrap_err();
    }
    attack.start();
    let list = attack
        .call("GET", Some(ALICE), "/api/pinning/pins", "")
        .data();
    assert_eq!(
        list["totals"]["files"], 1,
        "nobody has got into her account: {list}"
    );
    assert_eq!(text(&list["pins"][0]["id"]), id);
    attack.finish();
}
