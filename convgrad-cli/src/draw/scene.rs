//! What is drawn: the cells of both tensors and what they hold.

use std::collections::{BTreeMap, BTreeSet};

use convgrad_dsl::emit::formula;
use convgrad_dsl::interpret::Map;
use convgrad_dsl::sema::model::{Converter, Expr, ExprKind, Operand};

use super::colour;
use super::fold::{Direction, Fold, flatten, unflatten};
use super::window::{Window, windows};

/// The largest and the smallest cell.
const CELLS: [usize; 6] = [38, 30, 24, 18, 12, 8];

/// Pictures are not wider than this, if the cells are not smallest already.
const WIDTH: usize = 1_000;

/// The most elements whose way is drawn as an arrow.
const FEW: usize = 16;

/// A picture before it is drawn.
pub(super) struct Scene {
    pub(super) title: String,
    pub(super) sizes: String,
    pub(super) formula: Vec<String>,
    /// The edge of a cell.
    pub(super) cell: usize,
    pub(super) source: Panel,
    pub(super) target: Panel,
    /// From cells of the source to cells of the target.
    pub(super) arrows: Vec<(usize, usize)>,
    /// How many elements are never read.
    pub(super) unread: usize,
    /// Places of the output that nothing is read to.
    pub(super) filled: usize,
    /// What they hold, each number once.
    pub(super) fills: BTreeSet<String>,
    /// Some places that are drawn read elements that are not.
    pub(super) outside: bool,
    /// Some element is read more than once.
    pub(super) repeats: bool,
    /// Some place holds a sum.
    pub(super) sums: bool,
}

/// A tensor.
pub(super) struct Panel {
    pub(super) name: String,
    /// By axis of the tensor.
    pub(super) labels: Vec<String>,
    pub(super) shape: Vec<usize>,
    pub(super) fold: Fold,
    pub(super) cells: Vec<Cell>,
}

/// A cell of a tensor.
pub(super) struct Cell {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) content: Content,
    /// What stands in it.
    pub(super) text: String,
    /// Whether it is one of those to be looked at.
    pub(super) marked: bool,
}

/// What a cell holds.
pub(super) enum Content {
    /// Elements, by their colours; several where they are added up.
    Elements(Vec<String>),
    /// A number that nothing is read to.
    Fill,
    /// An element that is never read.
    Unread(String),
}

impl Panel {
    /// Whether only a part of it is drawn.
    pub(super) fn is_cut(&self) -> bool {
        self.fold.window.shown != self.shape
    }

    /// Whether all its cells stand side by side.
    pub(super) fn is_line(&self) -> bool {
        self.fold.along(Direction::Down).next().is_none()
    }
}

impl Scene {
    /// The picture of a map; `marked` are places of the input to be looked at.
    pub(super) fn new(converter: &Converter, sizes: &[i64], map: &Map, marked: &[usize]) -> Self {
        let shape = |extents: &[i64]| -> Vec<usize> {
            let extents = extents.iter();
            extents.map(|&n| usize::try_from(n).unwrap_or(0)).collect()
        };
        let (input, output) = (shape(&map.input_shape), shape(&map.output_shape));
        let windows = windows(map, &visible(&input), &visible(&output));
        let cell = cell([&input, &output], &windows);
        let [of_input, of_output] = windows;
        let marked: BTreeSet<usize> = marked.iter().copied().collect();
        let mut reads: BTreeMap<usize, usize> = BTreeMap::new();
        let (mut filled, mut fills) = (0, BTreeSet::new());
        for place in 0..map.source.len() {
            let held = map.held(place);
            if held.elements.is_empty() {
                filled += 1;
                fills.insert(formula::number(held.number));
            }
            for &element in held.elements {
                *reads.entry(element).or_default() += 1;
            }
        }
        let colour_of = |element: usize| colour::of_element(element, &input, &of_input);
        let source = panel(
            converter,
            &converter.input,
            &converter.rule.source,
            Part {
                shape: &input,
                window: &of_input,
                cell,
            },
            |p| {
                let colour = colour_of(p);
                let content = match reads.contains_key(&p) {
                    true => Content::Elements(vec![colour]),
                    false => Content::Unread(colour),
                };
                (content, p.to_string(), marked.contains(&p))
            },
        );
        let target = panel(
            converter,
            &converter.output,
            &converter.rule.left,
            Part {
                shape: &output,
                window: &of_output,
                cell,
            },
            |p| {
                let held = map.held(p);
                let is_marked = held.elements.iter().any(|element| marked.contains(element));
                if held.elements.is_empty() {
                    // One number for all of them stands in the legend, where nobody takes it for an element.
                    let text = match fills.len() {
                        1 => String::new(),
                        _ => formula::number(held.number),
                    };
                    return (Content::Fill, text, false);
                }
                let colours = held.elements.iter();
                let colours = colours.map(|&element| colour_of(element));
                let text = match held.elements {
                    [only] => only.to_string(),
                    several => format!("\u{3a3}{}", several.len()),
                };
                (Content::Elements(colours.collect()), text, is_marked)
            },
        );
        let arrows = arrows(map, &source, &target);
        let read_outside = of_output.indices().iter().any(|index| {
            let place = flatten(index, &output);
            let mut elements = held(map, place).iter();
            elements.any(|&element| !of_input.contains(&unflatten(element, &input)))
        });
        let elements: usize = input.iter().product();
        Scene {
            title: format!(
                "{}: {} {} \u{2192} {} {}",
                converter.name.text,
                source.name,
                shown(&input),
                target.name,
                shown(&output)
            ),
            sizes: sizes_line(converter, sizes),
            formula: formula::rule(converter)
                .lines()
                .map(str::to_owned)
                .collect(),
            cell,
            unread: elements - reads.len(),
            filled,
            fills,
            outside: read_outside,
            repeats: reads.values().any(|&count| count > 1),
            sums: map.sums.iter().flatten().any(|all| all.len() > 1),
            arrows,
            source,
            target,
        }
    }
}

/// The elements of a place; none of one that is not there.
fn held(map: &Map, place: usize) -> &[usize] {
    match place < map.source.len() {
        true => map.held(place).elements,
        false => &[],
    }
}

/// The largest cells with which both tensors fit.
fn cell(shapes: [&[usize]; 2], windows: &[Window; 2]) -> usize {
    let fits = |cell: &usize| {
        shapes.iter().zip(windows).all(|(shape, window)| {
            let fold = Fold::new(&visible(shape), window, *cell);
            fold.width <= WIDTH && fold.height <= WIDTH
        })
    };
    CELLS
        .iter()
        .copied()
        .find(fits)
        .unwrap_or(CELLS[CELLS.len() - 1])
}

/// An empty tensor is drawn as nothing, but its axes are folded all the same.
fn visible(shape: &[usize]) -> Vec<usize> {
    shape.iter().map(|&extent| extent.max(1)).collect()
}

/// What is drawn of a tensor.
struct Part<'p> {
    shape: &'p [usize],
    window: &'p Window,
    /// The edge of a cell.
    cell: usize,
}

fn panel(
    converter: &Converter,
    operand: &Operand,
    indices: &[Expr],
    part: Part<'_>,
    content: impl Fn(usize) -> (Content, String, bool),
) -> Panel {
    let Part {
        shape,
        window,
        cell,
    } = part;
    let fold = Fold::new(&visible(shape), window, cell);
    let all = match shape.contains(&0) {
        true => Vec::new(),
        false => window.indices(),
    };
    let cells = all.iter().map(|index| {
        let (x, y) = fold.place(index);
        let (content, text, marked) = content(flatten(index, shape));
        Cell {
            x,
            y,
            content,
            text,
            marked,
        }
    });
    let cells = cells.collect();
    Panel {
        name: operand.name.text.clone(),
        labels: labels(converter, operand, indices, shape),
        shape: shape.to_vec(),
        cells,
        fold,
    }
}

/// What is written at each axis: `c1: ceil(C/16) = 2`.
fn labels(
    converter: &Converter,
    operand: &Operand,
    indices: &[Expr],
    shape: &[usize],
) -> Vec<String> {
    let extents = formula::extents(converter, operand);
    let axes = extents.iter().zip(indices).zip(shape);
    axes.map(|((extent, index), n)| {
        let iterator = match &index.kind {
            ExprKind::Iter(id) => converter.rule.iterators.get(id.index()),
            _ => None,
        };
        let name = iterator.map_or_else(String::new, |i| format!("{}: ", i.name.text));
        match extent.parse::<usize>() {
            Ok(_) => format!("{name}{n}"),
            Err(_) => format!("{name}{extent} = {n}"),
        }
    })
    .collect()
}

/// The ways of all elements that are read, if they are few and stand in one line.
fn arrows(map: &Map, source: &Panel, target: &Panel) -> Vec<(usize, usize)> {
    if !source.is_line() || !target.is_line() || source.is_cut() || target.is_cut() {
        return Vec::new();
    }
    let places = 0..map.source.len();
    let all: Vec<(usize, usize)> = places
        .flat_map(|to| map.held(to).elements.iter().map(move |&from| (from, to)))
        .take(FEW + 1)
        .collect();
    match all.len() > FEW {
        true => Vec::new(),
        false => all,
    }
}

/// `[2, 3]`
pub(super) fn shown(shape: &[usize]) -> String {
    let extents: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("[{}]", extents.join(", "))
}

/// `N = 2, C = 20`
fn sizes_line(converter: &Converter, sizes: &[i64]) -> String {
    let all = converter.sizes.iter().zip(sizes);
    let all: Vec<String> = all
        .map(|(size, value)| format!("{} = {value}", size.name.text))
        .collect();
    all.join(", ")
}
