//! What stands below a picture.

use super::cells::{PADDING, height, hollow, stripes};
use super::scene::{Content, Panel, Scene};
use super::svg::{Align, Font, Svg};
use super::{LINE, MARGIN, colour, fold};

/// What the colours and marks mean.
pub(super) fn legend(svg: &mut Svg, scene: &Scene, mut y: usize) {
    let mut lines: Vec<(Content, String)> = Vec::new();
    // The colour of one of the elements that are drawn.
    let swatch = |at: usize| {
        let Panel { shape, fold, .. } = &scene.source;
        let indices = fold.window.indices();
        let place = indices
            .get(at)
            .map_or(0, |index| fold::flatten(index, shape));
        colour::of_element(place, shape, &fold.window)
    };
    let (x, z) = (&scene.source.name, &scene.target.name);
    let read = !scene.source.cells.is_empty() && scene.filled < elements(&scene.target);
    if read {
        let colour = swatch(0);
        let mut text = format!("one colour is one element of {x}");
        let panels = [&scene.source, &scene.target];
        if panels
            .iter()
            .any(|panel| height(panel, scene.cell).is_some())
        {
            text += &format!("; numbers count the places of {x} in memory");
        }
        if scene.repeats {
            text += "; some elements are read more than once";
        }
        if scene.outside {
            text += &format!("; grey: elements outside of the part of {x} that is drawn");
        }
        lines.push((Content::Elements(vec![colour]), text));
    }
    if scene.sums {
        let text =
            format!("stripes and \u{3a3}: several elements are added up in one place of {z}");
        let last = scene.source.cells.len().saturating_sub(1);
        let both = vec![swatch(0), swatch(last)];
        lines.push((Content::Elements(both), text));
    }
    if scene.filled > 0 {
        let numbers: Vec<&str> = scene.fills.iter().take(3).map(String::as_str).collect();
        let text = format!(
            "{} of {} places of {z} read nothing and hold {}",
            scene.filled,
            elements(&scene.target),
            numbers.join(" or ")
        );
        lines.push((Content::Fill, text));
    }
    if scene.unread > 0 {
        let text = format!(
            "{} of {} elements of {x} are never read",
            scene.unread,
            elements(&scene.source)
        );
        lines.push((Content::Unread("#aaaaaa".to_owned()), text));
    }
    for (swatch, text) in lines {
        let size = 14;
        let at = (MARGIN, y - size / 2);
        match swatch {
            Content::Elements(colours) => stripes(svg, at, size, &colours),
            Content::Fill => svg.square(at, size, PADDING),
            Content::Unread(colour) => hollow(svg, at, size, &colour),
        }
        svg.text(&text, (MARGIN + 22, y), Font::Words, Align::Start);
        y += LINE + 2;
    }
}

fn elements(panel: &Panel) -> usize {
    panel.shape.iter().product()
}
