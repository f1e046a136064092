//! The right side of a rule: one element of the input, as it is or converted.

use super::Builder;
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::names::nearest;
use crate::source::{Name, Span};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::tokens::is_word;
use crate::syntax::tree::{Conversion, ConversionKind, Fill, Tensor};

impl Builder<'_> {
    /// What a rule reads, and what becomes of it.
    pub(super) fn source(&mut self, pair: Pair<'_>) -> (Option<Tensor>, Option<Conversion>) {
        let mut inner = pair.into_inner();
        let Some(first) = inner.next() else {
            return (None, None);
        };
        let found = match first.as_rule() {
            Rule::access => (Some(self.tensor(first)), None),
            Rule::conversion => self.converted(first),
            _ => {
                self.no_source(&first);
                return (None, None);
            }
        };
        if let Some(second) = inner.next() {
            let span = self.span(&second);
            self.not_a_copy(span, "nothing may be added to the source");
        }
        found
    }

    /// Reports what is no element of the input.
    fn no_source(&mut self, expr: &Pair<'_>) {
        let span = self.span(expr);
        let text = expr.as_str().trim();
        if text.contains('[') || !text.chars().all(is_word) {
            return self.not_a_copy(
                span,
                "one element of the input is expected, like `X[j1, j0]`",
            );
        }
        self.sink.push(
            Diagnostic::new(
                Code::Unexpected,
                span,
                format!("`{text}` is no element of the input"),
            )
            .label("indices in brackets are expected")
            .help("write one index an axis of the input, like `X[j1, j0]`"),
        );
    }

    fn not_a_copy(&mut self, span: Span, label: &str) {
        self.sink.push(
            Diagnostic::new(
                Code::OneSourceOnly,
                span,
                "a rule copies from one source and does not compute with it",
            )
            .label(label)
            .help(
                "keep one source; what depends on the place goes into the indices, `if` and `else`",
            ),
        );
    }

    /// `quantize(X[j], 0.05, 3)`
    fn converted(&mut self, pair: Pair<'_>) -> (Option<Tensor>, Option<Conversion>) {
        let span = self.span(&pair);
        let word = pair
            .clone()
            .into_inner()
            .find(|p| p.as_rule() == Rule::name)
            .map(|p| self.name(&p));
        let kind = word.and_then(|word| Some((self.conversion_kind(&word, span)?, word.span)));
        let access = pair
            .clone()
            .into_inner()
            .find(|p| p.as_rule() == Rule::access);
        let source = access.map(|p| self.tensor(p));
        let numbers = self.conversion_numbers(pair);
        let conversion = kind.map(|(kind, word)| Conversion {
            kind,
            numbers,
            word,
            span,
        });
        (source, conversion)
    }

    /// The conversion of a name; one that there is not is reported.
    fn conversion_kind(&mut self, word: &Name, span: Span) -> Option<ConversionKind> {
        let found = ConversionKind::of(&word.text);
        if found.is_some() {
            return found;
        }
        let Some(meant) = nearest(&word.text, ConversionKind::ALL.map(ConversionKind::word)) else {
            self.not_a_copy(
                span,
                "all that may become of an element is `cast`, `quantize` or `dequantize`",
            );
            return None;
        };
        self.sink.push(
            Diagnostic::new(
                Code::UnknownName,
                word.span,
                format!("there is no conversion `{}`", word.text),
            )
            .label("not a conversion")
            .help(format!("write `{meant}`")),
        );
        None
    }

    /// The numbers of a conversion; what is none is reported.
    pub(super) fn conversion_numbers(&mut self, pair: Pair<'_>) -> Option<Vec<Fill>> {
        let (slots, _) = self.slots(pair);
        let parameters = slots.into_iter().filter(|p| p.as_rule() == Rule::parameter);
        let numbers: Vec<Option<Fill>> = parameters
            .map(|slot| {
                let span = self.span(&slot);
                match slot.into_inner().next() {
                    Some(number) if number.as_rule() == Rule::number => self.number(number),
                    _ => {
                        self.not_a_number(span);
                        None
                    }
                }
            })
            .collect();
        numbers.into_iter().collect()
    }

    fn not_a_number(&mut self, span: Span) {
        self.sink.push(
            Diagnostic::new(
                Code::ConversionNumber,
                span,
                "a conversion takes numbers that are known when it is compiled",
            )
            .label("not a literal number")
            .help("write a scale like `0.05` and a zero point like `3`"),
        );
    }
}
