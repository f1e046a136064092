//! A tensor of any rank on paper: axes folded into nested blocks, the innermost to the right and downwards in turn.

use super::window::Window;

/// The most cells of a tensor that are drawn.
const MOST: usize = 2_500;

/// The most cells side by side.
const ACROSS: usize = 96;

/// Axes of more places are cut before those of fewer.
const FEW: usize = 3;

/// Cells side by side beyond which an axis takes several lines.
const LINE: usize = 40;

/// The direction in which an axis runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Right,
    Down,
}

/// An axis with more than one place, or one that is too long for a line: its places in a line, or its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folded {
    /// Which axis of the tensor.
    pub(super) axis: usize,
    /// How many places of the axis stand in a line; None if all of them do.
    pub(super) line: Option<usize>,
    /// Where it runs.
    pub(super) direction: Direction,
    /// How many axes in this direction stand inside it.
    pub(super) level: usize,
    /// How many of its places (or lines) are drawn.
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
    /// The part of the tensor that is drawn.
    pub(super) window: Window,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Fold {
    /// Folds a part of a shape without zeros, for cells of a size.
    pub(super) fn new(shape: &[usize], window: &Window, cell: usize) -> Self {
        let shown = &window.shown;
        let mut axes: Vec<Folded> = Vec::new();
        let long = long(shape);
        let line = line(&long, shown);
        let mut ends = [cell, cell];
        let mut push = |axis: usize, line: Option<usize>, direction: Direction, shown: usize| {
            let side = usize::from(direction == Direction::Down);
            let level = axes.iter().filter(|a| a.direction == direction).count();
            // Lines stand apart, so that they do not look like rows of a matrix.
            let lines = line.is_some() && direction == Direction::Down;
            let pitch = ends[side] + gap(level.max(usize::from(lines)), cell);
            ends[side] += pitch * (shown - 1);
            axes.push(Folded {
                axis,
                line,
                direction,
                level,
                shown,
                pitch,
                span: ends[side],
            });
        };
        for (at, &axis) in long.iter().enumerate() {
            match line.filter(|(long, _)| *long == axis) {
                Some((_, line)) => {
                    push(axis, Some(line), Direction::Right, line);
                    let lines = shown[axis].div_ceil(line);
                    push(axis, Some(line), Direction::Down, lines);
                }
                None if at % 2 == 0 => push(axis, None, Direction::Right, shown[axis]),
                None => push(axis, None, Direction::Down, shown[axis]),
            }
        }
        let [width, height] = ends;
        Fold {
            axes,
            window: window.clone(),
            width,
            height,
        }
    }

    /// The corner of a cell that is drawn.
    pub(super) fn place(&self, index: &[usize]) -> (usize, usize) {
        let along = |direction: Direction| {
            let axes = self.axes.iter().filter(|axis| axis.direction == direction);
            axes.map(|axis| axis.pitch * axis.at(index[axis.axis] - self.window.first[axis.axis]))
                .sum()
        };
        (along(Direction::Right), along(Direction::Down))
    }

    /// The axes that run in a direction, innermost first.
    pub(super) fn along(&self, direction: Direction) -> impl Iterator<Item = &Folded> {
        self.axes
            .iter()
            .filter(move |axis| axis.direction == direction)
    }
}

impl Folded {
    /// Where a place of the axis stands along the direction, counted from the first that is drawn.
    fn at(&self, place: usize) -> usize {
        match (self.line, self.direction) {
            (None, _) => place,
            (Some(line), Direction::Right) => place % line,
            (Some(line), Direction::Down) => place / line,
        }
    }
}

/// The outermost axis to the right and how many places of it stand in a line, if all of them would make the picture too
/// wide.
fn line(long: &[usize], shown: &[usize]) -> Option<(usize, usize)> {
    let across = |side: usize| long.iter().skip(side).step_by(2);
    let cells = |side: usize| across(side).map(|&axis| shown[axis]).product::<usize>();
    let (width, height) = (cells(0), cells(1));
    if width <= LINE && (width <= LINE / 2 || width <= 6 * height) {
        return None;
    }
    let axis = across(0).next_back().copied()?;
    let inner = width / shown[axis];
    let most = (LINE / inner).clamp(1, shown[axis]);
    // Lines of one length look best, and often show a structure.
    let even = (2..=most).rev().find(|n| shown[axis].is_multiple_of(*n));
    let line = even.filter(|n| 3 * n >= most).unwrap_or(most);
    (line < shown[axis]).then_some((axis, line))
}

/// The space between blocks: none between cells, more at every level.
fn gap(level: usize, cell: usize) -> usize {
    match level {
        0 => 0,
        level => (cell / 3).max(5) * (2 * level - 1),
    }
}

/// How much of each axis is drawn: axes are halved until the cells can be told apart.
pub(super) fn corner(shape: &[usize]) -> Vec<usize> {
    let mut shown = shape.to_vec();
    while let Some(axes) = too_many(shape, &shown) {
        if !halve_one(&axes, &mut shown) {
            break;
        }
    }
    shown
}

/// Whether so much of each axis can be drawn.
pub(super) fn fits(shape: &[usize], shown: &[usize]) -> bool {
    too_many(shape, shown).is_none()
}

/// Leaves half of an axis out, if there is something to leave out.
pub(super) fn halve(shape: &[usize], shown: &mut [usize]) -> bool {
    halve_one(&long(shape), shown)
}

/// The axes that are drawn, innermost first.
fn long(shape: &[usize]) -> Vec<usize> {
    (0..shape.len()).rev().filter(|&a| shape[a] > 1).collect()
}

/// Axes, innermost first, that have more cells together than can be told apart.
fn too_many(shape: &[usize], shown: &[usize]) -> Option<Vec<usize>> {
    let long = long(shape);
    let across =
        |side: usize| -> Vec<usize> { long.iter().copied().skip(side).step_by(2).collect() };
    let cells = |axes: &[usize]| {
        let extents = axes.iter().map(|&axis| shown[axis]);
        extents.fold(1usize, usize::saturating_mul)
    };
    match (across(0), across(1)) {
        (right, _) if cells(&right) > ACROSS => Some(right),
        (_, down) if cells(&down) > ACROSS => Some(down),
        _ if cells(&long) > MOST => Some(long),
        _ => None,
    }
}

/// Inner axes tell more: they are cut only where little is left of the outer ones.
fn halve_one(axes: &[usize], shown: &mut [usize]) -> bool {
    let outermost = |least: usize| axes.iter().rev().find(|&&axis| shown[axis] > least);
    let Some(&axis) = outermost(FEW).or_else(|| outermost(1)) else {
        return false;
    };
    shown[axis] = shown[axis].div_ceil(2);
    true
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

    /// The first corner.
    fn folded(shape: &[usize], cell: usize) -> Fold {
        Fold::new(shape, &Window::corner(shape), cell)
    }

    #[test]
    fn a_matrix_is_a_grid() {
        let fold = folded(&[3, 4], 10);
        assert_eq!((fold.width, fold.height), (40, 30));
        assert_eq!(fold.place(&[2, 1]), (10, 20));
    }

    #[test]
    fn blocks_stand_apart() {
        let fold = folded(&[2, 1, 3, 4], 20);
        assert_eq!(fold.place(&[1, 0, 0, 0]), (4 * 20 + 6, 0));
        assert_eq!((fold.width, fold.height), (2 * 80 + 6, 60));
    }

    #[test]
    fn long_axes_take_several_lines() {
        let fold = folded(&[20, 2, 3], 20);
        assert_eq!(fold.axes.len(), 4);
        assert_eq!(fold.place(&[10, 0, 0]), (0, 46));
        assert_eq!(folded(&[64], 10).height, 2 * 10 + 5);
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
            let fold = folded(&shape, 12);
            let indices = fold.window.indices();
            assert!(indices.len() <= MOST && !indices.is_empty(), "{shape:?}");
            let mut places: Vec<_> = indices.iter().map(|index| fold.place(index)).collect();
            let inside = |&(x, y): &(usize, usize)| x + 12 <= fold.width && y + 12 <= fold.height;
            assert!(places.iter().all(inside));
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), indices.len(), "{shape:?}");
        }
    }
}
