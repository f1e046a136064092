//! Short forms of geometry: one number for rows and columns alike, and paddings of one, two or four numbers.

/// Rows, columns: from one number or two.
pub(crate) fn pair<T: Copy>(numbers: &[T]) -> Result<[T; 2], String> {
    match *numbers {
        [both] => Ok([both; 2]),
        [rows, columns] => Ok([rows, columns]),
        _ => Err(format!("expected 1 or 2 numbers, found {}", numbers.len())),
    }
}

/// Top, bottom, left, right: from one number, from rows and columns, or from all four.
pub(crate) fn sides<T: Copy>(numbers: &[T]) -> Result<[T; 4], String> {
    match *numbers {
        [all] => Ok([all; 4]),
        [rows, columns] => Ok([rows, rows, columns, columns]),
        [top, bottom, left, right] => Ok([top, bottom, left, right]),
        _ => Err(format!(
            "expected 1, 2 or 4 numbers, found {}",
            numbers.len()
        )),
    }
}
