//! Checks that have to look at every iteration, for what ranges do not tell.

use crate::index::linear::{Atom, Linear, Piece, Test};
use crate::index::poly::Checked;
use crate::nest::lower::place::Naming;
use crate::nest::lower::region::{Digit, Region};
use crate::nest::{Condition, Scalar, VarId};
use crate::sema::model::{Comparison, Form, IterId};

use super::setup::Model;
use super::{Check, ScanLoop};

/// A condition on the reads or writes: of a relational rule it counts only if there are iterations.
pub(crate) fn unless_empty(model: &Model<'_>, condition: Condition) -> Check {
    let mut parts = vec![condition];
    if model.converter.rule.form == Form::Relational {
        for axis in &model.space.axes {
            if !model.space.symbols.positive(&axis.extent) {
                let extent = model.space.symbols.scalar(&axis.extent);
                parts.push(Condition::Compare(Comparison::Le, extent, Scalar::Const(0)));
            }
        }
    }
    Check::Holds(match parts.len() {
        1 => parts.remove(0),
        _ => Condition::Any(parts),
    })
}

/// The loops over some iterators (whole, not in digits), and the forms as scalars of their variables.
struct Scan<'m> {
    model: &'m Model<'m>,
    ids: Vec<IterId>,
}

impl Scan<'_> {
    fn loops(&self) -> Vec<ScanLoop> {
        let each = self.ids.iter().enumerate().map(|(at, id)| ScanLoop {
            var: VarId(u32::try_from(at).unwrap_or(u32::MAX)),
            name: self.model.converter.rule.iterators[id.index()]
                .name
                .text
                .clone(),
            extent: self
                .model
                .space
                .symbols
                .scalar(&self.model.space.axis(*id).extent),
        });
        each.collect()
    }

    /// The digits of an iterator are computed from its variable.
    fn scalar(&self, form: &Linear) -> Checked<Scalar> {
        let symbols = &self.model.space.symbols;
        let mut terms = vec![symbols.scalar(&form.constant)];
        for term in &form.terms {
            let value = match term.piece.atom {
                Atom::Iter(id) => {
                    let at = self.ids.iter().position(|i| *i == id).unwrap_or(0);
                    self.digit(at, &term.piece)
                }
                Atom::Opaque(_) => self.opaque(&term.piece)?,
            };
            terms.push(symbols.scalar(&term.scale).times(value));
        }
        Ok(Scalar::sum(terms))
    }

    /// A whole value: its digits as variables of a region in which every piece of an iterator is a digit of its own.
    fn opaque(&self, piece: &Piece) -> Checked<Scalar> {
        let mut region = Region::default();
        let mut values = Vec::new();
        for (at, id) in self.ids.iter().enumerate() {
            for term in self.model.space.digits(*id).terms {
                region.digits.push(Digit {
                    piece: term.piece.clone(),
                    extent: self.model.space.axis(*id).extent.clone(),
                });
                values.push((at, term.piece));
            }
        }
        // Variables beyond the loops stand for the digits and are replaced by their computation.
        let base = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
        let variables: Vec<VarId> = (0..values.len())
            .map(|d| VarId(base.saturating_add(u32::try_from(d).unwrap_or(u32::MAX))))
            .collect();
        let naming = Naming {
            space: &self.model.space,
            region: &region,
            variables: &variables,
            named: &[],
        };
        let value = naming.compute(piece)?;
        Ok(value.replace(&|var| {
            let d = variables.iter().position(|v| *v == var)?;
            let (at, piece) = &values[d];
            Some(self.digit(*at, piece))
        }))
    }

    /// A digit computed from the variable of loop `at`.
    fn digit(&self, at: usize, piece: &Piece) -> Scalar {
        let symbols = &self.model.space.symbols;
        let whole = Scalar::Var(VarId(u32::try_from(at).unwrap_or(u32::MAX)));
        let high = whole.over(symbols.scalar(&piece.lo));
        match piece.radix() {
            Some(radix) => high.modulo(symbols.scalar(&radix)),
            None => high,
        }
    }

    fn test(&self, test: &Test) -> Checked<Condition> {
        let compare = |op: Comparison, form: &Linear| -> Checked<Condition> {
            Ok(Condition::Compare(op, self.scalar(form)?, Scalar::Const(0)))
        };
        let all = |tests: &[Test]| {
            tests
                .iter()
                .map(|t| self.test(t))
                .collect::<Checked<Vec<_>>>()
        };
        Ok(match test {
            Test::AtLeast0(form) => compare(Comparison::Ge, form)?,
            Test::Is0(form) => compare(Comparison::Eq, form)?,
            Test::Not0(form) => compare(Comparison::Ne, form)?,
            Test::All(tests) => Condition::All(all(tests)?),
            Test::Any(tests) => Condition::Any(all(tests)?),
        })
    }
}

fn scan<'m>(model: &'m Model<'m>, forms: &[Linear]) -> Scan<'m> {
    let mut ids = Vec::new();
    for form in forms {
        model.space.iterators(form, &mut ids);
    }
    if let Some(test) = &model.forms.guard {
        test.forms()
            .into_iter()
            .for_each(|form| model.space.iterators(form, &mut ids));
    }
    // An iterator without values means that there is nothing to check.
    for (at, axis) in model.space.axes.iter().enumerate() {
        let id = IterId(u32::try_from(at).unwrap_or(u32::MAX));
        if !ids.contains(&id) && !model.space.symbols.positive(&axis.extent) {
            ids.push(id);
        }
    }
    Scan { model, ids }
}

/// All forms are at least 0 in every iteration that passes the guard.
pub(crate) fn for_all(model: &Model<'_>, forms: &[Linear]) -> Checked<Check> {
    let scan = scan(model, forms);
    let holds = forms
        .iter()
        .map(|form| scan.test(&Test::AtLeast0(form.clone())));
    let holds = Condition::All(holds.collect::<Checked<Vec<_>>>()?);
    let guard = model
        .forms
        .guard
        .as_ref()
        .map(|test| scan.test(test))
        .transpose()?;
    Ok(Check::ForAll {
        loops: scan.loops(),
        guard,
        holds,
    })
}

/// No flat place is visited twice by the iterations that pass the guard; with `all`, none is left out.
pub(crate) fn places(
    model: &Model<'_>,
    place: &Linear,
    total: Scalar,
    all: bool,
) -> Checked<Check> {
    let mut scan = scan(model, std::slice::from_ref(place));
    // Iterators that do not move the place visit it again.
    scan.ids = (0..model.space.axes.len())
        .map(|at| IterId(u32::try_from(at).unwrap_or(u32::MAX)))
        .collect();
    let guard = model
        .forms
        .guard
        .as_ref()
        .map(|test| scan.test(test))
        .transpose()?;
    Ok(Check::Places {
        loops: scan.loops(),
        guard,
        place: scan.scalar(place)?,
        total,
        all,
    })
}
