//! Expressions: the flat sequence that the grammar matches becomes a tree by precedence, without recursion over operators.

use super::Builder;
use super::operators::{Infix, infix, instead, strength};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Name, Span};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::limits::MAX_DEPTH;
use crate::syntax::tree::{Expr, ExprKind};

/// An operator before an operand.
#[derive(Clone, Copy)]
enum Prefix {
    Neg,
    Not,
    Wrong,
}

/// An operator and where it stands.
struct Pending {
    infix: Infix,
    span: Span,
}

impl Builder<'_> {
    /// The tree of a pair of the rule `expr` or `sum`.
    pub(super) fn expr(&mut self, pair: Pair<'_>) -> Expr {
        let whole = self.span(&pair);
        let mut operands: Vec<Expr> = Vec::new();
        let mut operators: Vec<Pending> = Vec::new();
        let mut prefixes: Vec<(Prefix, Span)> = Vec::new();
        let mut deep = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::prefix => {
                    let prefix = self.prefix(&part);
                    prefixes.push(prefix);
                }
                Rule::operator | Rule::sum_operator => {
                    let next = self.operator(&part);
                    while operators
                        .last()
                        .is_some_and(|top| strength(top.infix) >= strength(next.infix))
                    {
                        deep = deep.or(self.reduce(&mut operands, &mut operators));
                    }
                    operators.push(next);
                }
                Rule::dangling | Rule::dangling_sum => self.dangling(whole, &part),
                _ => {
                    let mut operand = self.primary(part, &mut prefixes);
                    while let Some((prefix, span)) = prefixes.pop() {
                        deep = deep.or(apply(prefix, span, &mut operand));
                    }
                    operands.push(operand);
                }
            }
        }
        while !operators.is_empty() {
            deep = deep.or(self.reduce(&mut operands, &mut operators));
        }
        if let Some(place) = deep {
            self.sink.push(
                Diagnostic::new(Code::TooDeep, place, "the expression is too long")
                    .label(format!("here its tree has more than {MAX_DEPTH} levels"))
                    .help("name parts of it, in `where` or as sizes with values"),
            );
        }
        operands.pop().unwrap_or(Expr {
            kind: ExprKind::Error,
            span: whole,
            depth: 1,
        })
    }

    fn prefix(&mut self, pair: &Pair<'_>) -> (Prefix, Span) {
        let span = self.span(pair);
        match pair.as_str() {
            "-" => (Prefix::Neg, span),
            "!" => (Prefix::Not, span),
            other => {
                self.unknown_operator(other, span);
                (Prefix::Wrong, span)
            }
        }
    }

    fn operator(&mut self, pair: &Pair<'_>) -> Pending {
        let (infix, span) = (infix(pair.as_str()), self.span(pair));
        let wrong = pair
            .clone()
            .into_inner()
            .any(|p| p.as_rule() == Rule::wrong_operator);
        if wrong || matches!(infix, Infix::Wrong) {
            self.unknown_operator(pair.as_str(), span);
        }
        Pending { infix, span }
    }

    fn unknown_operator(&mut self, text: &str, span: Span) {
        self.sink.push(
            Diagnostic::new(
                Code::UnknownOperator,
                span,
                format!("unknown operator `{text}`"),
            )
            .help(instead(text)),
        );
    }

    fn dangling(&mut self, whole: Span, pair: &Pair<'_>) {
        let operator = self.span(pair);
        let text = pair.as_str().trim_end();
        let code = if self.extents {
            Code::IncompleteExtent
        } else {
            Code::Unexpected
        };
        let what = if self.extents { "extent" } else { "expression" };
        self.sink.push(
            Diagnostic::new(
                code,
                Span::new(whole.start, operator.end),
                format!("the {what} is incomplete"),
            )
            .label(format!("nothing follows `{text}`"))
            .help(format!(
                "write what comes after `{text}`, or remove the `{text}`"
            )),
        );
    }

    /// Joins the last two operands by the last operator; the operator if that became too deep.
    fn reduce(&mut self, operands: &mut Vec<Expr>, operators: &mut Vec<Pending>) -> Option<Span> {
        let (Some(operator), Some(right), Some(left)) =
            (operators.pop(), operands.pop(), operands.pop())
        else {
            return None;
        };
        let span = left.span.to(right.span);
        let depth = 1 + left.depth.max(right.depth);
        if depth > MAX_DEPTH {
            operands.push(Expr {
                kind: ExprKind::Error,
                span,
                depth: 1,
            });
            return Some(operator.span);
        }
        let chained = matches!(operator.infix, Infix::Compare(_))
            .then(|| chain_of(&left))
            .flatten();
        let kind = match (operator.infix, chained) {
            (Infix::Compare(_), Some(middle)) => {
                self.chained(&operator, middle, &right);
                ExprKind::Error
            }
            (Infix::Compare(c), None) => ExprKind::Compare(c, Box::new(left), Box::new(right)),
            (Infix::Number(op), _) => ExprKind::Binary(op, Box::new(left), Box::new(right)),
            (Infix::And, _) => ExprKind::And(Box::new(left), Box::new(right)),
            (Infix::Or, _) => ExprKind::Or(Box::new(left), Box::new(right)),
            (Infix::Wrong, _) => ExprKind::Error,
        };
        operands.push(Expr { kind, span, depth });
        None
    }

    fn chained(&mut self, operator: &Pending, middle: Span, right: &Expr) {
        self.sink.push(
            Diagnostic::new(
                Code::ChainedComparison,
                operator.span,
                "comparisons cannot be chained",
            )
            .label("a second comparison")
            .secondary(middle.to(right.span), "of this")
            .help("join two comparisons with `&&`, like `0 <= a && a < b`"),
        );
    }

    fn primary(&mut self, pair: Pair<'_>, prefixes: &mut Vec<(Prefix, Span)>) -> Expr {
        let span = self.span(&pair);
        let mut depth = 1;
        let mut span_with_sign = span;
        let kind = match pair.as_rule() {
            Rule::integer => {
                let value = super::literal::magnitude(pair.as_str());
                match (value, prefixes.last()) {
                    // The one integer that fits 64 bits only together with its sign.
                    (Some(n), Some((Prefix::Neg, sign))) if n == 1 << 63 => {
                        span_with_sign = sign.to(span);
                        prefixes.pop();
                        ExprKind::Int(i64::MIN)
                    }
                    (value, _) => match value.and_then(|n| i64::try_from(n).ok()) {
                        Some(n) => ExprKind::Int(n),
                        None => {
                            self.too_large(span);
                            ExprKind::Error
                        }
                    },
                }
            }
            Rule::float => {
                self.sink.push(
                    Diagnostic::new(
                        Code::NotAnInteger,
                        span,
                        format!("`{}` is not an integer", pair.as_str()),
                    )
                    .label("indices and extents are integers")
                    .help("write an integer; a fraction like `3.5*a` is `7*a/2`, rounded down"),
                );
                ExprKind::Error
            }
            Rule::wrong_number | Rule::wrong_name => {
                self.not_a_name(pair.as_str(), span);
                ExprKind::Error
            }
            Rule::variable => ExprKind::Name(pair.as_str().to_owned()),
            Rule::access => ExprKind::Access(self.tensor(pair)),
            Rule::call => {
                let mut inner = pair.clone().into_inner();
                let name = inner.next().map_or(
                    Name {
                        text: String::new(),
                        span,
                    },
                    |p| self.name(&p),
                );
                let (slots, _) = self.slots(pair);
                let arguments: Vec<Expr> = slots.into_iter().map(|slot| self.expr(slot)).collect();
                depth = 1 + arguments.iter().map(|a| a.depth).max().unwrap_or(0);
                if depth > MAX_DEPTH {
                    ExprKind::Error
                } else {
                    ExprKind::Call(name, arguments)
                }
            }
            _ => {
                let inner = pair
                    .into_inner()
                    .find(|p| p.as_rule() == Rule::expr)
                    .map(|p| self.expr(p));
                return match inner {
                    Some(inner) => Expr { span, ..inner },
                    None => Expr {
                        kind: ExprKind::Error,
                        span,
                        depth,
                    },
                };
            }
        };
        let depth = if matches!(kind, ExprKind::Error) {
            1
        } else {
            depth
        };
        Expr {
            kind,
            span: span_with_sign,
            depth,
        }
    }

    fn not_a_name(&mut self, text: &str, span: Span) {
        let digits = text.len()
            - text
                .trim_start_matches(|c: char| c.is_ascii_digit() || c == '_')
                .len();
        let (number, rest) = text.split_at(digits);
        let suffix = matches!(
            rest,
            "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize"
        );
        let diagnostic = if text == "_" {
            Diagnostic::new(Code::NotAName, span, "`_` is not a name").help("give it a name")
        } else if suffix {
            Diagnostic::new(
                Code::NotAName,
                span,
                format!("`{text}` is neither a number nor a name"),
            )
            .label("integers have no suffix")
            .help(format!("write `{number}`"))
        } else {
            Diagnostic::new(Code::NotAName, span, format!("`{text}` is not a name"))
                .label("it starts with a digit")
                .help(if rest.starts_with(|c: char| c.is_alphabetic()) {
                    format!("write `{rest}{number}` for a name, `{number}*{rest}` for a product")
                } else {
                    "a name starts with a letter".to_owned()
                })
        };
        self.sink.push(diagnostic);
    }
}

/// Puts a prefix operator before an operand; the operator if that became too deep.
fn apply(prefix: Prefix, at: Span, operand: &mut Expr) -> Option<Span> {
    let span = at.to(operand.span);
    let depth = operand.depth + 1;
    if depth > MAX_DEPTH {
        *operand = Expr {
            kind: ExprKind::Error,
            span,
            depth: 1,
        };
        return Some(at);
    }
    let inner = Box::new(std::mem::replace(
        operand,
        Expr {
            kind: ExprKind::Error,
            span,
            depth: 1,
        },
    ));
    let kind = match prefix {
        Prefix::Neg => ExprKind::Neg(inner),
        Prefix::Not => ExprKind::Not(inner),
        Prefix::Wrong => ExprKind::Error,
    };
    *operand = Expr { kind, span, depth };
    None
}

/// The right operand of a comparison that stands without parentheses.
fn chain_of(left: &Expr) -> Option<Span> {
    match &left.kind {
        ExprKind::Compare(_, _, right) if right.span.end == left.span.end => Some(right.span),
        _ => None,
    }
}
