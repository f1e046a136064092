//! Cuts a text into items, by brackets and keywords alone, so that each can be read however broken its neighbours are.

use super::limits::MAX_NESTING;
use super::tokens::{Token, TokenKind};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::Span;

/// The words that items begin with.
pub(super) const KEYWORDS: [&str; 5] = ["converter", "convolution", "layout", "assert", "use"];

/// The words that end an expression.
pub(super) const CLAUSES: [&str; 6] = ["if", "else", "for", "where", "requires", "by"];

/// The tokens of one item.
#[derive(Debug)]
pub(super) struct Piece<'p, 't> {
    pub(super) tokens: &'p [Token<'t>],
    /// Whether its brackets are in order, so that it can be parsed. If not, that has been reported.
    pub(super) sound: bool,
    /// Whether its brackets nest so little that the parser may descend into it.
    pub(super) shallow: bool,
}

impl Piece<'_, '_> {
    /// From the first to the last token.
    pub(super) fn span(&self) -> Span {
        match self.tokens {
            [] => Span::default(),
            [only] => only.span,
            [first, .., last] => first.span.to(last.span),
        }
    }

    /// Its first token.
    pub(super) fn first(&self) -> Span {
        self.tokens
            .first()
            .map(|token| token.span)
            .unwrap_or_default()
    }
}

/// An open bracket, and the first thing behind it that cannot stand inside.
struct Open<'t> {
    token: Token<'t>,
    noticed: Option<Span>,
}

/// Cuts a text's tokens, and reports brackets that do not match.
pub(super) fn split<'p, 't>(
    text: &str,
    tokens: &'p [Token<'t>],
    sink: &mut Sink,
) -> Vec<Piece<'p, 't>> {
    let mut splitter = Splitter {
        text,
        tokens,
        start: 0,
        stack: Vec::new(),
        keyword: None,
        sound: true,
        shallow: true,
    };
    let mut pieces = Vec::new();
    for (at, &token) in tokens.iter().enumerate() {
        let begins = splitter.begins_item(at);
        if begins && splitter.keyword.is_some() {
            splitter.unclosed(0, Some(token.span), sink);
            pieces.extend(splitter.cut(splitter.prefix(at)));
        }
        if begins {
            splitter.keyword = Some(token.text);
        }
        // A stray semicolon before a body, and the braces of an import.
        let goes_on = match (token.text, tokens.get(at + 1).map(|next| next.text)) {
            (";", Some("{")) => true,
            ("}", Some(";")) => splitter.keyword == Some("use"),
            _ => false,
        };
        if splitter.step(token, sink) && !goes_on {
            pieces.extend(splitter.cut(at + 1));
        }
    }
    splitter.unclosed(0, None, sink);
    pieces.extend(splitter.cut(tokens.len()));
    pieces
}

struct Splitter<'s, 'p, 't> {
    text: &'s str,
    tokens: &'p [Token<'t>],
    /// Where the present item starts.
    start: usize,
    stack: Vec<Open<'t>>,
    /// The present item's keyword, once it has passed.
    keyword: Option<&'t str>,
    sound: bool,
    shallow: bool,
}

impl<'p, 't> Splitter<'_, 'p, 't> {
    /// Whether an item begins with this token: nowhere inside an item do its first three tokens follow each other.
    fn begins_item(&self, at: usize) -> bool {
        let word = |at: usize| {
            self.tokens
                .get(at)
                .filter(|t| t.kind == TokenKind::Word)
                .map(|t| t.text)
        };
        let (Some(keyword), Some(name)) = (word(at), word(at + 1)) else {
            return false;
        };
        if !KEYWORDS.contains(&keyword) || CLAUSES.contains(&name) {
            return false;
        }
        let third = self.tokens.get(at + 2).map_or("", |t| t.text);
        let header = match keyword {
            "convolution" => third == "{",
            "assert" => matches!(third, "(" | "==" | "->" | "<"),
            "use" => third == "::",
            _ => matches!(third, "<" | "=" | "("),
        };
        header || self.stack.is_empty()
    }

    /// The index of the first token of an item whose keyword stands at `at`: with `pub` and docs.
    fn prefix(&self, mut at: usize) -> usize {
        let text = |at: usize| self.tokens[at].text;
        loop {
            if at > self.start
                && (text(at - 1) == "pub" || self.tokens[at - 1].kind == TokenKind::Doc)
            {
                at -= 1;
            } else if at >= self.start + 6
                && text(at - 1) == "]"
                && text(at - 4) == "doc"
                && text(at - 6) == "#"
            {
                at -= 6;
            } else {
                return at;
            }
        }
    }

    /// Takes a token; whether the item ends with it.
    fn step(&mut self, token: Token<'t>, sink: &mut Sink) -> bool {
        match token.kind {
            TokenKind::Open => {
                self.stack.push(Open {
                    token,
                    noticed: None,
                });
                if self.stack.len() > MAX_NESTING && self.shallow {
                    self.shallow = false;
                    self.sound = false;
                    report(sink, too_deep(token.span));
                }
                false
            }
            TokenKind::Close => {
                let opener = match token.text {
                    ")" => "(",
                    "]" => "[",
                    _ => "{",
                };
                match self
                    .stack
                    .iter()
                    .rposition(|open| open.token.text == opener)
                {
                    Some(depth) => {
                        self.unclosed(depth + 1, Some(token.span), sink);
                        self.stack.pop();
                    }
                    None => {
                        self.sound = false;
                        report(
                            sink,
                            Diagnostic::new(
                                Code::Unexpected,
                                token.span,
                                format!("`{}` closes nothing", token.text),
                            )
                            .label(format!(
                                "there is no `{opener}` before it that is still open"
                            ))
                            .help(format!(
                                "remove the `{}`, or open it with `{opener}`",
                                token.text
                            )),
                        );
                    }
                }
                token.text == "}" && self.stack.is_empty()
            }
            TokenKind::Endless => {
                self.sound = false;
                let what = if token.text.starts_with('/') {
                    "comment"
                } else {
                    "string"
                };
                let close = if what == "comment" { "*/" } else { "\"" };
                let opener = Span::new(
                    token.span.start,
                    token.span.start + if what == "comment" { 2 } else { 1 },
                );
                report(
                    sink,
                    Diagnostic::new(Code::Unclosed, opener, format!("this {what} does not end"))
                        .label(format!("the {what} begins here"))
                        .help(format!("end it with `{close}`")),
                );
                false
            }
            _ if token.text == ";" => {
                let inner = self
                    .stack
                    .iter()
                    .rposition(|open| open.token.text == "{")
                    .map_or(0, |depth| depth + 1);
                self.unclosed(inner, Some(token.span), sink);
                self.stack.is_empty()
            }
            _ => {
                if let Some(open) = self.stack.last_mut()
                    && open.token.text != "{"
                    && (matches!(token.text, "=" | "+=" | "->") || CLAUSES.contains(&token.text))
                {
                    open.noticed.get_or_insert(token.span);
                }
                false
            }
        }
    }

    /// Reports that the brackets from `depth` on were not closed before `noticed`, the outermost of them, and forgets them.
    fn unclosed(&mut self, depth: usize, noticed: Option<Span>, sink: &mut Sink) {
        if let Some(open) = self.stack.get(depth) {
            self.sound = false;
            let close = match open.token.text {
                "(" => ")",
                "[" => "]",
                _ => "}",
            };
            let opener = open.token.span;
            let message = format!("`{}` is not closed", open.token.text);
            let told = match open.noticed.or(noticed) {
                Some(place) => Diagnostic::new(Code::Unclosed, place, message)
                    .label(format!("`{close}` is expected before this"))
                    .secondary(opener, "opened here"),
                None => Diagnostic::new(Code::Unclosed, opener, message)
                    .label(format!("no `{close}` follows")),
            };
            let told = match self.commented_out(opener, close) {
                Some(comment) => told
                    .secondary(comment, "a comment from here to the end of the line")
                    .help("`//` begins a comment; `/` divides, rounding down"),
                None => told.help(format!("write the missing `{close}`")),
            };
            report(sink, told);
        }
        self.stack.truncate(depth);
    }

    /// The `//` behind which the rest of the opener's line, with what closes it, is a comment.
    fn commented_out(&self, opener: Span, close: &str) -> Option<Span> {
        let line = self.text.get(opener.end..)?.lines().next()?;
        let at = line.find("//").filter(|&at| line[at..].contains(close))?;
        let start = opener.end + at;
        Some(Span::new(start, start + 2))
    }

    /// Ends the present item before the token `end`.
    fn cut(&mut self, end: usize) -> Option<Piece<'p, 't>> {
        let piece = Piece {
            tokens: &self.tokens[self.start..end],
            sound: self.sound,
            shallow: self.shallow,
        };
        self.start = end;
        self.keyword = None;
        self.sound = true;
        self.shallow = true;
        self.stack.clear();
        (!piece.tokens.is_empty()).then_some(piece)
    }
}

/// Takes a diagnostic, unless there are so many that nobody will read it.
fn report(sink: &mut Sink, diagnostic: Diagnostic) {
    if !sink.is_full() {
        sink.push(diagnostic);
    }
}

/// Brackets or comments that nest too deeply.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(Code::TooDeep, span, "this is nested too deeply")
        .label(format!("more than {MAX_NESTING} levels"))
        .help("name a part of it in `where`")
}
