//! Names in generated code, and the sizes that it takes and computes.

use std::collections::HashSet;

use crate::compile::CompiledConverter;
use crate::nest::Scalar;
use crate::sema::model::{Rule, SizeId, Writes};

/// The names that are in use.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken(HashSet<String>);

impl Taken {
    /// Whether something has this name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// Takes a name that nothing else has: `base`, or `base_2`, `base_3`, …
    pub(super) fn fresh(&mut self, base: &str) -> String {
        let name = (1..)
            .map(|k| match k {
                1 => base.to_owned(),
                _ => format!("{base}_{k}"),
            })
            .find(|name| !self.0.contains(name))
            .unwrap_or_default();
        self.0.insert(name.clone());
        name
    }
}

/// What [the numbers of a rule](Rule::numbers) are to be called.
pub(super) fn numbers(rule: &Rule) -> Vec<&'static str> {
    let first = match rule.writes {
        Writes::Once => "fill",
        Writes::Add => "zero",
    };
    let names = std::iter::once(first).chain(std::iter::repeat("patch"));
    names.take(rule.numbers().len()).collect()
}

/// The sizes that a caller gives, in the order of declaration.
pub(super) fn free_sizes(compiled: &CompiledConverter) -> Vec<SizeId> {
    ids(compiled)
        .filter(|id| compiled.analysis.sizes[id.index()] == Scalar::Size(*id))
        .collect()
}

/// The sizes that follow from others, each with its value.
pub(super) fn derived_sizes(compiled: &CompiledConverter) -> Vec<(SizeId, &Scalar)> {
    ids(compiled)
        .map(|id| (id, &compiled.analysis.sizes[id.index()]))
        .filter(|(id, value)| !matches!(value, Scalar::Const(_)) && **value != Scalar::Size(*id))
        .collect()
}

fn ids(compiled: &CompiledConverter) -> impl Iterator<Item = SizeId> {
    (0..).map(SizeId).take(compiled.converter.sizes.len())
}
