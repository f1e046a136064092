//! The parser that pest derives from `grammars/convgrad.pest`.
#![allow(missing_docs, reason = "the grammar documents its rules")]

/// Recognises the rules of the grammar.
#[derive(pest_derive::Parser)]
#[grammar = "convgrad.pest"]
pub(super) struct Grammar;

/// A piece of text that matched a rule.
pub(super) type Pair<'t> = pest::iterators::Pair<'t, Rule>;
