//! Tests that CIDs of files equal those of their bytes.

use std::fs;

use w3pin::{CidOptions, Content, Profile, compute_cid};

use crate::server::content;

#[test]
fn a_file_has_the_cid_of_its_bytes_whatever_its_length() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let block = 2 * 1024 * 1024;
    for length in [0, 1, block - 1, block, block + 1, 2 * block, 7 * block + 3] {
        let bytes = content(length);
        fs::write(&path, &bytes).unwrap();
        // A size that isn't a multiple of any usual chunk size.
        let odd = Profile::custom().chunk_size(300_001).build().unwrap();
        for profile in Profile::known().into_iter().chain([odd]) {
            let options = CidOptions::new().profile(profile);
            assert_eq!(
                compute_cid(&path, &options).unwrap(),
                compute_cid(Content::bytes(bytes.clone()), &options).unwrap(),
                "{length} bytes under {profile}"
            );
        }
    }
}

/// The files there report no length, but have content.
#[cfg(target_os = "linux")]
#[test]
fn a_file_is_read_to_its_end_and_not_to_its_length() {
    let path = "/proc/filesystems";
    let bytes = fs::read(path).unwrap();
    assert!(bytes.len() > 1);
    assert_eq!(
        compute_cid(path, &CidOptions::new()).unwrap(),
        compute_cid(Content::bytes(bytes), &CidOptions::new()).unwrap()
    );
}
