//! Sizes at which claims about all sizes are tried. What holds at them is not proved; what fails at them is refuted.

use crate::sema::eval::Values;
use crate::sema::model::{Converter, Expr, Size};

/// Small, prime to each other, ragged in blocks of 16, and none.
const VALUES: [i64; 16] = [2, 3, 1, 16, 17, 5, 0, 4, 32, 33, 8, 20, 7, 48, 6, 12];

/// How many choices are tried of those in which all sizes may be large.
const RANDOM: usize = 400;

/// Values for `count` sizes, the same ones at every call; the most telling first. One or two of them take every value while
/// the others are small; then all take any.
pub(crate) fn tries(count: usize) -> Vec<Vec<i64>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let small =
        |shift: usize| -> Vec<i64> { (0..count).map(|at| VALUES[(at + shift) % 3]).collect() };
    let mut all: Vec<Vec<i64>> = (0..3).map(small).collect();
    let mut take = |changes: &[(usize, i64)]| {
        let mut choice = small(all.len());
        changes.iter().for_each(|&(at, value)| choice[at] = value);
        all.push(choice);
    };
    for (at, value) in VALUES
        .iter()
        .flat_map(|v| (0..count).map(move |at| (at, *v)))
    {
        take(&[(at, value)]);
    }
    let pairs = (0..count).flat_map(|a| (0..a).map(move |b| (a, b)));
    for (a, b) in pairs.take(16) {
        for (x, y) in VALUES
            .iter()
            .flat_map(|x| VALUES.iter().map(move |y| (*x, *y)))
        {
            take(&[(a, x), (b, y)]);
        }
    }
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut any = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        VALUES[(state >> 32) as usize % VALUES.len()]
    };
    if count > 2 {
        all.extend((0..RANDOM).map(|_| (0..count).map(|_| any()).collect::<Vec<_>>()));
    }
    all
}

/// How much may be tried.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    /// How many sizes were tried that are accepted.
    pub(crate) accepted: usize,
    places: i64,
}

impl Budget {
    /// The most places and iterations of one converter at sizes that are tried, and of all together.
    const SMALL: i64 = 1 << 13;
    const ALL: i64 = 1 << 19;
    /// How many sizes that are accepted are tried.
    const ACCEPTED: usize = 50;

    /// Whether converters may be read element by element at some sizes; that is then taken as done.
    pub(crate) fn allows(&mut self, converters: &[&Converter], sizes: &[i64]) -> bool {
        let each = converters.iter().map(|converter| places(converter, sizes));
        let each: Option<Vec<i64>> = each.collect();
        match each {
            Some(each) if each.iter().all(|&places| places <= Self::SMALL) => {
                self.places += each.iter().sum::<i64>();
                true
            }
            _ => false,
        }
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.places > Self::ALL || self.accepted >= Self::ACCEPTED
    }
}

/// How many places and iterations a converter has at some sizes; None if an extent has no value there.
fn places(converter: &Converter, sizes: &[i64]) -> Option<i64> {
    let known: Vec<Option<i64>> = sizes.iter().copied().map(Some).collect();
    let values = Values::of_sizes(&known);
    let product = |extents: Vec<&Expr>| {
        extents.into_iter().try_fold(1i64, |product, extent| {
            product.checked_mul(values.number(extent).ok()?.max(1))
        })
    };
    let mut count = product(converter.output.extents.iter().collect())?;
    let rule = &converter.rule;
    let ranges = rule.patches.iter().map(|patch| &patch.iterators);
    for iterators in ranges.chain([&rule.iterators]) {
        let extents = iterators.iter().map(|i| &i.extent);
        count = count.checked_add(product(extents.collect())?)?;
    }
    Some(count)
}

/// `N = 3, C = 20`
pub(crate) fn told(sizes: &[Size], values: &[i64]) -> String {
    let mut list: Vec<String> = Vec::new();
    let mut names: Vec<(&str, i64)> = Vec::new();
    for (size, &value) in sizes.iter().zip(values) {
        let name = size.name.text.as_str();
        match names.iter().find(|(known, _)| *known == name) {
            None => list.push(format!("{name} = {value}")),
            Some((_, known)) if *known == value => {}
            // Sizes of two converters stand one after the other.
            Some(_) => list.push(format!("{name} = {value} on the right side")),
        }
        names.push((name, value));
    }
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_tried_for_every_size() {
        for count in 0..6 {
            let all = tries(count);
            assert!(all.iter().all(|choice| choice.len() == count));
            for (at, value) in (0..count).flat_map(|at| VALUES.map(|value| (at, value))) {
                assert!(
                    all.iter().any(|choice| choice[at] == value),
                    "{at} of {count}: {value}"
                );
            }
        }
        assert_eq!(tries(0), [vec![]; 1]);
    }
}
