//! What the sizes of an instance have to fulfil.

use convgrad_dsl::nest::{Condition, VarId};
use convgrad_dsl::proof::{Check as Obliged, Obligation, ScanLoop};

use super::size::Values;
use crate::__private::{Check, Int, Places, range};
use crate::error::Error;

/// Checks one obligation.
pub(super) fn check(obligation: &Obligation, sizes: &[i64], check: &Check) -> Result<(), Error> {
    let text = obligation.text.as_str();
    let of_sizes = Values {
        sizes,
        variables: &[],
    };
    match &obligation.check {
        Obliged::Holds(condition) => check.require(text, of_sizes.condition(condition)),
        Obliged::ForAll {
            loops,
            guard,
            holds,
        } => {
            let mut scan = Scan::new(loops, guard.as_ref(), sizes, text, check);
            scan.within_budget()?;
            scan.visit(&mut |values, at| match values.condition(holds) {
                truth if truth.get() == Some(true) => Ok(()),
                truth => check.require_at(text, truth, &at()),
            })
        }
        Obliged::Places {
            loops,
            guard,
            place,
            total,
            all,
        } => {
            let total = of_sizes.scalar(total);
            let mut scan = Scan::new(loops, guard.as_ref(), sizes, text, check);
            scan.within_budget()?;
            check.budget(text, &[total])?;
            let mut places = Places::new(total)?;
            scan.visit(&mut |values, at| match places.visit(values.scalar(place)) {
                true => Ok(()),
                false => Err(check.violated(text, &at())),
            })?;
            match *all && !places.all() {
                true => Err(check.violated(text, &[])),
                false => Ok(()),
            }
        }
    }
}

/// The loops of an obligation that only trying all values can decide.
struct Scan<'a> {
    loops: &'a [ScanLoop],
    guard: Option<&'a Condition>,
    sizes: &'a [i64],
    text: &'a str,
    check: &'a Check<'a>,
    variables: Vec<(VarId, Int)>,
}

/// What to do at each position: with its values, and with their names for an error.
type Visit<'v, 'a> = dyn FnMut(&Values, &dyn Fn() -> Vec<(&'a str, Int)>) -> Result<(), Error> + 'v;

impl<'a> Scan<'a> {
    fn new(
        loops: &'a [ScanLoop],
        guard: Option<&'a Condition>,
        sizes: &'a [i64],
        text: &'a str,
        check: &'a Check<'a>,
    ) -> Self {
        Scan {
            loops,
            guard,
            sizes,
            text,
            check,
            variables: Vec::new(),
        }
    }

    fn within_budget(&self) -> Result<(), Error> {
        let values = Values {
            sizes: self.sizes,
            variables: &[],
        };
        let extents = self.loops.iter().map(|scan| values.scalar(&scan.extent));
        self.check.budget(self.text, &extents.collect::<Vec<_>>())
    }

    fn visit(&mut self, visit: &mut Visit<'_, 'a>) -> Result<(), Error> {
        let values = Values {
            sizes: self.sizes,
            variables: &self.variables,
        };
        let Some(next) = self.loops.get(self.variables.len()) else {
            if let Some(guard) = self.guard
                && !self.check.concerns(self.text, values.condition(guard))?
            {
                return Ok(());
            }
            let names = || {
                let names = self.loops.iter().map(|scan| scan.name.as_str());
                names
                    .zip(self.variables.iter().map(|(_, value)| *value))
                    .collect()
            };
            return visit(&values, &names);
        };
        for value in range(values.scalar(&next.extent))? {
            self.variables.push((next.var, value));
            let result = self.visit(visit);
            self.variables.pop();
            result?;
        }
        Ok(())
    }
}
