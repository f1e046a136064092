//! Tables for people.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// A rule under the header and one at the end, nothing else.
const STYLE: TableStyle = TableStyle::new().header_separator(RULE).bottom_border(RULE);
const RULE: LineStyle = LineStyle::none().fill('─').junction('─');

/// A table with a header. The first `words` columns hold words and start at the left, the others numbers.
pub(crate) fn table<H: ToString>(
    header: impl IntoIterator<Item = H>,
    rows: Vec<Vec<String>>,
    words: usize,
) -> String {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_header(header.into_iter().map(|title| title.to_string()))
        .add_rows(rows);
    for (index, column) in table.column_iter_mut().enumerate() {
        if index >= words {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text = table.to_string();
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// A ratio with three significant digits: `0.123`, `1.23`, `12.3`, `123`.
pub(crate) fn ratio(value: f64) -> String {
    match value.abs() {
        small if small < 0.9995 => format!("{value:.3}"),
        small if small < 9.995 => format!("{value:.2}"),
        small if small < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_keep_three_digits() {
        assert_eq!(
            [0.01234, 1.0, 3.456, 99.96, 1234.0].map(ratio),
            ["0.012", "1.00", "3.46", "100", "1234"]
        );
    }
}
