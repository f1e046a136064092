//! Warnings of what is declared and never used.

use super::model::{Converter, DefId, Expr, ExprKind, Form, IterId, Layout, Size, SizeId, Writes};
use crate::diagnostic::{Code, Diagnostic, Sink};

/// The names that expressions use, through definitions.
#[derive(Default)]
struct Used {
    sizes: Vec<SizeId>,
    iterators: Vec<IterId>,
    definitions: Vec<DefId>,
}

impl Used {
    fn see(&mut self, expr: &Expr) {
        expr.walk(&mut |part| match &part.kind {
            ExprKind::Size(id) => self.sizes.push(*id),
            ExprKind::Iter(id) => self.iterators.push(*id),
            ExprKind::Def(id) => self.definitions.push(*id),
            _ => {}
        });
    }

    /// Adds what the used definitions use.
    fn close(&mut self, converter: &Converter) {
        // Each uses only earlier ones, so that one pass from the last to the first finds all.
        for (at, definition) in converter.rule.definitions.iter().enumerate().rev() {
            if self.definitions.contains(&DefId(at as u32)) {
                self.see(&definition.value);
                self.definitions.sort_unstable();
                self.definitions.dedup();
            }
        }
    }
}

/// Whether a name says itself that it may go unused.
fn silent(name: &str) -> bool {
    name.starts_with('_')
}

/// Warns of iterators, definitions and sizes that nothing uses.
pub(super) fn warn(converter: &Converter, sink: &mut Sink) {
    let rule = &converter.rule;
    let mut right = Used::default();
    rule.source.iter().for_each(|e| right.see(e));
    if let Some(guard) = &rule.guard {
        guard.walk(&mut |part| right.see(part));
    }
    if rule.form == Form::Relational {
        rule.left.iter().for_each(|e| right.see(e));
    }
    right.close(converter);
    iterators(converter, &right, sink);
    for (at, definition) in rule.definitions.iter().enumerate() {
        if !right.definitions.contains(&DefId(at as u32)) && !silent(&definition.name.text) {
            let message = format!("`{}` is defined but never used", definition.name.text);
            sink.push(
                Diagnostic::new(Code::UnusedDefinition, definition.name.span, message)
                    .label("never used")
                    .help(format!("remove it, or call it `_{}`", definition.name.text)),
            );
        }
    }
    let mut all = right;
    let operands = converter
        .input
        .extents
        .iter()
        .chain(&converter.output.extents);
    operands
        .chain(rule.iterators.iter().map(|i| &i.extent))
        .for_each(|e| all.see(e));
    rule.definitions.iter().for_each(|d| all.see(&d.value));
    converter
        .requires
        .iter()
        .for_each(|c| c.walk(&mut |part| all.see(part)));
    sizes(&converter.sizes, all, sink);
}

/// Warns of iterators and sizes of a layout that nothing uses.
pub(super) fn warn_layout(layout: &Layout, sink: &mut Sink) {
    let mut used = Used::default();
    layout.left.iter().for_each(|e| used.see(e));
    for (at, iterator) in layout.iterators.iter().enumerate() {
        let name = &iterator.name;
        let idle = !used.iterators.contains(&IterId(at as u32)) && !silent(&name.text);
        if idle && !matches!(iterator.extent.kind, ExprKind::Int(..=1)) {
            sink.push(
                Diagnostic::new(
                    Code::UnusedIterator,
                    name.span,
                    format!("`{}` has no part in the place", name.text),
                )
                .label("all its values share one place")
                .help(format!(
                    "use it in a physical coordinate, or call it `_{}`",
                    name.text
                )),
            );
        }
    }
    layout.iterators.iter().for_each(|i| used.see(&i.extent));
    sizes(&layout.sizes, used, sink);
}

fn iterators(converter: &Converter, right: &Used, sink: &mut Sink) {
    for (at, iterator) in converter.rule.iterators.iter().enumerate() {
        let name = &iterator.name;
        let used = right.iterators.contains(&IterId(at as u32));
        // Along an axis of one element nothing can repeat.
        if used || silent(&name.text) || matches!(iterator.extent.kind, ExprKind::Int(..=1)) {
            continue;
        }
        let diagnostic = Diagnostic::new(
            Code::UnusedIterator,
            name.span,
            format!("`{}` is never used on the right side", name.text),
        );
        sink.push(match converter.rule.form {
            Form::Gather => diagnostic
                .label(format!(
                    "every value is repeated along axis {at} of {}",
                    converter.output.name.text
                ))
                .help(format!("if that is meant, call it `_{}`", name.text)),
            Form::Relational => diagnostic
                .label(match converter.rule.writes {
                    Writes::Once => "it only repeats the same write",
                    Writes::Add => "it only adds the same elements again",
                })
                .help("remove it from `for`"),
        });
    }
}

fn sizes(sizes: &[Size], mut used: Used, sink: &mut Sink) {
    sizes
        .iter()
        .filter_map(|s| s.value.as_ref())
        .for_each(|e| used.see(e));
    for (at, size) in sizes.iter().enumerate() {
        if !used.sizes.contains(&SizeId(at as u32)) && !silent(&size.name.text) {
            let message = format!("size `{}` is never used", size.name.text);
            sink.push(
                Diagnostic::new(Code::UnusedSize, size.name.span, message)
                    .label("never used")
                    .help(format!("remove it, or call it `_{}`", size.name.text)),
            );
        }
    }
}
