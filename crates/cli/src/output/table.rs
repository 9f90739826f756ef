//! Tables for people.

use comfy_table::{ContentArrangement, Table, presets};
use console::{Term, measure_text_width};
use w3pin::printable;

/// Formats a table. If the terminal is too narrow, each row takes several lines.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let width = Term::stdout().size_checked().map(|(_, columns)| columns);
    let width = width.map_or(usize::MAX, usize::from);
    let rows = rows.into_iter();
    let rows: Vec<_> = rows
        .map(|row| row.map(|cell| printable(&cell).into_owned()))
        .collect();
    within(width, header, &rows)
}

fn within<const N: usize>(width: usize, header: [&str; N], rows: &[[String; N]]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled)
        .set_header(header);
    table.add_rows(rows);
    let lines: Vec<_> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    if lines.iter().all(|line| measure_text_width(line) <= width) {
        return lines.join("\n") + "\n";
    }
    rows.iter().map(|row| stacked(header, row)).collect()
}

/// Formats the first cell, followed by the others with their names.
fn stacked<const N: usize>(header: [&str; N], row: &[String; N]) -> String {
    let names = header.map(str::to_lowercase);
    let longest = names.iter().skip(1).map(String::len).max().unwrap_or(0);
    let mut text = format!("{}\n", row.first().map_or("", String::as_str));
    for (name, cell) in names.iter().zip(row).skip(1) {
        if !cell.is_empty() {
            text += &format!("  {name:longest$}  {cell}\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_narrow_terminal_gets_lines_in_place_of_columns() {
        let rows = [
            ["photo.png", "bafy1", "12 KiB"].map(str::to_owned),
            ["旅行.png", "bafy2", ""].map(str::to_owned),
        ];
        let header = ["NAME", "CID", "SIZE"];
        let wide = within(80, header, &rows);
        assert_eq!(
            wide,
            " NAME       CID    SIZE\n photo.png  bafy1  12 KiB\n 旅行.png   bafy2\n"
        );
        let narrow = within(20, header, &rows);
        assert_eq!(
            narrow,
            "photo.png\n  cid   bafy1\n  size  12 KiB\n旅行.png\n  cid   bafy2\n"
        );
    }
}
