//! A drawing surface in pixels, and how charts look on it.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Colours that people with any colour vision tell apart (Okabe and Ito), in the order of the series.
const PALETTE: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(213, 94, 0),
    RGBColor(120, 120, 120),
    RGBColor(240, 228, 66),
];

pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const FAINT: RGBColor = RGBColor(221, 221, 221);
const FONT: &str = "Helvetica, Arial, 'DejaVu Sans', sans-serif";

/// The colour of the series with an index.
pub(super) fn colour(series: usize) -> RGBColor {
    PALETTE[series % PALETTE.len()]
}

/// A text's place relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Align {
    Left,
    Center,
    Right,
}

/// The kinds of text of a chart.
#[derive(Clone, Copy)]
pub(super) enum Text {
    Title,
    Normal,
    Small,
}

/// The surface.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Drawing into memory fails only where a colour or a font does not exist, which the chart then says.
pub(super) type Drawn<T = ()> = Result<T, Box<dyn std::error::Error>>;

impl<'a> Canvas<'a> {
    /// A white surface that writes SVG to `out`.
    pub(super) fn new(out: &'a mut String, width: i32, height: i32) -> Drawn<Self> {
        let size = (width.try_into()?, height.try_into()?);
        let area = SVGBackend::with_string(out, size).into_drawing_area();
        area.fill(&WHITE).map_err(|error| error.to_string())?;
        Ok(Canvas { area })
    }

    /// Writes text; `y` is its middle.
    pub(super) fn text(&self, text: &str, (x, y): (i32, i32), kind: Text, align: Align) -> Drawn {
        let (size, style, colour) = match kind {
            Text::Title => (20, FontStyle::Bold, INK),
            Text::Normal => (15, FontStyle::Normal, INK),
            Text::Small => (14, FontStyle::Normal, RGBColor(85, 85, 85)),
        };
        let h_pos = match align {
            Align::Left => HPos::Left,
            Align::Center => HPos::Center,
            Align::Right => HPos::Right,
        };
        let style = TextStyle::from((FONT, size, style).into_font())
            .color(&colour)
            .pos(Pos::new(h_pos, VPos::Center));
        Ok(self
            .area
            .draw_text(text, &style, (x, y))
            .map_err(|error| error.to_string())?)
    }

    /// A filled rectangle; never thinner than a pixel.
    pub(super) fn bar(&self, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Drawn {
        let (left, right) = (from.0.min(to.0), from.0.max(to.0));
        let corners = [(left, from.1), (right.max(left + 1), to.1.max(from.1 + 1))];
        let rectangle = Rectangle::new(corners, colour.filled());
        Ok(self
            .area
            .draw(&rectangle)
            .map_err(|error| error.to_string())?)
    }

    /// A line.
    pub(super) fn line(
        &self,
        from: (i32, i32),
        to: (i32, i32),
        colour: RGBColor,
        width: u32,
    ) -> Drawn {
        let line = PathElement::new([from, to], colour.stroke_width(width));
        Ok(self.area.draw(&line).map_err(|error| error.to_string())?)
    }

    /// A legend in one row, from `x` on.
    pub(super) fn legend(&self, names: &[String], (mut x, y): (i32, i32)) -> Drawn {
        for (index, name) in names.iter().enumerate() {
            self.bar((x, y - 6), (x + 12, y + 6), colour(index))?;
            self.text(name, (x + 18, y), Text::Normal, Align::Left)?;
            x += 18 + text_width(name) + 18;
        }
        Ok(())
    }

    /// Ends the drawing.
    pub(super) fn finish(self) -> Drawn {
        Ok(self.area.present().map_err(|error| error.to_string())?)
    }
}

/// About how wide normal text is, in pixels.
pub(super) fn text_width(text: &str) -> i32 {
    let characters = i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 8);
    characters * 7
}
