//! What the interpreter finds out.

use std::collections::BTreeMap;
use std::slice::from_ref;

use crate::sema::model::Number;

/// What a converter does at given sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// The extents of the input.
    pub input_shape: Vec<i64>,
    /// The extents of the output.
    pub output_shape: Vec<i64>,
    /// For every output place, in C order, the input place that it copies, or None where it holds a number.
    /// Of a rule that adds: the only input place that is added there, or None where there is none or more than one.
    pub source: Vec<Option<usize>>,
    /// Of a rule that adds, for every output place the input places that are added there, in the order in which they are.
    /// None for a rule with `=`.
    pub sums: Option<Vec<Vec<usize>>>,
    /// What places hold that nothing is read to: the `else` value, or the 0 at which sums begin. None if there are no such
    /// places.
    pub fill: Option<Number>,
    /// The places that patches gave another number than [`fill`](Map::fill), also those that something is read to later.
    pub patched: BTreeMap<usize, Number>,
    /// Whether every position that passes the `if` reads inside the input, `else` or not.
    pub in_bounds: bool,
}

/// What a place of the output holds: a number plus the elements that are read to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Held<'m> {
    /// The number of a place that nothing is read to, or the one at which its sum begins. 0 for a place that copies.
    pub number: Number,
    /// The places of the input, of a copy one.
    pub elements: &'m [usize],
}

impl Map {
    /// What a place holds.
    pub fn held(&self, place: usize) -> Held<'_> {
        let number = self.number(place).unwrap_or(Number::Int(0));
        match (&self.sums, &self.source[place]) {
            (Some(sums), _) => Held {
                number,
                elements: &sums[place],
            },
            (None, Some(source)) => Held {
                number: Number::Int(0),
                elements: from_ref(source),
            },
            (None, None) => Held {
                number,
                elements: &[],
            },
        }
    }

    /// The number that a place holds before anything is read to it.
    pub fn number(&self, place: usize) -> Option<Number> {
        self.patched.get(&place).copied().or(self.fill)
    }

    /// The first place of the output that holds something else in the other map, whose shapes are the same. The order in which
    /// elements are added does not count.
    pub fn difference(&self, other: &Map) -> Option<usize> {
        let sorted = |elements: &[usize]| {
            let mut sorted = elements.to_vec();
            sorted.sort_unstable();
            sorted
        };
        (0..self.source.len()).find(|&place| {
            let (a, b) = (self.held(place), other.held(place));
            let elements = a.elements == b.elements || sorted(a.elements) == sorted(b.elements);
            !(elements && a.number.same(b.number))
        })
    }

    /// Whether no input element is read twice.
    pub fn injective(&self) -> bool {
        self.distinct() == self.reads().count()
    }

    /// Whether every input element is read.
    pub fn surjective(&self) -> bool {
        // An extent of 0 empties the input, however large the others are.
        let elements = if self.input_shape.contains(&0) {
            0
        } else {
            self.input_shape.iter().product()
        };
        self.distinct() as i64 == elements
    }

    /// Both, and every output position reads, one element each.
    pub fn bijective(&self) -> bool {
        self.source.iter().all(Option::is_some) && self.injective() && self.surjective()
    }

    /// All reads, of a sum those of each place.
    fn reads(&self) -> impl Iterator<Item = usize> {
        let sums = self.sums.iter().flatten().flatten();
        let copies = self.source.iter().filter(|_| self.sums.is_none()).flatten();
        sums.chain(copies).copied()
    }

    /// How many input elements are read.
    fn distinct(&self) -> usize {
        let mut places: Vec<usize> = self.reads().collect();
        places.sort_unstable();
        places.dedup();
        places.len()
    }
}
