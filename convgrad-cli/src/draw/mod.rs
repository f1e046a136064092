//! Pictures of where every element goes: source and destination side by side, the same colour for the same element.
//!
//! `fold` lays a tensor of any rank out on paper, `scene` finds out what each cell holds, `svg` writes the file.

mod colour;
mod fold;
mod scene;
mod svg;

use convgrad_dsl::interpret::Map;
use convgrad_dsl::sema::model::Converter;

use fold::{Direction, Folded};
use scene::{Cell, Content, Panel, Scene};
use svg::{Align, FAINT, Font, INK, Svg};

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
/// Cells that are smaller have no words in them.
const READABLE: usize = 18;

/// What fills places that nothing is read to.
const PADDING: &str = "url(#none)";

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
    panel(&mut svg, &scene, &scene.source, at_source);
    panel(&mut svg, &scene, &scene.target, at_target);
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
        true => format!(
            "{} {shape}: only the corner {} is drawn",
            panel.name,
            scene::shown(&panel.fold.shown)
        ),
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

/// Where the first cell of a tensor stands that is drawn with its labels at a point.
fn first_cell(panel: &Panel, (x, y): (usize, usize)) -> (usize, usize) {
    (
        x + BRACKET * levels(panel, Direction::Down),
        y + LINE + BRACKET * levels(panel, Direction::Right),
    )
}

/// Draws a tensor with its labels.
fn panel(svg: &mut Svg, scene: &Scene, panel: &Panel, at: (usize, usize)) {
    svg.text(&heading(panel), at, Font::Words, Align::Start);
    let (left, top) = first_cell(panel, at);
    for axis in panel.fold.along(Direction::Right) {
        let label = label(panel, axis);
        let at = top - 5 - BRACKET * axis.level;
        svg.line((left, at), (left + axis.span, at), FAINT);
        for end in [left, left + axis.span] {
            svg.line((end, at - 3), (end, at + 3), FAINT);
        }
        let half = svg::text_width(&label, Font::Words) / 2;
        let middle = (left + axis.span / 2).max(left + half);
        svg.text(&label, (middle, at - 10), Font::Words, Align::Middle);
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

fn cells(svg: &mut Svg, scene: &Scene, panel: &Panel, (left, top): (usize, usize)) {
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
fn hollow(svg: &mut Svg, (x, y): (usize, usize), size: usize, colour: &str) {
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
fn stripes(svg: &mut Svg, (x, y): (usize, usize), size: usize, colours: &[String]) {
    const MOST: usize = 6;
    let colours = &colours[..colours.len().min(MOST)];
    let [first, rest @ ..] = colours else { return };
    svg.square((x, y), size, first);
    for (at, colour) in rest.iter().enumerate() {
        let from = size * (at + 1) / colours.len();
        svg.bar((x + from, y), size - from, size, colour);
    }
}

/// What stands in the cells, if all of it can be read.
fn words(svg: &mut Svg, panel: &Panel, size: usize, (left, top): (usize, usize)) {
    let longest = panel.cells.iter().map(|cell| cell.text.chars().count());
    let longest = longest.max().unwrap_or(1).max(1);
    let height = (size * 8 / 5 / longest).min(size * 2 / 5);
    if size < READABLE || height < 8 {
        return;
    }
    svg.words(height);
    for Cell { x, y, text, .. } in &panel.cells {
        if !text.is_empty() {
            let middle = (left + x + size / 2, top + y + size / 2);
            svg.in_cell(text, middle, height);
        }
    }
    svg.end();
}

/// The ways of few elements, from line to line.
fn arrows(svg: &mut Svg, scene: &Scene, from: (usize, usize), to: (usize, usize)) {
    let half = scene.cell / 2;
    let (from, to) = (
        first_cell(&scene.source, from),
        first_cell(&scene.target, to),
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

/// What the colours and marks mean.
fn legend(svg: &mut Svg, scene: &Scene, mut y: usize) {
    let mut lines: Vec<(Option<Content>, String)> = Vec::new();
    let (x, z) = (&scene.source.name, &scene.target.name);
    let read = !scene.source.cells.is_empty() && scene.filled < elements(&scene.target);
    if read {
        let colour = colour::of_element(0, &scene.source.shape, &scene.source.fold.shown);
        let mut text = format!("one colour is one element of {x}");
        if scene.cell >= READABLE {
            text += &format!("; numbers count the places of {x} in memory");
        }
        if scene.repeats {
            text += "; some elements are read more than once";
        }
        if scene.outside {
            text += &format!("; grey: elements outside of the corner of {x} that is drawn");
        }
        lines.push((Some(Content::Elements(vec![colour])), text));
    }
    if scene.sums {
        let text =
            format!("stripes and \u{3a3}: several elements are added up in one place of {z}");
        lines.push((None, text));
    }
    if scene.filled > 0 {
        let numbers: Vec<&str> = scene.fills.iter().take(3).map(String::as_str).collect();
        let text = format!(
            "{} of {} places of {z} read nothing and hold {}",
            scene.filled,
            elements(&scene.target),
            numbers.join(" or ")
        );
        lines.push((Some(Content::Fill), text));
    }
    if scene.unread > 0 {
        let text = format!(
            "{} of {} elements of {x} are never read",
            scene.unread,
            elements(&scene.source)
        );
        lines.push((Some(Content::Unread("#aaaaaa".to_owned())), text));
    }
    for (swatch, text) in lines {
        let size = 14;
        let at = (MARGIN, y - size / 2);
        match swatch {
            Some(Content::Elements(colours)) => stripes(svg, at, size, &colours),
            Some(Content::Fill) => svg.square(at, size, PADDING),
            Some(Content::Unread(colour)) => hollow(svg, at, size, &colour),
            None => svg.bar((at.0 + 6, at.1 + 6), 3, 3, INK),
        }
        svg.text(&text, (MARGIN + 22, y), Font::Words, Align::Start);
        y += LINE + 2;
    }
}

fn elements(panel: &Panel) -> usize {
    panel.shape.iter().product()
}
