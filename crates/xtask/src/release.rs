//! `cargo xtask release`

use std::{env, time::Instant};

use crate::{Result, run::root, versions};

mod build;
mod changelog;
mod command;
mod crates;
mod deb;
mod homebrew;
mod image;
mod layout;
mod maven;
mod npm;
mod options;
mod python;
mod swift;
mod table;
mod target;
mod tools;

use self::{
    layout::Layout,
    options::{Options, Step},
    table::Table,
    tools::Tools,
};

/// The name of a part, and the function that packs it.
type Part = (&'static str, fn(&mut Release) -> Result);

/// The parts of a release. Each lays out its files as they are uploaded, and then installs them from there
/// like a user.
const PARTS: &[Part] = &[
    ("crates", crates::pack),
    ("python", python::pack),
    ("npm", npm::pack),
    ("maven", maven::pack),
    ("swift", swift::pack),
    ("command", command::pack),
    ("image", image::pack),
];

/// The profile of what is shipped.
const SHIPPED: &str = "dist";

struct Release {
    layout: Layout,
    tools: Tools,
    table: Table,
    profile: String,
}

/// Performs all steps of a release except publishing. The release workflow does the same in two steps:
/// `build` on a machine of each platform, and `pack` on one that has collected the builds.
pub(crate) fn run() -> Result {
    let options = Options::parse(env::args().skip(2))?;
    versions::run()?;
    changelog::check(versions::VERSION)?;
    let mut release = Release {
        layout: Layout::at(root().join("target/release-layout")),
        tools: Tools::installed()?,
        table: Table::new(options.profile == SHIPPED),
        profile: options.profile,
    };
    match &options.step {
        Step::Build(target) => build::build(&release, target),
        Step::Pack { complete } => pack(&mut release, &options.parts, *complete),
        Step::DryRun => {
            release.layout.clear()?;
            for target in target::ALL {
                match target.obstacle() {
                    None => {
                        let start = Instant::now();
                        build::build(&release, target)?;
                        release.table.took(target.triple, start.elapsed());
                    }
                    Some(obstacle) => release.table.lacks(target.triple, &obstacle),
                }
            }
            pack(&mut release, &options.parts, false)
        }
    }
}

/// Runs the parts, and shows the results of all of them even if one fails.
fn pack(release: &mut Release, parts: &[String], complete: bool) -> Result {
    let mut problems = Vec::new();
    for (name, part) in PARTS {
        if !parts.is_empty() && !parts.iter().any(|it| it == name) {
            continue;
        }
        eprintln!("== {name}");
        let start = Instant::now();
        if let Err(problem) = part(release) {
            problems.push(format!("{name}: {problem}"));
        }
        release.table.took(name, start.elapsed());
    }
    release.table.print();
    if complete {
        problems.extend(release.table.lacking());
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems.join("\n"))
    }
}
