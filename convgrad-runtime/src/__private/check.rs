//! What a constructor checks once, so that the loops need no check.

use super::bound::Bound;
use super::int::{Int, Truth};
use crate::element::{Element, Number};
use crate::error::Error;

/// The checks of one converter, with the sizes that they report.
#[derive(Debug)]
pub struct Check<'a> {
    item: &'a str,
    sizes: Vec<(&'a str, i64)>,
}

impl<'a> Check<'a> {
    /// No sizes yet.
    pub fn new(item: &'a str) -> Self {
        Check {
            item,
            sizes: Vec::new(),
        }
    }

    /// A size that the caller gives.
    pub fn given(&mut self, name: &'a str, value: usize) -> Result<Int, Error> {
        let fits = i64::try_from(value).map_err(|_| Error::SizeTooLarge {
            item: self.item.to_owned().into(),
            name: name.to_owned().into(),
            value,
        })?;
        self.sizes.push((name, fits));
        Ok(Int::of(fits))
    }

    /// A size that others determine.
    pub fn derived(&mut self, name: &'a str, value: Int) -> Int {
        self.sizes.extend(value.get().map(|value| (name, value)));
        value
    }

    /// That such a size is one: a number that is not negative. Requirements come first, since they explain more.
    pub fn natural(&self, name: &str, value: Int) -> Result<(), Error> {
        match value.get() {
            Some(_) => self.require("sizes that are not negative", value.ge(0)),
            None => Err(self.overflow(name)),
        }
    }

    /// A requirement or an obligation.
    pub fn require(&self, text: &str, truth: Truth) -> Result<(), Error> {
        self.require_at(text, truth, &[])
    }

    /// The same, for some values of iterators.
    #[inline]
    pub fn require_at(&self, text: &str, truth: Truth, at: &[(&str, Int)]) -> Result<(), Error> {
        match truth.get() {
            Some(true) => Ok(()),
            Some(false) => Err(self.violated(text, at)),
            None => Err(self.overflow(text)),
        }
    }

    /// That trying all positions of some loops stays within the budget.
    pub fn budget(&self, text: &str, extents: &[Int]) -> Result<(), Error> {
        const BUDGET: i64 = 1 << 32;
        let positions = extents.iter().fold(Int::of(1), |all, extent| all * *extent);
        match positions.get() {
            Some(positions) if positions <= BUDGET => Ok(()),
            _ => Err(Error::Undecided {
                item: self.item.to_owned().into(),
                text: text.to_owned().into(),
                budget: BUDGET.unsigned_abs(),
            }),
        }
    }

    /// Whether an obligation concerns some values of iterators.
    #[inline]
    pub fn concerns(&self, text: &str, guard: Truth) -> Result<bool, Error> {
        guard.get().ok_or_else(|| self.overflow(text))
    }

    /// The error of an obligation that does not hold.
    pub fn violated(&self, text: &str, at: &[(&str, Int)]) -> Error {
        let at = at
            .iter()
            .filter_map(|(name, value)| Some((*name, value.get()?)));
        let values = self.sizes.iter().copied().chain(at);
        Error::Requirement {
            item: self.item.to_owned().into(),
            text: text.to_owned().into(),
            values: values
                .map(|(name, value)| (name.to_owned().into(), value))
                .collect(),
        }
    }

    fn overflow(&self, what: &str) -> Error {
        Error::overflow(self.item.to_owned(), what.to_owned())
    }

    /// The shape of a tensor; whether it has elements.
    pub fn shape(&self, tensor: &str, extents: &[Int]) -> Result<bool, Error> {
        let too_large = || self.overflow(&format!("the shape of {tensor}"));
        let mut total = Int::of(1);
        let mut empty = false;
        for (axis, extent) in extents.iter().enumerate() {
            let extent = extent.get().ok_or_else(too_large)?;
            if extent < 0 {
                return Err(Error::NegativeExtent {
                    item: self.item.to_owned().into(),
                    tensor: tensor.to_owned().into(),
                    axis,
                    extent,
                });
            }
            empty |= extent == 0;
            // As for an array, the other axes count even where one is empty.
            total = total * extent.max(1);
        }
        total
            .get()
            .and_then(|total| isize::try_from(total).ok())
            .ok_or_else(too_large)?;
        Ok(!empty)
    }

    /// That the numbers which the loops compute stay inside 64 bits.
    pub fn bounded(&self, bounds: &[Bound]) -> Result<(), Error> {
        if bounds.iter().all(|bound| bound.fits()) {
            Ok(())
        } else {
            Err(self.overflow("the index arithmetic"))
        }
    }
}

/// The element that `else` writes.
pub fn fill<T: Element>(item: &str, number: Number) -> Result<T, Error> {
    T::from_number(number).ok_or_else(|| Error::Fill {
        item: item.to_owned().into(),
        number: number.to_string().into(),
        element: T::NAME.into(),
    })
}

/// The same where the compiler has seen to it that the type can hold the number.
pub fn constant<T: Element>(number: Number) -> T {
    T::from_number(number).unwrap_or_default()
}
