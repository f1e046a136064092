//! Concrete sizes for a mistake that is one at all sizes, so that its message can name a position.

use crate::analysis::{Bindings, analyze};
use crate::nest::Scalar;

use super::setup::Model;

/// Sizes that are tried, in this order.
const VALUES: [i64; 9] = [1, 2, 16, 3, 4, 8, 17, 32, 48];
const MAX_TRIES: usize = 200;

/// The witness of the same mistake at some sizes: `witness Y[1] reads X[1], for N = 1`. None if none of a few tries has one.
pub(crate) fn witness(model: &Model<'_>, axis: usize) -> Option<String> {
    let converter = model.converter;
    let span = model.blame(&converter.rule.source[axis]);
    let free: Vec<usize> = (0..converter.sizes.len())
        .filter(|&at| converter.sizes[at].value.is_none())
        .filter(|&at| !matches!(model.sizes[at], Scalar::Const(_)))
        .collect();
    for step in 0..MAX_TRIES {
        let mut bindings: Bindings = model.sizes.iter().map(number).collect();
        let mut rest = step;
        let mut chosen = Vec::new();
        for &at in &free {
            let value = VALUES[rest % VALUES.len()];
            rest /= VALUES.len();
            bindings[at] = Some(value);
            chosen.push(format!("{} = {value}", converter.sizes[at].name.text));
        }
        if rest > 0 {
            return None;
        }
        let Err(errors) = analyze(converter, &bindings) else {
            continue;
        };
        let same = errors.iter().filter(|error| error.span == span);
        let mut notes = same.flat_map(|error| &error.notes);
        if let Some(note) = notes.find(|note| note.starts_with("witness ")) {
            return Some(format!("{note}, for {}", chosen.join(", ")));
        }
    }
    None
}

fn number(size: &Scalar) -> Option<i64> {
    match size {
        Scalar::Const(n) => Some(*n),
        _ => None,
    }
}
