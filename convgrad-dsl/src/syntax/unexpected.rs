//! Words for a place where the grammar does not go on.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::advice::advice;
use super::grammar::Rule;
use super::split::{KEYWORDS, Piece};
use super::tokens::{Token, TokenKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The diagnostic for an item that the grammar does not match.
pub(super) fn explain(error: &Error<Rule>, piece: &Piece<'_, '_>) -> Diagnostic {
    let start = piece.span().start;
    let at = start
        + match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
    let index = piece.tokens.partition_point(|t| t.span.end <= at);
    let found = piece.tokens.get(index);
    let before = index.checked_sub(1).and_then(|i| piece.tokens.get(i));
    if let (Some(found), Some(next)) = (found, piece.tokens.get(index + 1))
        && let Some(diagnostic) = missing_comma(found, next, piece)
    {
        return diagnostic;
    }
    let mut expected = expectations(error);
    if !piece.tokens.iter().any(|t| KEYWORDS.contains(&t.text)) {
        expected = vec!["an item"];
    }
    let label = match expected.as_slice() {
        [only] => format!("{only} is expected"),
        _ => "one of these is expected".to_owned(),
    };
    let expected = join(&expected);
    let mut diagnostic = match found {
        Some(token) => {
            let name = match token.kind {
                TokenKind::Doc => "a doc comment".to_owned(),
                TokenKind::String => "a string".to_owned(),
                _ => format!("`{}`", token.text),
            };
            Diagnostic::new(
                Code::Unexpected,
                token.span,
                format!("expected {expected}, found {name}"),
            )
            .label(format!("{label} here"))
        }
        None => {
            let place = before.map_or(Span::default(), |t| t.span);
            Diagnostic::new(
                Code::Unexpected,
                place,
                format!("expected {expected}, but the item ends here"),
            )
            .label(format!("{label} after this"))
        }
    };
    diagnostic.help = advice(found, before, &expected, piece);
    diagnostic
}

/// `where i0 = j0 i1 = j1`: a name that is defined where a comma is missing.
fn missing_comma(found: &Token<'_>, next: &Token<'_>, piece: &Piece<'_, '_>) -> Option<Diagnostic> {
    let in_where = piece
        .tokens
        .iter()
        .any(|t| t.text == "where" && t.span.end <= found.span.start);
    (next.text == "=" && found.kind == TokenKind::Word && in_where).then(|| {
        Diagnostic::new(
            Code::Unexpected,
            found.span,
            format!("expected `,`, found `{}`", found.text),
        )
        .label("a comma is expected before this")
        .help(format!("write `, {} = …`", found.text))
    })
}

/// What may stand there, in words, each once; operators only if there is nothing else.
fn expectations(error: &Error<Rule>) -> Vec<&'static str> {
    let positives = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
        ErrorVariant::CustomError { .. } => &[],
    };
    let mut words: Vec<&str> = positives.iter().filter_map(|r| word(*r)).collect();
    // What may go on an expression or a name is less to the point than what may follow it.
    for minor in [OPERATOR, "`:`", "`(`", "`[`"] {
        if words.iter().any(|w| *w != minor) {
            words.retain(|w| *w != minor);
        }
    }
    // The values of a reference are less to the point than what makes it part of a chain.
    if words.contains(&ARROW) {
        words.retain(|w| *w != LESS);
    }
    if words.contains(&OF_LIBRARY) {
        words.retain(|w| *w != NAME);
    }
    // The name of a second rule, which nobody should be told to begin.
    if words.contains(&PART) {
        words.retain(|w| *w != NAME);
    }
    let mut seen = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    if seen.is_empty() {
        seen.push("something else");
    }
    seen
}

const ARROW: &str = "`->`";
const LESS: &str = "`<`";
const NAME: &str = "a name";
const OF_LIBRARY: &str = "a name of the library";
const OPERATOR: &str = "an operator";
const PART: &str = "`if`, `else`, `for`, `where`";

/// What a rule is called. Those for mistakes have no name: nobody should be told to make one.
fn word(expected: Rule) -> Option<&'static str> {
    Some(match expected {
        Rule::entry
        | Rule::converter
        | Rule::convolution
        | Rule::layout
        | Rule::assertion
        | Rule::import
        | Rule::word_converter
        | Rule::word_convolution
        | Rule::word_layout
        | Rule::word_assert
        | Rule::word_use => "an item",
        Rule::public
        | Rule::word_pub
        | Rule::doc
        | Rule::line_doc
        | Rule::block_doc
        | Rule::doc_attribute => "an item",
        Rule::EOI => "the end of the item",
        Rule::name => NAME,
        Rule::size => "a size",
        Rule::sizes | Rule::header => "`<` and the sizes",
        Rule::body => "`{` and the rule",
        Rule::tensor | Rule::access => "a tensor with its brackets",
        Rule::list | Rule::range_list => "`[`",
        Rule::rule => "a rule",
        Rule::source | Rule::conversion => "the source, like `X[j0, j1]`",
        Rule::guard | Rule::otherwise | Rule::ranges | Rule::definitions => PART,
        Rule::word_if | Rule::word_else | Rule::word_for | Rule::word_where => PART,
        Rule::requires | Rule::word_requires => "`requires`",
        Rule::by | Rule::word_by => "`by`",
        Rule::pad | Rule::word_pad => "`pad`",
        Rule::range => "an iterator with its limit, like `n < N`",
        Rule::definition => "a definition, like `i0 = j0/16`",
        Rule::number | Rule::infinity | Rule::parameter => "a number",
        Rule::field => "a field, like `stride 2`",
        Rule::field_list | Rule::field_value => "an integer",
        Rule::chain
        | Rule::derived
        | Rule::reference
        | Rule::inverse
        | Rule::adjoint
        | Rule::compose
        | Rule::converted
        | Rule::conversion_word => "a converter",
        Rule::imported | Rule::everything | Rule::import_list => OF_LIBRARY,
        Rule::word_as => "`as`",
        Rule::path => "`::`",
        Rule::property => "a property, like `bijective`",
        Rule::expr
        | Rule::sum
        | Rule::integer
        | Rule::float
        | Rule::variable
        | Rule::call
        | Rule::group
        | Rule::prefix => "an expression",
        Rule::string => "a string",
        Rule::operator | Rule::sum_operator => OPERATOR,
        Rule::arrow => ARROW,
        Rule::assign | Rule::add_assign => "`=`",
        Rule::element | Rule::colon => "`:`",
        Rule::close_angle => "`>`",
        Rule::close_brace => "`}`",
        Rule::close_bracket => "`]`",
        Rule::close_paren => "`)`",
        Rule::comma => "`,`",
        Rule::equal => "`==`",
        Rule::less => LESS,
        Rule::open_angle => LESS,
        Rule::open_brace => "`{`",
        Rule::open_bracket => "`[`",
        Rule::open_paren => "`(`",
        Rule::semicolon => "`;`",
        _ => return None,
    })
}

/// `a`, `a or b`, `a, b or c`
fn join(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
