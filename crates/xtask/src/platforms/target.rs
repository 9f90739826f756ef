//! The platforms.

use super::{Debian, Outcome, checked, linux, python, windows};
use crate::Result;

pub(crate) struct Target {
    pub(crate) name: &'static str,
    /// The target triple.
    pub(crate) triple: &'static str,
    /// Builds for it and runs what can be run.
    pub(crate) prove: fn(&Debian, &mut Outcome) -> Result,
}

pub(crate) const TARGETS: &[Target] = &[
    Target {
        name: "linux-gnu-x64",
        triple: "x86_64-unknown-linux-gnu",
        prove: linux::gnu_x64,
    },
    Target {
        name: "linux-gnu-arm64",
        triple: "aarch64-unknown-linux-gnu",
        prove: linux::gnu_arm64,
    },
    Target {
        name: "linux-musl-x64",
        triple: "x86_64-unknown-linux-musl",
        prove: linux::musl_x64,
    },
    Target {
        name: "linux-musl-arm64",
        triple: "aarch64-unknown-linux-musl",
        prove: linux::musl_arm64,
    },
    Target {
        name: "windows-x64",
        triple: "x86_64-pc-windows-gnu",
        prove: windows::x64,
    },
    Target {
        name: "macos-arm64",
        triple: "aarch64-apple-darwin",
        prove: checked::macos_arm64,
    },
    Target {
        name: "macos-x64",
        triple: "x86_64-apple-darwin",
        prove: checked::macos_x64,
    },
    Target {
        name: "android",
        triple: "aarch64-linux-android",
        prove: checked::android,
    },
    Target {
        name: "ios",
        triple: "aarch64-apple-ios",
        prove: checked::ios,
    },
    Target {
        name: "python-free-threaded",
        triple: "x86_64-unknown-linux-gnu",
        prove: python::free_threaded,
    },
];

pub(crate) fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
