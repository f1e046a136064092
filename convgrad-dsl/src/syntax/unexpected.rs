//! Words for a place where the grammar does not go on.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::grammar::Rule;
use super::split::{CLAUSES, KEYWORDS, Piece};
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
            .label(format!("{expected} is expected here"))
        }
        None => {
            let place = before.map_or(Span::default(), |t| t.span);
            Diagnostic::new(
                Code::Unexpected,
                place,
                format!("expected {expected}, but the item ends here"),
            )
            .label(format!("{expected} is expected after this"))
        }
    };
    diagnostic.help = help(found, before, &expected, piece);
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
    for minor in [OPERATOR, "`(`", "`[`"] {
        if words.iter().any(|w| *w != minor) {
            words.retain(|w| *w != minor);
        }
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

const OPERATOR: &str = "an operator";
const PART: &str = "the next part of the rule";

/// What a rule is called. Those for mistakes have no name: nobody should be told to make one.
fn word(expected: Rule) -> Option<&'static str> {
    Some(match expected {
        Rule::entry | Rule::converter | Rule::convolution | Rule::layout | Rule::assertion => {
            "an item"
        }
        Rule::word_converter | Rule::word_convolution | Rule::word_layout | Rule::word_assert => {
            "an item"
        }
        Rule::public
        | Rule::word_pub
        | Rule::doc
        | Rule::line_doc
        | Rule::block_doc
        | Rule::doc_attribute => "an item",
        Rule::EOI => "the end of the item",
        Rule::name => "a name",
        Rule::size => "a size",
        Rule::sizes | Rule::header => "`<` and the sizes",
        Rule::body => "`{` and the rule",
        Rule::tensor | Rule::access => "a tensor with its brackets",
        Rule::list | Rule::range_list => "`[`",
        Rule::rule => "a rule",
        Rule::source => "the source, like `X[j0, j1]`",
        Rule::guard | Rule::otherwise | Rule::ranges | Rule::definitions => PART,
        Rule::word_if | Rule::word_else | Rule::word_for | Rule::word_where => PART,
        Rule::requires | Rule::word_requires => "`requires`",
        Rule::by | Rule::word_by => "`by`",
        Rule::pad | Rule::word_pad => "`pad`",
        Rule::range => "an iterator with its limit, like `n < N`",
        Rule::definition => "a definition, like `i0 = j0/16`",
        Rule::number | Rule::infinity => "a number",
        Rule::field => "a field, like `stride 2`",
        Rule::field_list | Rule::field_value => "an integer",
        Rule::chain | Rule::derived | Rule::inverse | Rule::compose => "a converter",
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
        Rule::arrow => "`->`",
        Rule::assign => "`=`",
        Rule::close_angle => "`>`",
        Rule::close_brace => "`}`",
        Rule::close_bracket => "`]`",
        Rule::close_paren => "`)`",
        Rule::comma => "`,`",
        Rule::equal => "`==`",
        Rule::less => "`<`",
        Rule::open_angle => "`<`",
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

/// How to mend what can be recognised.
fn help(
    found: Option<&Token<'_>>,
    before: Option<&Token<'_>>,
    expected: &str,
    piece: &Piece<'_, '_>,
) -> Option<String> {
    let found_text = found.map_or("", |t| t.text);
    let text = match (expected, found_text) {
        (_, "+=" | "-=" | "*=" | "/=" | ":=") => {
            "a rule writes each place once; write `=`".to_owned()
        }
        ("`=`", "==") => "write `=`; `==` compares".to_owned(),
        ("`=`", _) if piece.tokens.iter().any(|t| t.text == "{") => {
            "a rule looks like `Y[j0, j1] = X[j1, j0]`".to_owned()
        }
        ("`=` or `<`" | "`<` and the sizes or `=`" | "`<` or `=`", "(") => {
            "the sizes stand in `<…>` before this; write `<>` if there are none".to_owned()
        }
        (_, "in") => "a range starts at 0 and is written `n < N`".to_owned(),
        ("an item", ";") => "remove the `;`".to_owned(),
        ("an item", _) if before.is_none() && found.is_some_and(|t| t.kind == TokenKind::Word) => {
            let near = crate::sema::names::nearest(found_text, KEYWORDS);
            match near {
                Some(word) => format!("did you mean `{word}`?"),
                None => "an item begins with `converter`, `convolution`, `layout` or `assert`"
                    .to_owned(),
            }
        }
        ("an item", "") => {
            "write the item that the comment describes, or make it a plain comment with `//`"
                .to_owned()
        }
        (_, word) if CLAUSES.contains(&word) && expected.contains("an expression") => {
            format!("`{word}` begins a new part of the rule; write an expression before it")
        }
        (_, ".." | "..=" | "...") => {
            "a range starts at 0 and is written `n < N`; `i0..` stands for i0, i1, …".to_owned()
        }
        _ if found.is_some_and(|t| t.kind == TokenKind::Doc || t.text == "#") => {
            "doc comments stand before items; write `//` here".to_owned()
        }
        _ => return None,
    };
    Some(text)
}
