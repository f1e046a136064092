//! What stands beside the reads: fills of the parts of loops that do not read.

use crate::index::poly::{Checked, Poly};
use crate::nest::Node;

use super::bound::{Bound, Interval};
use super::build::{Builder, Leaf, Names, Plan, seq};
use super::coalesce::coalesce;
use super::limits::Origin;

impl Builder<'_> {
    /// A last digit of which only one value reads (every s-th element): its row is filled, then read with a stride.
    pub(super) fn sparse(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        interval: &Interval,
        names: &Names,
    ) -> Checked<Option<Node>> {
        let Leaf::Read(input) = plan.leaf else {
            return Ok(None);
        };
        if !plan.fills || k + 2 != plan.dims.len() {
            return Ok(None);
        }
        let simple = |b: &Builder<'_>, at: usize| -> Checked<bool> {
            Ok(b.level(plan, at).predicates.is_empty() && b.pieces_at(plan, at)?.is_empty())
        };
        if !simple(self, k + 1)? || !simple(self, k + 2)? {
            return Ok(None);
        }
        let digit = self.interval(plan, k + 1, names)?;
        let (Some(low), Some(high)) = (&digit.low.poly, &digit.high.poly) else {
            return Ok(None);
        };
        let limits = &self.level(plan, k + 2).limits;
        let guards = limits.iter().all(|l| l.origin == Origin::Guard);
        if !high.minus(low)?.is_one() || !guards {
            return Ok(None);
        }
        let row = self.fill(plan, k, Some((&interval.from, &interval.to)), names)?;
        let mut thin = plan.clone();
        let gone = thin.dims.remove(k + 1);
        let (mut input, mut output) = (input.clone(), plan.output.clone());
        input.constant = input.constant.plus(&gone.input.times(low)?)?;
        output.constant = output.constant.plus(&gone.output.times(low)?)?;
        thin.fills = false;
        let thin = Plan {
            leaf: Leaf::Read(&input),
            output: &output,
            ..thin
        };
        let reads = self.span(&thin, k, &interval.low, &interval.high, names)?;
        Ok(Some(seq(vec![row, reads])))
    }

    /// Fills a part of loop `k`, unless it is provably empty.
    pub(super) fn outside(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        part: (&Bound, &Bound),
        names: &Names,
    ) -> Checked<Node> {
        let empty = part.0.scalar == part.1.scalar
            || matches!((&part.0.poly, &part.1.poly), (Some(a), Some(b)) if self.space.symbols.le(b, a));
        if empty {
            return Ok(Node::Seq(Vec::new()));
        }
        self.fill(plan, k, Some(part), names)
    }

    /// Fills everything inside the first `k` loops; of loop `k` only a part, if one is given.
    pub(super) fn fill(
        &mut self,
        plan: &Plan<'_>,
        k: usize,
        part: Option<(&Bound, &Bound)>,
        names: &Names,
    ) -> Checked<Node> {
        let mut fill = plan.clone();
        fill.leaf = Leaf::Fill {
            number: 0,
            guarded: false,
        };
        let Some((from, to)) = part else {
            let at = plan.dims[..k].iter().map(|dim| dim.digits.len()).sum();
            fill.dims = plan.dims[..k].to_vec();
            fill.dims.extend(coalesce(self.dims(&fill, at)?, true)?);
            return self.loops(&fill, k, names);
        };
        let at = plan.dims[..=k].iter().map(|dim| dim.digits.len()).sum();
        let mut first = plan.dims[k].clone();
        let steps = first.inner.clone();
        let rest = self.dims(&fill, at)?;
        first.pinned = self
            .dims(&fill, at - first.digits.len())?
            .first()
            .is_some_and(|dim| dim.pinned);
        first.limited = false;
        fill.dims = plan.dims[..k].to_vec();
        let mut tail = vec![first];
        tail.extend(rest);
        fill.dims.extend(coalesce(tail, true)?);
        let more = fill.dims[k].inner.over(&steps).unwrap_or_else(Poly::one);
        let scaled = |b: &Bound| b.times(&more, &self.space.symbols);
        let (from, to) = (scaled(from)?, scaled(to)?);
        self.span(&fill, k, &from, &to, names)
    }
}
