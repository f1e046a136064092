//! `by [n, c] -> [c, n]`: coordinates of one layout in terms of those of another.

use super::Chains;
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::expr::{Resolver, count};
use crate::sema::iterators::{self, Iterators};
use crate::sema::model::{self, By, Layout};
use crate::sema::scope::{Meaning, Place, Scope};
use crate::syntax::tree::List;

impl Chains<'_, '_> {
    /// `by [n, c] -> [c, n]`: names for the coordinates of one layout, and those of the other made of them.
    pub(super) fn by(
        &mut self,
        left: &List,
        right: &List,
        from: &Layout,
        to: Option<&Layout>,
    ) -> Option<By> {
        let mark = self.sink.mark();
        for list in [left, right] {
            if let Some(spread) = &list.spread {
                self.sink.push(
                    Diagnostic::new(
                        Code::Unexpected,
                        spread.span,
                        format!("`{}..` stands for source indices", spread.text),
                    )
                    .label("`by` lists one coordinate after the other")
                    .help("write the coordinates one by one"),
                );
                return None;
            }
        }
        let mut sizes = Scope::new(Place::Sizes);
        for (id, size) in (0u32..).zip(&from.sizes) {
            sizes.declare(&size.name, Meaning::Size(model::SizeId(id)));
        }
        let mut bound = Iterators::fresh(&sizes);
        for (at, expr) in left.exprs.iter().enumerate() {
            let Some(name) = iterators::alone(expr) else {
                self.sink.push(
                    Diagnostic::new(
                        Code::Unexpected,
                        expr.span,
                        format!("a name for a coordinate of {} is expected", from.name.text),
                    )
                    .label("not a name")
                    .help("list names on the left: `by [n, c] -> [c, n]`"),
                );
                continue;
            };
            bound.declare(&name, "give each coordinate its own name", self.sink);
            if let Some(iterator) = from.iterators.get(at) {
                bound.list.push(Some(iterator.clone()));
            }
        }
        // What is no name cannot be used on the right either.
        if self.sink.has_errors_since(mark) {
            return None;
        }
        self.rank(left, from);
        let mut resolver = Resolver {
            scope: &bound.scope,
            sink: self.sink,
        };
        let coordinates = resolver.numbers(&right.exprs);
        if let Some(to) = to {
            self.rank(right, to);
        }
        if self.sink.has_errors_since(mark) {
            return None;
        }
        Some(By {
            coordinates: coordinates?,
            span: left.span.to(right.span),
        })
    }

    /// Reports too few or too many coordinates.
    fn rank(&mut self, list: &List, layout: &Layout) {
        let (wanted, given) = (layout.iterators.len(), list.exprs.len());
        if wanted == given {
            return;
        }
        let are = if given == 1 { "is" } else { "are" };
        let message = format!(
            "{} has {}, but {given} {are} given",
            layout.name.text,
            count(wanted, "logical coordinate")
        );
        let names: Vec<&str> = layout
            .iterators
            .iter()
            .map(|i| i.name.text.as_str())
            .collect();
        let code = if given < wanted {
            Code::TooFewIndices
        } else {
            Code::TooManyIndices
        };
        self.sink.push(
            Diagnostic::new(code, list.span, message)
                .label(if given < wanted {
                    "too few"
                } else {
                    "too many"
                })
                .secondary(layout.name.span, format!("over [{}]", names.join(", ")))
                .help(format!("write {}", count(wanted, "coordinate"))),
        );
    }
}
