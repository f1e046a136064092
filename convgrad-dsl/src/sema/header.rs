//! The head of a converter: its sizes with their values, the extents of both tensors, `requires`.

use super::expr::Resolver;
use super::model::{Cond, Expr, Operand, Size, SizeId};
use super::order::{circles, sorted};
use super::scope::{Meaning, Place, Scope, reserved};
use super::walk::names;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::Name;
use crate::syntax::limits::MAX_AXES;
use crate::syntax::tree;

/// A head, resolved. Parts with errors, which have been reported, are None.
pub(super) struct Header {
    pub(super) sizes: Option<Vec<Size>>,
    pub(super) input: Option<Operand>,
    pub(super) output: Option<Operand>,
    pub(super) requires: Option<Vec<Cond>>,
    /// The sizes as names.
    pub(super) scope: Scope,
}

/// Resolves a head; the names of its rule are given so that a message can say why they do not count here.
pub(super) fn resolve(header: &tree::Header, rule: Option<&tree::Rule>, sink: &mut Sink) -> Header {
    let mut scope = Scope::new(Place::Sizes);
    scope.elsewhere = rule.map(names_of_rule).unwrap_or_default();
    let sizes = sizes(&header.sizes, &mut scope, sink);
    let input = operand(&header.input, &scope, sink);
    let output = operand(&header.output, &scope, sink);
    let mut resolver = Resolver {
        scope: &scope,
        sink,
    };
    let requires: Vec<_> = header
        .requires
        .iter()
        .map(|r| resolver.condition(r))
        .collect();
    Header {
        sizes,
        input,
        output,
        requires: requires.into_iter().collect(),
        scope,
    }
}

/// Declares sizes and resolves their values. None if one of them is wrong, which has been reported.
pub(super) fn sizes(sizes: &[tree::Size], scope: &mut Scope, sink: &mut Sink) -> Option<Vec<Size>> {
    let sound = declare(sizes, scope, sink);
    values(sizes, scope, sink).filter(|_| sound)
}

/// Iterators and `where` names of a rule.
fn names_of_rule(rule: &tree::Rule) -> Vec<(Name, &'static str)> {
    let left = rule.left.list.exprs.iter().filter_map(|e| match &e.kind {
        tree::ExprKind::Name(text) => Some((
            Name {
                text: text.clone(),
                span: e.span,
            },
            "an iterator",
        )),
        _ => None,
    });
    let ranges = rule
        .ranges
        .iter()
        .flatten()
        .map(|r| (r.name.clone(), "an iterator"));
    let definitions = rule
        .definitions
        .iter()
        .map(|d| (d.name.clone(), "a `where` name"));
    definitions.chain(ranges).chain(left).collect()
}

/// Declares the sizes; whether all is well.
fn declare(sizes: &[tree::Size], scope: &mut Scope, sink: &mut Sink) -> bool {
    let mark = sink.mark();
    for (at, size) in sizes.iter().enumerate() {
        if let Some(diagnostic) = reserved(&size.name, "a size") {
            sink.push(diagnostic);
            scope.declare(&size.name, Meaning::Broken);
        } else if let Some((_, first)) = scope.get(&size.name.text) {
            sink.push(
                Diagnostic::new(
                    Code::DefinedTwice,
                    size.name.span,
                    format!("size `{}` declared twice", size.name.text),
                )
                .label("declared again")
                .secondary(first, "first declared here")
                .help("remove one of them, or rename it"),
            );
        } else {
            scope.declare(&size.name, Meaning::Size(SizeId(at as u32)));
        }
    }
    !sink.has_errors_since(mark)
}

/// The sizes with their values, None if one of them is wrong.
fn values(sizes: &[tree::Size], scope: &Scope, sink: &mut Sink) -> Option<Vec<Size>> {
    let mark = sink.mark();
    let mut resolver = Resolver { scope, sink };
    let resolved: Vec<Option<Option<Expr>>> = sizes
        .iter()
        .map(|size| match &size.value {
            Some(value) => resolver.number(value).map(Some),
            None => Some(None),
        })
        .collect();
    // Sizes in the values of sizes, by position; what is undeclared was reported just now.
    let position = |name: &str| match scope.get(name) {
        Some((Meaning::Size(id), _)) => Some(id.index()),
        _ => None,
    };
    let uses: Vec<Vec<usize>> = sizes
        .iter()
        .map(|size| used(size.value.as_ref(), position))
        .collect();
    let (_, rest) = sorted(&uses);
    report_circles(&uses, &rest, |at| &sizes[at].name, sink);
    if sink.has_errors_since(mark) {
        return None;
    }
    let with_values = sizes.iter().zip(resolved);
    with_values
        .map(|(size, value)| {
            Some(Size {
                name: size.name.clone(),
                value: value?,
            })
        })
        .collect()
}

/// The positions of the names that an expression uses, each once.
pub(super) fn used(
    expr: Option<&tree::Expr>,
    position: impl Fn(&str) -> Option<usize>,
) -> Vec<usize> {
    let mut found = Vec::new();
    if let Some(expr) = expr {
        names(expr, &mut |name, _| found.extend(position(name)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Reports the circles among definitions.
pub(super) fn report_circles<'n>(
    uses: &[Vec<usize>],
    rest: &[usize],
    name: impl Fn(usize) -> &'n Name,
    sink: &mut Sink,
) {
    /// Longer circles are shown in part.
    const MOST: usize = 8;
    for circle in circles(uses, rest) {
        if sink.is_full() {
            return;
        }
        let first = name(circle[0]);
        let shown = &circle[..circle.len().min(MOST)];
        let path: Vec<&str> = shown.iter().map(|&at| name(at).text.as_str()).collect();
        let message = if circle.len() == 1 {
            format!("`{}` is defined by itself", first.text)
        } else {
            let rest = if circle.len() > MOST { " -> …" } else { "" };
            let path = path.join(" -> ");
            format!("definitions are circular: {path}{rest} -> {}", first.text)
        };
        let help = if circle.len() == 1 {
            "a definition does not change a name: choose another one for the new value"
        } else {
            "define one of them without the others"
        };
        let mut diagnostic =
            Diagnostic::new(Code::CircularDefinition, first.span, message).help(help);
        for &other in &shown[1..] {
            diagnostic = diagnostic.secondary(name(other).span, "part of the circle");
        }
        sink.push(diagnostic);
    }
}

/// A declared tensor.
fn operand(tensor: &tree::Tensor, scope: &Scope, sink: &mut Sink) -> Option<Operand> {
    if let Some(spread) = &tensor.list.spread {
        let message = format!("`{}..` stands for source indices", spread.text);
        sink.push(
            Diagnostic::new(Code::Unexpected, spread.span, message)
                .label("extents are expected here")
                .help("write one extent an axis"),
        );
        return None;
    }
    if tensor.list.exprs.len() > MAX_AXES {
        let message = format!("too many axes: {}", tensor.list.exprs.len());
        sink.push(
            Diagnostic::new(Code::TooDeep, tensor.name.span, message)
                .label(format!("a tensor may have {MAX_AXES}")),
        );
        return None;
    }
    let extents = Resolver { scope, sink }.numbers(&tensor.list.exprs)?;
    Some(Operand {
        name: tensor.name.clone(),
        extents,
        span: tensor.span,
    })
}
