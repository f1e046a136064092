//! A picture of what the pipes did: a row for each, time from left to right.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Event;
use crate::cube::machine::Pipe;

const LEFT: f64 = 70.0;
const WIDTH: f64 = 1000.0;
const TOP: f64 = 54.0;
const ROW: f64 = 34.0;

/// The colours of instructions, by name.
fn colour(name: &str) -> &'static str {
    match name {
        "mad" => "#0072b2",
        "load2d" => "#56b4e9",
        "load3d" | "img2col" => "#009e73",
        "drain" => "#cc79a7",
        "move" => "#e69f00",
        _ => "#d55e00",
    }
}

/// The first `cycles` of a trace as SVG.
///
/// Instructions that are too short to be seen are drawn together, as wide as the time that they fill.
pub fn timeline(title: &str, events: &[Event], cycles: u64) -> String {
    let pipes: Vec<Pipe> = Pipe::ALL
        .into_iter()
        .filter(|&pipe| events.iter().any(|event| event.pipe == pipe))
        .collect();
    let height = TOP + ROW * pipes.len() as f64 + 70.0;
    let scale = WIDTH / (cycles.max(1) as f64);
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1100\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222\">\n\
         <rect width=\"1100\" height=\"{height}\" fill=\"#fff\"/>\n<text x=\"{LEFT}\" y=\"26\" font-size=\"16\">{title}</text>"
    );
    for (row, &pipe) in pipes.iter().enumerate() {
        let y = TOP + ROW * row as f64;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n<rect x=\"{LEFT}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{}\" fill=\"#f4f4f4\"/>",
            LEFT - 8.0,
            y + 18.0,
            pipe.name(),
            ROW - 8.0
        );
        for (name, from, to, fill) in marks(events, pipe, cycles, scale) {
            let _ = writeln!(
                svg,
                "<rect x=\"{:.2}\" y=\"{y}\" width=\"{:.2}\" height=\"{}\" fill=\"{}\" fill-opacity=\"{fill:.2}\" stroke=\"#fff\" stroke-width=\"0.3\"><title>{name}</title></rect>",
                LEFT + from,
                to - from,
                ROW - 8.0,
                colour(name)
            );
        }
    }
    axis_and_legend(&mut svg, events, cycles, TOP + ROW * pipes.len() as f64);
    svg.push_str("</svg>\n");
    svg
}

/// The rectangles of a pipe: name, from and to in pixels, and how much of that it worked.
fn marks(
    events: &[Event],
    pipe: Pipe,
    cycles: u64,
    scale: f64,
) -> Vec<(&'static str, f64, f64, f64)> {
    let mut marks: Vec<(&'static str, f64, f64, f64)> = Vec::new();
    let shown = |event: &&Event| event.pipe == pipe && event.cycles > 0 && event.start < cycles;
    for event in events.iter().filter(shown) {
        let from = event.start as f64 * scale;
        let to = ((event.start + event.cycles).min(cycles)) as f64 * scale;
        match marks.last_mut() {
            // Joins what would be less than a pixel wide.
            Some((name, first, last, work)) if *name == event.name && to - *first < 1.0 => {
                (*last, *work) = (to, *work + to - from);
            }
            _ => marks.push((event.name, from, to, to - from)),
        }
    }
    for (_, from, to, work) in &mut marks {
        *work = (*work / (*to - *from)).clamp(0.15, 1.0);
    }
    marks
}

fn axis_and_legend(svg: &mut String, events: &[Event], cycles: u64, bottom: f64) {
    for tick in 0..=4 {
        let x = LEFT + WIDTH * f64::from(tick) / 4.0;
        let _ = writeln!(
            svg,
            "<line x1=\"{x}\" x2=\"{x}\" y1=\"{TOP}\" y2=\"{bottom}\" stroke=\"#ddd\"/>\n<text x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            bottom + 14.0,
            cycles * u64::from(tick as u8) / 4
        );
    }
    let names: BTreeMap<_, _> = events.iter().map(|e| (e.name, colour(e.name))).collect();
    let mut x = LEFT;
    for (name, colour) in names {
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>\n<text x=\"{}\" y=\"{}\">{name}</text>",
            bottom + 34.0,
            x + 17.0,
            bottom + 45.0
        );
        x += 34.0 + 8.0 * name.len() as f64;
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">cycles</text>",
        LEFT + WIDTH,
        bottom + 45.0
    );
}
