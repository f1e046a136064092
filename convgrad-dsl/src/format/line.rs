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

    /// How reluctantly a line ends before each token; None if it never does. First come the places outside of all brackets.
    fn reluctance(&self) -> Vec<Option<usize>> {
        let mut depth = 0usize;
        let (mut all, mut operators) = (Vec::with_capacity(self.tokens.len()), Vec::new());
        for (at, (token, role)) in self.tokens.iter().zip(self.roles).enumerate() {
            if matches!(role, Role::Close | Role::CloseBrace) {
                depth = depth.saturating_sub(1);
            }
            let before = at.checked_sub(1).map_or("", |at| self.tokens[at].text);
            let behind_comma = before == ",";
            all.push(match (role, token.text) {
                _ if at == 0 => None,
                _ if behind_comma => Some(2 * depth),
                // The operand behind the sizes.
                (Role::Open, "(") if depth == 0 && before == ">" => Some(0),
                (Role::Clause, _) if depth == 0 => Some(0),
                (_, "&&" | "||") => Some(2 * depth),
                (Role::Clause, _) | (Role::Loose, "->" | "==") => Some(2 * depth + 1),
                (Role::Loose, _) => {
                    operators.push(at);
                    None
                }
                _ => None,
            });
            if matches!(role, Role::Open | Role::OpenBrace) {
                depth += 1;
            }
        }
        // Sums are torn apart where nothing else helps.
        let last = all.iter().flatten().max().map_or(0, |last| last + 1);
        operators.into_iter().for_each(|at| all[at] = Some(last));
        all
    }
}

/// A part on its way into lines.
struct Filling<'f, 'p, 't> {
    part: &'f Part<'p, 't>,
    reluctance: Vec<Option<usize>>,
    /// Whether a space stands before the first token.
    spaced: bool,
    /// The first token that is no comment: up to there lines are indented as the present one is.
    first: usize,
    before: usize,
    indent: usize,
    /// How many characters have to follow the last token.
    reserve: usize,
}

impl Filling<'_, '_, '_> {
    /// How reluctant the best place within some tokens is.
    fn within(&self, from: usize, to: usize) -> Option<usize> {
        self.reluctance
            .get(from + 1..to)?
            .iter()
            .flatten()
            .min()
            .copied()
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
        let filling = Filling {
            part,
            reluctance: part.reluctance(),
            spaced,
            first: (part.roles.iter().position(|role| *role != Role::Comment)).unwrap_or(0),
            before: self.indent,
            indent,
            reserve,
        };
        self.pieces(&filling, 0, part.tokens.len(), 0);
    }

    /// Writes some of the tokens of a part. Lines end at places that are at most so reluctant, others only within what is too
    /// long for a line.
    fn pieces(&mut self, filling: &Filling<'_, '_, '_>, from: usize, to: usize, reluctant: usize) {
        let part = filling.part;
        let mut at = from;
        while at < to {
            let indent = match at <= filling.first {
                true => filling.before,
                false => filling.indent,
            };
            if part.roles[at] == Role::Comment {
                self.comment(part, at, indent);
                at += 1;
                continue;
            }
            let ends = |&end: &usize| {
                let place = filling.reluctance[end];
                part.roles[end] == Role::Comment || place.is_some_and(|place| place <= reluctant)
            };
            let end = (at + 1..to).find(ends).unwrap_or(to);
            let chunk = part.slice(at, end).flat().unwrap_or_default();
            let spaced = if at == 0 {
                filling.spaced
            } else {
                part.space(at)
            };
            let last = if end == part.tokens.len() {
                filling.reserve
            } else {
                0
            };
            let wide = chunk.chars().count();
            let begins = at == 0 || self.ended || part.roles[at - 1] == Role::Comment;
            if self.fits(wide + usize::from(spaced) + last) {
                self.word(spaced, &chunk, indent);
            } else if let Some(more) = filling.within(at, end).filter(|_| indent + wide > WIDTH) {
                self.pieces(filling, at, end, more);
            } else {
                if !begins {
                    self.newline(indent);
                }
                self.word(begins && spaced, &chunk, indent);
            }
            at = end;
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
