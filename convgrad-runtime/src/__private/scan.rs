//! Obligations that only trying all values can decide.

use super::int::Int;
use crate::error::Error;

/// The values of a loop of a scan: `0..extent`.
pub fn range(extent: Int) -> Result<impl Iterator<Item = Int>, Error> {
    match extent.get() {
        Some(extent) => Ok((0..extent).map(Int::of)),
        None => Err(Error::overflow("a check", "the extent of a loop")),
    }
}

/// Which places of an output are written: a bit a place.
#[derive(Debug)]
pub struct Places {
    bits: Vec<u64>,
    total: i64,
    left: i64,
}

impl Places {
    /// None of `total` places. Fails if there is no memory for a bit a place.
    pub fn new(total: Int) -> Result<Self, Error> {
        let total = total.get().unwrap_or(i64::MAX).max(0);
        let words = usize::try_from(total.unsigned_abs().div_ceil(64)).unwrap_or(usize::MAX);
        let mut bits = Vec::new();
        bits.try_reserve_exact(words).map_err(|_| Error::Memory {
            tensor: "the check of the places that are written".into(),
            bytes: words.checked_mul(8),
        })?;
        bits.resize(words, 0);
        Ok(Places {
            bits,
            total,
            left: total,
        })
    }

    /// Writes a place; false if it was written before or lies outside.
    pub fn visit(&mut self, place: Int) -> bool {
        let Some(place) = place.get().filter(|place| (0..self.total).contains(place)) else {
            return false;
        };
        // The place is below the total, for which there is memory.
        let (word, bit) = ((place / 64) as usize, 1u64 << (place % 64));
        let fresh = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        self.left -= i64::from(fresh);
        fresh
    }

    /// Whether every place was written.
    pub fn all(&self) -> bool {
        self.left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_once() {
        let mut places = Places::new(Int::of(130)).expect("little memory");
        assert!((0..130).all(|place| !places.all() && places.visit(Int::of(place))));
        assert!(places.all());
        assert!(!places.visit(Int::of(129)));
        assert!(!places.visit(Int::of(130)));
        assert!(!places.visit(Int::of(-1)));
    }

    #[test]
    #[cfg_attr(miri, ignore = "Miri takes this for a mistake of ours")]
    fn memory_that_is_not_there_is_an_error() {
        assert!(Places::new(Int::of(i64::MAX)).is_err());
    }
}
