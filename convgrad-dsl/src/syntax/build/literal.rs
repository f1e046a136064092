//! Numbers and doc comments.

use super::Builder;
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::Number;
use crate::source::Span;
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::tree::Fill;

/// The value of an integer literal, None if it does not fit 128 bits.
pub(super) fn magnitude(text: &str) -> Option<i128> {
    let digits: String = text.chars().filter(|&c| c != '_').collect();
    let (digits, radix) = match digits.get(..2) {
        Some("0x") => (&digits[2..], 16),
        Some("0o") => (&digits[2..], 8),
        Some("0b") => (&digits[2..], 2),
        _ => (&digits[..], 10),
    };
    i128::from_str_radix(digits, radix).ok()
}

impl Builder<'_> {
    /// A number behind `else` or `pad`.
    pub(super) fn number(&mut self, pair: Pair<'_>) -> Option<Fill> {
        let span = self.span(&pair);
        let (mut negative, mut infinite) = (false, false);
        let mut number = None;
        for part in pair.into_inner() {
            let text: String = part.as_str().chars().filter(|&c| c != '_').collect();
            match part.as_rule() {
                Rule::minus => negative = true,
                Rule::infinity => {
                    infinite = true;
                    number = Some(Number::Float(f64::INFINITY));
                }
                Rule::float => number = text.parse().ok().map(Number::Float),
                _ => number = magnitude(&text).map(Number::Int),
            }
        }
        match number {
            Some(Number::Int(n)) => Some(Number::Int(if negative { -n } else { n })),
            Some(Number::Float(n)) if n.is_infinite() && !infinite => {
                self.no_float(span);
                None
            }
            Some(Number::Float(n)) => Some(Number::Float(if negative { -n } else { n })),
            None => {
                self.too_large(span);
                None
            }
        }
        .map(|number| Fill { number, span })
    }

    /// The number of a field of a convolution. What is none is reported.
    pub(super) fn field_value(&mut self, pair: Pair<'_>) -> Option<i128> {
        let span = self.span(&pair);
        let mut sign = 1;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::minus => sign = -1,
                Rule::float => {
                    self.sink.push(
                        Diagnostic::new(
                            Code::FieldValue,
                            span,
                            format!("`{}` is not an integer", part.as_str()),
                        )
                        .label("an integer is needed"),
                    );
                    return None;
                }
                _ => match magnitude(part.as_str()) {
                    Some(n) => return Some(sign * n),
                    None => self.too_large(span),
                },
            }
        }
        None
    }

    fn no_float(&mut self, span: Span) {
        let message = "the literal is beyond the range of f64";
        self.sink.push(
            Diagnostic::new(Code::LiteralTooLarge, span, message)
                .label(format!("the largest float is {:e}", f64::MAX))
                .help("write a smaller number, or `inf`"),
        );
    }

    pub(super) fn too_large(&mut self, span: Span) {
        self.sink.push(
            Diagnostic::new(
                Code::LiteralTooLarge,
                span,
                "the literal does not fit 64 bits",
            )
            .label(format!("the largest integer is {}", i64::MAX)),
        );
    }
}

/// The lines of a doc comment, without its marks; none for a comment on the whole text (`#![doc]`).
pub(super) fn doc_lines(pair: Pair<'_>) -> Vec<String> {
    let Some(doc) = pair.into_inner().next() else {
        return Vec::new();
    };
    let text = doc.as_str();
    let body = match doc.as_rule() {
        Rule::line_doc => text[3..].trim_end_matches('\r').to_owned(),
        Rule::block_doc => text[3..text.len() - 2].to_owned(),
        _ if text[1..].trim_start().starts_with('!') => return Vec::new(),
        _ => doc
            .into_inner()
            .find(|p| p.as_rule() == Rule::string)
            .map_or(String::new(), |p| unquote(p.as_str())),
    };
    let mut lines: Vec<String> = body.lines().map(str::to_owned).collect();
    if body.is_empty() {
        lines.push(String::new());
    }
    // The stars that people draw down the left side of a block are no part of the text.
    let (_, rest) = lines.split_at_mut(1);
    if !rest.is_empty()
        && rest
            .iter()
            .all(|l| l.trim_start().starts_with('*') || l.trim().is_empty())
    {
        for line in rest.iter_mut() {
            *line = line.trim_start().trim_start_matches('*').to_owned();
        }
    }
    if lines.len() > 1 && first_is_blank(&lines) {
        lines.remove(0);
    }
    while lines.len() > 1 && lines.last().is_some_and(|l| l.trim().is_empty()) {
        lines.pop();
    }
    lines
}

fn first_is_blank(lines: &[String]) -> bool {
    lines.first().is_some_and(|l| l.trim().is_empty())
}

/// The text of a string literal.
fn unquote(literal: &str) -> String {
    if let Some(raw) = literal.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        return raw[hashes + 1..raw.len() - hashes - 1].to_owned();
    }
    let mut text = String::new();
    let mut chars = literal[1..literal.len() - 1].chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => text.push('\n'),
            ('\\', Some('t')) => text.push('\t'),
            ('\\', Some('r')) => text.push('\r'),
            ('\\', Some('0')) => text.push('\0'),
            ('\\', Some('x')) => {
                text.extend(code_point(&chars.by_ref().take(2).collect::<String>()))
            }
            ('\\', Some('u')) => {
                let digits: String = chars.by_ref().skip(1).take_while(|&c| c != '}').collect();
                text.extend(code_point(&digits));
            }
            ('\\', Some(other)) => text.push(other),
            (c, _) => text.push(c),
        }
    }
    text
}

fn code_point(digits: &str) -> Option<char> {
    u32::from_str_radix(&digits.replace('_', ""), 16)
        .ok()
        .and_then(char::from_u32)
}
