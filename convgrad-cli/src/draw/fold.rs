//! A tensor of any rank on paper: axes folded into nested blocks, the innermost to the right and downwards in turn.

/// The most cells of a tensor that are drawn.
const MOST: usize = 2_500;

/// The most cells side by side.
const ACROSS: usize = 96;

/// The direction in which an axis runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Right,
    Down,
}

/// An axis with more than one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folded {
    /// Which axis of the tensor.
    pub(super) axis: usize,
    /// Where it runs.
    pub(super) direction: Direction,
    /// How many axes in this direction stand inside it.
    pub(super) level: usize,
    /// How many of its places are drawn, from the first on.
    pub(super) shown: usize,
    /// From one place to the next.
    pub(super) pitch: usize,
    /// From the start of the first place to the end of the last.
    pub(super) span: usize,
}

/// How a tensor is laid out, in units of the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fold {
    /// Innermost first.
    pub(super) axes: Vec<Folded>,
    /// By axis of the tensor: how many places are drawn.
    pub(super) shown: Vec<usize>,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Fold {
    /// Folds a shape without zeros, for cells of a size.
    pub(super) fn new(shape: &[usize], cell: usize) -> Self {
        let shown = corner(shape);
        let mut axes: Vec<Folded> = Vec::new();
        let long: Vec<usize> = (0..shape.len()).rev().filter(|&a| shape[a] > 1).collect();
        let mut ends = [cell, cell];
        for (at, &axis) in long.iter().enumerate() {
            let (side, level) = (at % 2, at / 2);
            let pitch = ends[side] + gap(level, cell);
            let span = pitch * (shown[axis] - 1) + ends[side];
            ends[side] = span;
            axes.push(Folded {
                axis,
                direction: [Direction::Right, Direction::Down][side],
                level,
                shown: shown[axis],
                pitch,
                span,
            });
        }
        let [width, height] = ends;
        Fold {
            axes,
            shown,
            width,
            height,
        }
    }

    /// The corner of a cell.
    pub(super) fn place(&self, index: &[usize]) -> (usize, usize) {
        let along = |direction: Direction| {
            let axes = self.axes.iter().filter(|axis| axis.direction == direction);
            axes.map(|axis| axis.pitch * index[axis.axis]).sum()
        };
        (along(Direction::Right), along(Direction::Down))
    }

    /// The axes that run in a direction, innermost first.
    pub(super) fn along(&self, direction: Direction) -> impl Iterator<Item = &Folded> {
        self.axes.iter().filter(move |axis| axis.direction == direction)
    }

    /// The indices of all cells that are drawn, in C order.
    pub(super) fn indices(&self) -> Vec<Vec<usize>> {
        let count = self.shown.iter().product();
        (0..count).map(|place| unflatten(place, &self.shown)).collect()
    }
}

/// The space between blocks: none between cells, more at every level.
fn gap(level: usize, cell: usize) -> usize {
    match level {
        0 => 0,
        level => (cell / 4).max(3) * (2 * level - 1),
    }
}

/// How much of each axis is drawn: the longest are halved until the cells can be told apart.
fn corner(shape: &[usize]) -> Vec<usize> {
    let mut shown = shape.to_vec();
    loop {
        let long: Vec<usize> = (0..shape.len()).rev().filter(|&a| shape[a] > 1).collect();
        let across = |side: usize| -> Vec<usize> {
            long.iter().copied().skip(side).step_by(2).collect()
        };
        let cells = |axes: &[usize]| {
            let extents = axes.iter().map(|&axis| shown[axis]);
            extents.fold(1usize, usize::saturating_mul)
        };
        let too_many = match (across(0), across(1)) {
            (right, _) if cells(&right) > ACROSS => right,
            (_, down) if cells(&down) > ACROSS => down,
            _ if cells(&long) > MOST => long,
            _ => return shown,
        };
        // The outermost of the longest.
        let Some(&longest) = too_many.iter().max_by_key(|&&axis| (shown[axis], usize::MAX - axis))
        else {
            return shown;
        };
        shown[longest] = shown[longest].div_ceil(2);
    }
}

/// The index of a place in C order.
pub(super) fn unflatten(mut place: usize, shape: &[usize]) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for (at, &extent) in index.iter_mut().zip(shape).rev() {
        *at = place % extent;
        place /= extent;
    }
    index
}

/// The place of an index in C order.
pub(super) fn flatten(index: &[usize], shape: &[usize]) -> usize {
    let places = index.iter().zip(shape);
    places.fold(0, |place, (&at, &extent)| place * extent + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_a_grid() {
        let fold = Fold::new(&[3, 4], 10);
        assert_eq!((fold.width, fold.height), (40, 30));
        assert_eq!(fold.place(&[2, 1]), (10, 20));
    }

    #[test]
    fn blocks_stand_apart() {
        let fold = Fold::new(&[2, 1, 3, 4], 20);
        assert_eq!(fold.place(&[1, 0, 0, 0]), (4 * 20 + 5, 0));
        assert_eq!((fold.width, fold.height), (2 * 80 + 5, 60));
    }

    #[test]
    fn no_two_cells_overlap_and_large_tensors_are_cut() {
        for shape in [
            vec![],
            vec![1],
            vec![5],
            vec![2, 3, 4, 5, 6],
            vec![32, 64, 56, 56],
            vec![1 << 40, 1, 1 << 40],
            vec![2; 9],
        ] {
            let fold = Fold::new(&shape, 12);
            let indices = fold.indices();
            assert!(indices.len() <= MOST && !indices.is_empty(), "{shape:?}");
            let mut places: Vec<_> = indices.iter().map(|index| fold.place(index)).collect();
            assert!(places.iter().all(|&(x, y)| x + 12 <= fold.width && y + 12 <= fold.height));
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), indices.len(), "{shape:?}");
        }
    }
}
