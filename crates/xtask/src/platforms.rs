//! `cargo xtask platforms [NAME…]`

use std::{env, time::Instant};

use crate::{Result, skipped};

mod checked;
mod debian;
mod linux;
mod outcome;
mod python;
mod report;
mod root_folder;
mod target;
mod windows;

use self::{debian::Debian, outcome::Outcome, target::TARGETS};

const REASON: &str = "This machine can't run the Debian sid that builds for other platforms (root, debootstrap, mounts); what\n\
                      failed stands above.";

/// Builds for other platforms, runs what can be run here, and records the results.
pub(crate) fn run() -> Result {
    let mut names: Vec<String> = env::args().skip(2).collect();
    let unoptimized = names.first().is_some_and(|name| name == "--unoptimized");
    if unoptimized {
        names.remove(0);
    }
    if let Some(unknown) = names.iter().find(|name| target::named(name).is_none()) {
        let all: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        let all = all.join(", ");
        return Err(format!("there is no platform `{unknown}` but {all}"));
    }
    skipped::forget("platforms")?;
    let Some(debian) = Debian::open(unoptimized)? else {
        return skipped::note("platforms", REASON);
    };
    let mut problems = Vec::new();
    for target in TARGETS {
        if !names.is_empty() && !names.iter().any(|name| name == target.name) {
            continue;
        }
        eprintln!("== {}", target.name);
        let (start, mut outcome) = (Instant::now(), Outcome::default());
        let ended = (target.prove)(&debian, &mut outcome);
        if unoptimized {
            outcome.built.push("not optimized".to_owned());
        }
        report::note(target, &outcome, start.elapsed(), ended.as_ref().err())?;
        if let Err(problem) = ended {
            eprintln!("{}: {problem}", target.name);
            problems.push(target.name);
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(format!("not all is well on {}", problems.join(", ")))
    }
}
