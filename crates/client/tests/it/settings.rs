//! Tests of invalid settings.

use std::fs;

use w3pin::{Client, ConfigFile, Credentials, ErrorKind};

#[test]
fn a_proxy_and_none_exclude_each_other() {
    let client = Client::builder()
        .credentials(Credentials::new("key", "secret").unwrap())
        .proxy("http://proxy:3128")
        .no_proxy()
        .build();
    let error = client.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(error.field(), Some("no_proxy"));
}

#[test]
fn a_key_that_is_no_text_is_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    for text in [
        "api_key = 1234567890123",
        "# ours\n\nsecret_key = 1234567890123",
        "secret_key = [1234567890123]",
    ] {
        fs::write(&path, text).unwrap();
        let error = ConfigFile::at(&path).read().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("1234567890123"), "{shown}");
        let line = text.lines().count();
        assert!(shown.contains(&format!("line {line} ")), "{shown}");
    }
}
