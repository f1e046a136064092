//! Values that no polynomial expresses: the smaller or the larger of two, and what is only known to be computed.

use crate::index::poly::{Checked, Poly};
use crate::nest::Scalar;

use super::Symbols;

impl Symbols {
    /// The smaller of two.
    pub(crate) fn min(&mut self, a: &Poly, b: &Poly) -> Checked<Poly> {
        if self.le(a, b) {
            return Ok(a.clone());
        }
        if self.le(b, a) {
            return Ok(b.clone());
        }
        self.within_weight(&[a, b])?;
        let value = Scalar::min(vec![self.scalar(a), self.scalar(b)]);
        let lower = (self.nonneg(a) && self.nonneg(b)).then_some(0);
        self.extreme(value, lower, [a, b], i64::min, |m| {
            Ok([a.minus(m)?, b.minus(m)?])
        })
    }

    /// The larger of two.
    pub(crate) fn max(&mut self, a: &Poly, b: &Poly) -> Checked<Poly> {
        if self.le(a, b) {
            return Ok(b.clone());
        }
        if self.le(b, a) {
            return Ok(a.clone());
        }
        self.within_weight(&[a, b])?;
        let value = Scalar::max(vec![self.scalar(a), self.scalar(b)]);
        let lower = (self.nonneg(a) || self.nonneg(b)).then_some(0);
        self.extreme(value, lower, [a, b], i64::max, |m| {
            Ok([m.minus(a)?, m.minus(b)?])
        })
    }

    /// The symbol for the one of two that `pick` takes, with what is known of it.
    fn extreme(
        &mut self,
        value: Scalar,
        lower: Option<i128>,
        of: [&Poly; 2],
        pick: fn(i64, i64) -> i64,
        facts: impl FnOnce(&Poly) -> Checked<[Poly; 2]>,
    ) -> Checked<Poly> {
        if let Some(known) = self.known_value(&value) {
            return Ok(known);
        }
        self.points.made(of, |[a, b]| Some(pick(a, b)));
        let id = self.add(value, lower);
        let symbol = Poly::symbol(id);
        self.define(id, facts(&symbol)?);
        Ok(symbol)
    }

    /// The symbol for a value of sizes that no polynomial expresses.
    pub(crate) fn opaque(&mut self, value: Scalar, lower: Option<i128>) -> Poly {
        if let Some(known) = self.known_value(&value) {
            return known;
        }
        self.points.unknown();
        Poly::symbol(self.add(value, lower))
    }

    /// The symbol that has a value already.
    fn known_value(&self, value: &Scalar) -> Option<Poly> {
        self.find(|symbol| symbol.value == *value)
    }
}
