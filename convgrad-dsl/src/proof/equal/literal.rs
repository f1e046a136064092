//! Two converters read literally, an element at a time: for what has no gather form, and for counterexamples.

use crate::analysis::Bindings;
use crate::interpret::{Held, Map, source_map, unflatten};
use crate::proof::Decision;
use crate::proof::enumerate::Point;
use crate::proof::point::place;
use crate::proof::tries::{Budget, told, tries};
use crate::sema::eval::Values;
use crate::sema::model::{Converter, Number};
use crate::sizes;

use super::Shown;
use super::joint::Joint;

/// What two maps show at some sizes.
enum Comparison {
    /// One of the converters does not accept the sizes, or they take too much work.
    NotBoth,
    Same,
    /// How they differ.
    Different(Vec<String>),
}

impl Joint {
    /// Decides at constant sizes, as far as the interpreter goes; with free sizes tries some, which can only refute.
    pub(super) fn read(&self) -> Shown {
        let unbound = self.unbound();
        let mut budget = Budget::default();
        for values in tries(unbound.len()) {
            let mut bindings: Bindings = vec![None; self.f.sizes.len()];
            for (&at, value) in unbound.iter().zip(values) {
                bindings[at] = Some(value);
            }
            let Some(sizes) = self.sizes(bindings) else {
                continue;
            };
            // Constant sizes are decided as far as the interpreter goes.
            if !unbound.is_empty() && !budget.allows(&[&self.f, &self.g], &sizes) {
                continue;
            }
            match self.compare(&sizes) {
                Comparison::Different(notes) => return Shown::Different(notes),
                Comparison::Same if unbound.is_empty() => {
                    return Shown::Equal(Decision::Enumeration);
                }
                Comparison::Same => budget.accepted += 1,
                Comparison::NotBoth => {}
            }
            if budget.is_spent() {
                break;
            }
        }
        Shown::Open
    }

    /// All sizes, where those that are free and not matched have values.
    pub(super) fn sizes(&self, bindings: Bindings) -> Option<Vec<i64>> {
        sizes::complete(&self.f, bindings).ok()
    }

    /// The sizes without values, those of the second converter last.
    pub(super) fn unbound(&self) -> Vec<usize> {
        let sizes = self.f.sizes.iter().enumerate();
        sizes
            .filter(|(_, s)| s.value.is_none())
            .map(|(at, _)| at)
            .collect()
    }

    /// Reads both converters at some sizes.
    fn compare(&self, sizes: &[i64]) -> Comparison {
        let maps = source_map(&self.f, sizes)
            .ok()
            .zip(source_map(&self.g, sizes).ok());
        let Some((f, g)) = maps else {
            return Comparison::NotBoth;
        };
        if f.output_shape != g.output_shape {
            let shape = |converter: &Converter, map: &Map| {
                place(&converter.output.name.text, Some(map.output_shape.clone()))
            };
            let (left, right) = (shape(&self.f, &f), shape(&self.g, &g));
            return Comparison::Different(vec![
                self.told(sizes),
                format!("the left side gives {left}, the right side {right}"),
            ]);
        }
        match f.difference(&g) {
            None => Comparison::Same,
            Some(at) => {
                let index = unflatten(at, &f.output_shape);
                let held =
                    |converter: &Converter, map: &Map| held(&converter.input.name.text, map, at);
                let (left, right) = (held(&self.f, &f), held(&self.g, &g));
                Comparison::Different(self.differ(sizes, &index, &left, &right))
            }
        }
    }

    /// What both hold at a place of their outputs, by their rules, which are in gather form. All sizes have values.
    pub(super) fn at(&self, point: &Point) -> Vec<String> {
        let Some(sizes) = self.sizes(vec![None; self.f.sizes.len()]) else {
            return Vec::new();
        };
        let index: Vec<i64> = point
            .iter()
            .filter_map(|v| i64::try_from(*v).ok())
            .collect();
        let known: Vec<Option<i64>> = sizes.iter().copied().map(Some).collect();
        let held = |converter: &Converter| {
            let rule = &converter.rule;
            let values = Values::new(&known, &index, &rule.definitions);
            let source = rule.source.iter().map(|e| values.number(e).ok());
            let source: Option<Vec<i64>> = source.collect();
            let extents = converter
                .input
                .extents
                .iter()
                .map(|e| values.number(e).ok());
            let inside = source
                .iter()
                .flatten()
                .zip(extents)
                .all(|(&at, extent)| extent.is_some_and(|extent| (0..extent).contains(&at)));
            let passes = rule
                .guard
                .as_ref()
                .is_none_or(|c| values.holds(c) == Ok(true));
            match &rule.fill {
                Some(fill) if !(inside && passes) => number(fill.number),
                _ => place(&converter.input.name.text, source),
            }
        };
        self.differ(&sizes, &index, &held(&self.f), &held(&self.g))
    }

    fn differ(&self, sizes: &[i64], index: &[i64], left: &str, right: &str) -> Vec<String> {
        let here = place(&self.f.output.name.text, Some(index.to_vec()));
        vec![
            self.told(sizes),
            format!("{here} is {left} on the left side, {right} on the right side"),
        ]
    }

    fn told(&self, sizes: &[i64]) -> String {
        format!("counterexample for {}", told(&self.f.sizes, sizes))
    }
}

/// `X[3,0]`, `0`, `X[0] + X[1]`
fn held(name: &str, map: &Map, at: usize) -> String {
    let Held {
        number: value,
        elements,
    } = map.held(at);
    let mut parts: Vec<String> = elements
        .iter()
        .map(|&element| place(name, Some(unflatten(element, &map.input_shape))))
        .collect();
    if parts.is_empty() || !value.same(Number::Int(0)) {
        parts.push(number(value));
    }
    parts.join(" + ")
}

fn number(value: Number) -> String {
    match value {
        Number::Int(n) => n.to_string(),
        Number::Float(x) => x.to_string(),
    }
}
