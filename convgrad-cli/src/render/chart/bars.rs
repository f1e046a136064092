//! Grouped horizontal bars: a group a shape, a bar a method.

use super::axis::{Axis, Scale, label};
use super::canvas::{Align, Canvas, Drawn, FAINT, INK, Text, colour, text_width};

/// How thick bars are: of many groups, and of so few that each can have its number beside it.
const THIN: i32 = 8;
const THICK: i32 = 17;
const FEW: usize = 6;
const GAP: i32 = 8;
const WIDTH: i32 = 960;
const TOP: i32 = 104;
const BOTTOM: i32 = 54;

/// A picture of one number for each group and series.
#[derive(Debug)]
pub(crate) struct GroupedBars {
    /// What it shows.
    pub(crate) title: String,
    /// How to read it, in one line.
    pub(crate) subtitle: String,
    /// What the numbers are.
    pub(crate) axis: String,
    /// How they spread.
    pub(crate) scale: Scale,
    /// Where bars start, drawn as a line, and what that place means; None for the left end.
    pub(crate) baseline: Option<(f64, String)>,
    /// A number that the axis reaches at least.
    pub(crate) reach: Option<f64>,
    /// The names of the series, for the legend.
    pub(crate) series: Vec<String>,
    /// The groups: a label, and a number for each series.
    pub(crate) groups: Vec<(String, Vec<f64>)>,
}

impl GroupedBars {
    /// The picture as SVG.
    pub(crate) fn svg(&self) -> Drawn<String> {
        let mut svg = String::new();
        self.draw(&mut svg)?;
        Ok(svg)
    }

    fn draw(&self, svg: &mut String) -> Drawn {
        let few = self.groups.len() <= FEW;
        let bar = if few { THICK } else { THIN };
        let group = bar * i32::try_from(self.series.len())? + GAP;
        let bottom = TOP + group * i32::try_from(self.groups.len())?;
        let labels = self.groups.iter().map(|(label, _)| text_width(label)).max();
        let left = labels.unwrap_or(0) + 24;
        let canvas = Canvas::new(svg, WIDTH, bottom + BOTTOM)?;
        canvas.text(&self.title, (16, 22), Text::Title, Align::Left)?;
        canvas.text(&self.subtitle, (16, 44), Text::Small, Align::Left)?;
        canvas.legend(&self.series, (16, 68))?;

        let base = self.baseline.iter().map(|(value, _)| *value);
        let values = self
            .groups
            .iter()
            .flat_map(|(_, values)| values.iter().copied());
        let values = values.chain(base).chain(self.reach);
        let axis = Axis::new(self.scale, values, left, WIDTH - 70);
        for tick in axis.ticks() {
            let x = axis.pixel(tick);
            canvas.line((x, TOP - 4), (x, bottom), FAINT, 1)?;
            canvas.text(&label(tick), (x, bottom + 14), Text::Small, Align::Center)?;
        }
        canvas.text(
            &self.axis,
            ((left + WIDTH - 70) / 2, bottom + 36),
            Text::Normal,
            Align::Center,
        )?;

        let start = self
            .baseline
            .as_ref()
            .map_or(left, |(value, _)| axis.pixel(*value));
        let mut y = TOP + GAP / 2;
        for (name, values) in &self.groups {
            let middle = y + (group - GAP) / 2;
            canvas.text(name, (left - 10, middle), Text::Small, Align::Right)?;
            for (index, &value) in values.iter().enumerate() {
                if value.is_finite() {
                    let end = axis.pixel(value);
                    canvas.bar((start, y), (end, y + bar - 1), colour(index))?;
                    if few {
                        let place = (end.max(start) + 6, y + bar / 2);
                        canvas.text(&label(value), place, Text::Small, Align::Left)?;
                    }
                }
                y += bar;
            }
            y += GAP;
        }
        canvas.line((start, TOP - 4), (start, bottom), INK, 1)?;
        if let Some((_, meaning)) = &self.baseline {
            canvas.text(meaning, (start, TOP - 12), Text::Small, Align::Center)?;
        }
        canvas.finish()
    }
}
