//! How large the numbers of a function can become, as polynomials in the sizes: one comparison with doubles before
//! anything is computed shows that plain arithmetic is safe in all that follows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::compile::CompiledConverter;
use crate::emit::names::derived_sizes;
use crate::nest::walk::{children, visit_condition};
use crate::nest::{Node, Run, Scalar, VarId};
use crate::proof::Check;
use crate::sema::model::SizeId;

/// What a magnitude is a polynomial of. All of these are at least 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Atom {
    /// A size, plus 1.
    Size(SizeId),
    /// A polynomial with a name, by number.
    Named(usize),
    /// Two to the power of a polynomial.
    Power(Poly),
}

/// For each product of atoms its coefficient; saturates. Since atoms are at least 1, a product bounds what it is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Poly(pub(super) BTreeMap<Vec<Atom>, u128>);

/// What has to be small.
#[derive(Debug, Default)]
pub(super) struct Magnitudes<'a> {
    sizes: &'a [Scalar],
    variables: HashMap<VarId, Poly>,
    /// Polynomials of several terms that something else is a multiple of; each uses earlier ones only.
    pub(super) named: Vec<Poly>,
    all: BTreeSet<Poly>,
}

impl Poly {
    fn number(n: u128) -> Self {
        Poly(BTreeMap::from([(Vec::new(), n.max(1))]))
    }

    fn atom(atom: Atom) -> Self {
        Poly(BTreeMap::from([(vec![atom], 1)]))
    }

    fn plus(mut self, other: &Poly) -> Self {
        for (monomial, n) in &other.0 {
            let sum = self.0.entry(monomial.clone()).or_default();
            *sum = sum.saturating_add(*n);
        }
        self
    }

    fn or(mut self, other: &Poly) -> Self {
        for (monomial, n) in &other.0 {
            let most = self.0.entry(monomial.clone()).or_default();
            *most = (*most).max(*n);
        }
        self
    }

    fn times(&self, other: &Poly) -> Self {
        let mut product = Poly::default();
        for (a, n) in &self.0 {
            for (b, m) in &other.0 {
                let mut monomial = [a.as_slice(), b.as_slice()].concat();
                monomial.sort();
                let sum = product.0.entry(monomial).or_default();
                *sum = sum.saturating_add(n.saturating_mul(*m));
            }
        }
        product
    }

    fn constant(&self) -> Option<u128> {
        match self.0.iter().next() {
            Some((monomial, n)) if self.0.len() == 1 && monomial.is_empty() => Some(*n),
            _ => None,
        }
    }
}

impl<'a> Magnitudes<'a> {
    /// Of everything that a converter's function computes.
    pub(super) fn of(compiled: &'a CompiledConverter) -> Self {
        let analysis = &compiled.analysis;
        let mut magnitudes = Magnitudes {
            sizes: &analysis.sizes,
            ..Magnitudes::default()
        };
        for (_, value) in derived_sizes(compiled) {
            magnitudes.take(value);
        }
        for shape in [&analysis.input_shape, &analysis.output_shape] {
            shape.iter().for_each(|extent| magnitudes.take(extent));
            magnitudes.take(&Scalar::Product(shape.clone()));
        }
        for obligation in &analysis.obligations {
            magnitudes.check(&obligation.check);
        }
        magnitudes.variables.clear();
        magnitudes.node(&analysis.nest.body);
        magnitudes
    }

    /// One polynomial that bounds all of them, as short as can be; None if they are small whatever the sizes.
    pub(super) fn largest(&self) -> Option<Poly> {
        let small = |poly: &Poly| match poly.0.iter().next() {
            // A size alone fits as it is given.
            Some((monomial, n)) if poly.0.len() == 1 => match monomial.as_slice() {
                [] => *n < 1 << 62,
                [Atom::Size(_)] => *n == 1,
                _ => false,
            },
            _ => false,
        };
        let large: Vec<&Poly> = self.all.iter().filter(|poly| !small(poly)).collect();
        let all: BTreeSet<&Vec<Atom>> = large.iter().flat_map(|poly| poly.0.keys()).collect();
        let largest: Vec<&Vec<Atom>> = all
            .iter()
            .copied()
            .filter(|monomial| {
                let mut others = all.iter().filter(|other| other != &monomial);
                !others.any(|other| self.divides(monomial, other))
            })
            .collect();
        let bounds = large.into_iter().map(|poly| self.coarse(poly, &largest));
        bounds.reduce(|most, poly| most.or(&poly))
    }

    /// A polynomial with its terms put to multiples of them, which are no smaller.
    fn coarse(&self, poly: &Poly, multiples: &[&Vec<Atom>]) -> Poly {
        let mut coarse = Poly::default();
        for (monomial, n) in &poly.0 {
            let mut multiples = multiples.iter();
            let multiple = multiples.find(|multiple| self.divides(monomial, multiple));
            let multiple = multiple.map_or(monomial, |multiple| *multiple);
            let sum = coarse.0.entry(multiple.clone()).or_default();
            *sum = sum.saturating_add(*n);
        }
        coarse
    }

    /// Whether one product is never larger than another, as far as that shows: each of its atoms finds a larger one.
    fn divides(&self, part: &[Atom], whole: &[Atom]) -> bool {
        let mut rest: Vec<&Atom> = whole.iter().collect();
        part.iter().all(|atom| {
            let exact = rest.iter().position(|other| *other == atom);
            let larger = || rest.iter().position(|other| self.contains(other, atom));
            exact.or_else(larger).map(|at| rest.remove(at)).is_some()
        })
    }

    /// Whether a named polynomial has an atom among its terms.
    fn contains(&self, named: &Atom, atom: &Atom) -> bool {
        let Atom::Named(at) = named else {
            return false;
        };
        let mut terms = self.named[*at].0.keys();
        terms.any(|monomial| self.divides(std::slice::from_ref(atom), monomial))
    }

    fn check(&mut self, check: &Check) {
        self.variables.clear();
        if let Check::ForAll { loops, .. } | Check::Places { loops, .. } = check {
            for scan in loops {
                self.variable(scan.var, &[&scan.extent]);
            }
        }
        check.visit(&mut |scalar| self.take(scalar));
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Let { var, value, .. } => {
                self.take(value);
                self.variable(*var, &[value]);
            }
            Node::Loop {
                var,
                from,
                to,
                step,
                ..
            } => {
                [from, to, step].into_iter().for_each(|s| self.take(s));
                if *step != Scalar::Const(1) {
                    // The counter steps over the end.
                    self.take(&Scalar::Sum(vec![to.clone(), step.clone()]));
                }
                self.variable(*var, &[from, to]);
            }
            Node::When { condition, .. } => {
                visit_condition(condition, &mut |scalar| self.take(scalar));
            }
            Node::Copy {
                count,
                output,
                input,
                ..
            } => {
                self.run(count, output);
                self.run(count, input);
            }
            Node::Fill { count, output, .. } => self.run(count, output),
            Node::Seq(_) | Node::Block(_) => {}
        }
        let inside = children(node).into_iter();
        inside.for_each(|child| self.node(child));
    }

    fn run(&mut self, count: &Scalar, run: &Run) {
        self.take(count);
        let product = |a: Scalar, b: &Scalar| Scalar::Product(vec![a, b.clone()]);
        let mut terms = vec![run.start.base.clone(), product(count.clone(), &run.stride)];
        let moving = run.start.terms.iter();
        terms.extend(moving.map(|(var, stride)| product(Scalar::Var(*var), stride)));
        self.take(&Scalar::Sum(terms));
    }

    /// A variable between some values. One may count several loops, one after the other.
    fn variable(&mut self, var: VarId, between: &[&Scalar]) {
        let before = self.variables.remove(&var).unwrap_or_default();
        let most = between
            .iter()
            .fold(before, |most, value| most.or(&self.poly(value)));
        let most = self.short(most);
        self.variables.insert(var, most);
    }

    /// Takes a number and everything inside it.
    fn take(&mut self, scalar: &Scalar) {
        let poly = self.poly(scalar);
        self.all.insert(poly);
        scalar.children().for_each(|s| self.take(s));
    }

    /// A bound of the absolute value.
    fn poly(&mut self, scalar: &Scalar) -> Poly {
        match scalar {
            Scalar::Const(n) => Poly::number(n.unsigned_abs().into()),
            Scalar::Size(id) => match self.sizes.get(id.index()) {
                Some(value) if value != scalar => self.poly(value),
                _ => Poly::atom(Atom::Size(*id)),
            },
            Scalar::Var(id) => self
                .variables
                .get(id)
                .cloned()
                .unwrap_or_else(|| Poly::number(1)),
            Scalar::Sum(all) => all
                .iter()
                .filter(|term| **term != Scalar::Const(0))
                .fold(Poly::default(), |sum, term| sum.plus(&self.poly(term))),
            Scalar::Product(all) => all.iter().fold(Poly::number(1), |product, factor| {
                let factor = self.poly(factor);
                let (product, factor) = (self.short(product), self.short(factor));
                product.times(&factor)
            }),
            Scalar::Div(a, _) | Scalar::Abs(a) | Scalar::Shr(a, _) => self.poly(a),
            Scalar::Rem(_, b) => self.poly(b),
            Scalar::Min(all) | Scalar::Max(all) => self.extreme(scalar, all),
            Scalar::Xor(a, b) | Scalar::And(a, b) | Scalar::Or(a, b) => {
                // A power of two above both operands bounds the result too.
                let most = self.poly(a).or(&self.poly(b));
                most.times(&Poly::number(2)).plus(&Poly::number(1))
            }
            Scalar::Shl(a, b) => {
                let (a, b) = (self.poly(a), self.poly(b));
                let power = match b.constant() {
                    // Shifts are by 62 places at most.
                    Some(by) => Poly::number(1 << by.min(62)),
                    None => Poly::atom(Atom::Power(b)),
                };
                a.times(&power)
            }
        }
    }

    /// Of several values the largest absolute value. What is sure not to be negative says nothing about a minimum with
    /// something else, and 0 nothing about a maximum.
    fn extreme(&mut self, scalar: &Scalar, all: &[Scalar]) -> Poly {
        let mut polys: Vec<Poly> = Vec::new();
        for value in all {
            let says_nothing = match scalar {
                Scalar::Min(_) => matches!(value, Scalar::Const(0..) | Scalar::Size(_)),
                _ => *value == Scalar::Const(0),
            };
            if !says_nothing {
                polys.push(self.poly(value));
            }
        }
        match polys.split_first() {
            Some((first, rest)) => rest.iter().fold(first.clone(), |most, poly| most.or(poly)),
            // Nothing but such values: any of them will do.
            None => match all.first() {
                Some(first) => self.poly(first),
                None => Poly::number(1),
            },
        }
    }

    /// A polynomial of one term that is no smaller: its own name, if there is no better one.
    fn short(&mut self, poly: Poly) -> Poly {
        let all: Vec<&Vec<Atom>> = poly.0.keys().collect();
        let bounds_all = |whole: &&Vec<Atom>| all.iter().all(|part| self.divides(part, whole));
        if let Some(largest) = all.iter().copied().find(bounds_all) {
            return self.coarse(&poly, &[largest]);
        }
        let known = self.named.iter().position(|named| *named == poly);
        let at = known.unwrap_or_else(|| {
            self.named.push(poly);
            self.named.len() - 1
        });
        Poly::atom(Atom::Named(at))
    }
}
