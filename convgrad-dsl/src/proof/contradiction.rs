//! Whether tests exclude each other for all sizes: every digit becomes an unknown with bounds, and what is asked is a
//! question about polynomials.

use crate::index::linear::{Atom, Linear, Opaque, Piece, Test};
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::nest::{Scalar, VarId};
use crate::sema::model::IterId;

use super::guard;

/// The most cases that alternatives are split into.
const MAX_CASES: usize = 32;

/// Whether no iteration passes all tests, whatever the sizes are. False means "not shown".
pub(crate) fn contradictory(space: &mut Space, tests: &[Test]) -> Checked<bool> {
    let mut flat: Vec<Test> = Vec::new();
    for test in tests.iter().flat_map(Test::conjuncts) {
        match guard::verdict(space, test)? {
            Some(false) => return Ok(true),
            Some(true) => {}
            None if flat.contains(test) => {}
            None => flat.push(test.clone()),
        }
    }
    for test in &flat {
        if flat.contains(&test.negated()?) {
            return Ok(true);
        }
    }
    let mut cases = vec![Vec::new()];
    for test in flat {
        let alternatives = alternatives(&test)?;
        if cases.len() * alternatives.len() > MAX_CASES {
            // Leaving a test out only loses proofs.
            continue;
        }
        let mut split = Vec::new();
        for case in &cases {
            for alternative in &alternatives {
                split.push([case.as_slice(), alternative.as_slice()].concat());
            }
        }
        cases = split;
    }
    // The facts about digits are facts of one case only.
    let known = space.symbols.clone();
    let mut all = Ok(true);
    for case in cases {
        let excluded = Unknowns::new(space).excluded(&case);
        space.forget(&known);
        all = excluded;
        if all != Ok(true) {
            break;
        }
    }
    all
}

/// A test as alternatives, each a list of forms that are at least 0 together.
fn alternatives(test: &Test) -> Checked<Vec<Vec<Linear>>> {
    let minus = Poly::constant(-1);
    Ok(match test {
        Test::AtLeast0(form) => vec![vec![form.clone()]],
        Test::Is0(form) => vec![vec![form.clone(), form.times(&minus)?]],
        Test::Not0(form) => {
            let less = Linear::constant(minus.clone());
            let below = form.times(&minus)?.plus(&less)?;
            vec![vec![form.plus(&less)?], vec![below]]
        }
        Test::Any(tests) => {
            let mut all = Vec::new();
            for test in tests {
                all.extend(alternatives(test)?);
            }
            all
        }
        Test::All(tests) => {
            let mut all = vec![Vec::new()];
            for test in tests {
                let mut more = Vec::new();
                for part in alternatives(test)? {
                    more.extend(
                        all.iter()
                            .map(|a: &Vec<Linear>| [a.as_slice(), &part].concat()),
                    );
                }
                if more.len() > MAX_CASES {
                    return Ok(vec![Vec::new()]);
                }
                all = more;
            }
            all
        }
    })
}

/// The pieces of forms as symbols of their own, with what is known of them.
struct Unknowns<'s> {
    space: &'s mut Space,
    known: Vec<(Piece, Poly)>,
}

impl<'s> Unknowns<'s> {
    fn new(space: &'s mut Space) -> Self {
        Unknowns {
            space,
            known: Vec::new(),
        }
    }

    /// Whether the forms cannot all be at least 0.
    fn excluded(mut self, forms: &[Linear]) -> Checked<bool> {
        let mut polys = Vec::new();
        for form in forms {
            polys.push(self.poly(form)?);
        }
        polys
            .iter()
            .for_each(|p| self.space.symbols.assume(p.clone()));
        // Of rows that contradict each other, any one is refuted by the others.
        let mut refuted = |p: &Poly| {
            let opposite = p.negated().plus_constant(-1);
            opposite.is_ok_and(|opposite| self.space.symbols.nonneg(&opposite))
        };
        Ok(polys.iter().any(&mut refuted))
    }

    fn poly(&mut self, form: &Linear) -> Checked<Poly> {
        let mut sum = form.constant.clone();
        for term in &form.terms {
            sum = sum.plus(&self.unknown(&term.piece)?.times(&term.scale)?)?;
        }
        Ok(sum)
    }

    /// The symbol of a piece.
    fn unknown(&mut self, piece: &Piece) -> Checked<Poly> {
        if let Some((_, symbol)) = self.known.iter().find(|(p, _)| p == piece) {
            return Ok(symbol.clone());
        }
        match piece.atom {
            Atom::Iter(id) => self.declare_digits(id)?,
            Atom::Opaque(_) => self.declare_parts(piece)?,
        }
        match self.known.iter().find(|(p, _)| p == piece) {
            Some((_, symbol)) => Ok(symbol.clone()),
            None => self.declare(piece),
        }
    }

    /// A symbol within the range of its piece.
    fn declare(&mut self, piece: &Piece) -> Checked<Poly> {
        let range = self.space.piece_range(piece)?;
        let at = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        let lower = range
            .min
            .as_ref()
            .is_some_and(|min| self.space.symbols.nonneg(min));
        let value = Scalar::Var(VarId(at));
        let symbol = self.space.symbols.opaque(value, lower.then_some(0));
        self.known.push((piece.clone(), symbol.clone()));
        if let Some(min) = range.min.filter(|min| !min.is_zero()) {
            self.space.symbols.assume(symbol.minus(&min)?);
        }
        if let Some(max) = range.max {
            self.space.symbols.assume(max.minus(&symbol)?);
        }
        Ok(symbol)
    }

    /// All digits of an iterator: together they stay below its extent, also where it is ragged.
    fn declare_digits(&mut self, id: IterId) -> Checked<()> {
        let digits = self.space.digits(id);
        let mut sum = Poly::zero();
        for term in &digits.terms {
            let symbol = self.declare(&term.piece)?;
            sum = sum.plus(&symbol.times(&term.scale)?)?;
        }
        if digits.terms.len() > 1 {
            let top = self.space.axis(id).extent.plus_constant(-1)?;
            self.space.symbols.assume(top.minus(&sum)?);
        }
        Ok(())
    }

    /// What is known of a value that is kept whole beyond its range.
    fn declare_parts(&mut self, piece: &Piece) -> Checked<()> {
        let Atom::Opaque(id) = piece.atom else {
            return Ok(());
        };
        let minus = Poly::constant(-1);
        let opaque = self.space.opaque(id).clone();
        match &opaque {
            Opaque::Sum(sum) => self.declare_cut(piece, sum)?,
            Opaque::Min(_) | Opaque::Max(_) | Opaque::Abs(_)
                if piece.lo.is_one() && piece.hi.is_none() =>
            {
                let value = self.declare(piece)?;
                for operand in opaque.operands() {
                    let operand = self.poly(operand)?;
                    let above = value.minus(&operand)?;
                    match opaque {
                        Opaque::Min(_) => self.space.symbols.assume(above.times(&minus)?),
                        _ => self.space.symbols.assume(above),
                    }
                    if let Opaque::Abs(_) = opaque {
                        self.space.symbols.assume(value.plus(&operand)?);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Quotient and remainder of a sum that is kept whole make up the sum.
    fn declare_cut(&mut self, piece: &Piece, sum: &Linear) -> Checked<()> {
        let cut = match (&piece.hi, piece.lo.is_one()) {
            (Some(hi), true) => hi.clone(),
            (None, false) => piece.lo.clone(),
            _ => return Ok(()),
        };
        let part = |lo: Poly, hi: Option<Poly>| Piece {
            atom: piece.atom,
            lo,
            hi,
        };
        let low = self.declare(&part(Poly::one(), Some(cut.clone())))?;
        let high = self.declare(&part(cut.clone(), None))?;
        let whole = self.poly(sum)?;
        let rest = whole.minus(&low)?.minus(&high.times(&cut)?)?;
        self.space.symbols.assume(rest.clone());
        self.space.symbols.assume(rest.negated());
        Ok(())
    }
}
