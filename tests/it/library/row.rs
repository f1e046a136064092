//! A converter's line in the table: sizes to try, what comes in, what has to come out, what is to be proved.

use std::ops::Index;

use super::tensor::Tensor;

/// A converter of the library and its definition.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// The sizes to try, every free one in each: `N=2 C=3`.
    pub(super) sizes: &'static [&'static str],
    /// What is proved where all sizes are free, a letter each for in bounds, injective, surjective and bijective: `y`es, `n`o,
    /// or `?` where that depends on the sizes or is not proved.
    pub(super) free: &'static str,
    /// The input's shape.
    pub(super) input: fn(&Sizes) -> Vec<usize>,
    /// The output.
    pub(super) define: fn(&Sizes, &Tensor) -> Tensor,
}

/// Sizes by name.
pub(super) struct Sizes(pub(super) Vec<(String, usize)>);

impl Sizes {
    pub(super) fn read(text: &str) -> Self {
        let pairs = text.split_whitespace().map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (name.to_owned(), value.parse().unwrap())
        });
        Sizes(pairs.collect())
    }

    /// The values of several sizes, their names between spaces.
    pub(super) fn of(&self, names: &str) -> Vec<usize> {
        names.split_whitespace().map(|name| self[name]).collect()
    }
}

impl Index<&str> for Sizes {
    type Output = usize;

    fn index(&self, name: &str) -> &usize {
        let found = self.0.iter().find(|(own, _)| own == name);
        &found.unwrap_or_else(|| panic!("no size {name}")).1
    }
}
