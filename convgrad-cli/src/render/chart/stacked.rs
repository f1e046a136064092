//! Stacked horizontal bars: the shares of a whole, a bar a shape.

use super::canvas::{Align, Canvas, Drawn, FAINT, Text, colour, text_width};

const BAR: i32 = 18;
const STEP: i32 = 24;
const WIDTH: i32 = 960;
const TOP: i32 = 104;
const BOTTOM: i32 = 54;

/// A picture of shares that add up to 1 in each bar.
#[derive(Debug)]
pub(crate) struct StackedBars {
    /// What it shows.
    pub(crate) title: String,
    /// How to read it, in one line.
    pub(crate) subtitle: String,
    /// What the shares are of.
    pub(crate) axis: String,
    /// The names of the parts, for the legend.
    pub(crate) parts: Vec<String>,
    /// The bars: a label, and the share of each part.
    pub(crate) bars: Vec<(String, Vec<f64>)>,
}

impl StackedBars {
    /// The picture as SVG.
    pub(crate) fn svg(&self) -> Drawn<String> {
        let mut svg = String::new();
        self.draw(&mut svg)?;
        Ok(svg)
    }

    fn draw(&self, svg: &mut String) -> Drawn {
        let bottom = TOP + STEP * i32::try_from(self.bars.len())?;
        let labels = self.bars.iter().map(|(label, _)| text_width(label)).max();
        let (left, right) = (labels.unwrap_or(0) + 24, WIDTH - 40);
        let pixel =
            |share: f64| left + (share.clamp(0.0, 1.0) * f64::from(right - left)).round() as i32;
        let canvas = Canvas::new(svg, WIDTH, bottom + BOTTOM)?;
        canvas.text(&self.title, (16, 22), Text::Title, Align::Left)?;
        canvas.text(&self.subtitle, (16, 44), Text::Small, Align::Left)?;
        canvas.legend(&self.parts, (16, 68))?;
        for tenth in 0..=5 {
            let x = pixel(f64::from(tenth) / 5.0);
            canvas.line((x, TOP - 4), (x, bottom), FAINT, 1)?;
            canvas.text(
                &format!("{} %", tenth * 20),
                (x, bottom + 14),
                Text::Small,
                Align::Center,
            )?;
        }
        canvas.text(
            &self.axis,
            ((left + right) / 2, bottom + 36),
            Text::Normal,
            Align::Center,
        )?;
        let mut y = TOP + (STEP - BAR) / 2;
        for (name, shares) in &self.bars {
            canvas.text(name, (left - 10, y + BAR / 2), Text::Small, Align::Right)?;
            let mut from = 0.0;
            for (index, &share) in shares.iter().enumerate() {
                if share > 0.0 {
                    canvas.bar(
                        (pixel(from), y),
                        (pixel(from + share), y + BAR),
                        colour(index),
                    )?;
                    from += share;
                }
            }
            y += STEP;
        }
        canvas.finish()
    }
}
