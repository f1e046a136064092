//! What the transformations make of known formulas, as text.

mod known;
mod library;

use crate::diagnostic::{Diagnostic, Sink};
use crate::emit::formula;
use crate::proof::text;
use crate::sema::Unit;
use crate::sema::model::{Converter, Fill, Form, Layout, Number, Writes};
use crate::{sema, syntax};

/// A text, resolved, with what there is to say about it.
fn resolved(source: &str) -> (Unit, Vec<Diagnostic>) {
    let mut sink = Sink::new();
    let file = syntax::parse(source, &mut sink);
    let unit = sema::resolve(&file, &mut sink);
    (unit, sink.finish())
}

/// The first converter of a text.
fn converter(source: &str) -> Converter {
    let (unit, found) = resolved(source);
    match unit.converters.into_iter().next() {
        Some(converter) => converter,
        None => panic!("{source}\n{found:?}"),
    }
}

/// A layout, from the relational converter that packs into it.
fn layout(source: &str) -> Layout {
    let packs = converter(source);
    assert_eq!(packs.rule.form, Form::Relational, "{source}");
    Layout {
        name: packs.name,
        public: false,
        docs: Vec::new(),
        sizes: packs.sizes,
        iterators: packs.rule.iterators,
        left: packs.rule.left,
        extents: packs.output.extents,
        pad: packs.rule.fill.unwrap_or(Fill {
            number: Number::Int(0),
            span: packs.output.span,
        }),
        span: packs.rule.span,
    }
}

/// A converter as it could have been written.
fn shown(f: &Converter) -> String {
    let rule = &f.rule;
    let list = |all: &[crate::sema::model::Expr]| {
        let all: Vec<String> = all.iter().map(|e| text::expr(e, f)).collect();
        all.join(", ")
    };
    let mut out = format!(
        "{} -> {}: Y[{}] {} X[{}]",
        formula::operand(f, &f.input),
        formula::operand(f, &f.output),
        list(&rule.left),
        if rule.writes == Writes::Add {
            "+="
        } else {
            "="
        },
        list(&rule.source)
    );
    if let Some(guard) = &rule.guard {
        out += &format!(" if {}", text::cond(guard, f));
    }
    if let Some(fill) = &rule.fill {
        out += &format!(" else {}", formula::number(fill.number));
    }
    if rule.form == Form::Relational {
        let ranges: Vec<String> = rule
            .iterators
            .iter()
            .map(|i| format!("{} < {}", i.name.text, text::expr(&i.extent, f)))
            .collect();
        out += &format!(" for {}", ranges.join(", "));
    }
    if !f.requires.is_empty() {
        let all: Vec<String> = f.requires.iter().map(|c| text::cond(c, f)).collect();
        out += &format!(" requires {}", all.join(", "));
    }
    out
}
