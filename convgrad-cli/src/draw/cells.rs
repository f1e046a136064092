//! Cells: in the colours of what they hold, with words in them where they can be read.

use super::scene::{Cell, Content, Panel, Scene};
use super::svg::Svg;

/// Cells that are smaller have no words in them.
const READABLE: usize = 18;

/// What fills places that nothing is read to.
pub(super) const PADDING: &str = "url(#none)";

/// Draws the cells of a tensor, the first one at a point.
pub(super) fn cells(svg: &mut Svg, scene: &Scene, panel: &Panel, (left, top): (usize, usize)) {
    let size = scene.cell;
    let mut filled = Vec::new();
    svg.cells();
    for cell in &panel.cells {
        let at = (left + cell.x, top + cell.y);
        match &cell.content {
            Content::Fill => filled.push(at),
            Content::Unread(colour) => hollow(svg, at, size, colour),
            Content::Elements(colours) => stripes(svg, at, size, colours),
        }
    }
    svg.squares(filled.into_iter(), size, PADDING);
    svg.end();
    for cell in &panel.cells {
        let at = (left + cell.x, top + cell.y);
        if cell.marked {
            svg.frame((at.0 + 1, at.1 + 1), size - 2);
        }
    }
    words(svg, panel, size, (left, top));
}

/// A cell of which only the edge has a colour.
pub(super) fn hollow(svg: &mut Svg, (x, y): (usize, usize), size: usize, colour: &str) {
    let edge = (size / 8).max(2);
    svg.square((x, y), size, colour);
    svg.bar(
        (x + edge, y + edge),
        size - 2 * edge,
        size - 2 * edge,
        "#ffffff",
    );
}

/// A cell in stripes of its elements' colours.
pub(super) fn stripes(svg: &mut Svg, (x, y): (usize, usize), size: usize, colours: &[String]) {
    const MOST: usize = 6;
    let colours = &colours[..colours.len().min(MOST)];
    let [first, rest @ ..] = colours else { return };
    svg.square((x, y), size, first);
    for (at, colour) in rest.iter().enumerate() {
        let from = size * (at + 1) / colours.len();
        svg.bar((x + from, y), size - from, size, colour);
    }
}

/// The height of what stands in the cells, if all of it can be read.
pub(super) fn height(panel: &Panel, size: usize) -> Option<usize> {
    let longest = panel.cells.iter().map(|cell| cell.text.chars().count());
    let longest = longest.max().unwrap_or(1).max(1);
    let height = (size * 8 / 5 / longest).min(size * 2 / 5);
    (size >= READABLE && height >= 8).then_some(height)
}

/// What stands in the cells, if all of it can be read.
fn words(svg: &mut Svg, panel: &Panel, size: usize, (left, top): (usize, usize)) {
    let Some(height) = height(panel, size) else {
        return;
    };
    svg.words(height);
    for Cell { x, y, text, .. } in &panel.cells {
        if !text.is_empty() {
            let middle = (left + x + size / 2, top + y + size / 2);
            svg.in_cell(text, middle, height);
        }
    }
    svg.end();
}
