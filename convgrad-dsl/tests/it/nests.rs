//! The loops of every formula in `tests/formulas`: no division, remainder or condition in an innermost loop, unless the
//! formula is of a kind that has no digits.

use convgrad_dsl::compile::{CompiledConverter, compile};
use convgrad_dsl::library;
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

/// The converters of a text whose innermost loops do more than move elements, and how many there are at all.
fn computing(text: &str) -> (Vec<String>, usize) {
    let converters = compile(text).converters;
    let computes = |compiled: &&CompiledConverter| {
        let mut found = Vec::new();
        faults(&compiled.analysis.nest.body, &[], &mut found);
        !found.is_empty()
    };
    let names = converters.iter().filter(computes);
    let names = names.map(|compiled| compiled.converter.name.text.clone());
    (names.collect(), converters.len())
}

#[test]
fn innermost_loops_only_move_elements() {
    let (mut count, mut per_element) = (0, Vec::new());
    for fixture in fixtures("pass") {
        let (names, converters) = computing(&fixture.text);
        per_element.extend(names);
        count += converters;
    }
    assert_eq!(per_element, PER_ELEMENT);
    assert!(count >= 50, "only {count} formulas");
}

#[test]
fn innermost_loops_of_the_library_only_move_elements() {
    let (per_element, count) = computing(&library::text());
    assert_eq!(per_element, Vec::<String>::new());
    assert!(count >= 70, "only {count} formulas");
}
