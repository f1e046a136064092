//! Advice for what has no rule: imports, layouts, chains and assertions.

use crate::syntax::split::{KEYWORDS, Piece};

/// What stands before the place, what may stand there, and what stands there.
type Place<'p> = (&'p str, &'p str, &'p str);

/// Who knows how to mend an item; None for items with rules or fields.
pub(super) fn of(piece: &Piece<'_, '_>) -> Option<fn(Place<'_>) -> Option<&'static str>> {
    let at = piece
        .tokens
        .iter()
        .position(|t| KEYWORDS.contains(&t.text))?;
    let word = |behind: usize| piece.tokens.get(at + behind).map_or("", |t| t.text);
    match word(0) {
        "use" => Some(import),
        "layout" => Some(layout),
        "assert" => Some(assertion),
        "converter" if word(2) == "=" => Some(chain),
        _ => None,
    }
}

fn import(place: Place<'_>) -> Option<&'static str> {
    Some(match place {
        (_, _, "::") => "the library has no parts: write `use std::NAME;`",
        (_, expected, _) if expected.contains("`::`") => {
            "names come from the library: `use std::NC1HWC0;`"
        }
        (_, _, ",") => "several names stand in braces: `use std::{NCHW, NHWC};`",
        (_, _, "*") => "write `use std::*;`",
        (_, _, "=") => "another name stands behind `as`: `use std::NC1HWC0 as Blocks;`",
        _ => return None,
    })
}

fn layout(place: Place<'_>) -> Option<&'static str> {
    Some(match place {
        (_, _, "in" | ".." | "..=" | "..." | ":") => {
            "a coordinate starts at 0 and is written `n < N`, or `n` alone for `n < N`"
        }
        (_, _, "else") => "what the other places hold stands behind `pad`: `pad 0`",
        (_, "`=`" | "`[`", "->" | "=>") => "write `=`",
        (_, "`<`", "(" | "[") => {
            "the sizes stand in `<…>` before this; write `<>` if there are none"
        }
        (_, _, "if" | "where" | "for" | "requires") => "a layout has no such part",
        (_, "`=`" | "`[`" | "`<`", _) => SHAPE,
        _ => return None,
    })
}

const SHAPE: &str = "a layout looks like `layout NHWC<N, C, H, W>[n, c, h, w] = [n, h, w, c];`";

const COORDINATES: &str = "coordinates stand in brackets, on both sides: `by [n, c] -> [c, n]`";

fn chain(place: Place<'_>) -> Option<&'static str> {
    Some(match place {
        (_, expected, "=>" | "to") if expected.contains("`->`") => "write `->`",
        (_, _, "->") => "a chain has one arrow; converters follow each other in `compose(f, g)`",
        (_, expected, ",") if expected.contains("`)`") => {
            "this takes one converter; `compose(f, g)` takes several"
        }
        ("by", "`[`", _) => COORDINATES,
        ("]", "`->`", _) => COORDINATES,
        ("inverse" | "adjoint" | "compose", ..) => {
            "the converters stand in parentheses: `inverse(f)`, `compose(f, g)`"
        }
        (_, _, "(") => {
            "the functions of converters are `inverse(f)`, `adjoint(f)`, `compose(f, g)`"
        }
        (_, _, "[") => "values of sizes stand in `<…>`: `f<C0 = 32>`",
        ("<", "a name" | "a size", _) => "say which size it is: `f<C0 = 32>`",
        (_, expected, _) if expected.contains("`->`") || expected.contains("a converter") => {
            "a chain looks like `NCHW -> NHWC`, `inverse(f)`, `adjoint(f)` or `compose(f, g)`"
        }
        _ => return None,
    })
}

fn assertion(place: Place<'_>) -> Option<&'static str> {
    match place {
        (_, expected, "=" | "===") if expected.contains("`==`") => Some("write `==`"),
        (_, expected, "!=") if expected.contains("`==`") => Some("only equality can be asserted"),
        (_, expected, "==") if !expected.contains("`==`") => {
            Some("write an assertion for each pair: `assert f == g; assert g == h;`")
        }
        (_, expected, _) if expected.contains("`==`") || expected.contains("a property") => {
            Some("an assertion looks like `assert f == g;` or `assert bijective(f);`")
        }
        ("bijective" | "injective" | "surjective" | "in_bounds", ..) => {
            Some("the converter stands in parentheses: `assert bijective(f);`")
        }
        _ => chain(place),
    }
}
