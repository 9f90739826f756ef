//! The options of `cargo xtask release`.

use super::{
    PARTS, SHIPPED,
    target::{self, Target},
};
use crate::Result;

const USAGE: &str = "\
cargo xtask release --dry-run [--profile NAME] [PART…]   builds for the platforms that this machine can build for, and packs
cargo xtask release build TARGET [--profile NAME]        builds what a release has for one platform
cargo xtask release pack [--complete] [PART…]            packs and checks what was built; --complete fails where a platform lacks
A tag makes the release itself; see RELEASING.md.";

pub(crate) struct Options {
    pub(crate) step: Step,
    /// The build profile. `release` builds faster than the one that is shipped.
    pub(crate) profile: String,
    /// The parts to run; all if empty.
    pub(crate) parts: Vec<String>,
}

pub(crate) enum Step {
    DryRun,
    Build(&'static Target),
    Pack { complete: bool },
}

impl Options {
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let (mut dry_run, mut complete, mut profile) = (false, false, SHIPPED.to_owned());
        let mut words = Vec::new();
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--dry-run" => dry_run = true,
                "--complete" => complete = true,
                "--profile" => profile = arguments.next().ok_or(USAGE)?,
                option if option.starts_with('-') => {
                    return Err(format!("there is no option {option}\n{USAGE}"));
                }
                _ => words.push(argument),
            }
        }
        let (step, parts) = match (dry_run, words.as_slice()) {
            (true, parts) => (Step::DryRun, parts),
            (false, [step, triple]) if step == "build" => {
                let target = target::named(triple)
                    .ok_or_else(|| format!("a release has nothing for {triple}"))?;
                (Step::Build(target), &[][..])
            }
            (false, [step, parts @ ..]) if step == "pack" => (Step::Pack { complete }, parts),
            _ => return Err(USAGE.to_owned()),
        };
        if let Some(unknown) = parts
            .iter()
            .find(|part| PARTS.iter().all(|(name, _)| part != name))
        {
            let all: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
            let all = all.join(", ");
            return Err(format!("there is no part {unknown} but {all}"));
        }
        Ok(Self {
            step,
            profile,
            parts: parts.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_is_shipped_is_built_unless_a_quicker_profile_is_named() -> Result {
        assert_eq!(parse("--dry-run")?.profile, "dist");
        let quick = parse("--dry-run --profile release python image")?;
        assert_eq!(
            (quick.profile, quick.parts),
            (
                "release".to_owned(),
                vec!["python".to_owned(), "image".to_owned()]
            )
        );
        Ok(())
    }

    #[test]
    fn a_word_that_means_nothing_is_refused() {
        for line in [
            "",
            "python",
            "--dry-run ruby",
            "--dry-runs",
            "build",
            "build linux",
            "--profile",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
