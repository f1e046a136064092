//! Convolution items: which fields there are, how often, and what they may say.

use super::graph::{Graph, Home, Node};
use super::layout;
use super::model::{ConvLayout, Convolution, Layout};
use super::names::{listing, nearest};
use super::things::{Thing, Things};
use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::library;
use crate::source::Span;
use crate::syntax::tree::{self, Field, FieldValue};

const FIELDS: [&str; 7] = [
    "input", "kernel", "output", "stride", "padding", "dilation", "groups",
];

/// A layout of the library: its name, and whether activations and kernels may have it.
type Known = (&'static str, ConvLayout, bool, bool);

/// The layouts in which convolutions are computed.
const LAYOUTS: [Known; 4] = [
    ("NCHW", ConvLayout::Nchw, true, true),
    ("NHWC", ConvLayout::Nhwc, true, true),
    ("NC1HWC0", ConvLayout::Nc1hwc0, true, false),
    ("FRACTAL_Z", ConvLayout::FractalZ, false, true),
];

/// Resolves a convolution. None if it has errors, which have been reported.
pub(super) fn resolve(
    item: &tree::Item,
    convolution: &tree::Convolution,
    graph: &Graph<'_>,
    things: &Things,
    sink: &mut Sink,
) -> Option<Convolution> {
    let mark = sink.mark();
    let mut fields: Vec<&Field> = Vec::new();
    for field in &convolution.fields {
        match fields.iter().find(|f| f.name.text == field.name.text) {
            _ if !FIELDS.contains(&field.name.text.as_str()) => sink.push(unknown(field)),
            Some(first) => sink.push(
                Diagnostic::new(
                    Code::FieldTwice,
                    field.name.span,
                    format!("`{}` given twice", field.name.text),
                )
                .label("given again")
                .secondary(first.name.span, "first given here")
                .help("remove one of them"),
            ),
            None => fields.push(field),
        }
    }
    let mut reader = Reader {
        name: convolution.name.span,
        fields,
        graph,
        things,
        sink,
    };
    let (input, kernel, output) = (
        reader.layout("input"),
        reader.layout("kernel"),
        reader.layout("output"),
    );
    let stride = reader.numbers("stride", 1, &[1, 2]);
    let padding = reader.numbers("padding", 0, &[1, 2, 4]);
    let dilation = reader.numbers("dilation", 1, &[1, 2]);
    let groups = reader.numbers("groups", 1, &[1]);
    if item.broken || sink.has_errors_since(mark) {
        return None;
    }
    Some(Convolution {
        name: convolution.name.clone(),
        public: item.public,
        docs: item.docs.clone(),
        input: input?,
        kernel: kernel?,
        output: output?,
        stride: pair(&stride?)?,
        padding: sides(&padding?)?,
        dilation: pair(&dilation?)?,
        groups: groups?.first().copied()?,
    })
}

/// Which of the layouts that can be convolved a layout is.
fn known(node: &Node<'_>, layout: &Layout) -> Option<&'static Known> {
    match (node.home, node.item.name()) {
        (Home::Library(_), name) => LAYOUTS.iter().find(|l| name.is_some_and(|n| n.text == l.0)),
        (Home::Text, _) => LAYOUTS.iter().find(|known| {
            of_library(known.0, layout.name.span).is_some_and(|of| layout::same(layout, &of))
        }),
    }
}

/// A layout of the library.
fn of_library(name: &str, span: Span) -> Option<Layout> {
    let item = library::find(name)?.read(span)?;
    match &item.kind {
        tree::ItemKind::Layout(tree) => {
            layout::resolve(&item, tree, Home::Library(span), &mut Sink::new())
        }
        _ => None,
    }
}

fn unknown(field: &Field) -> Diagnostic {
    let near = nearest(&field.name.text, FIELDS);
    let near = near.or(match field.name.text.as_str() {
        "pad" | "pads" | "paddings" => Some("padding"),
        "strides" => Some("stride"),
        "dilations" => Some("dilation"),
        "weight" | "weights" | "filter" => Some("kernel"),
        "group" => Some("groups"),
        _ => None,
    });
    Diagnostic::new(
        Code::UnknownField,
        field.name.span,
        format!("unknown field `{}`", field.name.text),
    )
    .note(format!("the fields are {}", listing(FIELDS)))
    .help(near.map_or("remove it".to_owned(), |near| {
        format!("did you mean `{near}`?")
    }))
}

struct Reader<'r> {
    name: Span,
    fields: Vec<&'r Field>,
    graph: &'r Graph<'r>,
    things: &'r Things,
    sink: &'r mut Sink,
}

impl<'r> Reader<'r> {
    fn field(&self, name: &str) -> Option<&'r Field> {
        self.fields.iter().copied().find(|f| f.name.text == name)
    }

    fn layout(&mut self, role: &str) -> Option<ConvLayout> {
        let kernel = role == "kernel";
        let allowed = || {
            LAYOUTS
                .iter()
                .filter(|l| if kernel { l.3 } else { l.2 })
                .map(|l| l.0)
        };
        let Some(field) = self.field(role) else {
            self.sink.push(
                Diagnostic::new(
                    Code::MissingField,
                    self.name,
                    format!("the layout of the {role} is missing"),
                )
                .label(format!("this convolution needs `{role}`"))
                .help(format!(
                    "write `{role} {}`",
                    if kernel { "FRACTAL_Z" } else { "NC1HWC0" }
                )),
            );
            return None;
        };
        let FieldValue::Name(name) = &field.value else {
            if !matches!(field.value, FieldValue::Unreadable) {
                self.sink.push(
                    Diagnostic::new(
                        Code::FieldValue,
                        field.span,
                        format!("`{role}` takes the name of a layout"),
                    )
                    .help(format!("one of {}", listing(allowed()))),
                );
            }
            return None;
        };
        let wrong = |code: Code, message: String| Diagnostic::new(code, field.span, message);
        let these = format!("use one of {}", listing(allowed()));
        let known = match self.graph.get(Home::Text, name) {
            Some(id) => match self.things.get(id)? {
                Thing::Layout(layout) => match known(&self.graph.nodes[id], layout) {
                    Some(known) => known,
                    None => {
                        self.sink.push(
                            wrong(
                                Code::FieldValue,
                                format!("convolutions cannot be computed in the layout `{name}`"),
                            )
                            .label("another layout than those below")
                            .secondary(layout.name.span, "the layout is declared here")
                            .note(format!(
                                "the layouts of convolutions are {}, or others that put every element at the same place",
                                listing(LAYOUTS.map(|l| l.0))
                            ))
                            .help(format!("{these}, and a converter before or behind the convolution")),
                        );
                        return None;
                    }
                },
                Thing::Broken => return None,
                Thing::Converter(_) | Thing::Convolution(_) => {
                    let declared = self.graph.nodes[id].name.span;
                    self.sink.push(
                        wrong(Code::WrongKind, format!("`{name}` is no layout"))
                            .label("a layout is needed here")
                            .secondary(declared, "declared here")
                            .help(these),
                    );
                    return None;
                }
            },
            None => match LAYOUTS.iter().find(|l| l.0 == name) {
                Some(known) => known,
                None if library::find(name).is_some_and(|i| i.kind == library::Kind::Layout) => {
                    let message = format!("convolutions cannot be computed in the layout `{name}`");
                    self.sink.push(wrong(Code::FieldValue, message).help(these));
                    return None;
                }
                None => {
                    let near = nearest(name, allowed());
                    self.sink.push(
                        wrong(Code::UnknownLayout, format!("unknown layout `{name}`"))
                            .note(format!("the layouts are {}", listing(allowed())))
                            .help(near.map_or("use one of these".to_owned(), |near| {
                                format!("did you mean `{near}`?")
                            })),
                    );
                    return None;
                }
            },
        };
        if if kernel { known.3 } else { known.2 } {
            return Some(known.1);
        }
        let what = if kernel {
            "kernel"
        } else {
            "tensor of activations"
        };
        self.sink
            .push(wrong(Code::FieldValue, format!("a {what} has no layout `{name}`")).help(these));
        None
    }

    /// The numbers of a field, or its default: as many as `counts` allows, each at least `least`.
    fn numbers(&mut self, name: &str, least: u32, counts: &[usize]) -> Option<Vec<u32>> {
        let Some(field) = self.field(name) else {
            return Some(vec![least]);
        };
        let wrong = |span: Span, message: String| Diagnostic::new(Code::FieldValue, span, message);
        let numbers = match &field.value {
            FieldValue::Int(n) => vec![(*n, field.span)],
            FieldValue::List(numbers) => numbers.clone(),
            FieldValue::Unreadable => return None,
            FieldValue::Name(_) => {
                let message = format!("`{name}` takes {}", shapes(counts));
                self.sink
                    .push(wrong(field.span, message).label("this is a name"));
                return None;
            }
        };
        if !counts.contains(&numbers.len()) {
            let message = format!(
                "`{name}` takes {}, not {} numbers",
                shapes(counts),
                numbers.len()
            );
            self.sink.push(wrong(field.span, message));
            return None;
        }
        let mut result = Some(Vec::new());
        for (n, span) in numbers {
            match u32::try_from(n) {
                Ok(n) if n >= least => result.iter_mut().for_each(|r| r.push(n)),
                Err(_) if n > 0 => {
                    self.sink.push(
                        wrong(span, format!("`{name}` is too large"))
                            .label(format!("at most {}", u32::MAX)),
                    );
                    result = None;
                }
                _ => {
                    let message = format!("`{name}` is at least {least}");
                    self.sink
                        .push(wrong(span, message).label(format!("this is {n}")));
                    result = None;
                }
            }
        }
        result
    }
}

/// What a field of numbers looks like.
fn shapes(counts: &[usize]) -> &'static str {
    match counts {
        [1] => "one integer",
        [1, 2] => "`a` or `[a, b]`",
        _ => "`p`, `[ph, pw]` or `[t, b, l, r]`",
    }
}

fn pair(numbers: &[u32]) -> Option<[u32; 2]> {
    match *numbers {
        [a] => Some([a, a]),
        [a, b] => Some([a, b]),
        _ => None,
    }
}

fn sides(numbers: &[u32]) -> Option<[u32; 4]> {
    match *numbers {
        [p] => Some([p; 4]),
        [ph, pw] => Some([ph, ph, pw, pw]),
        [t, b, l, r] => Some([t, b, l, r]),
        _ => None,
    }
}
