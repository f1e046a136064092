//! How to mend a text that the grammar does not match, where the slip is a known one.

mod chain;

use super::split::{CLAUSES, KEYWORDS, Piece};
use super::tokens::{Token, TokenKind};
use crate::sema::names::nearest;

/// What to do about the token `found` behind the token `before`, where `expected` may stand.
pub(super) fn advice(
    found: Option<&Token<'_>>,
    before: Option<&Token<'_>>,
    expected: &str,
    piece: &Piece<'_, '_>,
) -> Option<String> {
    let (previous, text) = (before.map_or("", |t| t.text), found.map_or("", |t| t.text));
    if expected == "an item" {
        return item(found, previous, text);
    }
    if let Some(found) = found
        && (found.kind == TokenKind::Doc || text == "#")
    {
        return Some("doc comments stand before items; write `//` here".to_owned());
    }
    if let Some(of_item) = chain::of(piece) {
        return of_item((previous, expected, text)).map(str::to_owned);
    }
    let advice = match (previous, expected, text) {
        (_, _, "-=" | "*=" | "/=") => "a rule copies by `=`, or adds by `+=`",
        (_, _, "+=") => "only rules add; write `=`",
        (_, "`=`", ":=" | "<") => "write `=`",
        (_, "`=`", "==") => "write `=`; `==` compares",
        ("let", ..) => "definitions stand behind the source: `where i0 = …`",
        ("for", "`[`", _) => "`for` stands behind the source: `Y[j] = X[j] for j < N`",
        (_, "`[`", "(") => "indices and extents stand in brackets: `X[N]`, `Y[j]`",
        (_, _, "?") => "`if` and `else` stand behind the source: `Y[j] = X[j] if … else 0`",
        (_, _, "<=") if expected.contains("`<`") => {
            "a range ends before its limit: `n < N + 1` is up to N"
        }
        (_, _, ";" | "") if expected.contains("`{`") => {
            "the rule follows in braces: `{ Y[j] = X[j]; }`"
        }
        ("if", "`[`", _) => "`if` and `else` stand behind the source: `Y[j] = X[j] if … else 0`",
        ("->", _, "(") => "the output has no parentheses: `-> Y[N]`",
        (_, "`->`", "=>") => "write `->`",
        (_, "`)`", ",") => "a converter reads one tensor",
        (_, "`(`", "=") => {
            "a converter made of others has their sizes: `converter f = NCHW -> NHWC;`"
        }
        (_, _, "in" | ".." | "..=" | "...") => {
            "a range starts at 0 and is written `n < N`; `i0..` stands for i0, i1, …"
        }
        (_, _, "(" | "[") if expected.contains("`<`") => {
            "the sizes stand in `<…>` before this; write `<>` if there are none"
        }
        (_, _, ":") if piece.tokens.iter().any(|t| t.text == "convolution") => {
            "a field is a word and its value: `input NCHW`"
        }
        (_, _, ":") => "only tensors have a type, before their extents: `X: f32[N]`",
        (_, "`=`", _) if piece.tokens.iter().any(|t| t.text == "{") => {
            "a rule looks like `Y[j0, j1] = X[j1, j0]`"
        }
        (_, _, word) if CLAUSES.contains(&word) && expected.contains("an expression") => {
            return Some(format!(
                "`{word}` begins a new part of the rule; write an expression before it"
            ));
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

/// The same where an item may stand.
fn item(found: Option<&Token<'_>>, previous: &str, text: &str) -> Option<String> {
    let advice = match (previous, text) {
        ("pub", "(") => "write `pub` alone",
        (_, ";") => "remove the `;`",
        (_, "#") => "the only attribute is `#[doc = \"…\"]`",
        (_, "") => {
            "write the item that the comment describes, or make it a plain comment with `//`"
        }
        _ if found.is_some_and(|t| t.kind == TokenKind::Word) => match nearest(text, KEYWORDS) {
            Some(word) => return Some(format!("did you mean `{word}`?")),
            None => "an item begins with `converter`, `layout`, `convolution`, `assert` or `use`",
        },
        _ => return None,
    };
    Some(advice.to_owned())
}
