//! What stands between two tokens of a line.

use crate::syntax::tokens::{Token, TokenKind};

/// Words behind which a bracket does not belong to them, and a `-` is a sign.
const CLAUSES: [&str; 6] = ["if", "else", "for", "where", "requires", "by"];

/// The fields of a convolution, behind whose names a bracket begins the value.
const FIELDS: [&str; 3] = ["stride", "padding", "dilation"];

/// How a token is bound to its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A word, a number, a string.
    Atom,
    /// A word that begins a clause.
    Clause,
    /// `(`, `[` and the `<` of sizes.
    Open,
    /// `)`, `]` and the `>` of sizes.
    Close,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `,`, `;`
    Stop,
    /// `:`
    Colon,
    /// `+`, `==`, `->`: a space on both sides.
    Loose,
    /// `*`, `/`, `%`, `::`: none on either side.
    Tight,
    /// `-a`, `!a`
    Prefix,
    /// `i0..`
    Suffix,
    /// A comment.
    Comment,
}

/// The roles of all tokens of an item.
pub(super) fn roles(tokens: &[Token<'_>]) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::with_capacity(tokens.len());
    let mut before: Option<(Role, &str)> = None;
    let (mut depth, mut angles, mut conditions) = (0usize, 0usize, false);
    let layout = keyword(tokens) == Some("layout");
    let import = keyword(tokens) == Some("use");
    for token in tokens {
        let after_value = matches!(before, Some((Role::Atom | Role::Close | Role::Suffix, _)));
        let role = match (token.kind, token.text) {
            (TokenKind::Comment, _) => Role::Comment,
            (TokenKind::Open, "{") if !import => Role::OpenBrace,
            (TokenKind::Close, "}") if !import => Role::CloseBrace,
            (TokenKind::Open, _) => Role::Open,
            (TokenKind::Close, _) => Role::Close,
            (TokenKind::Word, word) if CLAUSES.contains(&word) => Role::Clause,
            // Elsewhere this is a name like any other.
            (TokenKind::Word, "pad") if layout && depth == 0 => Role::Clause,
            (TokenKind::Punct, "," | ";") => Role::Stop,
            (TokenKind::Punct, ":") => Role::Colon,
            (TokenKind::Punct, "*" | "/" | "%" | "::") if after_value => Role::Tight,
            // `use std::*`
            (TokenKind::Punct, "*") => Role::Atom,
            (TokenKind::Punct, "..") => Role::Suffix,
            // Comparisons stand in brackets, in a body, or behind `requires`; elsewhere `<` and `>` hold sizes.
            (TokenKind::Punct, "<") if depth == 0 && !conditions => {
                angles += 1;
                Role::Open
            }
            (TokenKind::Punct, ">") if depth == 0 && angles > 0 => {
                angles -= 1;
                Role::Close
            }
            (TokenKind::Punct, "<") if angle_in_chain(tokens, roles.len()) => {
                angles += 1;
                Role::Open
            }
            (TokenKind::Punct, ">") if angles > 0 => {
                angles -= 1;
                Role::Close
            }
            (TokenKind::Punct, "-" | "!") if !after_value => Role::Prefix,
            (TokenKind::Punct, _) => Role::Loose,
            _ => Role::Atom,
        };
        match role {
            Role::Open | Role::OpenBrace if token.kind == TokenKind::Open => depth += 1,
            Role::Close | Role::CloseBrace if token.kind == TokenKind::Close => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        conditions |= token.text == "requires";
        if role != Role::Comment {
            before = Some((role, token.text));
        }
        roles.push(role);
    }
    roles
}

/// Whether the `<` at `at`, inside brackets, opens the sizes of a chain: items that are chains have no comparisons.
fn angle_in_chain(tokens: &[Token<'_>], at: usize) -> bool {
    match keyword(tokens) {
        Some("assert") => true,
        Some("converter") => {
            let has = |tokens: &[Token<'_>], text| tokens.iter().any(|token| token.text == text);
            has(&tokens[..at], "=") && !has(tokens, "{")
        }
        _ => false,
    }
}

/// The word that says what an item is.
pub(super) fn keyword<'t>(tokens: &[Token<'t>]) -> Option<&'t str> {
    let words = tokens.iter().filter(|token| token.kind == TokenKind::Word);
    let mut words = words.map(|token| token.text);
    words.find(|word| !matches!(*word, "pub" | "doc"))
}

/// Whether a space stands between two neighbours on a line.
pub(super) fn space(left: (Role, &str), right: (Role, &str)) -> bool {
    match (left.0, right.0) {
        (_, Role::Stop | Role::Colon | Role::Suffix) => false,
        (Role::Comment, _) | (_, Role::Comment) => true,
        (_, Role::Tight) | (Role::Tight, _) | (Role::Prefix, _) => false,
        (Role::OpenBrace, Role::CloseBrace) => false,
        (Role::Open, _) | (_, Role::Close) => false,
        (Role::Close, Role::Open) => false,
        (Role::Atom, Role::Open) => FIELDS.contains(&left.1),
        _ => true,
    }
}
