//! The index space of a rule: its iterators with their extents and the cuts between their digits, the values that are
//! kept whole, and the range of any form over it.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use crate::sema::model::IterId;

use super::linear::{Atom, Linear, Opaque, OpaqueId, Piece, Term};
use super::poly::{Checked, Poly, TooLarge};
use super::symbols::Symbols;

/// More values than this are not kept whole in one rule.
const MAX_OPAQUES: usize = 256;

/// The most pieces that one of them is made of, written out. Values hold those that they are made of, so that
/// `a1 = min(a0, 3 + a0/2), a2 = min(a1, 3 + a1/2), …` would double at every step.
const MAX_WEIGHT: usize = 1 << 12;

/// The smallest and the largest value of a form, as far as they are known.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    pub(crate) min: Option<Poly>,
    pub(crate) max: Option<Poly>,
    /// Whether both are attained wherever the space is not empty.
    pub(crate) exact: bool,
}

/// An iterator: its extent, and where it is cut into digits.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) extent: Poly,
    /// Each divides the next; none is 1. Digit k is the piece from cut k-1 to cut k.
    pub(crate) cuts: Vec<Poly>,
    /// The iterator is used in ways whose cuts do not nest, and stays whole.
    pub(crate) whole: bool,
}

impl Axis {
    /// An iterator that is not cut yet.
    pub(crate) fn new(extent: Poly) -> Self {
        Self {
            extent,
            cuts: Vec::new(),
            whole: false,
        }
    }
}

/// The index space.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    pub(crate) symbols: Symbols,
    pub(crate) axes: Vec<Axis>,
    pub(crate) opaques: Vec<Opaque>,
    ranges: Vec<Range>,
    /// How many pieces each of `opaques` is made of.
    weights: Vec<usize>,
    /// The ranges of pieces, and the state of the symbols in which they were found.
    found: FxHashMap<Piece, (u64, Range)>,
    /// How many cuts were added.
    pub(crate) cuts: usize,
}

impl Space {
    pub(crate) fn new(symbols: Symbols) -> Self {
        Self {
            symbols,
            axes: Vec::new(),
            opaques: Vec::new(),
            ranges: Vec::new(),
            weights: Vec::new(),
            found: FxHashMap::default(),
            cuts: 0,
        }
    }

    /// Gives it iterators of these extents, in the place of those that it had.
    pub(crate) fn iterate(&mut self, extents: Vec<Poly>) {
        self.axes = extents.into_iter().map(Axis::new).collect();
        self.found.clear();
    }

    /// Goes back to what was known of the symbols before. The work that was done stays done.
    pub(crate) fn forget(&mut self, before: &Symbols) {
        self.symbols = before.worked_like(&self.symbols);
        self.found.clear();
    }

    /// Whether there are iterations, whatever the sizes are.
    pub(crate) fn iterates(&self) -> bool {
        let mut extents = self.axes.iter().map(|axis| &axis.extent);
        extents.all(|extent| self.symbols.positive(extent))
    }

    pub(crate) fn axis(&self, id: IterId) -> &Axis {
        &self.axes[id.index()]
    }

    pub(crate) fn opaque(&self, id: OpaqueId) -> &Opaque {
        &self.opaques[id.0 as usize]
    }

    /// The iterators that a form changes with, also inside values that are kept whole.
    pub(crate) fn iterators(&self, form: &Linear, found: &mut Vec<IterId>) {
        for term in &form.terms {
            match term.piece.atom {
                Atom::Iter(id) if !found.contains(&id) => found.push(id),
                Atom::Iter(_) => {}
                Atom::Opaque(id) => {
                    for operand in self.opaque(id).operands() {
                        self.iterators(operand, found);
                    }
                }
            }
        }
    }

    /// An iterator as the sum of its digits.
    pub(crate) fn digits(&self, id: IterId) -> Linear {
        let axis = self.axis(id);
        let mut form = Linear::default();
        let cuts = if axis.whole {
            &[]
        } else {
            axis.cuts.as_slice()
        };
        let mut lo = Poly::one();
        for at in 0..=cuts.len() {
            let hi = cuts.get(at).cloned();
            form.terms.push(Term {
                piece: Piece {
                    atom: Atom::Iter(id),
                    lo: lo.clone(),
                    hi: hi.clone(),
                },
                scale: lo,
            });
            lo = hi.unwrap_or_default();
        }
        form
    }

    /// Cuts an iterator at `at`, if that is consistent with the cuts it has; otherwise it becomes whole.
    pub(crate) fn cut(&mut self, id: IterId, at: &Poly) {
        let axis = &mut self.axes[id.index()];
        if axis.whole || axis.cuts.contains(at) {
            return;
        }
        self.cuts += 1;
        let position = axis.cuts.iter().position(|cut| cut.over(at).is_some());
        let position = position.unwrap_or(axis.cuts.len());
        let nests = position == 0 || at.over(&axis.cuts[position - 1]).is_some();
        if nests && axis.cuts.len() < 16 {
            axis.cuts.insert(position, at.clone());
        } else {
            axis.whole = true;
        }
    }

    /// Whether every digit of an iterator takes all its values whatever the others are: nothing is ragged.
    pub(crate) fn is_clean(&self, id: IterId) -> bool {
        let axis = self.axis(id);
        let last = axis.cuts.last();
        !axis.whole && last.is_none_or(|last| axis.extent.over(last).is_some())
    }

    /// The atom for a value that is kept whole.
    pub(crate) fn keep(&mut self, opaque: Opaque, range: Range) -> Checked<Piece> {
        let known = self.opaques.iter().position(|o| *o == opaque);
        let at = known.unwrap_or(self.opaques.len());
        if at >= MAX_OPAQUES {
            return Err(TooLarge::Formula);
        }
        if known.is_none() {
            let weight = self.weight(&opaque);
            if weight > MAX_WEIGHT {
                return Err(TooLarge::Formula);
            }
            self.weights.push(weight);
            self.opaques.push(opaque);
            self.ranges.push(range);
        }
        let id = OpaqueId(u32::try_from(at).unwrap_or(u32::MAX));
        Ok(Piece::whole(Atom::Opaque(id)))
    }

    /// How many pieces a value is made of, those in its parts included.
    fn weight(&self, opaque: &Opaque) -> usize {
        let terms = opaque.operands().into_iter().flat_map(|form| &form.terms);
        let pieces = terms.map(|term| match term.piece.atom {
            Atom::Iter(_) => 1,
            Atom::Opaque(id) => 1 + self.weights[id.0 as usize],
        });
        1 + pieces.sum::<usize>()
    }

    /// The range of a piece.
    pub(crate) fn piece_range(&mut self, piece: &Piece) -> Checked<Range> {
        if let Some((state, range)) = self.found.get(piece)
            && *state == self.symbols.state()
        {
            return Ok(range.clone());
        }
        let range = self.find_range(piece)?;
        let known = (self.symbols.state(), range.clone());
        self.found.insert(piece.clone(), known);
        Ok(range)
    }

    fn find_range(&mut self, piece: &Piece) -> Checked<Range> {
        let (base, exact) = match piece.atom {
            Atom::Iter(id) => {
                let top = self.axis(id).extent.plus_constant(-1)?;
                let range = Range {
                    min: Some(Poly::zero()),
                    max: Some(top),
                    exact: true,
                };
                (range, true)
            }
            Atom::Opaque(id) => (self.ranges[id.0 as usize].clone(), false),
        };
        let mut over = |p: &Option<Poly>| -> Checked<Option<Poly>> {
            let p = p.as_ref();
            p.map(|p| self.symbols.quotient(p, &piece.lo)).transpose()
        };
        let (min, max) = (over(&base.min)?, over(&base.max)?);
        let Some(radix) = piece.radix() else {
            return Ok(Range { min, max, exact });
        };
        let top = radix.plus_constant(-1)?;
        let inside = min.as_ref().is_some_and(|min| self.symbols.nonneg(min));
        let max = match max.filter(|_| inside) {
            Some(max) => self.symbols.min(&top, &max)?,
            None => top,
        };
        Ok(Range {
            min: Some(Poly::zero()),
            max: Some(max),
            exact,
        })
    }

    /// The range of a form. Digits of one iterator that stand side by side are joined first, so that a ragged
    /// iterator has its exact range.
    pub(crate) fn range(&mut self, form: &Linear) -> Checked<Range> {
        let merged = self.merge(form)?;
        let mut range = Range {
            min: Some(merged.constant.clone()),
            max: Some(merged.constant.clone()),
            exact: true,
        };
        for (at, term) in merged.terms.iter().enumerate() {
            let piece = self.piece_range(&term.piece)?;
            let shared = |t: &Term| t.piece.atom == term.piece.atom;
            let independent = match term.piece.atom {
                Atom::Iter(id) => !merged.terms[..at].iter().any(shared) || self.is_clean(id),
                Atom::Opaque(_) => false,
            };
            range.exact &= piece.exact && independent;
            let (low, high) = if self.symbols.nonneg(&term.scale) {
                (piece.min, piece.max)
            } else if self.symbols.nonneg(&term.scale.negated()) {
                (piece.max, piece.min)
            } else {
                (None, None)
            };
            let extend = |sum: Option<Poly>, by: Option<Poly>| -> Checked<Option<Poly>> {
                let Some((sum, by)) = sum.zip(by) else {
                    return Ok(None);
                };
                sum.plus(&by.times(&term.scale)?).map(Some)
            };
            range.min = extend(range.min, low)?;
            range.max = extend(range.max, high)?;
        }
        range.exact &= range.min.is_some() && range.max.is_some();
        Ok(range)
    }

    /// Joins neighbouring digits of one atom whose scales continue each other.
    pub(crate) fn merge<'f>(&self, form: &'f Linear) -> Checked<Cow<'f, Linear>> {
        let mut merged = Cow::Borrowed(form);
        while let Some((low, high)) = continued(&merged)? {
            let Linear { terms, .. } = merged.to_mut();
            terms[low].piece.hi = terms[high].piece.hi.clone();
            terms.remove(high);
        }
        Ok(merged)
    }
}

/// Two terms of which the second continues the first.
fn continued(form: &Linear) -> Checked<Option<(usize, usize)>> {
    for (low, a) in form.terms.iter().enumerate() {
        for (high, b) in form.terms.iter().enumerate() {
            let adjacent = a.piece.atom == b.piece.atom
                && a.piece.hi.as_ref() == Some(&b.piece.lo)
                && a.piece.hi.as_ref() != Some(&a.piece.lo);
            if adjacent
                && let Some(radix) = a.piece.radix()
                && a.scale.times(&radix)? == b.scale
            {
                return Ok(Some((low, high)));
            }
        }
    }
    Ok(None)
}
