//! Comma lists: their holes, the trailing comma, and `i0..`.

use super::Builder;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Name, Span};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::limits::{MAX_ARGUMENTS, MAX_ENTRIES, MAX_ITEMS};
use crate::syntax::tree::{List, Tensor};

impl Builder<'_> {
    /// The entries of a comma list, and its trailing comma. Holes are reported, and entries beyond those that a list may have.
    pub(super) fn slots<'t>(&mut self, pair: Pair<'t>) -> (Vec<Pair<'t>>, Option<Span>) {
        let brackets = matches!(pair.as_rule(), Rule::list);
        let most = match pair.as_rule() {
            Rule::call => MAX_ARGUMENTS,
            Rule::import_list => MAX_ITEMS,
            _ => MAX_ENTRIES,
        };
        let (mut slots, mut last_comma, mut filled) = (Vec::new(), None, false);
        let mut hole = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::hole => hole = Some(last_comma),
                Rule::comma => {
                    let here = self.span(&part);
                    if let Some(before) = hole.take() {
                        self.report_hole(before, here, brackets);
                    }
                    last_comma = Some(here);
                    filled = true;
                }
                Rule::expr
                | Rule::spread
                | Rule::size
                | Rule::range
                | Rule::definition
                | Rule::field
                | Rule::field_value
                | Rule::imported
                | Rule::parameter
                | Rule::chain => slots.push(part),
                _ => {}
            }
        }
        let trailing = if hole.is_some() && filled {
            last_comma
        } else {
            None
        };
        if let Some(extra) = slots.get(most) {
            let message = format!("the list is too long: {} entries", slots.len());
            self.sink.push(
                Diagnostic::new(Code::TooDeep, self.span(extra), message)
                    .label(format!("a list of this kind may have {most}"))
                    .help("split it"),
            );
            slots.truncate(most);
        }
        (slots, trailing)
    }

    fn report_hole(&mut self, before: Option<Span>, comma: Span, brackets: bool) {
        let what = if brackets { "index" } else { "entry" };
        self.sink.push(match before {
            Some(first) => {
                Diagnostic::new(Code::DoubleComma, comma, "two commas follow each other")
                    .label(format!("an {what} is expected before this comma"))
                    .secondary(first, "the first comma")
                    .help("remove one of them, or write what is missing between them")
            }
            None => Diagnostic::new(Code::EmptyIndex, comma, format!("an {what} is empty"))
                .label("nothing stands before this comma")
                .help(format!(
                    "write the {what} before the comma, or remove the comma"
                )),
        });
    }

    /// A list in brackets.
    pub(super) fn list(&mut self, pair: Pair<'_>) -> List {
        let span = self.span(&pair);
        let (slots, trailing_comma) = self.slots(pair);
        let count = slots.len();
        let mut list = List {
            exprs: Vec::new(),
            spread: None,
            trailing_comma,
            span,
        };
        for slot in slots {
            if slot.as_rule() == Rule::spread {
                let whole = self.span(&slot);
                let Some(name) = slot.into_inner().next() else {
                    continue;
                };
                let name = Name {
                    text: name.as_str().to_owned(),
                    span: whole,
                };
                if count > 1 {
                    let message = format!("`{}..` stands for all indices at once", name.text);
                    self.sink.push(
                        Diagnostic::new(Code::Unexpected, whole, message)
                            .label("it cannot stand beside other indices")
                            .help(format!(
                                "write `[{}..]` alone, or every index by itself",
                                name.text
                            )),
                    );
                }
                list.spread = Some(name);
            } else {
                list.exprs.push(self.expr(slot));
            }
        }
        list
    }

    /// A name with a list in brackets, and with an element type between them where it is declared.
    pub(super) fn tensor(&mut self, pair: Pair<'_>) -> Tensor {
        let span = self.span(&pair);
        let mut name = Name {
            text: String::new(),
            span,
        };
        let mut element = None;
        let mut list = List {
            exprs: Vec::new(),
            spread: None,
            trailing_comma: None,
            span,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = self.name(&part),
                Rule::element => {
                    let word = part.into_inner().find(|p| p.as_rule() == Rule::name);
                    element = word.map(|p| self.name(&p));
                }
                Rule::list => list = self.list(part),
                _ => {}
            }
        }
        Tensor {
            name,
            element,
            list,
            span,
        }
    }
}
