//! The formula for Homebrew.

use std::path::Path;

use super::command::sha256;
use crate::{Result, versions::VERSION};

const PLATFORMS: [(&str, &str, &str); 4] = [
    ("macos", "arm", "aarch64-apple-darwin"),
    ("macos", "intel", "x86_64-apple-darwin"),
    ("linux", "arm", "aarch64-unknown-linux-musl"),
    ("linux", "intel", "x86_64-unknown-linux-musl"),
];

/// Returns the formula for the archives in the folder.
pub(crate) fn formula(archives: &Path) -> Result<String> {
    let mut sources = String::new();
    for system in ["macos", "linux"] {
        let mut processors = String::new();
        for (_, processor, triple) in PLATFORMS.iter().filter(|it| it.0 == system) {
            let name = format!("w3pin-{triple}.tar.gz");
            let archive = archives.join(&name);
            if archive.exists() {
                let sum = sha256(&archive)?;
                processors += &format!(
                    "    on_{processor} do\n      \
                     url \"https://github.com/w3pin/w3pin/releases/download/v{VERSION}/{name}\"\n      \
                     sha256 \"{sum}\"\n    end\n"
                );
            }
        }
        if !processors.is_empty() {
            sources += &format!("  on_{system} do\n{processors}  end\n\n");
        }
    }
    Ok(format!(
        "class W3pin < Formula\n  \
         desc \"Pin content to IPFS, prove what was pinned, and read it back with proof\"\n  \
         homepage \"https://github.com/w3pin/w3pin\"\n  \
         version \"{VERSION}\"\n  \
         license \"MIT\"\n\n\
         {sources}  \
         def install\n    \
         bin.install \"w3pin\"\n    \
         bash_completion.install \"completions/w3pin.bash\" => \"w3pin\"\n    \
         zsh_completion.install \"completions/_w3pin\"\n    \
         fish_completion.install \"completions/w3pin.fish\"\n  \
         end\n\n  \
         test do\n    \
         (testpath/\"hello.txt\").write \"hello\"\n    \
         assert_match \"bafk\", shell_output(\"#{{bin}}/w3pin cid hello.txt\")\n  \
         end\n\
         end\n"
    ))
}
