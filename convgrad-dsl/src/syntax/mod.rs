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

use std::cell::RefCell;

use pest::Parser as _;
use pest::iterators::Pair;
use rustc_hash::FxHashMap;

use self::build::{Builder, Place};
use self::grammar::{Grammar, Rule};
use self::split::Piece;
use self::tokens::{Token, TokenKind};
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
    let pieces = split::split(text, &tokens, sink);
    let mut file = tree::File::default();
    for piece in pieces.iter().take(limits::MAX_ITEMS) {
        if sink.is_full() {
            break;
        }
        file.items.push(item(text, piece, sink));
    }
    if let (Some(extra), false) = (pieces.get(limits::MAX_ITEMS), sink.is_full()) {
        sink.push(too_many(extra.first(), pieces.len()));
    }
    file
}

/// There are more items than a text may have, or than one may take from the library.
pub(crate) fn too_many(first: Span, count: usize) -> Diagnostic {
    let message = format!("there are too many items: {count}");
    Diagnostic::new(Code::TooDeep, first, message)
        .label(format!("a text may have {}", limits::MAX_ITEMS))
        .help("split it into several texts")
}

/// Reads one item.
fn item(text: &str, piece: &Piece<'_, '_>, sink: &mut Sink) -> tree::Item {
    let span = piece.span();
    let source = &text[span.start..span.end];
    if piece.sound {
        match Grammar::parse(Rule::entry, source) {
            Ok(mut pairs) => {
                if let Some(entry) = pairs.next() {
                    return Builder::new(Place::At(span.start), sink).item(entry);
                }
            }
            Err(error) => sink.push(unexpected::explain(&error, piece)),
        }
    }
    if piece.shallow
        && let Ok(mut pairs) = Grammar::parse(Rule::beginning, source)
        && let Some(beginning) = pairs.next()
    {
        let mut item = Builder::new(Place::At(span.start), sink).item(beginning);
        item.broken = true;
        item.span = span;
        return item;
    }
    unreadable(piece)
}

thread_local! {
    /// What the grammar makes of texts that last.
    static ENTRIES: RefCell<FxHashMap<&'static str, Option<Pair<'static, Rule>>>> = RefCell::default();
}

/// Reads a text that is one item without mistakes; everything in it is said to stand at `span`. Such texts last, and are
/// parsed once.
pub(crate) fn imported(text: &'static str, span: Span) -> Option<tree::Item> {
    let parsed = || Grammar::parse(Rule::entry, text).ok()?.next();
    let entry = ENTRIES.with_borrow_mut(|entries| {
        let entry = entries.entry(text).or_insert_with(parsed);
        entry.clone()
    });
    Some(Builder::new(Place::For(span), &mut Sink::new()).item(entry?))
}

/// An item of a text, by its tokens alone.
pub(crate) struct Outline<'t> {
    /// The word that it begins with.
    pub(crate) keyword: &'static str,
    /// What it declares.
    pub(crate) name: &'t str,
    /// All of it, docs included.
    pub(crate) text: &'t str,
}

/// The items of a text that declare something.
pub(crate) fn outline(text: &str) -> Vec<Outline<'_>> {
    let (tokens, _) = tokens::tokens(text, limits::MAX_NESTING);
    let pieces = split::split(text, &tokens, &mut Sink::new());
    let outlines = pieces.iter().filter_map(|piece| {
        let (keyword, name) = declared(piece)?;
        let span = piece.span();
        Some(Outline {
            keyword: keyword_of(keyword)?,
            name: name?.text,
            text: &text[span.start..span.end],
        })
    });
    outlines.collect()
}

/// The word that an item begins with, and the name behind it, if it is of those that have one.
fn declared<'t>(piece: &Piece<'_, 't>) -> Option<(Token<'t>, Option<Token<'t>>)> {
    let words = piece.tokens.iter().filter(|t| t.kind == TokenKind::Word);
    let mut words = words.skip_while(|t| !split::KEYWORDS.contains(&t.text));
    let keyword = *words.next()?;
    let named = !matches!(keyword.text, "assert" | "use");
    Some((keyword, words.next().filter(|_| named).copied()))
}

/// The spelling of an item's first word that lives as long as the program.
fn keyword_of(token: Token<'_>) -> Option<&'static str> {
    split::KEYWORDS.into_iter().find(|w| *w == token.text)
}

/// What the bare tokens say about an item that cannot be parsed.
fn unreadable(piece: &Piece<'_, '_>) -> tree::Item {
    let (keyword, name) = declared(piece).unzip();
    let name = name.flatten().map(|t| Name {
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
            keyword: keyword.and_then(keyword_of),
            name,
        },
        span: piece.span(),
        broken: true,
    }
}
