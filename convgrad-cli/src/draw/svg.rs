//! A drawing surface that writes SVG: whole numbers, generic fonts, nothing that changes from run to run.

use std::fmt::Write;

/// The colour of words.
pub(super) const INK: &str = "#222222";
/// The colour of what explains.
pub(super) const FAINT: &str = "#666666";

/// The surface.
pub(super) struct Svg {
    body: String,
    width: usize,
    height: usize,
}

/// How words stand at their point.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Start,
    Middle,
}

/// The kinds of words.
#[derive(Clone, Copy)]
pub(super) enum Font {
    Title,
    Words,
    Code,
}

impl Svg {
    pub(super) fn new() -> Self {
        Svg {
            body: String::new(),
            width: 0,
            height: 0,
        }
    }

    fn reach(&mut self, x: usize, y: usize) {
        self.width = self.width.max(x);
        self.height = self.height.max(y);
    }

    fn push(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }

    pub(super) fn square(&mut self, (x, y): (usize, usize), size: usize, fill: &str) {
        self.reach(x + size, y + size);
        self.push(format_args!(
            r#"<rect x="{x}" y="{y}" width="{size}" height="{size}" fill="{fill}"/>"#
        ));
    }

    /// Squares of one fill, however many, in one element.
    pub(super) fn squares(
        &mut self,
        places: impl Iterator<Item = (usize, usize)>,
        size: usize,
        fill: &str,
    ) {
        let mut path = String::new();
        for (x, y) in places {
            self.reach(x + size, y + size);
            let _ = write!(path, "M{x} {y}h{size}v{size}h-{size}z");
        }
        if !path.is_empty() {
            self.push(format_args!(r#"<path d="{path}" fill="{fill}"/>"#));
        }
    }

    /// A rectangle without edges.
    pub(super) fn bar(&mut self, (x, y): (usize, usize), width: usize, height: usize, fill: &str) {
        self.reach(x + width, y + height);
        self.push(format_args!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="none"/>"#
        ));
    }

    /// A frame that stands out.
    pub(super) fn frame(&mut self, (x, y): (usize, usize), size: usize) {
        self.push(format_args!(
            r#"<rect x="{x}" y="{y}" width="{size}" height="{size}" fill="none" stroke="{INK}" stroke-width="3"/>"#
        ));
    }

    pub(super) fn line(&mut self, from: (usize, usize), to: (usize, usize), stroke: &str) {
        self.reach(from.0.max(to.0), from.1.max(to.1));
        let ((x1, y1), (x2, y2)) = (from, to);
        self.push(format_args!(
            r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{stroke}"/>"#
        ));
    }

    /// A curve with a head.
    pub(super) fn arrow(&mut self, from: (usize, usize), to: (usize, usize)) {
        let ((x1, y1), (x2, y2)) = (from, to);
        let (mx, my) = ((x1 + x2) / 2, (y1 + y2) / 2);
        let (ax, ay, bx, by) = match y1 == y2 {
            true => (mx, y1, mx, y2),
            false => (x1, my, x2, my),
        };
        self.push(format_args!(
            r#"<path d="M{x1} {y1}C{ax} {ay} {bx} {by} {x2} {y2}" fill="none" stroke="{FAINT}" marker-end="url(#head)"/>"#
        ));
    }

    /// What stands in a cell of a size, around its middle; within [`Svg::words`].
    pub(super) fn in_cell(&mut self, text: &str, (x, y): (usize, usize), height: usize) {
        let (base, text) = (y + height * 7 / 20, escaped(text));
        self.push(format_args!(r#"<text x="{x}" y="{base}">{text}</text>"#));
    }

    /// Words; `y` is their middle.
    pub(super) fn text(&mut self, text: &str, (x, y): (usize, usize), font: Font, align: Align) {
        let width = text_width(text, font);
        match align {
            Align::Start => self.reach(x + width, y + 8),
            Align::Middle => self.reach(x + width / 2, y + 8),
        }
        let (anchor, class) = (anchor(align), class(font));
        let text = escaped(text);
        match font {
            Font::Code => self.push(format_args!(
                r#"<text x="{x}" y="{y}" class="{class}" xml:space="preserve" dy=".35em">{text}</text>"#
            )),
            _ => self.push(format_args!(
                r#"<text x="{x}" y="{y}" class="{class}" text-anchor="{anchor}" dy=".35em">{text}</text>"#
            )),
        }
    }

    /// Words from the bottom upwards, around their middle.
    pub(super) fn upright(&mut self, text: &str, (x, y): (usize, usize), font: Font) {
        let (class, text) = (class(font), escaped(text));
        self.push(format_args!(
            r#"<text transform="translate({x} {y}) rotate(-90)" class="{class}" text-anchor="middle" dy=".35em">{text}</text>"#
        ));
    }

    /// The file.
    pub(super) fn finish(self, margin: usize) -> String {
        let (width, height) = (self.width + margin, self.height + margin);
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="Helvetica, Arial, sans-serif" fill="{INK}" font-size="13">
<style>.t{{font-size:19px;font-weight:bold}}.w{{stroke:#ffffff;stroke-width:4px;paint-order:stroke}}.c{{font-family:monospace}}</style>
<defs>
<pattern id="none" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#f4f4f4"/><line x1="0" y1="0" x2="0" y2="6" stroke="#c4c4c4" stroke-width="2"/></pattern>
<marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="{FAINT}"/></marker>
</defs>
<rect width="{width}" height="{height}" fill="#ffffff"/>
{}</svg>
"##,
            self.body
        )
    }

    /// Everything that follows, until the group ends, has a thin white edge.
    pub(super) fn cells(&mut self) {
        self.push(format_args!(r##"<g stroke="#ffffff" stroke-width="1">"##));
    }

    /// Everything that follows, until the group ends, is words in cells, of a height.
    pub(super) fn words(&mut self, height: usize) {
        self.push(format_args!(
            r#"<g font-size="{height}" text-anchor="middle">"#
        ));
    }

    pub(super) fn end(&mut self) {
        self.push(format_args!("</g>"));
    }
}

/// About how wide words are.
pub(super) fn text_width(text: &str, font: Font) -> usize {
    let characters = text.chars().count();
    match font {
        Font::Title => characters * 11,
        Font::Words => characters * 7,
        Font::Code => characters * 8,
    }
}

fn anchor(align: Align) -> &'static str {
    match align {
        Align::Start => "start",
        Align::Middle => "middle",
    }
}

fn class(font: Font) -> &'static str {
    match font {
        Font::Title => "t",
        Font::Code => "c",
        Font::Words => "w",
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            c if c.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            c => escaped.push(c),
        }
    }
    escaped
}
