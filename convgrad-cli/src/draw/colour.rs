//! Colours that follow elements.

use super::fold::unflatten;
use super::window::Window;

/// The colour of elements outside of the part that is drawn.
const OUTSIDE: &str = "#d9d9d9";

/// The colour of an element of a tensor of which a part is drawn: the hue says which row it stands in, the lightness where in
/// the row.
pub(super) fn of_element(place: usize, whole: &[usize], part: &Window) -> String {
    let mut index = unflatten(place, whole);
    if !part.contains(&index) {
        return OUTSIDE.to_owned();
    }
    let shape = &part.shown;
    for (at, first) in index.iter_mut().zip(&part.first) {
        *at -= first;
    }
    let long: Vec<usize> = (0..shape.len()).filter(|&axis| shape[axis] > 1).collect();
    let (column, rows) = match long.split_last() {
        None => return hex(0.78, 0.10, 30.0),
        Some((only, [])) => {
            return hex(0.78, 0.10, hue(index[*only], shape[*only]));
        }
        Some((column, rows)) => (*column, rows),
    };
    let row = rows
        .iter()
        .fold(0, |row, &axis| row * shape[axis] + index[axis]);
    let count = rows.iter().map(|&axis| shape[axis]).product();
    let along = share(index[column], shape[column]);
    hex(0.90 - 0.24 * along, 0.07 + 0.05 * along, hue(row, count))
}

/// The part of the way from the first to the last.
fn share(at: usize, count: usize) -> f64 {
    match count {
        0 | 1 => 0.0,
        count => at as f64 / (count - 1) as f64,
    }
}

/// From red through green to violet; the ends differ.
fn hue(at: usize, count: usize) -> f64 {
    25.0 + 305.0 * share(at, count)
}

/// An Oklch colour in sRGB.
fn hex(lightness: f64, chroma: f64, hue: f64) -> String {
    let (sin, cos) = hue.to_radians().sin_cos();
    let (a, b) = (chroma * cos, chroma * sin);
    let cube = |value: f64| value * value * value;
    let l = cube(lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b);
    let m = cube(lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b);
    let s = cube(lightness - 0.089_484_177_5 * a - 1.291_485_548 * b);
    let linear = [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
    ];
    let channel = |value: f64| {
        let value = value.clamp(0.0, 1.0);
        let encoded = match value <= 0.003_130_8 {
            true => 12.92 * value,
            false => 1.055 * value.powf(1.0 / 2.4) - 0.055,
        };
        // Between 0 and 255.
        (encoded * 255.0).round() as u8
    };
    let [r, g, b] = linear.map(channel);
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_small_tensors_differ() {
        for shape in [vec![3, 4], vec![12], vec![2, 5, 2, 3], vec![8, 8]] {
            let count = shape.iter().product();
            let whole = Window::corner(&shape);
            let mut all: Vec<String> = (0..count).map(|p| of_element(p, &shape, &whole)).collect();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), count, "{shape:?}");
        }
    }
}
