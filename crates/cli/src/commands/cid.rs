//! `w3pin cid PATH…`

use serde_json::json;
use w3pin::{CidOptions, compute_cid};

use crate::{args::ComputeCid, failure::Failure, output::Output, report::Report};

pub(crate) fn run(args: &ComputeCid, output: &Output) -> Result<(), Failure> {
    let options = CidOptions::new()
        .profile(args.profile)
        .hidden(args.hidden)
        .symlinks(args.symlinks.into());
    let mut report = Report::new(args.paths.len(), output);
    for path in &args.paths {
        let what = path.display().to_string();
        let mut line = String::new();
        let result = compute_cid(path, &options).map(|root| {
            line = format!("{}\t{what}", root.cid);
            json!({
                "cid": root.cid,
                "path": what,
                "size": root.size,
                "dag_size": root.dag_size,
                "profile": args.profile.to_string(),
            })
        });
        report.take(&what, result, |_| output.line(&line))?;
    }
    report.end()
}
