//! From the text to its tree. What is wrong is reported, and the rest is still read.
//!
//! A text is cut into items by its brackets (`tokens`, `split`), each item is parsed by the grammar (`grammar`) and turned
//! into a tree (`build`); what the grammar does not know becomes a message in words (`unexpected`, `advice`).

mod advice;
mod build;
mod grammar;
pub mod limits;
mod split;
pub(crate) mod tokens;
pub mod tree;
mod unexpected;

use pest::Parser as _;

use self::build::Builder;
use self::grammar::{Grammar, Rule};
use self::split::Piece;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::{Name, Span};

/// Reads a text.
pub fn parse(text: &str, sink: &mut Sink) -> tree::File {
    if text.len() > limits::MAX_TEXT {
        let message = format!("the text is too long: {} bytes", text.len());
        sink.push(
            Diagnostic::new(Code::TooDeep, Span::default(), message)
                .note(format!("a text may have {} bytes", limits::MAX_TEXT))
                .help("split it into several files"),
        );
        return tree::File::default();
    }
    let (tokens, deep_comment) = tokens::tokens(text, limits::MAX_NESTING);
    if let Some(span) = deep_comment {
        sink.push(split::too_deep(span).help("close the comments"));
        return tree::File::default();
    }
    if tokens.is_empty() {
        sink.push(
            Diagnostic::new(Code::EmptyFile, Span::default(), "nothing is declared")
                .help("a converter looks like `converter t<N, C>(X[N, C]) -> Y[C, N] { Y[j0, j1] = X[j1, j0]; }`"),
        );
    }
    let pieces = split::split(&tokens, sink);
    let mut file = tree::File::default();
    for piece in &pieces {
        if sink.mark() < limits::MAX_REPORTS {
            file.items.push(item(text, piece, sink));
        }
    }
    file
}

/// Reads one item.
fn item(text: &str, piece: &Piece<'_, '_>, sink: &mut Sink) -> tree::Item {
    let span = piece.span();
    let source = &text[span.start..span.end];
    if piece.sound {
        match Grammar::parse(Rule::entry, source) {
            Ok(mut pairs) => {
                if let Some(entry) = pairs.next() {
                    return Builder::new(span.start, sink).item(entry);
                }
            }
            Err(error) => sink.push(unexpected::explain(&error, piece)),
        }
    }
    if piece.shallow
        && let Ok(mut pairs) = Grammar::parse(Rule::beginning, source)
        && let Some(beginning) = pairs.next()
    {
        let mut item = Builder::new(span.start, sink).item(beginning);
        item.broken = true;
        item.span = span;
        return item;
    }
    unreadable(piece)
}

/// What the bare tokens say about an item that cannot be parsed.
fn unreadable(piece: &Piece<'_, '_>) -> tree::Item {
    let words = piece
        .tokens
        .iter()
        .filter(|t| t.kind == tokens::TokenKind::Word);
    let mut words = words.skip_while(|t| !split::KEYWORDS.contains(&t.text));
    let keyword = words.next();
    let named = keyword.filter(|t| !matches!(t.text, "assert" | "use"));
    let name = named.and(words.next()).map(|t| Name {
        text: t.text.to_owned(),
        span: t.span,
    });
    let public = keyword.is_some_and(|k| {
        piece
            .tokens
            .iter()
            .take_while(|t| t.span.start < k.span.start)
            .any(|t| t.text == "pub")
    });
    tree::Item {
        docs: Vec::new(),
        public,
        kind: tree::ItemKind::Unreadable {
            keyword: keyword.and_then(|k| split::KEYWORDS.into_iter().find(|w| *w == k.text)),
            name,
        },
        span: piece.span(),
        broken: true,
    }
}
