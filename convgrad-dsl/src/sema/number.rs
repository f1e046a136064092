//! The numbers that places of an output hold where nothing is read.

use super::model::{Rule, Writes};

/// A number that fills what is not read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer literal, with its sign.
    Int(i128),
    /// A float literal or `inf`, with its sign.
    Float(f64),
}

impl Number {
    /// Whether both are worth the same, however they are written: `1` and `1.0`.
    pub fn same(self, other: Number) -> bool {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a == b,
            (Number::Float(a), Number::Float(b)) => a == b,
            // 2^127 is a float, so that the comparison is exact.
            (Number::Int(int), Number::Float(float)) | (Number::Float(float), Number::Int(int)) => {
                float.fract() == 0.0 && float.abs() < 2f64.powi(127) && float as i128 == int
            }
        }
    }
}

impl Rule {
    /// The numbers that the rule writes: what places hold before anything is read (the `else`, or the 0 at which sums
    /// begin), then that of each patch. A rule that reads everywhere has none.
    pub fn numbers(&self) -> Vec<Number> {
        let first = match (&self.fill, self.writes) {
            (Some(fill), _) => Some(fill.number),
            (None, Writes::Add) => Some(Number::Int(0)),
            (None, Writes::Once) => None,
        };
        let patches = self.patches.iter().map(|patch| patch.fill.number);
        first.into_iter().chain(patches).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Number::{Float, Int};

    #[test]
    fn numbers_compare_by_worth() {
        assert!(Int(1).same(Float(1.0)) && Float(-0.0).same(Int(0)));
        assert!(Float(f64::INFINITY).same(Float(f64::INFINITY)));
        assert!(!Int(1).same(Float(1.5)) && !Float(f64::INFINITY).same(Int(i128::MAX)));
        assert!(!Int((1 << 53) + 1).same(Float(2f64.powi(53))));
    }
}
