//! Tokens as text, and the way back from places in the text to tokens.

use std::fmt::Write;

use convgrad_dsl::source;
use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};

/// The text of some tokens.
pub(crate) struct Text {
    /// Whitespace stands where tokens must not grow together; lines break where the user's do, as far as that is known.
    pub(crate) text: String,
    marks: Vec<Mark>,
    last_line: usize,
}

/// Where a token stands in the text, and where it comes from.
struct Mark {
    start: usize,
    end: usize,
    span: Span,
}

impl Text {
    pub(crate) fn new(tokens: TokenStream) -> Self {
        let mut text = Text {
            text: String::new(),
            marks: Vec::new(),
            last_line: 0,
        };
        text.stream(tokens);
        text
    }

    fn stream(&mut self, tokens: TokenStream) {
        let mut joint = false;
        for token in tokens {
            if !joint {
                self.space(token.span());
            }
            joint = false;
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::Brace => ("{", "}"),
                        // Around what a macro_rules fragment stood for; it has no text of its own.
                        Delimiter::None => ("", ""),
                    };
                    self.token(open, group.span_open());
                    self.stream(group.stream());
                    self.space(group.span_close());
                    self.token(close, group.span_close());
                }
                TokenTree::Punct(punct) => {
                    joint = punct.spacing() == Spacing::Joint;
                    self.token(punct.as_char(), punct.span());
                }
                TokenTree::Ident(ident) => self.token(&ident, ident.span()),
                TokenTree::Literal(literal) => self.token(&literal, literal.span()),
            }
        }
    }

    /// Separates tokens: by a new line where the user began one.
    fn space(&mut self, next: Span) {
        let line = next.unwrap().line();
        if self.last_line != 0 && line > self.last_line {
            self.text.push('\n');
        } else if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.last_line = line;
    }

    fn token(&mut self, token: impl std::fmt::Display, span: Span) {
        let start = self.text.len();
        // Writing to a string does not fail.
        let _ = write!(self.text, "{token}");
        let end = self.text.len();
        if end > start {
            self.marks.push(Mark { start, end, span });
        }
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
