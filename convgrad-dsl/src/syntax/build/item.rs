//! Items: what stands before them, converters, layouts, convolutions.

use super::Builder;
use crate::source::Name;
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::tree::{
    Converter, Convolution, Field, FieldValue, Header, Item, ItemKind, Layout, List, Size, Tensor,
};

impl Builder<'_> {
    /// The item in a pair of the rule `entry` or `beginning`.
    pub(in crate::syntax) fn item(&mut self, entry: Pair<'_>) -> Item {
        let mark = self.sink.mark();
        let mut item = Item {
            docs: Vec::new(),
            public: false,
            kind: ItemKind::Unreadable {
                keyword: None,
                name: None,
            },
            span: self.span(&entry),
            broken: false,
        };
        let whole = item.span;
        let is_beginning = entry.as_rule() == Rule::beginning;
        if is_beginning {
            item.kind = ItemKind::Converter(Box::new(self.converter(entry.clone())));
        }
        for pair in entry.into_inner() {
            match pair.as_rule() {
                Rule::doc => {
                    item.docs.extend(super::literal::doc_lines(pair));
                    continue;
                }
                Rule::public => item.public = true,
                Rule::converter => item.kind = self.converter_item(pair.clone()),
                Rule::convolution => {
                    item.kind = ItemKind::Convolution(self.convolution(pair.clone()))
                }
                Rule::layout => item.kind = ItemKind::Layout(Box::new(self.layout(pair.clone()))),
                Rule::assertion => {
                    item.kind = ItemKind::Assertion(Box::new(self.assertion(pair.clone())))
                }
                Rule::import => item.kind = ItemKind::Use(self.import(pair.clone())),
                _ => continue,
            }
            if item.span == whole {
                item.span.start = self.span(&pair).start;
            }
        }
        item.broken = self.sink.has_errors_since(mark);
        item
    }

    fn converter_item(&mut self, pair: Pair<'_>) -> ItemKind {
        let mut inner = pair.clone().into_inner();
        let chain = inner.clone().find(|p| p.as_rule() == Rule::chain);
        match (chain, inner.find(|p| p.as_rule() == Rule::name)) {
            (Some(chain), Some(name)) => ItemKind::Derived {
                name: self.name(&name),
                chain: Box::new(self.spelled(chain)),
            },
            _ => ItemKind::Converter(Box::new(self.converter(pair))),
        }
    }

    fn converter(&mut self, pair: Pair<'_>) -> Converter {
        let mut converter = Converter {
            name: Name {
                text: String::new(),
                span: self.span(&pair),
            },
            header: None,
            rule: None,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => converter.name = self.name(&part),
                Rule::header => converter.header = self.header(part),
                Rule::body => converter.rule = self.body(part),
                _ => {}
            }
        }
        converter
    }

    fn header(&mut self, pair: Pair<'_>) -> Option<Header> {
        let (mut sizes, mut requires, mut tensors) = (Vec::new(), Vec::new(), Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::sizes => sizes = self.sizes(part),
                Rule::tensor => tensors.push(self.declared(part)),
                Rule::requires => requires = self.requires(part),
                _ => {}
            }
        }
        let output = tensors.pop()?;
        let input = tensors.pop()?;
        Some(Header {
            sizes,
            input,
            output,
            requires,
        })
    }

    pub(super) fn sizes(&mut self, pair: Pair<'_>) -> Vec<Size> {
        let (slots, _) = self.slots(pair);
        slots
            .into_iter()
            .filter_map(|slot| self.size(slot))
            .collect()
    }

    fn size(&mut self, pair: Pair<'_>) -> Option<Size> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let value = inner
            .find(|p| p.as_rule() == Rule::sum)
            .map(|p| self.expr(p));
        Some(Size { name, value })
    }

    /// A tensor with its extents.
    fn declared(&mut self, pair: Pair<'_>) -> Tensor {
        self.in_extents(|builder| builder.tensor(pair))
    }

    fn convolution(&mut self, pair: Pair<'_>) -> Convolution {
        let name = pair
            .clone()
            .into_inner()
            .find(|p| p.as_rule() == Rule::name);
        let name = name.map_or(
            Name {
                text: String::new(),
                span: self.span(&pair),
            },
            |p| self.name(&p),
        );
        let (slots, _) = self.slots(pair);
        let fields = slots
            .into_iter()
            .filter_map(|slot| self.field(slot))
            .collect();
        Convolution { name, fields }
    }

    fn field(&mut self, pair: Pair<'_>) -> Option<Field> {
        let mut inner = pair.into_inner();
        let name = self.name(&inner.next()?);
        let value = inner.next()?;
        let span = self.span(&value);
        let value = match value.as_rule() {
            Rule::name => FieldValue::Name(value.as_str().to_owned()),
            Rule::field_value => self
                .field_value(value)
                .map_or(FieldValue::Unreadable, FieldValue::Int),
            _ => {
                let (slots, _) = self.slots(value);
                let numbers: Option<Vec<_>> = slots
                    .into_iter()
                    .map(|slot| {
                        let span = self.span(&slot);
                        self.field_value(slot).map(|n| (n, span))
                    })
                    .collect();
                numbers.map_or(FieldValue::Unreadable, FieldValue::List)
            }
        };
        Some(Field { name, value, span })
    }

    fn layout(&mut self, pair: Pair<'_>) -> Layout {
        let mut layout = Layout {
            name: Name {
                text: String::new(),
                span: self.span(&pair),
            },
            sizes: Vec::new(),
            ranges: Vec::new(),
            list: List {
                exprs: Vec::new(),
                spread: None,
                trailing_comma: None,
                span: self.span(&pair),
            },
            pad: None,
        };
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => layout.name = self.name(&part),
                Rule::sizes => layout.sizes = self.sizes(part),
                Rule::range_list => layout.ranges = self.ranges(part),
                Rule::list => layout.list = self.list(part),
                Rule::pad => layout.pad = part.into_inner().last().and_then(|n| self.number(n)),
                _ => {}
            }
        }
        layout
    }
}
