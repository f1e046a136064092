//! Items that need more than one line, each kind in its own shape.

use crate::syntax::tokens::{Token, TokenKind};

use super::INDENT;
use super::WIDTH;
use super::line::{Lines, Part};
use super::spacing::{Role, keyword, roles};

/// The words that begin the clauses of a rule.
const CLAUSES: [&str; 4] = ["if", "else", "for", "where"];

/// Formats an item: its docs on lines of their own, the rest on one line if it fits.
pub(super) fn item(text: &str, tokens: &[Token<'_>]) -> String {
    let tokens = &without_last_commas(tokens);
    let docs = docs(tokens);
    let roles = roles(tokens);
    let whole = Part {
        text,
        tokens,
        roles: &roles,
    };
    let mut lines = Lines::default();
    let mut at = 0;
    while at < docs {
        lines.newline(0);
        let attribute = tokens[at].text == "#";
        let end = if attribute {
            let close = tokens[at..docs].iter().position(|token| token.text == "]");
            close.map_or(docs, |close| at + close + 1)
        } else {
            at + 1
        };
        if attribute {
            tokens[at..end]
                .iter()
                .for_each(|token| lines.word(false, token.text, 0));
        } else {
            lines.word(false, tokens[at].text.trim_end(), 0);
        }
        at = end;
    }
    let rest = whole.slice(docs, tokens.len());
    lines.newline(0);
    match rest.flat() {
        Some(flat) if flat.chars().count() <= WIDTH => lines.word(false, &flat, 0),
        _ => broken(&mut lines, &rest),
    }
    lines.finish()
}

/// The tokens without the commas at the ends of lists.
fn without_last_commas<'t>(tokens: &[Token<'t>]) -> Vec<Token<'t>> {
    let roles = roles(tokens);
    let ends = |at: usize| matches!(roles.get(at), Some(Role::Close | Role::CloseBrace));
    let kept = tokens.iter().enumerate();
    let kept = kept.filter(|(at, token)| token.text != "," || !ends(at + 1));
    kept.map(|(_, token)| *token).collect()
}

/// How many tokens belong to the docs before an item (comments between them too).
fn docs(tokens: &[Token<'_>]) -> usize {
    let mut docs = 0;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.kind {
            TokenKind::Doc => at += 1,
            TokenKind::Punct if token.text == "#" => {
                let close = tokens[at..].iter().position(|token| token.text == "]");
                at += close.map_or(tokens.len() - at, |close| close + 1);
            }
            TokenKind::Comment => {
                at += 1;
                continue;
            }
            _ => break,
        }
        docs = at;
    }
    docs
}

fn broken(lines: &mut Lines, item: &Part<'_, '_>) {
    let body = item.find(&["{"]);
    match (keyword(item.tokens), body) {
        (Some("converter"), Some(body)) => {
            let long = header(lines, &item.slice(0, body));
            braces(lines, &item.slice(body, item.tokens.len()), long, rule);
        }
        (Some("convolution"), Some(body)) => {
            lines.fill(&item.slice(0, body), false, INDENT, 2);
            braces(
                lines,
                &item.slice(body, item.tokens.len()),
                false,
                |lines, fields| {
                    lines.fill(fields, false, INDENT, 0);
                },
            );
        }
        // The physical coordinates, the chain, the other side of a claim: a line of their own.
        _ => {
            let sign = item
                .find(&["=", "=="])
                .map(|sign| match item.tokens[sign].text {
                    "=" => sign + 1,
                    _ => sign,
                });
            halves(lines, item, &[sign], 0);
        }
    }
}

/// A part that is cut into two before the first of these tokens that leaves a line on both sides, or else a line behind the last
/// of them; filled lines where there is none. `reserve` characters have to follow. Says whether it is cut.
fn halves(lines: &mut Lines, part: &Part<'_, '_>, cuts: &[Option<usize>], reserve: usize) -> bool {
    let fits = |half: &Part<'_, '_>, more: usize| {
        half.flat()
            .is_some_and(|flat| flat.chars().count() + more <= WIDTH)
    };
    let cut = |at: usize| (part.slice(0, at), part.slice(at, part.tokens.len()));
    let behind = |at: &&usize| fits(&cut(**at).1, INDENT + reserve);
    let cuts: Vec<usize> = cuts.iter().flatten().copied().collect();
    let both = cuts.iter().find(|at| fits(&cut(**at).0, 0) && behind(at));
    let at = both.or(cuts.last().filter(behind));
    match at {
        Some(at) => {
            let (one, two) = cut(*at);
            lines.fill(&one, false, INDENT, 0);
            lines.newline(INDENT);
            lines.fill(&two, false, INDENT, reserve);
        }
        None => lines.fill(part, false, INDENT, reserve),
    }
    at.is_some()
}

/// `converter … -> Y[…]`, cut before the arrow or behind the sizes if it has to be, with `requires` behind it, or on lines of its
/// own: then the brace begins a line too.
fn header(lines: &mut Lines, header: &Part<'_, '_>) -> bool {
    let requires = header.find(&["requires"]).unwrap_or(header.tokens.len());
    let (head, facts) = (
        header.slice(0, requires),
        header.slice(requires, header.tokens.len()),
    );
    let whole = header.flat().map(|flat| flat.chars().count() + 2);
    let cuts = [header.find(&["->"]), header.find(&["("])];
    if whole.is_some_and(|width| lines.fits(width)) {
        lines.fill(header, false, INDENT, 2);
        false
    } else if facts.is_empty() {
        halves(lines, header, &cuts, 2)
    } else {
        let one = head
            .flat()
            .is_some_and(|flat| lines.fits(flat.chars().count()));
        halves(lines, &head, if one { &[] } else { &cuts }, 0);
        lines.newline(INDENT);
        lines.fill(&facts, false, INDENT + "requires ".len(), 0);
        true
    }
}

/// Braces and what stands in them, behind a header or on a line of their own.
fn braces(
    lines: &mut Lines,
    part: &Part<'_, '_>,
    own_line: bool,
    inner: impl Fn(&mut Lines, &Part<'_, '_>),
) {
    let close = part.tokens.iter().rposition(|token| token.text == "}");
    let close = close.unwrap_or(part.tokens.len());
    if own_line {
        lines.newline(0);
    }
    lines.word(!own_line, "{", 0);
    let content = part.slice(1, close);
    if !content.is_empty() {
        lines.newline(INDENT);
        inner(lines, &content);
    }
    lines.newline(0);
    lines.fill(&part.slice(close, part.tokens.len()), false, 0, 0);
}

/// A rule, and the comments behind it.
fn rule(lines: &mut Lines, rule: &Part<'_, '_>) {
    let last = rule
        .tokens
        .iter()
        .rposition(|token| token.kind != TokenKind::Comment);
    let end = last.map_or(0, |last| last + 1);
    clauses(lines, &rule.slice(0, end));
    lines.fill(&rule.slice(end, rule.tokens.len()), true, INDENT, 0);
}

/// A rule: one line if it fits, otherwise its clauses one after the other and `where` on lines of its own.
fn clauses(lines: &mut Lines, rule: &Part<'_, '_>) {
    if rule
        .flat()
        .is_some_and(|flat| lines.fits(flat.chars().count()))
    {
        lines.fill(rule, false, INDENT, 0);
        return;
    }
    let mut from = 0;
    while from < rule.tokens.len() {
        let next = rule.slice(from + 1, rule.tokens.len()).find(&CLAUSES);
        let to = next.map_or(rule.tokens.len(), |next| from + 1 + next);
        let clause = rule.slice(from, to);
        let is_where = clause
            .tokens
            .first()
            .is_some_and(|token| token.text == "where");
        let width = clause
            .flat()
            .map_or(usize::MAX / 2, |flat| flat.chars().count() + 1);
        if from > 0 && (is_where || !lines.fits(width)) {
            lines.newline(INDENT);
        }
        if is_where && !lines.fits(width - 1) {
            definitions(lines, &clause);
        } else {
            lines.fill(&clause, !lines.fresh(), 2 * INDENT, 0);
        }
        from = to;
    }
}

/// `where` with a definition a line.
fn definitions(lines: &mut Lines, clause: &Part<'_, '_>) {
    let indent = INDENT + "where ".len();
    let mut from = 0;
    while from < clause.tokens.len() {
        let comma = clause.slice(from, clause.tokens.len()).find(&[","]);
        let mut to = comma.map_or(clause.tokens.len(), |comma| from + comma + 1);
        // A comment behind the comma belongs to the definition before it.
        while clause
            .tokens
            .get(to)
            .is_some_and(|token| token.kind == TokenKind::Comment)
        {
            to += 1;
        }
        if from > 0 {
            lines.newline(indent);
        }
        lines.fill(&clause.slice(from, to), false, indent + INDENT, 0);
        from = to;
    }
}
