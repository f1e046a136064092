//! Rules: the left side, the clauses and their order.

use super::Builder;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::tree::{self, Definition, Expr, Fill, List, Range, Tensor};

impl Builder<'_> {
    /// The rule of a body. A missing one and one too many are reported.
    pub(super) fn body(&mut self, pair: Pair<'_>) -> Option<tree::Rule> {
        let span = self.span(&pair);
        let mut parts = pair.into_inner();
        let Some(first) = parts.find(|p| p.as_rule() == Rule::rule) else {
            self.sink.push(
                Diagnostic::new(Code::Unexpected, span, "the converter has no rule")
                    .label("a rule is expected here")
                    .help("write one like `Y[j0, j1] = X[j1, j0];`"),
            );
            return None;
        };
        let first = self.rule(first);
        let others = parts.filter(|p| p.as_rule() == Rule::second_rule);
        for other in others.filter_map(|p| p.into_inner().find(|p| p.as_rule() == Rule::rule)) {
            let other = self.rule(other);
            self.sink.push(
                Diagnostic::new(Code::SecondRule, other.left.span, "a converter has one rule")
                    .label("a second rule begins here")
                    .secondary(first.left.span, "the first one")
                    .help("write a second converter, or one rule that covers both cases with `if` and `else`"),
            );
        }
        Some(first)
    }

    fn rule(&mut self, pair: Pair<'_>) -> tree::Rule {
        let span = self.span(&pair);
        let list = List {
            exprs: Vec::new(),
            spread: None,
            trailing_comma: None,
            span,
        };
        let name = crate::source::Name {
            text: String::new(),
            span,
        };
        let mut rule = tree::Rule {
            left: Tensor {
                name,
                element: None,
                list,
                span,
            },
            added: None,
            source: None,
            conversion: None,
            guard: None,
            fill: None,
            ranges: None,
            definitions: Vec::new(),
            span,
        };
        let mut clauses: Vec<(usize, Span)> = Vec::new();
        for part in pair.into_inner() {
            let rank = match part.as_rule() {
                Rule::guard => 0,
                Rule::otherwise => 1,
                Rule::ranges => 2,
                Rule::definitions => 3,
                Rule::access => {
                    rule.left = self.tensor(part);
                    continue;
                }
                Rule::add_assign => {
                    rule.added = Some(self.span(&part));
                    continue;
                }
                Rule::source => {
                    (rule.source, rule.conversion) = self.source(part);
                    continue;
                }
                _ => continue,
            };
            self.order(rank, &part, &mut clauses);
            match rank {
                0 => rule.guard = part.into_inner().last().map(|p| self.expr(p)),
                1 => rule.fill = part.into_inner().last().and_then(|p| self.fill(p)),
                2 => rule.ranges = Some(self.ranges(part)),
                _ => rule.definitions.extend(self.definitions(part)),
            }
        }
        rule
    }

    /// Reports a clause that comes too late or twice.
    fn order(&mut self, rank: usize, clause: &Pair<'_>, before: &mut Vec<(usize, Span)>) {
        const WORDS: [&str; 4] = ["if", "else", "for", "where"];
        let start = self.span(clause).start;
        let here = Span::new(start, start + WORDS[rank].len());
        let word = WORDS[rank];
        if let Some(&(_, first)) = before.iter().find(|(r, _)| *r == rank) {
            self.sink.push(
                Diagnostic::new(Code::Unexpected, here, format!("a rule has one `{word}`"))
                    .label("a second one")
                    .secondary(first, "the first one")
                    .help(match rank {
                        0 => "join the conditions with `&&`",
                        1 => "keep one fill value",
                        _ => "write one list, with commas",
                    }),
            );
        } else if let Some(&(late, place)) = before.iter().find(|(r, _)| *r > rank) {
            self.sink.push(
                Diagnostic::new(
                    Code::Unexpected,
                    here,
                    format!("`{word}` stands before `{}`", WORDS[late]),
                )
                .label("too late")
                .secondary(place, format!("this comes after `{word}`"))
                .help("the order is `if …`, `else …`, `for …`, `where …`"),
            );
        }
        before.push((rank, here));
    }

    fn fill(&mut self, pair: Pair<'_>) -> Option<Fill> {
        if pair.as_rule() == Rule::number {
            return self.number(pair);
        }
        let span = self.span(&pair);
        self.sink.push(
            Diagnostic::new(Code::Unexpected, span, "`else` takes a number")
                .label("not a literal number")
                .help("write an integer, a float or `-inf`, like `else 0`"),
        );
        None
    }

    pub(super) fn ranges(&mut self, pair: Pair<'_>) -> Vec<Range> {
        let (slots, _) = self.slots(pair);
        slots
            .into_iter()
            .filter_map(|slot| self.range(slot))
            .collect()
    }

    fn range(&mut self, pair: Pair<'_>) -> Option<Range> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let limit = inner
            .find(|p| p.as_rule() == Rule::sum)
            .map(|p| self.expr(p));
        Some(Range { name, limit })
    }

    fn definitions(&mut self, pair: Pair<'_>) -> Vec<Definition> {
        let (slots, _) = self.slots(pair);
        slots
            .into_iter()
            .filter_map(|slot| self.definition(slot))
            .collect()
    }

    fn definition(&mut self, pair: Pair<'_>) -> Option<Definition> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let value = inner
            .find(|p| p.as_rule() == Rule::expr)
            .map(|p| self.expr(p))?;
        Some(Definition { name, value })
    }

    /// The conditions behind `requires`.
    pub(super) fn requires(&mut self, pair: Pair<'_>) -> Vec<Expr> {
        let start = self.span(&pair).start;
        let (slots, _) = self.slots(pair);
        if slots.is_empty() {
            let word = Span::new(start, start + "requires".len());
            self.sink.push(
                Diagnostic::new(Code::Unexpected, word, "`requires` needs a condition")
                    .label("a condition is expected after this")
                    .help("write one like `requires C % 16 == 0`, or remove the word"),
            );
        }
        slots.into_iter().map(|slot| self.expr(slot)).collect()
    }
}
