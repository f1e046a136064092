//! A text as a sequence of items and comments.

use crate::source::Span;
use crate::syntax::tokens::{Token, TokenKind};

use super::shape;
use super::spacing::keyword;

/// Formats a text, given its tokens.
pub(super) fn format(text: &str, tokens: &[Token<'_>]) -> String {
    let mut formatted = String::new();
    let mut rest = tokens;
    let mut before: Option<Span> = None;
    while let [first, ..] = rest {
        let (part, after) = rest.split_at(length(rest));
        let breaks = before.map_or(0, |span| newlines(text, span.end, first.span.start));
        let comment = first.kind == TokenKind::Comment;
        match before {
            None => {}
            // A comment behind an item stays behind it.
            Some(_) if comment && breaks == 0 => formatted.push(' '),
            Some(_) => formatted.push_str(if breaks > 1 { "\n\n" } else { "\n" }),
        }
        if comment {
            formatted.push_str(first.text.trim_end());
        } else {
            formatted.push_str(&shape::item(text, part));
        }
        before = part.last().map(|token| token.span);
        rest = after;
    }
    if !formatted.is_empty() {
        formatted.push('\n');
    }
    formatted
}

/// How many tokens the first part has: one that is a comment, or those of an item, to its last brace or semicolon.
fn length(tokens: &[Token<'_>]) -> usize {
    if tokens
        .first()
        .is_some_and(|token| token.kind == TokenKind::Comment)
    {
        return 1;
    }
    let imports = keyword(tokens) == Some("use");
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        let ends = match token.text {
            ";" => true,
            "}" => !imports,
            _ => false,
        };
        if ends && depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// How many line breaks stand in a part of the text.
pub(super) fn newlines(text: &str, from: usize, to: usize) -> usize {
    text.get(from..to)
        .map_or(0, |between| between.matches('\n').count())
}
