//! Why a converter is fast or not, in sentences.

use super::Tensor;
use super::digits::{Digit, Digits};
use super::leaves::{Kind, Leaves, Part};

/// Steps that stay within a line of a cache.
const NEAR: i64 = 8;

/// The sentences about a converter, what matters most first.
pub(super) fn reasons(
    digits: &Digits,
    leaves: &Leaves,
    input: &Tensor,
    output: &Tensor,
) -> Vec<String> {
    let (x, y) = (&input.name, &output.name);
    let mut reasons = Vec::new();
    let copies = leaves.leaves.iter().any(|leaf| leaf.kind != Kind::Fill);
    if !copies {
        reasons.push("Nothing is copied.".to_owned());
        return reasons;
    }
    for whole in &digits.wholes {
        let sides = match (whole.output.is(0), whole.input.is(0)) {
            (false, true) => y.clone(),
            (true, false) => x.clone(),
            _ => format!("{x} and {y}"),
        };
        let cost = match leaves.named {
            true => "The loops compute it, and move no more at a time than it stays the same for.",
            false => {
                "The loops are split where it wraps round or is cut off; in each part they only step."
            }
        };
        reasons.push(format!(
            "The place in {sides} depends on {}, which is no sum of digits. {cost}",
            whole.value
        ));
    }
    if digits.wholes.is_empty() {
        reasons.push(neighbours(digits, x, y));
    }
    match leaves.filled_first {
        Some(Part::All) => reasons.push(format!(
            "The rule says where elements go, not where they come from: all of {y} is filled first, \
             and what is read is written over it."
        )),
        Some(Part::Sums) => reasons.push(format!(
            "Elements are added up: all of {y} is set to the number at which sums begin, and every place gets its \
             elements in the order of the iterators."
        )),
        Some(Part::Patches) => reasons.push(format!(
            "Not all places of {y} that read nothing hold the same number: they are filled first, \
             and what is read is written over it."
        )),
        Some(Part::Rows) => reasons.push(format!(
            "Of some rows of {y} only every so many-th place reads: they are filled first, and what is read is \
             written over them."
        )),
        None => {}
    }
    if leaves.tested {
        reasons.push(
            "A condition that no limit of a loop expresses is tested inside the loops.".to_owned(),
        );
    }
    reasons
}

/// What happens to elements that stand side by side.
fn neighbours(digits: &Digits, x: &str, y: &str) -> String {
    let moving = || digits.digits.iter().filter(|digit| !digit.extent.is(1));
    let unit = |step: fn(&Digit) -> Option<i64>| {
        moving().find(|digit| step(digit).is_some_and(|n| n.abs() == 1))
    };
    let (of_output, of_input) = (unit(|d| d.output.number), unit(|d| d.input.number));
    // Several digits may step by 1 where elements are read or written more than once.
    let both = |d: &&Digit| {
        let steps = [d.output.number, d.input.number].map(|n| n.map(i64::abs));
        steps == [Some(1), Some(1)]
    };
    let of_output = moving().find(both).or(of_output);
    match (of_output, of_input) {
        (Some(d), _) if d.input.number == d.output.number => format!(
            "Neighbours in {x} stay neighbours in {y}, along {}: runs are copied as they are.",
            d.name
        ),
        (Some(d), _) if d.input.number == d.output.number.map(|n| -n) => format!(
            "Neighbours in {x} stay neighbours in {y}, along {}, in the opposite order: runs are copied backwards.",
            d.name
        ),
        (Some(d), _) if d.input.is(0) => format!(
            "Along {}, where places of {y} are neighbours, all of them hold one element of {x}: it is read once a run.",
            d.name
        ),
        (Some(d), _) if d.input.number.is_some_and(|n| n.abs() <= NEAR) => format!(
            "Neighbours in {y} lie along {}, {} apart in {x}: elements are gathered in small steps, \
             and the lines of {x} that are touched hold others between them.",
            d.name, d.input.text
        ),
        (Some(d), Some(e)) => format!(
            "Neighbours in {y} lie along {} ({} apart in {x}), neighbours in {x} along {} ({} apart in {y}): \
             a transpose. Whatever the order of the loops, one side is touched in steps.",
            d.name, d.input.text, e.name, e.output.text
        ),
        (Some(d), None) => format!(
            "Neighbours in {y} lie along {}, which steps {} through {x}, and nothing steps by 1 there: \
             no two elements that stand side by side are read one after the other.",
            d.name, d.input.text
        ),
        (None, Some(e)) => format!(
            "Neighbours in {x} lie along {}, which steps {} through {y}, and nothing steps by 1 there: \
             elements are written apart.",
            e.name, e.output.text
        ),
        (None, None) if moving().next().is_none() => {
            format!("A single element of {y} is written.")
        }
        (None, None) => format!("Nothing steps by 1, neither through {x} nor through {y}."),
    }
}
