//! The loops of every formula in `tests/formulas`: no division, remainder or condition in an innermost loop, unless the
//! formula is of a kind that has no digits.

use convgrad_dsl::compile::compile;
use convgrad_dsl::nest::{Node, Run, Scalar};

use crate::annotations::fixtures;

/// Formulas that mix the bits of their iterators, and one that adds around a ring: its two halves would be added in another
/// order.
const PER_ELEMENT: [&str; 4] = ["swizzle", "swizzle_bits", "morton", "ring"];

/// What an innermost loop may not do.
fn computes(scalar: &Scalar) -> bool {
    let operation = |s: &Scalar| {
        !matches!(
            s,
            Scalar::Const(_)
                | Scalar::Size(_)
                | Scalar::Var(_)
                | Scalar::Sum(_)
                | Scalar::Product(_)
        )
    };
    let moves = scalar.has_variables();
    moves && scalar.any(&mut |s| operation(s) && s.has_variables())
}

fn run_computes(run: &Run) -> bool {
    computes(&run.start.base)
}

/// Collects what happens between each innermost loop and its elements.
fn faults(node: &Node, inside: &[&str], found: &mut Vec<String>) {
    match node {
        Node::Seq(nodes) => nodes.iter().for_each(|n| faults(n, inside, found)),
        Node::Loop { body, .. } => faults(body, &[], found),
        Node::Let { value, body, .. } => {
            let mut inside = inside.to_vec();
            if computes(value) {
                inside.push("a division or the like");
            }
            faults(body, &inside, found);
        }
        Node::When {
            then, otherwise, ..
        } => {
            let mut inside = inside.to_vec();
            inside.push("a condition");
            faults(then, &inside, found);
            if let Some(otherwise) = otherwise {
                faults(otherwise, &inside, found);
            }
        }
        Node::Copy {
            count,
            output,
            input,
            ..
        } => {
            // A run is the innermost loop itself; a single element stands inside the loop around it.
            if *count == Scalar::Const(1) {
                found.extend(inside.iter().map(|s| (*s).to_owned()));
                if run_computes(output) || run_computes(input) {
                    found.push("an address that is computed".to_owned());
                }
            }
        }
        Node::Fill { .. } => {}
    }
}

#[test]
fn innermost_loops_only_move_elements() {
    let (mut count, mut per_element) = (0, Vec::new());
    for fixture in fixtures("pass") {
        for compiled in compile(&fixture.text).converters {
            let mut found = Vec::new();
            faults(&compiled.analysis.nest.body, &[], &mut found);
            if !found.is_empty() {
                per_element.push(compiled.converter.name.text.clone());
            }
            count += 1;
        }
    }
    assert_eq!(per_element, PER_ELEMENT);
    assert!(count >= 50, "only {count} formulas");
}
