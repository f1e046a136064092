//! The loops of every formula in `tests/formulas`: no division, remainder or condition in an innermost loop, unless the
//! formula is of a kind that has no digits.

use convgrad_dsl::analysis::{Bindings, analyze};
use convgrad_dsl::compile::{CompiledConverter, compile};
use convgrad_dsl::library;
use convgrad_dsl::nest::{Condition, Nest, Node, Run, Scalar};
use convgrad_dsl::sema::model::Writes;

use crate::annotations::{all_sizes, fixtures};

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
        Node::Block(body) => faults(body, inside, found),
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

/// What sums of windows are made of: the fill of all places, then loops around runs, and no condition.
fn only_loops_around_sums(nest: &Nest) {
    let Node::Seq(parts) = &nest.body else {
        panic!("{:#?}", nest.body);
    };
    assert!(matches!(parts[0], Node::Fill { .. }), "{:#?}", parts[0]);
    fn look(node: &Node) {
        match node {
            Node::Seq(nodes) => nodes.iter().for_each(look),
            Node::Loop { body, .. } | Node::Block(body) => look(body),
            Node::Copy { count, writes, .. } => {
                assert_eq!(*writes, Writes::Add);
                assert_ne!(*count, Scalar::Const(1), "a run, not an element at a time");
            }
            other => panic!("{other:#?}"),
        }
    }
    parts[1..].iter().for_each(look);
}

#[test]
fn adjoints_of_windows_test_nothing_in_their_loops() {
    // The extents and the taps of windows, step, padding, dilation.
    const WINDOWS: [[i64; 7]; 6] = [
        [9, 8, 3, 3, 1, 0, 1],
        [9, 8, 3, 3, 1, 1, 1],
        [9, 8, 3, 3, 2, 1, 1],
        [9, 8, 2, 3, 1, 2, 2],
        [11, 12, 3, 3, 2, 3, 2],
        [11, 12, 3, 3, 3, 2, 5],
    ];
    let mut by_hand = fixtures("pass").into_iter();
    let by_hand = by_hand.find(|fixture| fixture.name() == "sums.cg").unwrap();
    let derived = "
        converter windows<N, C, H, W, R, S, s, p, d>(X[N, C, H, W])
            -> Y[N, C, R, S, (H + 2*p - d*(R - 1) - 1)/s + 1, (W + 2*p - d*(S - 1) - 1)/s + 1]
            requires s >= 1, d >= 1, R >= 1, S >= 1, H + 2*p >= d*(R - 1) + 1, W + 2*p >= d*(S - 1) + 1
        { Y[n, c, r, q, i, j] = X[n, c, i*s + r*d - p, j*s + q*d - p] else 0; }
        converter fold = adjoint(windows);";
    for text in [by_hand.text.as_str(), derived] {
        let compiled = compile(text).converters;
        let fold = compiled.iter().find(|c| c.converter.name.text == "fold");
        let fold = fold.unwrap();
        only_loops_around_sums(&fold.analysis.nest);
        for [h, w, r, q, s, p, d] in WINDOWS {
            let values = [("N", 2), ("C", 3), ("H", h), ("W", w), ("R", r), ("S", q)];
            let values = values.into_iter().chain([("s", s), ("p", p), ("d", d)]);
            let given: Vec<(String, i64)> = values.map(|(n, v)| (n.to_owned(), v)).collect();
            let sizes = all_sizes(&fold.converter, &given);
            let bindings: Bindings = sizes.into_iter().map(Some).collect();
            let (analysis, _) = analyze(&fold.converter, &bindings).unwrap();
            only_loops_around_sums(&analysis.nest);
            // Rows are added to rows: neighbours to neighbours, or to every s-th.
            let mut strides = Vec::new();
            innermost(&analysis.nest.body, &mut strides);
            assert!(strides.iter().all(|both| *both == [s, 1]), "{strides:?}");
        }
    }
}

/// The strides of all sums, of the output and of the input.
fn innermost(node: &Node, found: &mut Vec<[i64; 2]>) {
    match node {
        Node::Seq(nodes) => nodes.iter().for_each(|node| innermost(node, found)),
        Node::Loop { body, .. } | Node::Block(body) => innermost(body, found),
        Node::Copy { output, input, .. } => {
            found.push([output, input].map(|run| match run.stride {
                Scalar::Const(stride) => stride,
                _ => 0,
            }));
        }
        _ => {}
    }
}

/// Whether a loop runs around nothing, or numbers decide a condition.
fn idles(node: &Node) -> bool {
    match node {
        Node::Seq(nodes) => nodes.iter().any(idles),
        Node::Let { body, .. } | Node::Loop { body, .. } => {
            matches!(&**body, Node::Seq(nodes) if nodes.is_empty()) || idles(body)
        }
        Node::When {
            condition,
            then,
            otherwise,
        } => {
            matches!(
                condition,
                Condition::Compare(_, Scalar::Const(_), Scalar::Const(_))
            ) || idles(then)
                || otherwise.as_deref().is_some_and(idles)
        }
        _ => false,
    }
}

#[test]
fn nothing_runs_for_nothing() {
    let split = "converter split<>(X[8]) -> Y[5, 2] { Y[j1, j2] = X[(j1/3) & ((j2 - j1)/2%8)]; }";
    let texts = fixtures("pass").into_iter().map(|fixture| fixture.text);
    for text in texts.chain([split.to_owned(), library::text()]) {
        for converter in compile(&text).converters {
            let nest = &converter.analysis.nest;
            assert!(
                !idles(&nest.body),
                "{}: {:#?}",
                converter.converter.name.text,
                nest.body
            );
        }
    }
}
