//! The package for Debian and Ubuntu.

use std::{path::Path, process::Command};

use super::{
    Release,
    layout::{copy, remove, write},
    target::{self, GLIBC},
    tools::{read, run},
};
use crate::{
    Result,
    run::{has, root},
    versions::VERSION,
};

const PROCESSORS: [(&str, &str); 2] = [
    ("x86_64-unknown-linux-gnu", "amd64"),
    ("aarch64-unknown-linux-gnu", "arm64"),
];

pub(crate) fn pack(release: &mut Release, completions: &Path, folder: &Path) -> Result {
    for (triple, processor) in PROCESSORS {
        let program = release.layout.built(triple).join("w3pin");
        if !program.exists() {
            continue;
        }
        if !has("dpkg-deb --version") {
            release
                .table
                .lacks("the package for Debian", "there is no dpkg-deb");
            return Ok(());
        }
        let staging = root().join("target/release-tools/deb");
        remove(&staging)?;
        copy(&program, &staging.join("usr/bin/w3pin"))?;
        for (file, path) in [
            ("w3pin.bash", "bash-completion/completions/w3pin"),
            ("_w3pin", "zsh/vendor-completions/_w3pin"),
            ("w3pin.fish", "fish/vendor_completions.d/w3pin.fish"),
        ] {
            copy(
                &completions.join(file),
                &staging.join("usr/share").join(path),
            )?;
        }
        copy(
            &root().join("LICENSE"),
            &staging.join("usr/share/doc/w3pin/copyright"),
        )?;
        write(&staging.join("DEBIAN/control"), control(processor))?;
        let path = folder.join(format!("w3pin_{VERSION}_{processor}.deb"));
        run(Command::new("chmod")
            .args(["-R", "u=rwX,go=rX"])
            .arg(&staging))?;
        run(Command::new("dpkg-deb")
            .args(["--root-owner-group", "-Zxz", "--build"])
            .args([&staging, &path]))?;

        let mut checks = "dpkg-deb --info".to_owned();
        read(Command::new("dpkg-deb").arg("--info").arg(&path))?;
        if target::named(triple).is_some_and(target::Target::runs_here) {
            let unpacked = staging.with_extension("unpacked");
            remove(&unpacked)?;
            run(Command::new("dpkg-deb")
                .arg("--extract")
                .args([&path, &unpacked]))?;
            read(Command::new(unpacked.join("usr/bin/w3pin")).arg("--version"))?;
            checks += ", unpacked, --version";
        }
        release.table.has(&path, 20, &checks)?;
    }
    Ok(())
}

fn control(processor: &str) -> String {
    format!(
        "Package: w3pin\n\
         Version: {VERSION}\n\
         Architecture: {processor}\n\
         Maintainer: The w3pin developers <w3pin@users.noreply.github.com>\n\
         Depends: libc6 (>= {GLIBC})\n\
         Recommends: ca-certificates\n\
         Section: net\n\
         Priority: optional\n\
         Homepage: https://github.com/w3pin/w3pin\n\
         Description: pin content to IPFS and prove what was pinned\n \
         w3pin pins files, folders and CIDs through W3IPFS (AIOZ Pin), proves what was\n \
         pinned, reads it back with proof, and serves the same API from this machine.\n"
    )
}
