//! A rule the other way round: what it wrote is read, what it read is written.

use crate::sema::model::{Cond, Converter, Form, Iterator, Operand, Origin, Size, Writes};
use crate::source::Span;

use super::divisors::bounded;
use super::expr::Maker;
use super::simplify::simplified_or_same;
use super::substitute::Respan;

/// The relation of `f` with both sides exchanged, as a rule that fills nothing: an iteration of `f` that reads outside its
/// input, and is filled, is none of this rule. Patches are fills, too.
pub(super) fn swapped(f: &Converter, span: Span) -> Converter {
    let mut f = simplified_or_same(f.clone());
    f.respan(span);
    let make = Maker { span };
    let inside = match f.rule.fill {
        Some(_) => reads_inside(&f, make),
        None => Vec::new(),
    };
    let mut swapped = f.clone();
    swapped.origin = Origin::Chain(String::new());
    swapped.docs.clear();
    std::mem::swap(&mut swapped.input, &mut swapped.output);
    let rule = &mut swapped.rule;
    rule.form = Form::Relational;
    std::mem::swap(&mut rule.left, &mut rule.source);
    rule.guard = make.all(f.rule.guard.into_iter().chain(inside));
    rule.fill = None;
    rule.patches.clear();
    rule.writes = Writes::Once;
    if let Some(elements) = &mut swapped.elements {
        std::mem::swap(&mut elements.input, &mut elements.output);
    }
    bounded(swapped)
}

/// That the source is inside the input.
pub(super) fn reads_inside(f: &Converter, make: Maker) -> Vec<Cond> {
    let axes = f.rule.source.iter().zip(&f.input.extents);
    axes.flat_map(|(index, extent)| make.inside(index, extent))
        .collect()
}

/// Gives iterators other names where they have those of sizes or of each other.
pub(super) fn names_apart(sizes: &[Size], iterators: &mut [Iterator]) {
    for at in 0..iterators.len() {
        let (before, rest) = iterators.split_at_mut(at);
        let Some(iterator) = rest.first_mut() else {
            return;
        };
        let name = &mut iterator.name.text;
        let taken = |name: &str| {
            let sizes = sizes.iter().map(|size| &size.name);
            let names = sizes.chain(before.iter().map(|other| &other.name));
            names.into_iter().any(|other| other.text == name)
        };
        while taken(name) {
            name.push('_');
        }
    }
}

/// Gives the output another name if it has the input's.
pub(super) fn told_apart(input: &Operand, output: &mut Operand) {
    if input.name.text == output.name.text {
        output.name.text = match input.name.text.as_str() {
            "Y" => "Z".to_owned(),
            "X" => "Y".to_owned(),
            other => format!("{other}_out"),
        };
    }
}
