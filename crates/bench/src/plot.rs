use std::fmt::{Result, Write};

use crate::table::{Row, Table};

const WIDTH: usize = 760;
const LABEL: usize = 200;
const LINE: usize = 22;
const OURS: &str = "#2f6fdf";
const THEIRS: &str = "#b8bec9";

/// Bar charts of the time and memory of an upload, and of calls per second.
pub(crate) fn svg(tables: &[Table]) -> std::result::Result<String, std::fmt::Error> {
    let table = |id: &str| tables.iter().find(|table| table.id == id);
    let mut body = String::new();
    let mut top = 8;
    if let Some(upload) = table("upload-1024") {
        let curl = |row: &Row| upload.ratio(&row.program, "curl", |run| run.seconds);
        panel(
            &mut body,
            &mut top,
            "Upload of 1 GiB: time by curl's (less is better)",
            upload,
            curl,
        )?;
        let peak = |row: &Row| Some(row.median(|run| run.peak));
        panel(
            &mut body,
            &mut top,
            "Upload of 1 GiB: peak memory, MiB (less is better)",
            upload,
            peak,
        )?;
    }
    if let Some(calls) = table("calls-64") {
        let a_second = |row: &Row| Some(3_000.0 / row.median(|run| run.seconds) / 1_000.0);
        panel(
            &mut body,
            &mut top,
            "Small calls, 64 in flight: thousands a second (more is better)",
            calls,
            a_second,
        )?;
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{top}\" fill=\"white\"/>\n{body}</svg>\n"
    ))
}

fn panel(
    out: &mut String,
    top: &mut usize,
    title: &str,
    table: &Table,
    figure: impl Fn(&Row) -> Option<f64>,
) -> Result {
    let rows = table.rows.iter().filter(|row| !row.runs.is_empty());
    let bars: Vec<_> = rows
        .filter_map(|row| Some((row.program.as_str(), figure(row)?)))
        .collect();
    let most = bars
        .iter()
        .map(|(_, figure)| *figure)
        .fold(f64::MIN_POSITIVE, f64::max);
    *top += LINE;
    writeln!(
        out,
        "<text x=\"8\" y=\"{top}\" font-weight=\"bold\">{title}</text>"
    )?;
    *top += 8;
    for (program, figure) in bars {
        #[expect(clippy::cast_precision_loss, reason = "a width of some hundred points")]
        let width = figure / most * (WIDTH - LABEL - 70) as f64;
        let colour = if program.starts_with("w3pin") {
            OURS
        } else {
            THEIRS
        };
        let (bar, text) = (*top, *top + 14);
        writeln!(
            out,
            "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{program}</text>\
             <rect x=\"{LABEL}\" y=\"{bar}\" width=\"{width:.1}\" height=\"16\" rx=\"2\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{text}\" fill=\"#333\">{figure:.2}</text>",
            LABEL - 8,
            LABEL as f64 + width + 6.0,
        )?;
        *top += LINE;
    }
    *top += 10;
    Ok(())
}
