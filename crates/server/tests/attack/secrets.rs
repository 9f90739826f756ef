use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use crate::frame::{ALICE, Figures, HERE, MALLORY, Served, connect_from, file, upload};

#[test]
#[ignore = "attacks"]
fn nobody_else_sees_keys() {
    let server = Served::start();
    let mut stream = connect_from(HERE, server.address()).unwrap();
    let reply = upload(&mut stream, ALICE, &file("a", b"private")).unwrap();
    assert_eq!(reply.status, 201);
    let mut readable = Vec::new();
    let mut folders = vec![server.data()];
    while let Some(folder) = folders.pop() {
        let mode = fs::metadata(&folder).unwrap().permissions().mode();
        if mode & 0o077 == 0 {
            continue;
        }
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::metadata(&path).unwrap().permissions().mode() & 0o044 != 0 {
                readable.push(path);
            }
        }
    }
    assert!(readable.is_empty(), "{readable:?}");
    let command = std::env::var("W3PIN_ATTACK_COMMAND").unwrap();
    for backend in ["kubo=http://me:hush@[", "nothing=http://me:hush@127.0.0.1"] {
        let ran = Command::new(&command)
            .args(["serve", "--data", "never-made"])
            .env("W3PIN_BACKEND", backend)
            .output()
            .unwrap();
        let said = [ran.stdout, ran.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!ran.status.success() && !said.contains("hush"), "{said}");
    }
    for keys in [ALICE, MALLORY] {
        assert!(!server.arguments().contains(keys.api_key));
    }
    Figures::of("files, arguments and messages that others see")
        .keys(&server)
        .print();
}
