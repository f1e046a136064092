//! A layout as the converter that writes it, so that the proofs of rules say whether two coordinates stand in one place.

use crate::analysis::analyze;
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::sema::model::{
    Converter, Expr, ExprKind, Form, IterId, Layout, Operand, Origin, Rule, Writes,
};
use crate::sizes;
use crate::source::{Name, Span};

impl Layout {
    /// The converter from the logical coordinates, an axis each, to the physical ones.
    pub(crate) fn writer(&self) -> Converter {
        let operand = |name: &Name, extents: Vec<Expr>| Operand {
            name: name.clone(),
            extents,
            span: name.span,
        };
        let logical = Name {
            text: format!("logical {}", self.name.text),
            span: self.name.span,
        };
        let iterators = (0u32..).zip(&self.iterators);
        let source = iterators.map(|(at, iterator)| Expr {
            kind: ExprKind::Iter(IterId(at)),
            span: iterator.name.span,
        });
        let limits = self.iterators.iter().map(|i| i.extent.clone()).collect();
        Converter {
            name: self.name.clone(),
            public: false,
            docs: Vec::new(),
            sizes: self.sizes.clone(),
            input: operand(&logical, limits),
            output: operand(&self.name, self.extents.clone()),
            requires: Vec::new(),
            elements: None,
            rule: Rule {
                form: Form::Relational,
                iterators: self.iterators.clone(),
                definitions: Vec::new(),
                left: self.left.clone(),
                source: source.collect(),
                guard: None,
                fill: Some(self.pad.clone()),
                patches: Vec::new(),
                writes: Writes::Once,
                span: self.span,
            },
            stages: Vec::new(),
            origin: Origin::Chain(String::new()),
        }
    }
}

/// Reports coordinates that stand in one place, as far as that can be told while sizes are free; whether there are none.
pub(in crate::sema) fn check(layout: &Layout, sink: &mut Sink) -> bool {
    let writer = layout.writer();
    let analysed = sizes::bake(&writer).and_then(|bindings| analyze(&writer, &bindings));
    let Err(errors) = analysed else { return true };
    sink.extend(errors.into_iter().map(|error| in_words(error, layout)));
    false
}

/// What is wrong with writing a layout, said of the layout.
fn in_words(error: Diagnostic, layout: &Layout) -> Diagnostic {
    let ends = layout.left.first().zip(layout.left.last());
    let places = ends.map_or(layout.span, |(first, last): (&Expr, &Expr)| -> Span {
        first.span.to(last.span)
    });
    let name = &layout.name.text;
    match error.code {
        Code::WrittenTwice => {
            let message = format!("two coordinates stand in one place of {name}");
            let mut found = Diagnostic::new(Code::Overlap, places, message)
                .label("not injective")
                .help("use every iterator, with scales that do not overlap");
            found.notes = error.notes;
            found
        }
        Code::WriteOutOfBounds => {
            let message = format!("a coordinate of {name} stands before the first place");
            let mut found = Diagnostic::new(Code::WriteOutOfBounds, error.span, message)
                .label("negative")
                .help("add what makes the smallest value 0");
            found.notes = error.notes;
            found
        }
        _ => error,
    }
}
