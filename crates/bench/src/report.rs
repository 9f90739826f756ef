//! Renders the results as Markdown, SVG and terminal tables.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Result,
    goals::{self, Goal},
    plot,
    table::{Row, Table},
};

/// Saves the tables for [`write()`], keeping those of an earlier run that weren't measured again.
pub(crate) fn keep(folder: &Path, measured: Vec<Table>) -> Result {
    let mut tables = read(folder).unwrap_or_default();
    for table in measured {
        match tables.iter_mut().find(|kept| kept.id == table.id) {
            Some(kept) => *kept = table,
            None => tables.push(table),
        }
    }
    fs::write(kept(folder), serde_json::to_string(&tables)?)?;
    for goal in goals::of(&tables) {
        println!("{}", goal_line(&goal));
    }
    Ok(())
}

/// Writes `performance.md` and `performance.svg` into `docs`.
pub(crate) fn write(folder: &Path, docs: &Path) -> Result {
    let tables = read(folder)?;
    fs::create_dir_all(docs)?;
    fs::write(docs.join("performance.svg"), plot::svg(&tables)?)?;
    fs::write(docs.join("performance.md"), markdown(&tables)?)?;
    Ok(())
}

fn kept(folder: &Path) -> PathBuf {
    folder.join("tables.json")
}

fn read(folder: &Path) -> Result<Vec<Table>> {
    Ok(serde_json::from_slice(&fs::read(kept(folder))?)?)
}

fn markdown(tables: &[Table]) -> Result<String> {
    let mut out = String::from(
        "# Performance\n\n\
         ![Time and memory of uploads, and calls a second](performance.svg)\n\n\
         Measured by `cargo xtask bench`, on two cores, over loopback. Uploads go to a server that parses multipart and\n\
         throws the content away; fetches come from `w3pin serve` or from a gateway that waits before each response. Each program runs in a fresh process, each round runs all of them in turn; times are medians, and\n\
         ratios are medians of the ratios within a round. Absolute times say nothing about another machine.\n\n\
         ## Goals\n\n| goal | bound | measured | |\n|---|---|---|---|\n",
    );
    for goal in goals::of(tables) {
        writeln!(out, "{}", goal_row(&goal))?;
    }
    for table in tables {
        writeln!(out, "\n## {}\n", table.title)?;
        writeln!(
            out,
            "| | time | against {} | CPU s | peak MiB |\n|---|---|---|---|---|",
            table.base
        )?;
        for row in &table.rows {
            let [time, ratio, cpu, peak] = cells(table, row);
            writeln!(
                out,
                "| {} | {time} | {ratio} | {cpu} | {peak} |",
                row.program
            )?;
        }
    }
    Ok(out)
}

fn goal_row(goal: &Goal) -> String {
    let reached = match goal.reached() {
        Some(true) => "reached",
        Some(false) => "missed",
        None => "not measured",
    };
    format!(
        "| {} | {} | {} | {reached} |",
        goal.what,
        goal.bound,
        goal.figure()
    )
}

fn goal_line(goal: &Goal) -> String {
    let mark = match goal.reached() {
        Some(true) => "+",
        Some(false) => "-",
        None => "?",
    };
    format!("{mark} {}: {} ({})", goal.what, goal.figure(), goal.bound)
}

/// Renders a table for a terminal.
pub(crate) fn text(table: &Table) -> String {
    table.rows.iter().fold(String::new(), |mut out, row| {
        let [time, ratio, cpu, peak] = cells(table, row);
        // Writing to a String can't fail.
        let _ = writeln!(
            out,
            "  {:<26}{time:>22}{ratio:>9}{cpu:>8} CPU s{peak:>8} MiB",
            row.program
        );
        out
    })
}

fn cells(table: &Table, row: &Row) -> [String; 4] {
    if row.runs.is_empty() {
        return ["failed", "-", "-", "-"].map(str::to_owned);
    }
    let ratio = table.ratio(&row.program, &table.base, |run| run.seconds);
    let mut time = duration(row.median(|run| run.seconds));
    if row.runs.iter().any(|run| run.p50_us.is_some()) {
        let p50 = row.median(|run| run.p50_us.unwrap_or(f64::NAN));
        write!(time, ", p50 {p50:.0} µs").unwrap_or_default();
    }
    if row.runs.iter().any(|run| run.p99_us.is_some()) {
        let p99 = row.median(|run| run.p99_us.unwrap_or(f64::NAN));
        write!(time, ", p99 {p99:.0} µs").unwrap_or_default();
    }
    [
        time,
        ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
        format!("{:.2}", row.median(|run| run.cpu)),
        format!("{:.1}", row.median(|run| run.peak)),
    ]
}

fn duration(seconds: f64) -> String {
    if seconds < 0.1 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{seconds:.2} s")
    }
}
