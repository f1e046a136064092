//! What a function needs beside it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::scalar::Text;

/// A function beside the emitted one; those that others call come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Helper {
    /// Division rounding down.
    FloorDiv,
    /// The Euclidean remainder.
    FloorMod,
    /// The smaller one.
    Min,
    /// The larger one.
    Max,
    /// The absolute value.
    Abs,
    /// A power of two as a double.
    Power,
    /// An f16, from its bits.
    FromHalf,
    /// A bf16, from its bits.
    FromBf16,
    /// The bits of the nearest f16.
    ToHalf,
    /// The bits of the nearest bf16.
    ToBf16,
    /// A 64-bit integer as a double that rounds to few digits as the integer does.
    ToOdd,
    /// The nearest integer of a quotient, plus the zero point.
    Quantized,
    /// A 64-bit integer minus the zero point.
    Difference,
}

impl Helper {
    /// All of them.
    const ALL: [Helper; 13] = [
        Helper::FloorDiv,
        Helper::FloorMod,
        Helper::Min,
        Helper::Max,
        Helper::Abs,
        Helper::Power,
        Helper::FromHalf,
        Helper::FromBf16,
        Helper::ToHalf,
        Helper::ToBf16,
        Helper::ToOdd,
        Helper::Quantized,
        Helper::Difference,
    ];

    /// Its name, after that of the function it stands beside.
    pub(super) fn name(self) -> &'static str {
        match self {
            Helper::FloorDiv => "floor_div",
            Helper::FloorMod => "floor_mod",
            Helper::Min => "min",
            Helper::Max => "max",
            Helper::Abs => "abs",
            Helper::Power => "power_of_two",
            Helper::FromHalf => "from_f16",
            Helper::FromBf16 => "from_bf16",
            Helper::ToHalf => "to_f16",
            Helper::ToBf16 => "to_bf16",
            Helper::ToOdd => "to_odd",
            Helper::Quantized => "quantized",
            Helper::Difference => "minus_zero",
        }
    }
}

/// The helpers of one function.
#[derive(Debug)]
pub(super) struct Helpers {
    /// The function's name.
    pub(super) function: String,
    used: RefCell<BTreeSet<Helper>>,
}

impl Helpers {
    /// None so far.
    pub(super) fn of(function: String) -> Self {
        Helpers {
            function,
            used: RefCell::default(),
        }
    }

    /// A call, for which the helper will stand beside the function.
    pub(super) fn call(&self, helper: Helper, arguments: &[&str]) -> Text {
        self.used.borrow_mut().insert(helper);
        let name = self.name(helper);
        Text::atom(format!("{name}({})", arguments.join(", ")))
    }

    /// The whole name of a helper: two functions in one file do not share theirs.
    pub(super) fn name(&self, helper: Helper) -> String {
        format!("{}_{}", self.function, helper.name())
    }

    /// Those that are called.
    pub(super) fn used(&self) -> Vec<Helper> {
        self.used.borrow().iter().copied().collect()
    }

    /// Whether a word is the name of the function, or of something that may stand beside it.
    pub(super) fn has_name(&self, word: &str) -> bool {
        let beside = |end: &str| {
            let types = ["", "element", "input", "output"];
            types.contains(&end) || Helper::ALL.iter().any(|helper| helper.name() == end)
        };
        word == self.function
            || word
                .strip_prefix(&self.function)
                .and_then(|rest| rest.strip_prefix('_'))
                .is_some_and(beside)
    }
}
