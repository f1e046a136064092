//! The `where` names of a rule: in an order in which each uses only earlier ones.

use std::collections::BTreeMap;

use super::expr::Resolver;
use super::header::{report_circles, used};
use super::model::{DefId, Definition};
use super::order::sorted;
use super::scope::{Meaning, Scope, reserved, shadows};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::syntax::tree;

/// Declares the definitions in the scope and resolves them. None if one of them is wrong, which has been reported.
pub(super) fn resolve(
    definitions: &[tree::Definition],
    scope: &mut Scope,
    sink: &mut Sink,
) -> Option<Vec<Definition>> {
    let mark = sink.mark();
    let kept = fresh(definitions, scope, sink);
    let position: BTreeMap<&str, usize> = kept
        .iter()
        .enumerate()
        .map(|(at, d)| (d.name.text.as_str(), at))
        .collect();
    let uses: Vec<Vec<usize>> = kept
        .iter()
        .map(|d| used(Some(&d.value), |name| position.get(name).copied()))
        .collect();
    let (order, rest) = sorted(&uses);
    report_circles(&uses, &rest, |at| &kept[at].name, sink);
    for (id, &at) in order.iter().enumerate() {
        scope.declare(&kept[at].name, Meaning::Definition(DefId(id as u32)));
    }
    for &at in &rest {
        scope.declare(&kept[at].name, Meaning::Broken);
    }
    let mut resolver = Resolver { scope, sink };
    for &at in &rest {
        resolver.number(&kept[at].value);
    }
    let resolved: Vec<Option<Definition>> = order
        .iter()
        .map(|&at| {
            let value = resolver.number(&kept[at].value)?;
            Some(Definition {
                name: kept[at].name.clone(),
                value,
            })
        })
        .collect();
    if sink.has_errors_since(mark) {
        return None;
    }
    resolved.into_iter().collect()
}

/// The definitions whose names are free. The others are reported.
fn fresh<'d>(
    definitions: &'d [tree::Definition],
    scope: &mut Scope,
    sink: &mut Sink,
) -> Vec<&'d tree::Definition> {
    let mut kept: Vec<&tree::Definition> = Vec::new();
    for definition in definitions {
        let name = &definition.name;
        let first = kept.iter().find(|d| d.name.text == name.text);
        if let Some(diagnostic) = reserved(name, "a `where` name") {
            sink.push(diagnostic);
            scope.declare(name, Meaning::Broken);
        } else if let Some((taken, span)) = scope.get(&name.text) {
            sink.push(shadows(name, "`where` name", taken, span));
        } else if let Some(first) = first {
            sink.push(
                Diagnostic::new(
                    Code::DefinedTwice,
                    name.span,
                    format!("`{}` defined twice", name.text),
                )
                .label("defined again")
                .secondary(first.name.span, "first defined here")
                .help("remove one of them, or rename it"),
            );
        } else {
            kept.push(definition);
        }
    }
    kept
}
