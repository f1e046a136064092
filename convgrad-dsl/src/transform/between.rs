//! `A -> B`: through logical coordinates from one layout to another.
//!
//! A logical place of `from` has a place in both tensors, and that is the rule, a relation over the logical coordinates:
//! `to.left[by coordinates] = from.left[coordinates] else pad for coordinates`. What is left to find are the sizes of
//! `to`: its coordinates range over what the `by` expressions reach.

use crate::diagnostic::{Code, Diagnostic};
use crate::index::normal::{Normalizer, too_large};
use crate::index::poly::{Checked, Poly};
use crate::proof::setup::{self, Model};
use crate::proof::text;
use crate::sema::layout::extents;
use crate::sema::model::{
    By, Comparison, Cond, Converter, Expr, ExprKind, Form, Layout, Operand, Origin, Rule, SizeId,
    Writes,
};
use crate::sema::written::written;
use crate::sizes;
use crate::source::{Name, Span};

use super::Made;
use super::expr::Maker;
use super::gather::gathered;
use super::owed::owed;
use super::substitute::Respan;

/// `from -> to by …`: reads `from`, writes `to`, its padding included. The converter has `from`'s sizes.
///
/// # Errors
/// Logical coordinates that do not fit, sizes of `to` that stay open.
pub fn between(from: &Layout, to: &Layout, by: Option<&By>, span: Span) -> Made<Converter> {
    let make = Maker { span };
    let (mut from, mut to) = (from.clone(), to.clone());
    let at = by.map_or(span, |by| by.span);
    from.respan(span);
    to.respan(span);
    let coordinates = match by {
        Some(by) => by.coordinates.clone(),
        None => (0..from.iterators.len()).map(|k| make.iter(k)).collect(),
    };
    if coordinates.len() != to.iterators.len() {
        return Err(vec![ranks_differ(&from, &to, coordinates.len(), at)]);
    }
    let mut logical = relation(&from, make);
    logical.rule.left = coordinates.clone();
    logical.output.extents = from.iterators.iter().map(|i| i.extent.clone()).collect();
    let target = Target {
        from: &from,
        to: &to,
        make,
        by,
        at,
    };
    let (sizes, requires) = target.sizes(&logical, &coordinates)?;

    let mut made = relation(&from, make);
    made.output.extents = to.extents.iter().map(|e| e.with_sizes(&sizes)).collect();
    let left = to.left.iter().map(|e| e.with_sizes(&sizes));
    made.rule.left = left.map(|e| e.at(&coordinates)).collect();
    made.rule.fill = Some(to.pad.clone());
    made.requires = requires;
    // Two coordinates in one place of `to` are two writes of the rule; of `from`, they have to be looked for.
    made.stages = owed(&from.writer(), make)?.stages;
    made.respan(span);
    Ok(gathered(made))
}

/// From logical coordinates, in their order, to a layout: what the layout says, as a converter of the same name.
pub fn packed(layout: &Layout) -> Converter {
    let mut made = layout.writer();
    made.docs.clone_from(&layout.docs);
    made.public = layout.public;
    made.input.name.text = "X".to_owned();
    made.output.name.text = "Y".to_owned();
    made.origin = Origin::Chain(format!("the layout {}", layout.name.text));
    gathered(made)
}

/// A relational rule over the logical coordinates of a layout, that reads its places and writes none yet.
fn relation(from: &Layout, make: Maker) -> Converter {
    let span = make.span;
    let operand = |text: &str, extents: Vec<Expr>| Operand {
        name: Name {
            text: text.to_owned(),
            span,
        },
        extents,
        span,
    };
    Converter {
        name: from.name.clone(),
        public: false,
        docs: Vec::new(),
        sizes: from.sizes.clone(),
        input: operand("X", from.extents.clone()),
        output: operand("Y", Vec::new()),
        requires: Vec::new(),
        elements: None,
        rule: Rule {
            form: Form::Relational,
            iterators: from.iterators.clone(),
            definitions: Vec::new(),
            left: Vec::new(),
            source: from.left.clone(),
            guard: None,
            fill: None,
            patches: Vec::new(),
            writes: Writes::Once,
            span,
        },
        stages: Vec::new(),
        origin: Origin::Chain(String::new()),
    }
}

fn ranks_differ(from: &Layout, to: &Layout, given: usize, span: Span) -> Diagnostic {
    let wanted = to.iterators.len();
    Diagnostic::new(
        Code::ShapesDoNotMeet,
        span,
        format!(
            "{} has {wanted} logical coordinates, not {given}",
            to.name.text
        ),
    )
    .label(format!("{given} coordinates"))
    .note(format!(
        "{} has [{}], {} has [{}]",
        from.name.text,
        names(from),
        to.name.text,
        names(to)
    ))
    .help(format!(
        "say what they are, one for each of {}'s: `by [{}] -> [{}]`",
        to.name.text,
        names(from),
        names(to)
    ))
}

fn names(layout: &Layout) -> String {
    let names = layout.iterators.iter().map(|i| i.name.text.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// The layout that is written, seen from the one that is read.
struct Target<'l> {
    from: &'l Layout,
    to: &'l Layout,
    make: Maker,
    by: Option<&'l By>,
    /// The `by`, or else the whole.
    at: Span,
}

impl Target<'_> {
    /// The sizes of the target as expressions of the source's, and what these have to fulfil.
    fn sizes(&self, logical: &Converter, coordinates: &[Expr]) -> Made<(Vec<Expr>, Vec<Cond>)> {
        let bindings = sizes::bake(logical)?;
        let mut model = setup::model(logical, &bindings)?;
        let reaches = extents(&self.from.sizes, &self.from.iterators, coordinates)?;
        let mut requires = Vec::new();
        for axis in 0..coordinates.len() {
            let found = self.starts_at_0(&mut model, axis);
            requires.extend(found.map_err(|why| vec![too_large(why, self.at)])??);
        }
        let mut found: Vec<Option<Expr>> = vec![None; self.to.sizes.len()];
        let mut open = Vec::new();
        for (iterator, reach) in self.to.iterators.iter().zip(&reaches) {
            match plain(&iterator.extent) {
                Some(id) if self.is_free(id) && found[id.index()].is_none() => {
                    found[id.index()] = Some(reach.clone());
                }
                _ => open.push((iterator, reach)),
            }
        }
        let sizes = self.close(found)?;
        for (iterator, reach) in open {
            let limit = iterator.extent.with_sizes(&sizes);
            match self.equal(&mut model, &limit, reach) {
                Some(true) => {}
                Some(false) => {
                    let at = self
                        .to
                        .iterators
                        .iter()
                        .position(|i| i.name == iterator.name);
                    let found = self.differ(at.unwrap_or(0), [&limit, reach], logical);
                    return Err(vec![found]);
                }
                None => requires.push(self.make.compare(Comparison::Eq, limit, reach.clone())),
            }
        }
        Ok((sizes, requires))
    }

    fn is_free(&self, id: SizeId) -> bool {
        self.to.sizes[id.index()].value.is_none()
    }

    /// What the sizes have to fulfil so that a coordinate is never negative.
    fn starts_at_0(&self, model: &mut Model<'_>, axis: usize) -> Checked<Made<Option<Cond>>> {
        let form = model.forms.left[axis].clone();
        let range = model.space.range(&form)?;
        let symbols = &model.space.symbols;
        Ok(match range.min {
            Some(min) if symbols.nonneg(&min) => Ok(None),
            Some(min) if range.exact && !symbols.positive(&min.negated()) => {
                let min = written(&symbols.scalar(&min), self.make.span);
                Ok(Some(self.make.compare(
                    Comparison::Ge,
                    min,
                    self.make.int(0),
                )))
            }
            min => {
                let known = min.filter(|_| range.exact);
                let known = known.map(|min| text::scalar(&symbols.scalar(&min), model.converter));
                Err(vec![self.negative(axis, known)])
            }
        })
    }

    /// The sizes that were not found: those with values, and those of the same name.
    fn close(&self, mut found: Vec<Option<Expr>>) -> Made<Vec<Expr>> {
        let mut errors = Vec::new();
        for (at, size) in self.to.sizes.iter().enumerate() {
            if found[at].is_some() || size.value.is_some() {
                continue;
            }
            let name = &size.name.text;
            match self.from.sizes.iter().position(|s| s.name.text == *name) {
                Some(same) => found[at] = Some(self.make.size(same)),
                None => errors.push(self.open(name)),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        // The definitions are free of cycles, so that each round finds another one.
        for _ in 0..self.to.sizes.len() {
            for (at, size) in self.to.sizes.iter().enumerate() {
                let Some(value) = size.value.as_ref().filter(|_| found[at].is_none()) else {
                    continue;
                };
                let mut known = true;
                value.walk(&mut |part| {
                    if let ExprKind::Size(id) = part.kind {
                        known &= found[id.index()].is_some();
                    }
                });
                if known {
                    let value = value.replaced(&|name| match name {
                        ExprKind::Size(id) => {
                            found[id.index()].as_ref().map(|value| value.kind.clone())
                        }
                        _ => None,
                    });
                    found[at] = Some(value);
                }
            }
        }
        let zero = || self.make.int(0);
        Ok(found
            .into_iter()
            .map(|size| size.unwrap_or_else(zero))
            .collect())
    }

    /// Whether two extents are equal for all sizes, or for none.
    fn equal(&self, model: &mut Model<'_>, a: &Expr, b: &Expr) -> Option<bool> {
        let mut normalizer = Normalizer::new(&mut model.space);
        let (a, b) = (normalizer.size(a)?, normalizer.size(b)?);
        let gap: Poly = a.minus(&b).ok()?;
        let symbols = &model.space.symbols;
        if symbols.nonneg(&gap) && symbols.nonneg(&gap.negated()) {
            return Some(true);
        }
        let apart = symbols.positive(&gap) || symbols.positive(&gap.negated());
        apart.then_some(false)
    }

    fn open(&self, size: &str) -> Diagnostic {
        let (from, to) = (&self.from.name.text, &self.to.name.text);
        Diagnostic::new(
            Code::SizeMissing,
            self.at,
            format!("nothing says what the size {size} of {to} is"),
        )
        .label(format!("{size} is no range of {to}'s coordinates"))
        .note(format!(
            "the sizes of {to} come from the ranges of its coordinates, and else from the sizes of {from} of the same name"
        ))
        .help(format!("give it a value: `{to}<{size} = 16>`"))
    }

    /// What stands for a coordinate: in a `by` an expression, otherwise the whole.
    fn place(&self, axis: usize) -> Span {
        self.by
            .and_then(|by| by.coordinates.get(axis))
            .map_or(self.at, |expr| expr.span)
    }

    fn differ(&self, axis: usize, [limit, reach]: [&Expr; 2], logical: &Converter) -> Diagnostic {
        let to = &self.to.name.text;
        let coordinate = &self.to.iterators[axis].name.text;
        let message = format!("the coordinate {coordinate} of {to} has another range");
        Diagnostic::new(Code::ShapesDoNotMeet, self.place(axis), message)
            .label("ranges that are never equal")
            .note(format!(
                "{coordinate} ranges over 0..{} in {to}, what stands for it over 0..{}",
                text::limit(limit, logical),
                text::limit(reach, logical)
            ))
            .help("choose the sizes so that both layouts have the same logical coordinates")
    }

    /// A coordinate that is negative somewhere, or may be; with its smallest value where that is known.
    fn negative(&self, axis: usize, smallest: Option<String>) -> Diagnostic {
        let to = &self.to.name.text;
        let name = &self.to.iterators[axis].name.text;
        let (message, label) = match smallest {
            Some(smallest) => (
                format!("the coordinate {name} of {to} can be negative"),
                format!("what stands for {name} reaches {smallest}"),
            ),
            None => (
                format!("cannot show that the coordinate {name} of {to} is never negative"),
                format!("what stands for {name} may reach below 0"),
            ),
        };
        Diagnostic::new(Code::WriteOutOfBounds, self.place(axis), message)
            .label(label)
            .note("logical coordinates count from 0")
            .help("add a constant so that it starts at 0")
    }
}

/// The size that an expression is.
fn plain(expr: &Expr) -> Option<SizeId> {
    match expr.kind {
        ExprKind::Size(id) => Some(id),
        _ => None,
    }
}
