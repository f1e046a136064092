//! What a composition fills with: the second formula's number where it reads nothing, the first one's where it reads that.

use crate::sema::model::{Comparison, Cond, Converter, Expr, Fill, Operand, Patch, Rule};
use crate::transform::Made;
use crate::transform::expr::Maker;
use crate::transform::gather::gather;
use crate::transform::simplify::simplified;
use crate::transform::swap::reads_inside;

use super::elements;

/// Two formulas that are composed.
pub(super) struct Fills<'c> {
    pub(super) f: &'c Converter,
    pub(super) g: &'c Converter,
    /// The `else` of `f` as `g` hands it on.
    pub(super) inner: Option<Fill>,
    pub(super) make: Maker,
}

impl Fills<'_> {
    /// The number of most places: `g`'s, or `f`'s if `g` fills nothing.
    pub(super) fn outer(&self) -> Option<Fill> {
        self.g.rule.fill.clone().or(self.inner.clone())
    }

    /// The other numbers: `g`'s own patches, then, where `g` reads, `f`'s fill and its patches.
    ///
    /// # Errors
    /// Patches that `g`'s conversion changes.
    pub(super) fn patches(&self) -> Made<Vec<Patch>> {
        let mut patches = self.g.rule.patches.clone();
        if let (Some(inner), Some(outer)) = (&self.inner, &self.g.rule.fill)
            && (!inner.number.same(outer.number) || !patches.is_empty())
        {
            patches.push(Patch {
                iterators: self.g.rule.iterators.clone(),
                left: self.g.rule.left.clone(),
                guard: self.make.all(self.reads()),
                fill: inner.clone(),
            });
        }
        for patch in &self.f.rule.patches {
            let fill = elements::through(
                Some(&patch.fill),
                self.f.into(),
                self.g.into(),
                self.make.span,
            )?;
            let Some(fill) = fill else { continue };
            let mut read = self.read(patch);
            read.fill = fill;
            patches.push(read);
        }
        Ok(patches.into_iter().map(|patch| self.short(patch)).collect())
    }

    /// That `g` reads something of the middle.
    fn reads(&self) -> Vec<Cond> {
        let mut conds = Vec::from_iter(self.g.rule.guard.clone());
        if self.g.rule.fill.is_some() {
            conds.extend(reads_inside(self.g, self.make));
        }
        conds
    }

    /// A patch of `f` as `g` reads it.
    fn read(&self, patch: &Patch) -> Patch {
        let (g, make) = (&self.g.rule, self.make);
        if let Some(places) = self.places(patch) {
            let mut conds = self.reads();
            conds.extend(places.guard.iter().map(|guard| guard.at(&g.source)));
            return Patch {
                iterators: g.iterators.clone(),
                left: g.left.clone(),
                guard: make.all(conds),
                fill: patch.fill.clone(),
            };
        }
        // No closed form: every iteration of both, as far as they meet.
        let offset = g.iterators.len();
        let own: Vec<Expr> = (0..patch.iterators.len())
            .map(|k| make.iter(offset + k))
            .collect();
        let mut conds = self.reads();
        for (source, left) in g.source.iter().zip(&patch.left) {
            conds.push(make.compare(Comparison::Eq, source.clone(), left.at(&own)));
        }
        conds.extend(patch.guard.iter().map(|guard| guard.at(&own)));
        Patch {
            iterators: [g.iterators.as_slice(), &patch.iterators].concat(),
            left: g.left.clone(),
            guard: make.all(conds),
            fill: patch.fill.clone(),
        }
    }

    /// The places of a patch of `f` as a condition on places: the guard of this rule.
    fn places(&self, patch: &Patch) -> Option<Rule> {
        gather(&copying(patch, self.f)).map(|copies| copies.rule)
    }

    /// A patch with short indices.
    fn short(&self, patch: Patch) -> Patch {
        match simplified(&copying(&patch, self.g)) {
            Ok(found) => Patch {
                left: found.converter.rule.left,
                guard: found.converter.rule.guard,
                ..patch
            },
            Err(_) => patch,
        }
    }
}

/// A converter that writes where a patch does; what it reads has no axes.
fn copying(patch: &Patch, of: &Converter) -> Converter {
    Converter {
        input: Operand {
            extents: Vec::new(),
            ..of.input.clone()
        },
        rule: patch.as_rule(of.rule.span),
        ..of.clone()
    }
}
