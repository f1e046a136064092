//! What ranges in a rule: fresh names on the left, the names of `for`, or names that stand alone in the source.

use std::collections::BTreeSet;

use super::expr::Resolver;
use super::header::Header;
use super::model::{Expr, ExprKind, Form, IterId, Iterator, Operand};
use super::names::{listing, nearest};
use super::scope::{Meaning, Place, Scope, reserved, shadows};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::Name;
use crate::syntax::tree;

/// How a rule is written, and its iterators; None for those whose range is wrong, which has been reported.
pub(super) struct Iterators {
    pub(super) form: Form,
    pub(super) list: Vec<Option<Iterator>>,
    /// Sizes and iterators.
    pub(super) scope: Scope,
}

/// Finds the iterators of a rule.
pub(super) fn resolve(rule: &tree::Rule, header: &Header, sink: &mut Sink) -> Iterators {
    let (form, place) = if rule.ranges.is_some() {
        (Form::Relational, Place::Rule)
    } else if rule.added.is_none() && is_gather(rule, header) {
        (Form::Gather, Place::Rule)
    } else {
        (Form::Relational, Place::Implicit)
    };
    let mut scope = header.scope.clone();
    scope.place = place;
    scope.elsewhere.clear();
    let mut found = Iterators {
        form,
        list: Vec::new(),
        scope,
    };
    match (&rule.ranges, form) {
        (Some(ranges), _) => found.of_ranges(ranges, &header.scope, no_limit, sink),
        (None, Form::Gather) => found.of_left(rule, header, sink),
        (None, Form::Relational) => found.of_source(rule, header, sink),
    }
    found
}

/// The logical coordinates of a layout: `n < N`, or `n` alone, which takes the size of the same name in upper case.
pub(super) fn of_layout(ranges: &[tree::Range], sizes: &Scope, sink: &mut Sink) -> Iterators {
    let mut found = Iterators::fresh(sizes);
    found.of_ranges(ranges, sizes, upper_case, sink);
    found
}

/// The name that an expression consists of.
pub(super) fn alone(expr: &tree::Expr) -> Option<Name> {
    match &expr.kind {
        tree::ExprKind::Name(text) => Some(Name {
            text: text.clone(),
            span: expr.span,
        }),
        _ => None,
    }
}

/// Whether the left side lists fresh names.
///
/// A `where` name on the left makes a rule relational, provided that the source says what ranges; if it does not, the
/// left side was meant to, and hides the `where` name. A size among nothing but names is hidden too.
fn is_gather(rule: &tree::Rule, header: &Header) -> bool {
    let left: Option<Vec<Name>> = rule.left.list.exprs.iter().map(alone).collect();
    let Some(left) = left else { return false };
    let defined: BTreeSet<&str> = rule
        .definitions
        .iter()
        .map(|d| d.name.text.as_str())
        .collect();
    if !left.iter().any(|n| defined.contains(n.text.as_str())) {
        return true;
    }
    let free = |name: &str| header.scope.get(name).is_none() && !defined.contains(name);
    let source = rule.source.iter().flat_map(|s| &s.list.exprs);
    let ranging: BTreeSet<String> = source
        .filter_map(alone)
        .map(|n| n.text)
        .filter(|n| free(n))
        .collect();
    let mut bound = !ranging.is_empty();
    let mut look = |name: &str, _| bound &= !free(name) || ranging.contains(name);
    left.iter().for_each(|n| look(&n.text, n.span));
    rule.definitions
        .iter()
        .for_each(|d| super::walk::names(&d.value, &mut look));
    !bound
}

impl Iterators {
    /// None yet, over these sizes.
    pub(super) fn fresh(sizes: &Scope) -> Self {
        let mut scope = sizes.clone();
        scope.place = Place::Coordinates;
        scope.elsewhere.clear();
        Self {
            form: Form::Relational,
            list: Vec::new(),
            scope,
        }
    }

    /// Declares an iterator if its name is free; whether it was.
    pub(super) fn declare(&mut self, name: &Name, help: &str, sink: &mut Sink) -> bool {
        let diagnostic = match self.scope.get(&name.text) {
            _ if reserved(name, "an iterator").is_some() => {
                self.scope.declare(name, Meaning::Broken);
                reserved(name, "an iterator")
            }
            Some((Meaning::Size(id), span)) => {
                let help = format!(
                    "choose another name; if the place {} is meant, bind the iterators by `for`",
                    name.text
                );
                Some(shadows(name, "iterator", Meaning::Size(id), span).help(help))
            }
            Some((_, first)) => Some(
                Diagnostic::new(
                    Code::IteratorTwice,
                    name.span,
                    format!("iterator `{}` bound twice", name.text),
                )
                .label("bound again")
                .secondary(first, "first bound here")
                .help(help),
            ),
            None => None,
        };
        match diagnostic {
            Some(diagnostic) => {
                sink.push(diagnostic);
                false
            }
            None => {
                self.scope
                    .declare(name, Meaning::Iterator(IterId(self.list.len() as u32)));
                true
            }
        }
    }

    /// Declares an iterator that ranges over an axis of a tensor; `help` is for a name that is bound already.
    fn over_axis(
        &mut self,
        name: Name,
        help: &str,
        tensor: Option<&Operand>,
        axis: usize,
        sink: &mut Sink,
    ) {
        let fresh = self.declare(&name, help, sink);
        let extent = tensor.and_then(|tensor| tensor.extents.get(axis)).cloned();
        self.push(name, extent.filter(|_| fresh));
    }

    /// The next iterator, or that its range is wrong.
    fn push(&mut self, name: Name, extent: Option<Expr>) {
        self.list
            .push(extent.map(|extent| Iterator { name, extent }));
    }

    /// Gather form: each name on the left ranges over its axis.
    fn of_left(&mut self, rule: &tree::Rule, header: &Header, sink: &mut Sink) {
        let (output, input) = (
            &rule.left.name.text,
            rule.source.as_ref().map(|s| s.name.text.as_str()),
        );
        for (axis, name) in rule.left.list.exprs.iter().filter_map(alone).enumerate() {
            let help = format!(
                "give each axis of {output} its own iterator; the diagonal of {0} is `{0}[{1}, {1}]` on the right",
                input.unwrap_or("the input"),
                name.text
            );
            self.over_axis(name, &help, header.output.as_ref(), axis, sink);
        }
    }

    /// `n < N, c < C`; `alone` says what is the limit of one that has none.
    fn of_ranges(
        &mut self,
        ranges: &[tree::Range],
        sizes: &Scope,
        alone: fn(&Name, &Scope, &mut Sink) -> Option<Expr>,
        sink: &mut Sink,
    ) {
        let mut sizes = sizes.clone();
        sizes.elsewhere = ranges
            .iter()
            .map(|r| (r.name.clone(), "an iterator"))
            .collect();
        for range in ranges {
            let fresh = self.declare(&range.name, "list each iterator once", sink);
            let limit = match &range.limit {
                Some(limit) => Resolver {
                    scope: &sizes,
                    sink,
                }
                .number(limit),
                None => alone(&range.name, &sizes, sink),
            };
            self.push(range.name.clone(), limit.filter(|_| fresh));
        }
    }

    /// Each name that stands alone as a source index ranges over that axis.
    fn of_source(&mut self, rule: &tree::Rule, header: &Header, sink: &mut Sink) {
        let defined: BTreeSet<&str> = rule
            .definitions
            .iter()
            .map(|d| d.name.text.as_str())
            .collect();
        let source = rule.source.iter().flat_map(|s| &s.list.exprs).enumerate();
        for (axis, name) in source.filter_map(|(axis, e)| alone(e).map(|n| (axis, n))) {
            if defined.contains(name.text.as_str()) {
                continue;
            }
            match self.scope.get(&name.text) {
                // A size as an index reads one fixed place.
                Some((Meaning::Size(_), _)) => continue,
                Some((Meaning::Iterator(_), first)) => {
                    let message = format!(
                        "iterator `{}` stands alone as two source indices",
                        name.text
                    );
                    sink.push(
                        Diagnostic::new(Code::IteratorNotAlone, name.span, message)
                            .label("here again")
                            .secondary(first, "it already ranges over this axis")
                            .help(format!("say how far it ranges: `for {} < …`", name.text)),
                    );
                    continue;
                }
                _ => {}
            }
            self.over_axis(name, "", header.input.as_ref(), axis, sink);
        }
    }
}

/// The size that an iterator of a layout takes as its limit.
fn upper_case(name: &Name, sizes: &Scope, sink: &mut Sink) -> Option<Expr> {
    let upper = name.text.to_uppercase();
    if let Some((Meaning::Size(id), _)) = sizes.get(&upper) {
        return Some(Expr {
            kind: ExprKind::Size(id),
            span: name.span,
        });
    }
    let help = match nearest(&upper, sizes.in_order()) {
        Some(size) => format!("write `{} < {size}`", name.text),
        None => format!(
            "declare it in the sizes: `<…, {upper}>`, or write `{} < …`",
            name.text
        ),
    };
    sink.push(
        Diagnostic::new(
            Code::UnknownSize,
            name.span,
            format!("unknown size `{upper}`"),
        )
        .label(format!("`{}` alone ranges over `{upper}`", name.text))
        .note(format!("in scope: {}", listing(sizes.in_order())))
        .help(help),
    );
    None
}

/// Says that an iterator of a rule needs a limit.
fn no_limit(name: &Name, sizes: &Scope, sink: &mut Sink) -> Option<Expr> {
    let upper = name.text.to_uppercase();
    let size = if sizes.get(&upper).is_some() {
        Some(upper.as_str())
    } else {
        None
    };
    let size = size
        .or_else(|| nearest(&name.text, sizes.in_order()))
        .unwrap_or("N");
    sink.push(
        Diagnostic::new(
            Code::Unexpected,
            name.span,
            format!("it is not said how far `{}` ranges", name.text),
        )
        .label("`<` and a limit are expected after this")
        .help(format!("write `for {} < {size}`", name.text)),
    );
    None
}
