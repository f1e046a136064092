//! Layouts: their coordinates, how far these reach, and whether two of them meet.

mod extent;
mod same;
#[cfg(test)]
mod tests;
mod write;

use super::expr::{Resolver, count};
use super::graph::Home;
use super::model::{Fill, Layout, Number};
use super::scope::{Place, Scope};
use super::{header, iterators, usage};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::syntax::limits::MAX_AXES;
use crate::syntax::tree;

pub(crate) use extent::extents;
pub(super) use same::same;

/// Resolves a layout. None if it has errors, which have been reported.
pub(super) fn resolve(
    item: &tree::Item,
    layout: &tree::Layout,
    home: Home,
    sink: &mut Sink,
) -> Option<Layout> {
    let mark = sink.mark();
    let mut scope = Scope::new(Place::Sizes);
    scope.elsewhere = layout
        .ranges
        .iter()
        .map(|r| (r.name.clone(), "an iterator"))
        .collect();
    let sizes = header::sizes(&layout.sizes, &mut scope, sink);
    let bound = iterators::of_layout(&layout.ranges, &scope, sink);
    let listed = listed(&layout.list, sink);
    let mut resolver = Resolver {
        scope: &bound.scope,
        sink,
    };
    let left = resolver.numbers(&layout.list.exprs);
    if item.broken || !listed || sink.has_errors_since(mark) {
        return None;
    }
    let mut resolved = Layout {
        name: layout.name.clone(),
        public: item.public,
        docs: item.docs.clone(),
        sizes: sizes?,
        iterators: bound.list.into_iter().collect::<Option<_>>()?,
        left: left?,
        extents: Vec::new(),
        pad: pad(layout),
        span: item.span,
    };
    let measured = extents(&resolved.sizes, &resolved.iterators, &resolved.left);
    match measured {
        Ok(extents) => resolved.extents = extents,
        Err(errors) => {
            sink.extend(errors);
            return None;
        }
    }
    if home == Home::Text {
        if !write::check(&resolved, sink) {
            return None;
        }
        usage::warn_layout(&resolved, sink);
    }
    Some(resolved)
}

/// What fills places that no coordinate reaches: 0 if nothing is said.
fn pad(layout: &tree::Layout) -> Fill {
    match layout.pad {
        Some(pad) => Fill {
            number: pad.number,
            span: pad.span,
        },
        None => Fill {
            number: Number::Int(0),
            span: layout.name.span,
        },
    }
}

/// Whether the physical coordinates are listed one by one, and not too many.
fn listed(list: &tree::List, sink: &mut Sink) -> bool {
    if let Some(spread) = &list.spread {
        let message = format!("`{}..` stands for source indices", spread.text);
        sink.push(
            Diagnostic::new(Code::Unexpected, spread.span, message)
                .label("a layout lists one expression a physical axis")
                .help("write the coordinates one by one"),
        );
        return false;
    }
    if list.exprs.len() > MAX_AXES {
        let message = format!("too many axes: {}", count(list.exprs.len(), "axis"));
        sink.push(
            Diagnostic::new(Code::TooDeep, list.span, message)
                .label(format!("a tensor may have {MAX_AXES}")),
        );
        return false;
    }
    true
}
