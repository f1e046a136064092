//! Chains: converters made of converters and layouts. What is made is a rule, so that everything behind looks at rules only.

mod by;
mod target;

use super::expr::Resolver;
use super::graph::{Graph, Home};
use super::imports;
use super::model::{Converter, Layout, Origin};
use super::scope::{Place, Scope};
use super::things::{Thing, Things};
use super::{conversion, layout};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::source::{Name, Span};
use crate::syntax::limits::MAX_DEPTH;
use crate::syntax::tree::{self, Chain, ChainKind, ItemKind, Reference};
use crate::transform;

/// The most operations of a formula that a chain makes.
const MAX_OPERATIONS: usize = 1 << 12;

/// The most chains through which a value for a size goes.
const MAX_ANEW: usize = 64;

/// Makes converters of chains.
pub(super) struct Chains<'c, 't> {
    pub(super) graph: &'c Graph<'t>,
    pub(super) things: &'c Things,
    /// What the names in the chains mean.
    pub(super) home: Home,
    /// How many chains are being made anew for the sake of this one.
    pub(super) depth: usize,
    pub(super) sink: &'c mut Sink,
}

/// What was made, by what messages about greater chains call it.
fn called(made: transform::Made<Converter>, name: String) -> transform::Made<Converter> {
    made.map(|mut made| {
        made.name.text = name;
        made
    })
}

/// Values for sizes.
type Values = Vec<(Name, i64)>;

impl<'c> Chains<'c, '_> {
    /// The converter that a chain stands for. None if something is wrong with it (reported), or with what it is made of
    /// (reported there).
    pub(super) fn spelled(&mut self, spelled: &tree::Spelled) -> Option<Converter> {
        let mut made = self.chain(&spelled.chain, &[])?;
        if !matches!(spelled.chain.kind, ChainKind::Named(_)) {
            made.name = Name {
                text: spelled.text.clone(),
                span: spelled.chain.span,
            };
        }
        made.origin = Origin::Chain(spelled.text.clone());
        Some(made)
    }

    /// Makes a converter; `replaced` are values for its sizes that have others in the text. These are the sizes of what it
    /// begins with.
    fn chain(&mut self, chain: &Chain, replaced: &[(Name, i64)]) -> Option<Converter> {
        let made = match &chain.kind {
            ChainKind::Named(reference) => return self.converter(reference, replaced),
            ChainKind::Between { from, to, by } => {
                let (from, to) = (self.layout(from, replaced), self.layout(to, &[]));
                let by = match (by, &from) {
                    (Some(by), Some(from)) => Some(self.by(&by.0, &by.1, from, to.as_ref())?),
                    _ => None,
                };
                transform::between(&from?, &to?, by.as_ref(), chain.span)
            }
            ChainKind::Inverse(inner) => {
                let inner = self.chain(inner, replaced)?;
                let made = transform::inverse(&inner, chain.span);
                called(made, format!("inverse({})", inner.name.text))
            }
            ChainKind::Adjoint(inner) => {
                let inner = self.chain(inner, replaced)?;
                let made = transform::adjoint(&inner, chain.span);
                called(made, format!("adjoint({})", inner.name.text))
            }
            ChainKind::Compose(stages) => return self.compose(stages, replaced, chain.span),
            ChainKind::Converted {
                inner,
                types,
                conversion,
            } => {
                let elements = conversion::of_chain(types, conversion, self.sink);
                let inner = self.chain(inner, replaced);
                transform::convert(&inner?, elements?, conversion.kind.word(), chain.span)
            }
        };
        self.made(made, chain.span)
    }

    fn compose(
        &mut self,
        stages: &[Chain],
        replaced: &[(Name, i64)],
        span: Span,
    ) -> Option<Converter> {
        // All of them are worth looking at, whatever is wrong with one.
        let first = [replaced].into_iter().chain(std::iter::repeat(&[][..]));
        let stages: Vec<Option<Converter>> = stages
            .iter()
            .zip(first)
            .map(|(stage, replaced)| self.chain(stage, replaced))
            .collect();
        if stages.is_empty() {
            self.sink.push(
                Diagnostic::new(Code::Unexpected, span, "`compose` needs a converter")
                    .label("nothing stands between the parentheses")
                    .help("write the converters in the order in which they run: `compose(f, g)`"),
            );
        }
        let stages: Vec<Converter> = stages.into_iter().collect::<Option<_>>()?;
        let mut stages = stages.into_iter();
        let mut composed = stages.next()?;
        let name = format!("compose({}, …)", composed.name.text);
        for next in stages {
            let made = transform::compose(&composed, &next, span);
            composed = self.made(called(made, name.clone()), span)?;
        }
        Some(composed)
    }

    /// Takes what was made, or reports why it was not. Formulas of formulas may double at every step.
    fn made(&mut self, made: transform::Made<Converter>, span: Span) -> Option<Converter> {
        let made = self.taken(made)?;
        let mark = self.sink.mark();
        conversion::check_made(&made, span, self.sink);
        if self.sink.has_errors_since(mark) {
            return None;
        }
        let (operations, depth) = made.rule.measure();
        if operations > MAX_OPERATIONS || depth > MAX_DEPTH as usize {
            let message = "the formula that this stands for is too long";
            self.sink.push(
                Diagnostic::new(Code::ExpansionTooLarge, span, message)
                    .label(format!("{operations} operations, {depth} levels"))
                    .note(format!(
                        "a formula may have {MAX_OPERATIONS} operations in {MAX_DEPTH} levels"
                    ))
                    .help("run a part of the chain by itself"),
            );
            return None;
        }
        Some(made)
    }

    /// A converter by its name.
    fn converter(&mut self, reference: &Reference, replaced: &[(Name, i64)]) -> Option<Converter> {
        match self.thing(reference, "converter")? {
            Thing::Converter(converter) if self.things.is_sound(converter) => {
                let values = self.values(reference, replaced)?;
                let with = self.made_anew(converter, reference, &values)?;
                let made = transform::with_values(&with, &values);
                self.taken(made.map_err(|errors| self.of_target(reference, &values, errors)))
            }
            Thing::Layout(layout) => {
                let name = &reference.name.text;
                let help =
                    format!("a converter reads one layout and writes another: `{name} -> …`");
                self.wrong_kind(reference, "a layout", "a converter", layout.name.span, help)
            }
            _ => None,
        }
    }

    /// A converter with other values for those of its sizes that have values. What was derived has them in its formula, and is
    /// derived once more.
    fn made_anew(
        &mut self,
        converter: &Converter,
        reference: &Reference,
        values: &[(Name, i64)],
    ) -> Option<Converter> {
        let has_value = |name: &Name| {
            let sizes = converter.sizes.iter().filter(|size| size.value.is_some());
            sizes.into_iter().any(|size| size.name.text == name.text)
        };
        let fixed: Values = values
            .iter()
            .filter(|(n, _)| has_value(n))
            .cloned()
            .collect();
        let id = self.graph.get(self.home, &reference.name.text)?;
        let node = &self.graph.nodes[id];
        let ItemKind::Derived { chain, .. } = &node.item.kind else {
            return Some(converter.clone());
        };
        if fixed.is_empty() {
            return Some(converter.clone());
        }
        let (graph, things, depth) = (self.graph, self.things, self.depth + 1);
        if depth > MAX_ANEW {
            let message = "the formula that this stands for is made of too many others";
            self.sink.push(
                Diagnostic::new(Code::ExpansionTooLarge, reference.span, message)
                    .label("sizes are replaced here")
                    .note(format!("values go through {MAX_ANEW} chains at most"))
                    .help("give the values where the layouts are named"),
            );
            return None;
        }
        let made = things.replaced(id, &fixed, || {
            let mut chains = Chains {
                graph,
                things,
                home: node.home,
                depth,
                sink: self.sink,
            };
            chains.chain(&chain.chain, &fixed)
        })?;
        Some(Converter {
            name: converter.name.clone(),
            public: converter.public,
            docs: converter.docs.clone(),
            origin: converter.origin.clone(),
            ..made
        })
    }

    /// A layout by its name.
    fn layout(&mut self, reference: &Reference, replaced: &[(Name, i64)]) -> Option<Layout> {
        match self.thing(reference, "layout")? {
            Thing::Layout(found) => {
                let values = self.values(reference, replaced)?;
                let mut with = self.taken(transform::with_values(&**found, &values))?;
                if !values.is_empty() {
                    let extents = layout::extents(&with.sizes, &with.iterators, &with.left);
                    with.extents = match extents {
                        Ok(extents) => extents,
                        Err(errors) => {
                            let here = errors.into_iter().map(|error| Diagnostic {
                                span: reference.span,
                                ..error
                            });
                            self.sink.extend(here);
                            return None;
                        }
                    };
                }
                Some(with)
            }
            Thing::Converter(converter) => {
                let help =
                    "`->` stands between layouts; converters follow each other in `compose(f, g)`";
                let span = converter.name.span;
                self.wrong_kind(reference, "a converter", "a layout", span, help.to_owned())
            }
            _ => None,
        }
    }

    /// What a name stands for, if it is a layout or a converter without errors.
    fn thing(&mut self, reference: &Reference, wanted: &str) -> Option<&'c Thing> {
        let name = &reference.name;
        let Some(id) = self.graph.get(self.home, &name.text) else {
            let code = match wanted {
                "layout" => Code::UnknownLayout,
                _ => Code::UnknownName,
            };
            let message = format!("unknown {wanted} `{}`", name.text);
            let near = self.graph.nearest(&name.text);
            let help = imports::how(&name.text)
                .or_else(|| near.map(|near| format!("did you mean `{near}`?")))
                .unwrap_or_else(|| format!("declare it: `{wanted} {}…`", name.text));
            self.sink.push(
                Diagnostic::new(code, name.span, message)
                    .label("not declared")
                    .help(help),
            );
            return None;
        };
        let things: &'c Things = self.things;
        let thing = things.get(id);
        if let Some(Thing::Convolution(declared)) = thing {
            let message = format!("`{}` is a convolution, not a {wanted}", name.text);
            self.sink.push(
                Diagnostic::new(Code::WrongKind, name.span, message)
                    .label(format!("a {wanted} is needed here"))
                    .secondary(*declared, "declared here")
                    .help("chains are made of converters and layouts"),
            );
            return None;
        }
        thing
    }

    fn wrong_kind<T>(
        &mut self,
        reference: &Reference,
        is: &str,
        wanted: &str,
        declared: Span,
        help: String,
    ) -> Option<T> {
        let message = format!("`{}` is {is}, not {wanted}", reference.name.text);
        self.sink.push(
            Diagnostic::new(Code::WrongKind, reference.name.span, message)
                .label(format!("{wanted} is needed here"))
                .secondary(declared, "declared here")
                .help(help),
        );
        None
    }

    /// The values that a reference gives to sizes. `replaced` comes from who refers to what this is a part of, and wins.
    fn values(&mut self, reference: &Reference, replaced: &[(Name, i64)]) -> Option<Values> {
        let scope = Scope::new(Place::Sizes);
        let mut values = Vec::new();
        for size in &reference.values {
            let value = match &size.value {
                Some(value) => Resolver {
                    scope: &scope,
                    sink: self.sink,
                }
                .number(value)
                .map(|value| (value.span, super::eval::literal(&value))),
                None => {
                    let message = format!("`{}` is given no value", size.name.text);
                    self.sink.push(
                        Diagnostic::new(Code::Unexpected, size.name.span, message)
                            .label("`=` and a value are expected after this")
                            .help(format!("write `{} = 16`", size.name.text)),
                    );
                    None
                }
            };
            let (span, value) = value?;
            let Some(value) = value else {
                self.sink.push(Diagnostic::new(
                    Code::Overflow,
                    span,
                    "the result does not fit 64 bits",
                ));
                return None;
            };
            values.push((size.name.clone(), value));
        }
        values.retain(|(name, _)| replaced.iter().all(|(other, _)| other.text != name.text));
        values.extend_from_slice(replaced);
        Some(values)
    }

    /// What was made, or a report of why it was not.
    fn taken<T>(&mut self, made: transform::Made<T>) -> Option<T> {
        made.map_err(|errors| self.sink.extend(errors)).ok()
    }
}
