//! Tests that a folder in memory equals the same folder on disk.

use std::fs;

use w3pin::{
    CidOptions, Content, ErrorKind, PinOptions, VerifyOptions, WalkOptions, compute_cid,
    preview_upload, verify,
};

const FILES: [(&str, &str); 10] = [
    (".env", "SECRET=1"),
    (".gitignore", "*.log\n/build\n!kept.log\n"),
    (".well-known/did.json", "{}"),
    ("a.map", "m"),
    ("build/out", "o"),
    ("index.html", "<p>"),
    ("kept.log", "k"),
    ("src/.gitignore", "generated\n!a.log"),
    ("src/a.log", "a"),
    ("src/generated/x", "x"),
];

fn walks() -> Vec<WalkOptions> {
    let mut walks = Vec::new();
    for hidden in [false, true] {
        for gitignore in [false, true] {
            let walk = WalkOptions::new().hidden(hidden).gitignore(gitignore);
            walks.extend([
                walk.clone(),
                walk.clone().exclude("*.map").exclude("/src"),
                walk.clone().exclude("src/*.log").exclude("build/"),
                walk.clone().include("*.html").include("/src/**"),
                walk.clone().include("*").exclude(".env"),
                walk.include("x"),
            ]);
        }
    }
    walks
}

#[test]
fn the_same_options_leave_the_same_files() {
    let disk = tempfile::tempdir().unwrap();
    let root = disk.path().join("site");
    for (path, content) in FILES {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    for walk in walks() {
        let upload = PinOptions::new().name("site").walk(walk.clone());
        let on_disk = preview_upload(root.as_path(), &upload).map_err(|error| error.kind());
        let in_memory =
            preview_upload(Content::files(FILES), &upload).map_err(|error| error.kind());
        assert_eq!(on_disk, in_memory, "{walk:?}");

        let mut options = CidOptions::new().walk(walk.clone());
        options.empty_folders = false;
        let on_disk = compute_cid(root.as_path(), &options).unwrap();
        let in_memory = compute_cid(Content::files(FILES), &options).unwrap();
        assert_eq!(on_disk.cid, in_memory.cid, "{walk:?}");
    }
}

#[test]
fn a_folder_of_which_nothing_is_left_is_refused() {
    let all = PinOptions::new().walk(WalkOptions::new().exclude("*"));
    let error = preview_upload(Content::files(FILES), &all).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("excluded"), "{error}");
    let empty = preview_upload(Content::files([("a", "")]), &PinOptions::new()).unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_path_below_a_file_is_refused_by_all() {
    let both = || Content::files([("a", "x"), ("a/b", "not there")]);
    let whole = compute_cid(Content::files([("a", "x")]), &CidOptions::new()).unwrap();
    let errors = [
        compute_cid(both(), &CidOptions::new()).unwrap_err(),
        preview_upload(both(), &PinOptions::new()).unwrap_err(),
        verify(both(), &whole.cid, VerifyOptions::new())
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("is a file"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_gitignore_that_cannot_be_read_is_no_reason_to_send_what_it_names() {
    let disk = tempfile::tempdir().unwrap();
    let gitignore = disk.path().join(".gitignore");
    fs::write(disk.path().join("secret"), "s").unwrap();
    fs::write(disk.path().join("elsewhere"), "secret").unwrap();
    let options = PinOptions::new().walk(WalkOptions::new().gitignore(true));
    let refused = || {
        let error = preview_upload(disk.path(), &options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::LocalIo, "{error}");
        assert_eq!(error.path(), gitignore.to_str());
        fs::remove_file(&gitignore).unwrap();
    };

    std::os::unix::fs::symlink("elsewhere", &gitignore).unwrap();
    refused();
    std::os::unix::fs::symlink("/dev/zero", &gitignore).unwrap();
    refused();
    let made = std::process::Command::new("mkfifo")
        .arg(&gitignore)
        .status();
    assert!(made.unwrap().success());
    refused();
    fs::write(&gitignore, "x\n".repeat(1 << 20)).unwrap();
    refused();

    fs::create_dir(&gitignore).unwrap();
    assert_eq!(
        preview_upload(disk.path(), &options).unwrap().files.len(),
        2
    );
}
