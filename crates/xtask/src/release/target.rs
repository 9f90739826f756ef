//! The platforms of a release.

use std::path::Path;

use crate::run::read;

/// The oldest supported glibc.
pub(crate) const GLIBC: &str = "2.17";

pub(crate) struct Target {
    /// The target triple.
    pub(crate) triple: &'static str,
    /// Its name in npm.
    pub(crate) npm: &'static str,
    /// Its name in JNA, if the jar has a library for it.
    pub(crate) jna: Option<&'static str>,
    /// The tag of its wheel, if the tag is chosen.
    pub(crate) wheel: Option<&'static str>,
}

pub(crate) const ALL: &[Target] = &[
    Target {
        triple: "x86_64-unknown-linux-gnu",
        npm: "linux-x64-gnu",
        jna: Some("linux-x86-64"),
        wheel: Some("manylinux2014"),
    },
    Target {
        triple: "aarch64-unknown-linux-gnu",
        npm: "linux-arm64-gnu",
        jna: Some("linux-aarch64"),
        wheel: Some("manylinux2014"),
    },
    Target {
        triple: "x86_64-unknown-linux-musl",
        npm: "linux-x64-musl",
        jna: None,
        wheel: Some("musllinux_1_2"),
    },
    Target {
        triple: "aarch64-unknown-linux-musl",
        npm: "linux-arm64-musl",
        jna: None,
        wheel: Some("musllinux_1_2"),
    },
    Target {
        triple: "x86_64-apple-darwin",
        npm: "darwin-x64",
        jna: Some("darwin-x86-64"),
        wheel: None,
    },
    Target {
        triple: "aarch64-apple-darwin",
        npm: "darwin-arm64",
        jna: Some("darwin-aarch64"),
        wheel: None,
    },
    Target {
        triple: "x86_64-pc-windows-msvc",
        npm: "win32-x64-msvc",
        jna: Some("win32-x86-64"),
        wheel: None,
    },
    Target {
        triple: "aarch64-pc-windows-msvc",
        npm: "win32-arm64-msvc",
        jna: Some("win32-aarch64"),
        wheel: None,
    },
];

pub(crate) fn named(triple: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.triple == triple)
}

impl Target {
    pub(crate) fn is_linux(&self) -> bool {
        self.triple.contains("-linux-")
    }

    pub(crate) fn is_musl(&self) -> bool {
        self.triple.ends_with("-musl")
    }

    pub(crate) fn is_windows(&self) -> bool {
        self.triple.contains("-windows-")
    }

    /// Returns whether this machine can run its programs.
    pub(crate) fn runs_here(&self) -> bool {
        self.triple.starts_with(std::env::consts::ARCH)
            && match std::env::consts::OS {
                "linux" => self.is_linux() && (!self.is_musl() || cfg!(target_arch = "x86_64")),
                "macos" => self.triple.ends_with("-darwin"),
                _ => self.is_windows(),
            }
    }

    /// Returns why this machine can't build for it.
    pub(crate) fn obstacle(&self) -> Option<String> {
        let linux = cfg!(target_os = "linux");
        if self.is_linux() != linux && !self.runs_here() {
            return Some("it is built on a machine of its own".to_owned());
        }
        let folder = read(&format!(
            "rustc --print target-libdir --target {}",
            self.triple
        ));
        match folder {
            Ok(folder) if Path::new(folder.trim()).exists() => None,
            _ => Some("the compiler has no standard library for it".to_owned()),
        }
    }

    /// Returns the file name of a program.
    pub(crate) fn program(&self, name: &str) -> String {
        if self.is_windows() {
            format!("{name}.exe")
        } else {
            name.to_owned()
        }
    }

    /// Returns the file name of a shared library.
    pub(crate) fn library(&self, name: &str) -> String {
        if self.is_windows() {
            format!("{name}.dll")
        } else if self.triple.ends_with("-darwin") {
            format!("lib{name}.dylib")
        } else {
            format!("lib{name}.so")
        }
    }
}
