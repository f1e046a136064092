//! A linear look at the words and brackets of a text, for what the grammar cannot do: cut a broken text into items, find
//! the bracket that was never closed, bound the nesting before anything descends into it, name what was found, and keep
//! the comments where a text is formatted.

use crate::source::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// An identifier or a keyword.
    Word,
    /// Something that begins with a digit.
    Number,
    /// A string literal.
    String,
    /// A doc comment.
    Doc,
    /// `(`, `[` or `{`
    Open,
    /// `)`, `]` or `}`
    Close,
    /// Everything else, operators in one piece.
    Punct,
    /// A comment that is no doc comment; only where comments are asked for.
    Comment,
    /// A comment or string without an end.
    Endless,
}

/// A piece of the text that is not white space.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'t> {
    pub(crate) kind: TokenKind,
    pub(crate) text: &'t str,
    pub(crate) span: Span,
}

/// Operators of more than one character, the longest first.
const OPERATORS: [&str; 24] = [
    "===", "!==", "<=>", "..=", "...", "->", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||", "..",
    "**", "+=", "-=", "*=", "/=", "%=", ":=", "=>", "::",
];

/// All tokens of a text but its comments, and the place where comments are nested deeper than `limit`, if there is one.
pub(super) fn tokens(text: &str, limit: usize) -> (Vec<Token<'_>>, Option<Span>) {
    let (mut found, too_deep) = with_comments(text, limit);
    found.retain(|token| token.kind != TokenKind::Comment);
    (found, too_deep)
}

/// All tokens of a text, and the place where comments are nested deeper than `limit`, if there is one.
pub(crate) fn with_comments(text: &str, limit: usize) -> (Vec<Token<'_>>, Option<Span>) {
    let mut found = Vec::new();
    let mut too_deep = None;
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = match first {
            c if is_space(c) => {
                at += c.len_utf8();
                continue;
            }
            _ if rest.starts_with("//") => {
                let length = rest.find('\n').unwrap_or(rest.len());
                let doc = rest.starts_with("///") && !rest.starts_with("////");
                (
                    if doc {
                        TokenKind::Doc
                    } else {
                        TokenKind::Comment
                    },
                    length,
                )
            }
            _ if rest.starts_with("/*") => {
                let doc = rest.starts_with("/**")
                    && !rest.starts_with("/***")
                    && !rest.starts_with("/**/");
                match block_comment(rest, limit) {
                    (Some(length), deep) => {
                        too_deep = too_deep.or(deep.map(|d| Span::new(at + d, at + d + 2)));
                        (
                            if doc {
                                TokenKind::Doc
                            } else {
                                TokenKind::Comment
                            },
                            length,
                        )
                    }
                    (None, _) => (TokenKind::Endless, rest.len()),
                }
            }
            '"' => string(rest, 0),
            'r' if raw_hashes(rest).is_some() => string(rest, 1),
            '(' | '[' | '{' => (TokenKind::Open, 1),
            ')' | ']' | '}' => (TokenKind::Close, 1),
            c if c.is_ascii_digit() => (TokenKind::Number, number(rest)),
            c if is_word(c) => (
                TokenKind::Word,
                rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            ),
            c => {
                let operator = OPERATORS.iter().find(|op| rest.starts_with(**op));
                (
                    TokenKind::Punct,
                    operator.map_or(c.len_utf8(), |op| op.len()),
                )
            }
        };
        found.push(Token {
            kind,
            text: &rest[..length],
            span: Span::new(at, at + length),
        });
        at += length;
    }
    (found, too_deep)
}

/// The white space of the grammar.
fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || "\u{0B}\u{85}\u{200E}\u{200F}\u{2028}\u{2029}\u{FEFF}".contains(c)
}

/// Whether a character may stand in a word; the grammar is stricter.
pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of a block comment, None if it does not end, and where it nests deeper than `limit`.
fn block_comment(text: &str, limit: usize) -> (Option<usize>, Option<usize>) {
    let (bytes, mut at, mut depth, mut deep) = (text.as_bytes(), 0, 0usize, None);
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => {
                depth += 1;
                if depth > limit && deep.is_none() {
                    deep = Some(at);
                }
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return (Some(at), deep);
                }
            }
            _ => at += 1,
        }
    }
    (None, deep)
}

/// The number of `#` of a raw string that begins here.
fn raw_hashes(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('r')?;
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    rest[hashes..].starts_with('"').then_some(hashes)
}

/// A string literal, raw if `prefix` is 1.
fn string(text: &str, prefix: usize) -> (TokenKind, usize) {
    let length = if prefix == 1 {
        let hashes = raw_hashes(text).unwrap_or(0);
        let start = 2 + hashes;
        let end = format!("\"{}", "#".repeat(hashes));
        text[start..].find(&end).map(|at| start + at + end.len())
    } else {
        let mut escaped = false;
        text.char_indices().skip(1).find_map(|(at, c)| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes.then_some(at + 1)
        })
    };
    length.map_or((TokenKind::Endless, text.len()), |length| {
        (TokenKind::String, length)
    })
}

/// The length of a number: digits and letters, a fraction if a digit follows the point, a signed exponent.
fn number(text: &str) -> usize {
    let word = |from: usize| {
        text[from..]
            .find(|c| !is_word(c))
            .map_or(text.len(), |n| from + n)
    };
    let mut end = word(0);
    if text[end..].starts_with('.') && text[end + 1..].starts_with(|c: char| c.is_ascii_digit()) {
        end = word(end + 1);
    }
    let hex = text.starts_with("0x");
    if !hex && text[..end].ends_with(['e', 'E']) && text[end..].starts_with(['+', '-']) {
        let after = end + 1;
        if text[after..].starts_with(|c: char| c.is_ascii_digit()) {
            end = word(after);
        }
    }
    end
}
