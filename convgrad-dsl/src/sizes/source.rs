//! Where the values of a converter's sizes come from, without any numbers.

use super::single::divided;
use super::solve::Problem;
use super::{used, with_values};
use crate::analysis::Bindings;
use crate::sema::model::{Converter, ExprKind};

/// Where the value of a size comes from when a converter is called with an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The text gives it a value of numbers.
    Baked,
    /// The text gives it a value of other sizes.
    Derived,
    /// It was given for this analysis.
    Given,
    /// An axis of the input has it as its extent.
    Extent {
        /// The axis.
        axis: usize,
    },
    /// The extent of an axis is the size divided: it is the exact multiple, unless the caller gives another.
    Multiple {
        /// The axis.
        axis: usize,
    },
    /// Extents depend on it, together with other sizes or in a way that may leave several values: where these extents leave
    /// only one, it is that, otherwise the caller gives it.
    Fits {
        /// The axes.
        axes: Vec<usize>,
    },
    /// No extent of the input depends on it: the caller gives it.
    Caller,
}

/// The source of each size, in the order of declaration.
pub fn sources(converter: &Converter, bindings: &Bindings) -> Vec<Source> {
    let unknown = Problem {
        converter,
        shape: &[],
        order: with_values(converter),
        known: vec![None; converter.sizes.len()],
    };
    let open = unknown.open();
    let source = |at: usize| {
        let size = &converter.sizes[at];
        let bound = bindings.get(at).copied().flatten().is_some();
        match (&size.value, bound) {
            (Some(value), _) if used(value).is_empty() => return Source::Baked,
            (Some(_), _) => return Source::Derived,
            (None, true) => return Source::Given,
            (None, false) => {}
        }
        let axes: Vec<usize> = (0..open.len()).filter(|&a| open[a].contains(&at)).collect();
        let extent = |axis: &usize| &converter.input.extents[*axis];
        let alone =
            |axis: &&usize| matches!(&extent(axis).kind, ExprKind::Size(id) if id.index() == at);
        if let Some(&axis) = axes.iter().find(alone) {
            return Source::Extent { axis };
        }
        match axes.as_slice() {
            [] => Source::Caller,
            [axis] if open[*axis] == [at] && divided(converter, extent(axis), at).is_some() => {
                Source::Multiple { axis: *axis }
            }
            _ => Source::Fits { axes },
        }
    };
    (0..converter.sizes.len()).map(source).collect()
}
