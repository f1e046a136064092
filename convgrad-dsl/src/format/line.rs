//! Lines that are filled with tokens until they are full.

use crate::syntax::tokens::{Token, TokenKind};

use super::WIDTH;
use super::items::newlines;
use super::spacing::{Role, space};

/// The tokens of an item with their roles, or a part of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'p, 't> {
    pub(super) text: &'t str,
    pub(super) tokens: &'p [Token<'t>],
    pub(super) roles: &'p [Role],
}

impl<'p, 't> Part<'p, 't> {
    /// The tokens from `from` up to `to`.
    pub(super) fn slice(&self, from: usize, to: usize) -> Self {
        let to = to.min(self.tokens.len());
        let from = from.min(to);
        Self {
            tokens: &self.tokens[from..to],
            roles: &self.roles[from..to],
            ..*self
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// All of it on one line; None if a comment stands in it.
    pub(super) fn flat(&self) -> Option<String> {
        if self.roles.contains(&Role::Comment) {
            return None;
        }
        let mut line = String::new();
        for at in 0..self.tokens.len() {
            if at > 0 && self.space(at) {
                line.push(' ');
            }
            line.push_str(self.tokens[at].text);
        }
        Some(line)
    }

    /// Where the first token of one of these texts stands outside all brackets.
    pub(super) fn find(&self, wanted: &[&str]) -> Option<usize> {
        let mut depth = 0usize;
        self.tokens
            .iter()
            .zip(self.roles)
            .position(|(token, role)| {
                let found = depth == 0 && wanted.contains(&token.text);
                match role {
                    Role::Open | Role::OpenBrace => depth += 1,
                    Role::Close | Role::CloseBrace => depth = depth.saturating_sub(1),
                    _ => {}
                }
                found
            })
    }

    /// Whether a space stands before token `at`.
    fn space(&self, at: usize) -> bool {
        let role = |at: usize| (self.roles[at], self.tokens[at].text);
        space(role(at - 1), role(at))
    }

    /// Whether a line may end before token `at`; `anywhere` if the parts between the better places are too long.
    fn breaks(&self, at: usize, anywhere: bool) -> bool {
        let loose = self.roles[at] == Role::Loose;
        let here = self.tokens[at].text;
        self.tokens[at - 1].text == ","
            || self.roles[at] == Role::Clause
            || loose && (anywhere || matches!(here, "&&" | "||" | "->" | "=="))
    }

    /// Where the tokens that stay on one line with token `at` end.
    fn chunk(&self, at: usize, anywhere: bool) -> usize {
        let ends = |&end: &usize| self.roles[end] == Role::Comment || self.breaks(end, anywhere);
        let all = self.tokens.len();
        (at + 1..all).find(ends).unwrap_or(all)
    }
}

/// Lines in the making.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    column: usize,
    /// Of the present line.
    indent: usize,
    /// The present line ends with a comment that goes to its end.
    ended: bool,
}

impl Lines {
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Whether nothing stands on the present line yet.
    pub(super) fn fresh(&self) -> bool {
        let line = self.text.rfind('\n').map_or(0, |newline| newline + 1);
        self.text[line..].trim().is_empty()
    }

    /// Begins a line, unless nothing has been written yet.
    pub(super) fn newline(&mut self, indent: usize) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.extend(std::iter::repeat_n(' ', indent));
        (self.column, self.indent) = (indent, indent);
        self.ended = false;
    }

    /// Writes a text without line breaks, behind a space if one is wanted; on a new line if a comment ended the present one.
    pub(super) fn word(&mut self, spaced: bool, word: &str, indent: usize) {
        if self.ended {
            self.newline(indent);
        } else if spaced {
            self.text.push(' ');
            self.column += 1;
        }
        self.text.push_str(word);
        self.column += word.chars().count();
    }

    /// Whether this much more fits the present line.
    pub(super) fn fits(&self, more: usize) -> bool {
        self.column + more <= WIDTH && !self.ended
    }

    /// Writes the tokens of a part, breaking lines where they are full; lines that follow are indented by `indent`. `spaced` says
    /// whether a space stands before the first token, `reserve` how many characters have to follow the last.
    pub(super) fn fill(
        &mut self,
        part: &Part<'_, '_>,
        spaced: bool,
        indent: usize,
        reserve: usize,
    ) {
        // Comments before the first token stand where it will.
        let (further, mut indent) = (indent, self.indent);
        let mut at = 0;
        while at < part.tokens.len() {
            if part.roles[at] == Role::Comment {
                self.comment(part, at, indent);
                at += 1;
                continue;
            }
            let mut end = part.chunk(at, false);
            let mut chunk = part.slice(at, end).flat().unwrap_or_default();
            if chunk.chars().count() + indent > WIDTH {
                end = part.chunk(at, true);
                chunk = part.slice(at, end).flat().unwrap_or_default();
            }
            let spaced = if at == 0 { spaced } else { part.space(at) };
            let last = if end == part.tokens.len() { reserve } else { 0 };
            let more = chunk.chars().count() + usize::from(spaced) + last;
            if at > 0 && !self.ended && part.roles[at - 1] != Role::Comment && !self.fits(more) {
                self.newline(indent);
                self.word(false, &chunk, indent);
            } else {
                self.word(spaced, &chunk, indent);
            }
            at = end;
            indent = further;
        }
    }

    /// Writes a comment: behind what stands on its line in the text, or on a line of its own.
    fn comment(&mut self, part: &Part<'_, '_>, at: usize, indent: usize) {
        let token = &part.tokens[at];
        let begin = part.text.get(..token.span.start).unwrap_or_default();
        let line = begin.rfind('\n').map_or(0, |newline| newline + 1);
        let own = newlines(part.text, line, token.span.start) == 0
            && part
                .text
                .get(line..token.span.start)
                .is_some_and(|before| before.trim().is_empty());
        let fresh = self.fresh();
        if (own || self.ended) && !fresh {
            self.newline(indent);
        } else if !fresh {
            self.text.push(' ');
        }
        let text = token.text.trim_end();
        self.text.push_str(text);
        let last = text.rsplit('\n').next().unwrap_or_default();
        self.column = if text.contains('\n') { 0 } else { self.column } + last.chars().count();
        let behind = part.text.get(token.span.end..).unwrap_or_default();
        let alone = behind
            .trim_start_matches([' ', '\t', '\r'])
            .starts_with('\n');
        self.ended = text.starts_with("//") || alone;
        debug_assert!(token.kind == TokenKind::Comment);
    }
}
