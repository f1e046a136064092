//! The parts of both tensors that are drawn, where they are too large for all of it: parts that have to do with each other.

use std::ops::Range;

use convgrad_dsl::interpret::Map;

use super::fold::{self, unflatten};

/// A part of a tensor: some neighbouring places of every axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// By axis: the first place that is drawn.
    pub(super) first: Vec<usize>,
    /// By axis: how many places are drawn.
    pub(super) shown: Vec<usize>,
}

impl Window {
    /// The first corner of a shape without zeros that can be drawn.
    pub(super) fn corner(shape: &[usize]) -> Self {
        Window {
            first: vec![0; shape.len()],
            shown: fold::corner(shape),
        }
    }

    /// As much of the last corner.
    fn at_end(&self, shape: &[usize]) -> Self {
        let axes = shape.iter().zip(&self.shown);
        Window {
            first: axes.map(|(extent, shown)| extent - shown).collect(),
            shown: self.shown.clone(),
        }
    }

    /// Whether an index is in it.
    pub(super) fn contains(&self, index: &[usize]) -> bool {
        let mut axes = index.iter().zip(self.ranges());
        axes.all(|(at, range)| range.contains(at))
    }

    /// By axis: the places that are drawn.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let axes = self.first.iter().zip(&self.shown);
        axes.map(|(&first, &shown)| first..first + shown)
    }

    /// The indices of all its places, in C order.
    pub(super) fn indices(&self) -> Vec<Vec<usize>> {
        let count = self.shown.iter().product();
        let index = |place: usize| {
            let inside = unflatten(place, &self.shown);
            inside
                .iter()
                .zip(&self.first)
                .map(|(at, first)| at + first)
                .collect()
        };
        (0..count).map(index).collect()
    }

    /// A window around some indices; None around nothing.
    fn around(indices: impl Iterator<Item = Vec<usize>>) -> Option<Self> {
        let mut ends: Option<Vec<Range<usize>>> = None;
        for index in indices {
            match &mut ends {
                None => ends = Some(index.iter().map(|&at| at..at + 1).collect()),
                Some(ends) => {
                    for (range, at) in ends.iter_mut().zip(index) {
                        *range = range.start.min(at)..range.end.max(at + 1);
                    }
                }
            }
        }
        let ends = ends?;
        Some(Window {
            first: ends.iter().map(|range| range.start).collect(),
            shown: ends.iter().map(Range::len).collect(),
        })
    }
}

/// What is drawn of the input and of the output: a corner of the output that has padding in it, if there is one, and what is
/// read there. Shapes have no zeros.
pub(super) fn windows(map: &Map, input: &[usize], output: &[usize]) -> [Window; 2] {
    let (source, mut target) = (Window::corner(input), Window::corner(output));
    let cut = |window: &Window, shape: &[usize]| window.shown != shape;
    let places = |window: &Window| -> Vec<usize> {
        let indices = window.indices().into_iter();
        let places = indices.map(|index| fold::flatten(&index, output));
        places.filter(|place| *place < map.source.len()).collect()
    };
    let reads = |place: &usize| !map.held(*place).elements.is_empty();
    if cut(&target, output) && places(&target).iter().all(reads) {
        let last = target.at_end(output);
        let of_last = places(&last);
        if of_last.iter().any(reads) && !of_last.iter().all(reads) {
            target = last;
        }
    }
    if !cut(&source, input) {
        return [source, target];
    }
    // Less of the output, until all that is read there can be drawn too.
    let mut smaller = target.clone();
    loop {
        let elements = places(&smaller)
            .into_iter()
            .flat_map(|place| map.held(place).elements);
        let around = Window::around(elements.map(|&element| unflatten(element, input)));
        match around {
            Some(around) if fold::fits(input, &around.shown) => return [around, smaller],
            Some(_) if fold::halve(output, &mut smaller.shown) => {}
            _ => return [source, target],
        }
    }
}
