//! The rule of a converter: which tensors, how many indices, what they are made of.

use super::definitions;
use super::expr::{Resolver, count};
use super::header::Header;
use super::iterators;
use super::model::{Expr, ExprKind, Fill, Rule, Writes};
use super::names::listing;
use super::scope::{Meaning, Scope};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::{Name, Span};
use crate::syntax::tree;

/// Resolves a rule. None if it has errors, which have been reported.
pub(super) fn resolve(
    rule: &tree::Rule,
    tree: &tree::Header,
    header: &Header,
    sink: &mut Sink,
) -> Option<Rule> {
    let mark = sink.mark();
    let named = tensors(rule, tree, sink);
    if let Some(spread) = &rule.left.list.spread {
        sink.push(
            Diagnostic::new(
                Code::Unexpected,
                spread.span,
                format!("`{}..` stands for source indices", spread.text),
            )
            .label("the left side lists one index an axis")
            .help("write the indices one by one"),
        );
        return None;
    }
    let mut bound = iterators::resolve(rule, header, sink);
    let definitions = definitions::resolve(&rule.definitions, &mut bound.scope, sink);
    let mut resolver = Resolver {
        scope: &bound.scope,
        sink,
    };
    let left = resolver.numbers(&rule.left.list.exprs);
    let guard = rule.guard.as_ref().map(|g| resolver.condition(g));
    let source = rule
        .source
        .as_ref()
        .and_then(|s| indices(s, tree, &mut resolver));
    if named.0 {
        rank(&rule.left, &tree.output, rule.left.list.exprs.len(), sink);
    }
    if let (Some(tensor), true) = (&rule.source, named.1)
        && tensor.list.spread.is_none()
    {
        rank(tensor, &tree.input, tensor.list.exprs.len(), sink);
    }
    if let Some(sign) = rule.added {
        sums(rule, sign, sink);
    } else if let (Some(guard), None) = (&rule.guard, rule.fill) {
        sink.push(
            Diagnostic::new(Code::GuardWithoutElse, guard.span, "`if` without `else`")
                .label("it is not said what the output gets where this fails")
                .help("write `else 0` after the condition"),
        );
    }
    if sink.has_errors_since(mark) {
        return None;
    }
    Some(Rule {
        form: bound.form,
        iterators: bound.list.into_iter().collect::<Option<_>>()?,
        definitions: definitions?,
        left: left?,
        source: source?,
        guard: match guard {
            Some(guard) => Some(guard?),
            None => None,
        },
        fill: rule.fill.map(|f| Fill {
            number: f.number,
            span: f.span,
        }),
        patches: Vec::new(),
        writes: match rule.added {
            Some(_) => Writes::Add,
            None => Writes::Once,
        },
        span: rule.span,
    })
}

/// Reports what stands in a rule that adds and cannot be meant.
fn sums(rule: &tree::Rule, sign: Span, sink: &mut Sink) {
    if let Some(fill) = &rule.fill {
        sink.push(
            Diagnostic::new(
                Code::Unexpected,
                fill.span,
                "a rule with `+=` has no `else`",
            )
            .label("sums begin at 0, and places that nothing is added to hold 0")
            .secondary(sign, "this adds")
            .help("remove the `else`; what must not be added is left out by an `if`"),
        );
    }
    if let Some(conversion) = &rule.conversion {
        sink.push(
            Diagnostic::new(
                Code::Unexpected,
                conversion.span,
                "a rule with `+=` converts nothing",
            )
            .label("elements are added as they are")
            .secondary(sign, "this adds")
            .help("convert in a converter of its own, and compose both"),
        );
    }
}

/// Whether the rule writes the output and reads the input that are declared. If not, that is reported.
fn tensors(rule: &tree::Rule, header: &tree::Header, sink: &mut Sink) -> (bool, bool) {
    let (input, output) = (&header.input.name, &header.output.name);
    let left = &rule.left.name;
    let source = rule.source.as_ref().map(|s| &s.name);
    if input.text != output.text
        && left.text == input.text
        && source.is_some_and(|s| s.text == output.text)
    {
        let message = format!(
            "the rule writes `{}` and reads `{}`, the wrong way round",
            input.text, output.text
        );
        sink.push(
            Diagnostic::new(Code::RuleMismatch, left.span, message)
                .label("this is the input")
                .secondary(output.span, "the output is declared here")
                .help(format!("write `{}[…] = {}[…]`", output.text, input.text)),
        );
        return (false, false);
    }
    let writes = left.text == output.text;
    if !writes {
        let message = format!(
            "the rule writes `{}`, but the output is `{}`",
            left.text, output.text
        );
        sink.push(
            Diagnostic::new(Code::RuleMismatch, left.span, message)
                .label("not the output")
                .secondary(output.span, "the output is declared here")
                .help(format!("write `{}[…] = …`", output.text)),
        );
    }
    let reads = source.is_none_or(|s| s.text == input.text);
    if let (false, Some(source)) = (reads, source) {
        let (message, label) = if source.text == output.text {
            (
                format!("the rule reads its own output `{}`", source.text),
                "this is the output",
            )
        } else {
            (
                format!("no tensor `{}` is declared", source.text),
                "not the input",
            )
        };
        sink.push(
            Diagnostic::new(Code::UnknownTensor, source.span, message)
                .label(label)
                .secondary(input.span, "the input is declared here")
                .help(format!("write `… = {}[…]`", input.text)),
        );
    }
    (writes, reads)
}

/// Reports too few or too many indices.
fn rank(used: &tree::Tensor, declared: &tree::Tensor, indices: usize, sink: &mut Sink) {
    let axes = declared.list.exprs.len();
    let name = &used.name.text;
    let label = format!("declared with {}", count(axes, "axis"));
    if indices > axes {
        let extra = &used.list.exprs[axes];
        let last = &used.list.exprs[indices - 1];
        let message = format!(
            "{name} has {}, but {} {} given",
            count(axes, "axis"),
            count(indices, "index"),
            are(indices)
        );
        sink.push(
            Diagnostic::new(Code::TooManyIndices, extra.span.to(last.span), message)
                .label("too many")
                .secondary(declared.span, label)
                .help(format!("write {}", count(axes, "index"))),
        );
    } else if indices < axes {
        let message = format!(
            "{name} has {}, but {} {} given",
            count(axes, "axis"),
            count(indices, "index"),
            are(indices)
        );
        sink.push(match used.list.trailing_comma {
            Some(comma) if indices + 1 == axes => Diagnostic::new(
                Code::EmptyIndex,
                comma,
                format!("the last index of {name} is empty"),
            )
            .label("nothing follows this comma")
            .secondary(declared.span, label)
            .help(format!("write one expression an axis of {name}")),
            _ => Diagnostic::new(Code::TooFewIndices, used.list.span, message)
                .label("too few")
                .secondary(declared.span, label)
                .help(format!("write {}", count(axes, "index"))),
        });
    }
}

fn are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

/// The source indices, `i0..` written out.
fn indices(
    tensor: &tree::Tensor,
    header: &tree::Header,
    resolver: &mut Resolver<'_>,
) -> Option<Vec<Expr>> {
    match &tensor.list.spread {
        // What stands beside it is wrong, which has been reported.
        Some(_) if !tensor.list.exprs.is_empty() => None,
        Some(spread) => written_out(spread, &header.input, resolver),
        None => resolver.numbers(&tensor.list.exprs),
    }
}

/// `i0..` as i0, i1, … up to the rank.
fn written_out(
    spread: &Name,
    input: &tree::Tensor,
    resolver: &mut Resolver<'_>,
) -> Option<Vec<Expr>> {
    let Some(stem) = spread.text.strip_suffix('0') else {
        let message = format!("`{}..` does not say where to count from", spread.text);
        resolver.sink.push(
            Diagnostic::new(Code::Unexpected, spread.span, message)
                .label("the name must end in 0")
                .help(format!(
                    "write `{0}0..` for {0}0, {0}1, … and define them in `where`",
                    spread.text
                )),
        );
        return None;
    };
    let names: Vec<String> = (0..input.list.exprs.len())
        .map(|axis| format!("{stem}{axis}"))
        .collect();
    let missing: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|n| !is_defined(resolver.scope, n))
        .collect();
    if !missing.is_empty() {
        let message = format!(
            "`{}..` needs {}, which `where` does not define",
            spread.text,
            listing(missing.iter().copied())
        );
        resolver.sink.push(
            Diagnostic::new(Code::UnknownName, spread.span, message)
                .label(format!(
                    "stands for {}",
                    listing(names.iter().map(String::as_str))
                ))
                .secondary(
                    input.span,
                    format!("{} has {}", input.name.text, count(names.len(), "axis")),
                )
                .help(format!("add `where {} = …`", missing[0])),
        );
        return None;
    }
    names
        .iter()
        .map(|name| match resolver.scope.get(name) {
            Some((Meaning::Definition(id), _)) => Some(Expr {
                kind: ExprKind::Def(id),
                span: spread.span,
            }),
            _ => None,
        })
        .collect()
}

fn is_defined(scope: &Scope, name: &str) -> bool {
    matches!(
        scope.get(name),
        Some((Meaning::Definition(_) | Meaning::Broken, _))
    )
}
