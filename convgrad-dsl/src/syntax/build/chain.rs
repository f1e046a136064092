//! Chains, assertions, and what is used of the library.

use super::Builder;
use crate::source::Name;
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::limits::MAX_NESTING;
use crate::syntax::tokens::tokens;
use crate::syntax::tree::{
    Assertion, Chain, ChainKind, Claim, Conversion, ConversionKind, Import, Reference, Spelled, Use,
};

impl Builder<'_> {
    pub(super) fn assertion(&mut self, pair: Pair<'_>) -> Assertion {
        let mut span = self.span(&pair);
        let (mut property, mut chains, mut text) = (None, Vec::new(), String::new());
        let whole = pair.as_str();
        let base = pair.as_span().start();
        let mut start = 0;
        for (at, part) in pair.into_inner().enumerate() {
            if at == 1 {
                span.start = self.span(&part).start;
                start = part.as_span().start() - base;
            }
            match part.as_rule() {
                Rule::property => property = Some(self.name(&part)),
                Rule::chain => chains.push(self.spelled(part)),
                Rule::semicolon => {
                    text = single_spaced(&whole[start..part.as_span().start() - base]);
                }
                _ => span.end = self.span(&part).end,
            }
        }
        span.end = span
            .end
            .max(chains.last().map_or(0, |last| last.chain.span.end));
        let mut chains = chains.into_iter();
        let nothing = || Spelled {
            chain: Chain {
                kind: ChainKind::Compose(Vec::new()),
                span,
            },
            text: String::new(),
        };
        let first = chains.next().unwrap_or_else(nothing);
        let claim = match property {
            Some(word) => Claim::Property(word, first),
            None => Claim::Equal(first, chains.next().unwrap_or_else(nothing)),
        };
        Assertion { claim, text, span }
    }

    pub(super) fn spelled(&mut self, pair: Pair<'_>) -> Spelled {
        Spelled {
            text: single_spaced(pair.as_str()),
            chain: self.chain(pair),
        }
    }

    fn chain(&mut self, pair: Pair<'_>) -> Chain {
        let span = self.span(&pair);
        let link = pair.into_inner().next();
        let kind = link.map_or(ChainKind::Compose(Vec::new()), |link| {
            match link.as_rule() {
                Rule::inverse => ChainKind::Inverse(Box::new(self.inner(link))),
                Rule::adjoint => ChainKind::Adjoint(Box::new(self.inner(link))),
                Rule::compose => {
                    let (slots, _) = self.slots(link);
                    ChainKind::Compose(slots.into_iter().map(|slot| self.chain(slot)).collect())
                }
                Rule::converted => self.converted_chain(link),
                _ => self.between(link),
            }
        });
        Chain { kind, span }
    }

    /// `quantize(f, f32 -> i8, 0.05, 3)`
    fn converted_chain(&mut self, pair: Pair<'_>) -> ChainKind {
        let span = self.span(&pair);
        let (mut word, mut names) = (None, Vec::new());
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::conversion_word => word = Some(self.name(&part)),
                Rule::name => names.push(self.name(&part)),
                _ => {}
            }
        }
        let kind = word.and_then(|word| Some((ConversionKind::of(&word.text)?, word.span)));
        let inner = self.inner(pair.clone());
        match (kind, names.pop(), names.pop()) {
            (Some((kind, word)), Some(output), Some(input)) => ChainKind::Converted {
                inner: Box::new(inner),
                types: Box::new((input, output)),
                conversion: Conversion {
                    kind,
                    numbers: self.conversion_numbers(pair),
                    word,
                    span,
                },
            },
            _ => inner.kind,
        }
    }

    /// The one chain in the parentheses of a function.
    fn inner(&mut self, function: Pair<'_>) -> Chain {
        let span = self.span(&function);
        let chain = function.into_inner().find(|p| p.as_rule() == Rule::chain);
        chain.map_or(
            Chain {
                kind: ChainKind::Compose(Vec::new()),
                span,
            },
            |p| self.chain(p),
        )
    }

    fn between(&mut self, pair: Pair<'_>) -> ChainKind {
        let (mut references, mut lists) = (Vec::new(), Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::reference => references.extend(self.reference(part)),
                Rule::by => {
                    let parts = part.into_inner().filter(|p| p.as_rule() == Rule::list);
                    lists.extend(parts.map(|p| self.list(p)));
                }
                _ => {}
            }
        }
        let by = lists
            .pop()
            .and_then(|right| lists.pop().map(|left| Box::new((left, right))));
        match (references.pop(), references.pop()) {
            (Some(to), Some(from)) => ChainKind::Between { from, to, by },
            (Some(only), None) => ChainKind::Named(only),
            _ => ChainKind::Compose(Vec::new()),
        }
    }

    fn reference(&mut self, pair: Pair<'_>) -> Option<Reference> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let values = inner.next().map_or_else(Vec::new, |p| self.sizes(p));
        Some(Reference { name, values, span })
    }

    pub(super) fn import(&mut self, pair: Pair<'_>) -> Use {
        let mut found = Use {
            library: Name {
                text: String::new(),
                span: self.span(&pair),
            },
            imports: Vec::new(),
            everything: None,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => found.library = self.name(&part),
                Rule::everything => found.everything = Some(self.span(&part)),
                Rule::imported => found.imports.extend(self.imported(part)),
                Rule::import_list => {
                    let (slots, _) = self.slots(part);
                    let imports = slots.into_iter().filter_map(|slot| self.imported(slot));
                    found.imports.extend(imports.collect::<Vec<_>>());
                }
                _ => {}
            }
        }
        found
    }

    fn imported(&mut self, pair: Pair<'_>) -> Option<Import> {
        let mut names = pair.into_inner().filter(|p| p.as_rule() == Rule::name);
        Some(Import {
            name: self.name(&names.next()?),
            alias: names.next().map(|p| self.name(&p)),
        })
    }
}

/// A text without comments, with one space wherever there is any.
fn single_spaced(text: &str) -> String {
    let mut spaced = String::new();
    let mut end = 0;
    for token in tokens(text, MAX_NESTING).0 {
        if token.span.start > end && !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced += token.text;
        end = token.span.end;
    }
    spaced
}
