//! Index expressions in normal form: a constant plus a sum of scaled digits.
//!
//! A *piece* of an atom `a` is `(a / lo) % (hi / lo)`, or `a / lo` if it reaches the top. Atoms are iterators, and
//! values that are no sum of digits: those are kept whole, with the operation that makes them.

use crate::sema::model::{BinaryOp, IterId};

use super::poly::{Checked, Poly, TooLarge};

/// More digits than this are not added up.
const MAX_TERMS: usize = 256;

/// A value that no sum of digits expresses: an index of [`Space::opaques`](super::space::Space).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct OpaqueId(pub(crate) u32);

/// What pieces are cut from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Atom {
    Iter(IterId),
    Opaque(OpaqueId),
}

/// A digit, or several neighbouring ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Piece {
    pub(crate) atom: Atom,
    pub(crate) lo: Poly,
    /// None for the top.
    pub(crate) hi: Option<Poly>,
}

impl Piece {
    /// All of an atom.
    pub(crate) fn whole(atom: Atom) -> Self {
        Self {
            atom,
            lo: Poly::one(),
            hi: None,
        }
    }

    /// How many values it can take by its cuts alone; None for the top.
    pub(crate) fn radix(&self) -> Option<Poly> {
        self.hi.as_ref().and_then(|hi| hi.over(&self.lo))
    }
}

/// A piece and what it counts for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Term {
    pub(crate) piece: Piece,
    pub(crate) scale: Poly,
}

/// A constant plus scaled pieces, all different, none scaled by 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Linear {
    pub(crate) constant: Poly,
    pub(crate) terms: Vec<Term>,
}

impl Linear {
    pub(crate) fn constant(constant: Poly) -> Self {
        Self {
            constant,
            terms: Vec::new(),
        }
    }

    pub(crate) fn piece(piece: Piece) -> Self {
        Self {
            constant: Poly::zero(),
            terms: vec![Term {
                piece,
                scale: Poly::one(),
            }],
        }
    }

    /// Its value, if no iterator is in it.
    pub(crate) fn as_constant(&self) -> Option<&Poly> {
        self.terms.is_empty().then_some(&self.constant)
    }

    pub(crate) fn plus(&self, other: &Linear) -> Checked<Linear> {
        let mut sum = Linear {
            constant: self.constant.plus(&other.constant)?,
            terms: self.terms.clone(),
        };
        for term in &other.terms {
            sum.add(term)?;
        }
        Ok(sum)
    }

    pub(crate) fn add(&mut self, term: &Term) -> Checked<()> {
        let count = self.terms.len();
        match self.terms.iter_mut().find(|t| t.piece == term.piece) {
            Some(known) => known.scale = known.scale.plus(&term.scale)?,
            None if count >= MAX_TERMS => return Err(TooLarge::Formula),
            None => self.terms.push(term.clone()),
        }
        self.terms.retain(|t| !t.scale.is_zero());
        Ok(())
    }

    pub(crate) fn times(&self, factor: &Poly) -> Checked<Linear> {
        let mut product = Linear::constant(self.constant.times(factor)?);
        for term in &self.terms {
            product.add(&Term {
                piece: term.piece.clone(),
                scale: term.scale.times(factor)?,
            })?;
        }
        Ok(product)
    }

    /// The form itself if every number in it fits 64 bits, in which it will be computed.
    pub(crate) fn computable(self) -> Checked<Linear> {
        let polys = self.terms.iter().map(|t| &t.scale).chain([&self.constant]);
        let fits = polys
            .flat_map(Poly::terms)
            .all(|(_, c)| i64::try_from(c).is_ok());
        if fits {
            Ok(self)
        } else {
            Err(TooLarge::Number)
        }
    }

    pub(crate) fn minus(&self, other: &Linear) -> Checked<Linear> {
        self.plus(&other.times(&Poly::constant(-1))?)
    }
}

/// A value that is kept whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Opaque {
    /// The sum itself: its quotients and remainders are pieces of it.
    Sum(Linear),
    /// An operation that no digits express.
    Binary(BinaryOp, Linear, Linear),
    Min(Vec<Linear>),
    Max(Vec<Linear>),
    Abs(Linear),
}

impl Opaque {
    /// What it is made of.
    pub(crate) fn operands(&self) -> Vec<&Linear> {
        match self {
            Opaque::Sum(a) | Opaque::Abs(a) => vec![a],
            Opaque::Binary(_, a, b) => vec![a, b],
            Opaque::Min(all) | Opaque::Max(all) => all.iter().collect(),
        }
    }
}

/// A condition in negation normal form over normal forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// The form is at least 0.
    AtLeast0(Linear),
    /// The form is 0.
    Is0(Linear),
    /// The form is not 0.
    Not0(Linear),
    /// All hold.
    All(Vec<Test>),
    /// One holds.
    Any(Vec<Test>),
}

impl Test {
    /// The tests that must all hold, with nested conjunctions opened.
    pub(crate) fn conjuncts(&self) -> Vec<&Test> {
        match self {
            Test::All(all) => all.iter().flat_map(Test::conjuncts).collect(),
            other => vec![other],
        }
    }

    /// The opposite.
    pub(crate) fn negated(&self) -> Checked<Test> {
        let all = |tests: &[Test]| tests.iter().map(Test::negated).collect::<Checked<_>>();
        Ok(match self {
            Test::AtLeast0(form) => {
                let mut less = form.times(&Poly::constant(-1))?;
                less.constant = less.constant.plus_constant(-1)?;
                Test::AtLeast0(less)
            }
            Test::Is0(form) => Test::Not0(form.clone()),
            Test::Not0(form) => Test::Is0(form.clone()),
            Test::All(tests) => Test::Any(all(tests)?),
            Test::Any(tests) => Test::All(all(tests)?),
        })
    }

    /// The forms it looks at.
    pub(crate) fn forms(&self) -> Vec<&Linear> {
        match self {
            Test::AtLeast0(form) | Test::Is0(form) | Test::Not0(form) => vec![form],
            Test::All(all) | Test::Any(all) => all.iter().flat_map(Test::forms).collect(),
        }
    }
}
