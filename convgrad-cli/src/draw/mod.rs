//! Pictures of where every element goes: source and destination side by side, the same colour for the same element.
//!
//! `window` chooses what is drawn of large tensors, `fold` lays a tensor of any rank out on paper, `scene` finds out what each
//! cell holds, `cells` and `legend` draw that and say what it means, `svg` writes the file.

mod cells;
mod colour;
mod fold;
mod legend;
mod scene;
mod svg;
mod window;

use convgrad_dsl::interpret::Map;
use convgrad_dsl::sema::model::Converter;

use cells::cells;
use fold::{Direction, Folded};
use legend::legend;
use scene::{Panel, Scene};
use svg::{Align, FAINT, Font, Svg};

/// The space around everything.
const MARGIN: usize = 24;
/// The height of a line of words.
const LINE: usize = 19;
/// Between the tensors.
const BETWEEN: usize = 70;
/// The room for one level of axis labels.
const BRACKET: usize = 24;
/// Tensors stand side by side if both are not wider than this together.
const SIDE_BY_SIDE: usize = 1_100;
/// The picture of a converter at sizes, in the order of declaration, whose map is `map`. The places `marked` of the input
/// are framed wherever they go.
pub(crate) fn picture(converter: &Converter, sizes: &[i64], map: &Map, marked: &[usize]) -> String {
    let scene = Scene::new(converter, sizes, map, marked);
    let mut svg = Svg::new();
    let top = head(&mut svg, &scene);
    let [source, target] = [&scene.source, &scene.target].map(room);
    let lines = scene.source.is_line() && scene.target.is_line();
    let beside = !lines && source.0 + BETWEEN + target.0 <= SIDE_BY_SIDE;
    let at_source = (MARGIN, top);
    let at_target = match beside {
        true => (MARGIN + source.0 + BETWEEN, top),
        false => (MARGIN, top + source.1 + BETWEEN),
    };
    // Words have a white edge: what is drawn before them does not disturb.
    if !scene.arrows.is_empty() {
        arrows(&mut svg, &scene, at_source, at_target);
    } else if beside {
        let y = top + source.1.min(target.1) / 2;
        let x = MARGIN + source.0;
        svg.arrow((x + 14, y), (x + BETWEEN - 12, y));
    } else {
        let x = MARGIN + source.0.min(target.0) / 2;
        let y = top + source.1;
        svg.arrow((x, y + 12), (x, y + BETWEEN - 14));
    }
    panel(&mut svg, &scene, &scene.source, at_source, Labels::Above);
    let labels = match scene.arrows.is_empty() {
        true => Labels::Above,
        false => Labels::Below,
    };
    panel(&mut svg, &scene, &scene.target, at_target, labels);
    let bottom = match beside {
        true => top + source.1.max(target.1),
        false => at_target.1 + target.1,
    };
    legend(&mut svg, &scene, bottom + LINE);
    svg.finish(MARGIN)
}

/// Title, sizes and formula; how far down they reach.
fn head(svg: &mut Svg, scene: &Scene) -> usize {
    let mut y = MARGIN + 10;
    svg.text(&scene.title, (MARGIN, y), Font::Title, Align::Start);
    y += 8;
    for line in scene.formula.iter().flat_map(|line| wrapped(line)) {
        y += LINE;
        svg.text(&line, (MARGIN, y), Font::Code, Align::Start);
    }
    if !scene.sizes.is_empty() {
        y += LINE;
        let line = format!("at {}", scene.sizes);
        svg.text(&line, (MARGIN, y), Font::Words, Align::Start);
    }
    y + LINE + 8
}

/// A long line in several, broken at blanks.
fn wrapped(line: &str) -> Vec<String> {
    const MOST: usize = 130;
    let indent: String = line.chars().take_while(|c| *c == ' ').collect();
    let mut lines = vec![String::new()];
    for word in line.trim().split(' ') {
        let last = lines.last().map_or(0, |line| line.chars().count());
        match lines.last_mut() {
            Some(line) if last == 0 => *line = format!("{indent}{word}"),
            Some(line) if last + 1 + word.chars().count() <= MOST => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(format!("{indent}    {word}")),
        }
    }
    lines
}

/// How many axes run in a direction.
fn levels(panel: &Panel, direction: Direction) -> usize {
    panel.fold.along(direction).count()
}

/// The room that a tensor takes with its labels.
fn room(panel: &Panel) -> (usize, usize) {
    let name = svg::text_width(&heading(panel), Font::Words);
    // Labels may be longer than the axes at which they begin.
    let longest = |direction, span: usize| {
        let labels = panel.fold.along(direction);
        let lengths = labels.map(|axis| svg::text_width(&label(panel, axis), Font::Words));
        lengths.max().unwrap_or(0).max(span)
    };
    let left = BRACKET * levels(panel, Direction::Down);
    let top = LINE + BRACKET * levels(panel, Direction::Right);
    (
        left + longest(Direction::Right, panel.fold.width).max(name),
        top + longest(Direction::Down, panel.fold.height),
    )
}

/// What stands above a tensor.
fn heading(panel: &Panel) -> String {
    let shape = scene::shown(&panel.shape);
    match panel.is_cut() {
        false => format!("{} {shape}", panel.name),
        true => {
            let window = &panel.fold.window;
            let what = match window.first.iter().all(|first| *first == 0) {
                true => format!("the corner {}", scene::shown(&window.shown)),
                false => {
                    let ranges = window.ranges().map(|range| format!("{range:?}"));
                    format!("[{}]", ranges.collect::<Vec<_>>().join(", "))
                }
            };
            format!("{} {shape}: only {what} is drawn", panel.name)
        }
    }
}

/// What is written at an axis; an axis in several lines says so to the right, and has its lines counted downwards.
fn label(panel: &Panel, axis: &Folded) -> String {
    let label = &panel.labels[axis.axis];
    match (axis.line, axis.direction) {
        (Some(line), Direction::Right) => format!("{label}, {line} a line"),
        (Some(_), Direction::Down) => "lines".to_owned(),
        (None, _) if axis.shown < panel.shape[axis.axis] => format!("{label} \u{2026}"),
        (None, _) => label.clone(),
    }
}

/// Where the labels of the axes to the right stand, and what stands above a tensor otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Labels {
    Above,
    /// Where arrows come from above.
    Below,
}

/// Where the first cell of a tensor stands that is drawn with its labels at a point.
fn first_cell(panel: &Panel, (x, y): (usize, usize), labels: Labels) -> (usize, usize) {
    let above = match labels {
        Labels::Above => LINE + BRACKET * levels(panel, Direction::Right),
        Labels::Below => 0,
    };
    (x + BRACKET * levels(panel, Direction::Down), y + above)
}

/// Draws a tensor with its labels.
fn panel(svg: &mut Svg, scene: &Scene, panel: &Panel, at: (usize, usize), labels: Labels) {
    let (left, top) = first_cell(panel, at, labels);
    let bottom = top + panel.fold.height;
    let outermost = BRACKET * levels(panel, Direction::Right) + LINE / 2;
    let title = match labels {
        Labels::Above => at,
        Labels::Below => (at.0, bottom + outermost),
    };
    svg.text(&heading(panel), title, Font::Words, Align::Start);
    for axis in panel.fold.along(Direction::Right) {
        let label = label(panel, axis);
        let away = 5 + BRACKET * axis.level;
        let (at, words) = match labels {
            Labels::Above => (top - away, top - away - 10),
            Labels::Below => (bottom + away, bottom + away + 11),
        };
        svg.line((left, at), (left + axis.span, at), FAINT);
        for end in [left, left + axis.span] {
            svg.line((end, at - 3), (end, at + 3), FAINT);
        }
        let half = svg::text_width(&label, Font::Words) / 2;
        let middle = (left + axis.span / 2).max(left + half);
        svg.text(&label, (middle, words), Font::Words, Align::Middle);
    }
    for axis in panel.fold.along(Direction::Down) {
        let at = left - 5 - BRACKET * axis.level;
        svg.line((at, top), (at, top + axis.span), FAINT);
        for end in [top, top + axis.span] {
            svg.line((at - 3, end), (at + 3, end), FAINT);
        }
        let label = label(panel, axis);
        let half = svg::text_width(&label, Font::Words) / 2;
        let middle = (top + axis.span / 2).max(top + half);
        svg.upright(&label, (at - 10, middle), Font::Words);
    }
    cells(svg, scene, panel, (left, top));
}

/// The ways of few elements, from line to line.
fn arrows(svg: &mut Svg, scene: &Scene, from: (usize, usize), to: (usize, usize)) {
    let half = scene.cell / 2;
    let (from, to) = (
        first_cell(&scene.source, from, Labels::Above),
        first_cell(&scene.target, to, Labels::Below),
    );
    for &(source, target) in &scene.arrows {
        let (Some(a), Some(b)) = (
            scene.source.cells.get(source),
            scene.target.cells.get(target),
        ) else {
            continue;
        };
        svg.arrow(
            (from.0 + a.x + half, from.1 + a.y + scene.cell),
            (to.0 + b.x + half, to.1 + b.y),
        );
    }
}
