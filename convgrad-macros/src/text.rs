//! Tokens as text, and the way back from places in the text to tokens.

use std::fmt::Write;

use convgrad_dsl::source;
use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};

/// The text of some tokens.
pub(crate) struct Text {
    /// As the user wrote it, as far as the places of the tokens are known: lines break where they do there, and tokens stand
    /// apart where they do there.
    pub(crate) text: String,
    marks: Vec<Mark>,
    last: Option<Last>,
}

/// Where a token stands in the text, and where it comes from.
struct Mark {
    start: usize,
    end: usize,
    span: Span,
}

/// The last token: where it ends in its file, and what may follow it.
struct Last {
    line: usize,
    column: usize,
    shape: Shape,
}

/// What a token is made of, to tell which neighbours would grow together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Word,
    /// Punctuation that is known to be complete.
    Sign,
    /// Punctuation that goes on with the next token.
    Joint,
    Bracket,
}

impl Text {
    pub(crate) fn new(tokens: TokenStream) -> Self {
        let mut text = Text {
            text: String::new(),
            marks: Vec::new(),
            last: None,
        };
        text.stream(tokens);
        text
    }

    fn stream(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::Brace => ("{", "}"),
                        // Around what a macro_rules fragment stood for; it has no text of its own.
                        Delimiter::None => {
                            self.stream(group.stream());
                            continue;
                        }
                    };
                    self.token(open, group.span_open(), Shape::Bracket);
                    self.stream(group.stream());
                    self.token(close, group.span_close(), Shape::Bracket);
                }
                TokenTree::Punct(punct) => {
                    let shape = match punct.spacing() {
                        Spacing::Joint => Shape::Joint,
                        Spacing::Alone => Shape::Sign,
                    };
                    self.token(punct.as_char(), punct.span(), shape);
                }
                TokenTree::Ident(ident) => self.token(&ident, ident.span(), Shape::Word),
                TokenTree::Literal(literal) => {
                    self.token(&literal, literal.span(), Shape::Word);
                }
            }
        }
    }

    fn token(&mut self, token: impl std::fmt::Display, span: Span, shape: Shape) {
        let place = span.unwrap();
        let (first, end) = (place.start(), place.end());
        if let Some(last) = &self.last {
            let grows_together = last.shape == shape && shape != Shape::Bracket;
            if last.shape == Shape::Joint && matches!(shape, Shape::Sign | Shape::Joint) {
                // One operator of several characters.
            } else if first.line() > last.line {
                self.text.push('\n');
            } else if grows_together || (first.line(), first.column()) != (last.line, last.column) {
                self.text.push(' ');
            }
        }
        let start = self.text.len();
        // Writing to a string does not fail.
        let _ = write!(self.text, "{token}");
        self.marks.push(Mark {
            start,
            end: self.text.len(),
            span,
        });
        self.last = Some(Last {
            line: end.line(),
            column: end.column(),
            shape,
        });
    }

    /// The first and the last token of a place in the text; the nearest token before it if there is none.
    pub(crate) fn tokens(&self, span: source::Span) -> (Span, Span) {
        let first = self.marks.partition_point(|mark| mark.end <= span.start);
        let after = self.marks.partition_point(|mark| mark.start < span.end);
        let last = after.checked_sub(1).filter(|last| *last >= first);
        match (
            self.marks.get(first),
            last.and_then(|last| self.marks.get(last)),
        ) {
            (Some(first), Some(last)) => (first.span, last.span),
            _ => {
                let nearest = self.marks.get(first.saturating_sub(1));
                let nearest = nearest.map_or_else(Span::call_site, |mark| mark.span);
                (nearest, nearest)
            }
        }
    }

    /// The text of a place, as the user would recognise it.
    pub(crate) fn excerpt(&self, span: source::Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }
}
