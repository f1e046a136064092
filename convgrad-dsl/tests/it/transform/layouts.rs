//! `A -> B by …` of random layouts, against the places that they give every logical coordinate.

use std::fmt::Write;

use convgrad_dsl::sema::eval::Values;
use convgrad_dsl::sema::model::{By, Expr, Layout, Number};
use convgrad_dsl::transform::between;

use super::held::{Tensor, run};
use super::{does, span};
use crate::annotations::resolve;
use crate::random::generator::{Random, formulas, shortest};

/// A layout of coordinates `c0`, `c1`, … in the ranges of its sizes.
fn layout(name: &str, sizes: &[String], random: &mut Random) -> String {
    let mut axes = Vec::new();
    let mut k = 0;
    while k < sizes.len() {
        let (c, size, b) = (format!("c{k}"), &sizes[k], random.range(2, 4));
        match (random.range(0, 6), sizes.get(k + 1)) {
            (0, Some(next)) => {
                axes.push(format!("{c}*{next} + c{}", k + 1));
                k += 1;
            }
            (1, Some(next)) => {
                let inner = format!("c{}", k + 1);
                axes.push(format!("{c}/{b}*{next} + {inner}"));
                axes.push(format!("{c}%{b}"));
                k += 1;
            }
            (2 | 3, _) => axes.extend([format!("{c}/{b}"), format!("{c}%{b}")]),
            (4, _) => axes.push(format!("{size} - 1 - {c}")),
            (5, _) => axes.push(format!("{c}*{b} + {}", b - 1)),
            _ => axes.push(c),
        }
        k += 1;
    }
    for at in (1..axes.len()).rev() {
        axes.swap(at, random.range(0, at as i64) as usize);
    }
    let ranges: Vec<String> = (0..sizes.len())
        .map(|k| format!("c{k} < {}", sizes[k]))
        .collect();
    let pad = match random.chance(30) {
        true => " pad -3",
        false => "",
    };
    format!(
        "layout {name}<{}>[{}] = [{}]{pad};",
        sizes.join(", "),
        ranges.join(", "),
        axes.join(", ")
    )
}

fn numbers(exprs: &[Expr], sizes: &[Option<i64>], iterators: &[i64]) -> Vec<i64> {
    let values = Values::new(sizes, iterators, &[]);
    exprs.iter().map(|e| values.number(e).unwrap()).collect()
}

fn flat(index: &[i64], shape: &[i64]) -> usize {
    let places = index.iter().zip(shape);
    places.fold(0, |flat, (at, extent)| {
        assert!((0..*extent).contains(at), "{index:?} in {shape:?}");
        flat * extent + at
    }) as usize
}

/// What the words say: every logical coordinate has a place in both, and what is left of `to` holds its padding.
fn literally(from: &Layout, to: &Layout, by: &By, sizes: &[i64], reach: &[i64]) -> Tensor {
    let own: Vec<Option<i64>> = sizes.iter().copied().map(Some).collect();
    let other: Vec<Option<i64>> = reach.iter().copied().map(Some).collect();
    let input = numbers(&from.extents, &own, &[]);
    let output = numbers(&to.extents, &other, &[]);
    let pad = match to.pad.number {
        Number::Int(value) => value as f64,
        Number::Float(value) => value,
    };
    let mut held = vec![(pad, Vec::new()); output.iter().product::<i64>() as usize];
    for logical in 0..sizes.iter().product::<i64>() {
        let mut rest = logical;
        let mut coordinates = vec![0; sizes.len()];
        for (at, size) in coordinates.iter_mut().zip(sizes).rev() {
            (*at, rest) = (rest % size, rest / size);
        }
        let read = numbers(&from.left, &own, &coordinates);
        let mapped = numbers(&by.coordinates, &own, &coordinates);
        let written = numbers(&to.left, &other, &mapped);
        held[flat(&written, &output)] = (0.0, vec![flat(&read, &input)]);
    }
    Tensor {
        input,
        output,
        held,
    }
}

#[test]
fn layouts_meet_at_their_coordinates() {
    let (mut failures, mut solved) = (Vec::new(), 0);
    for seed in 0..formulas(600) {
        let mut random = Random::new(seed);
        let rank = random.range(1, 3) as usize;
        let name =
            |prefix: &str| -> Vec<String> { (0..rank).map(|k| format!("{prefix}{k}")).collect() };
        let (sizes, others) = (name("D"), name("E"));
        let mut order: Vec<usize> = (0..rank).collect();
        for at in (1..rank).rev() {
            order.swap(at, random.range(0, at as i64) as usize);
        }
        // Every coordinate of the one is one of the other, some of them turned round or moved.
        let mut by = Vec::new();
        let values: Vec<i64> = (0..rank).map(|_| random.range(0, 7)).collect();
        let mut reach = Vec::new();
        for k in order {
            let (c, size) = (format!("c{k}"), &sizes[k]);
            let (text, more) = match random.range(0, 5) {
                0 => (format!("{size} - 1 - {c}"), 0),
                1 => (format!("{c} + 2"), 2),
                _ => (c, 0),
            };
            by.push(text);
            reach.push(if values[k] == 0 { 0 } else { values[k] + more });
        }
        let mut text = layout("A", &sizes, &mut random);
        write!(text, "\n{}", layout("B", &others, &mut random)).unwrap();
        // The map between them, as the left side of a rule over A's coordinates.
        let ranges: Vec<String> = (0..rank).map(|k| format!("c{k} < D{k}")).collect();
        let ones = vec!["1"; rank].join(", ");
        write!(
            text,
            "\nconverter by<{}>(X[1]) -> Y[{ones}] {{ Y[{}] = X[0] else 0 for {}; }}",
            sizes.join(", "),
            by.join(", "),
            ranges.join(", ")
        )
        .unwrap();
        let (unit, found) = resolve(&text);
        let ([a, b], [map]) = (unit.layouts.as_slice(), unit.converters.as_slice()) else {
            failures.push(format!("seed {seed}: {text}\n{found:?}\n"));
            continue;
        };
        let by = By {
            coordinates: map.rule.left.clone(),
            span: span(),
        };
        let wanted = literally(a, b, &by, &values, &reach);
        let outcome = match between(a, b, Some(&by), span()) {
            Ok(made) => run(&made, &values)
                .map_err(|fault| fault.to_string())
                .and_then(|_| does(&made, &values, &wanted)),
            Err(errors) => Err(format!("{errors:?}")),
        };
        match outcome {
            Ok(()) => solved += 1,
            Err(why) => failures.push(format!("seed {seed}: {text}\n{values:?}\n{why}\n")),
        }
    }
    assert!(failures.is_empty(), "{}", shortest(failures));
    assert!(solved > 0);
}
