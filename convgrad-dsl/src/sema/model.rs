//! What the front end hands on: formulas whose every name is resolved and whose every rank fits.
//!
//! Sizes, iterators and definitions are numbered; spans lead back to the text.

pub use super::element::{Conversion, ElementType, Elements};
pub use super::number::Number;
use std::sync::Arc;

use crate::source::{Name, Span};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            /// The number as an index of the table it belongs to.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A size of a converter: an index of [`Converter::sizes`].
    SizeId
);
id!(
    /// An iterator of a rule: an index of [`Rule::iterators`].
    IterId
);
id!(
    /// A `where` definition of a rule: an index of [`Rule::definitions`].
    DefId
);

/// An operator of two operands. Division is floor division, the remainder is Euclidean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    /// `a + b`
    Add,
    /// `a - b`
    Sub,
    /// `a * b`
    Mul,
    /// `a / b`, also `floor(a/b)`
    Div,
    /// `ceil(a/b)`
    CeilDiv,
    /// `a % b`
    Rem,
    /// `a ^ b`
    Xor,
    /// `a & b`
    And,
    /// `a | b`
    Or,
    /// `a << b`
    Shl,
    /// `a >> b`
    Shr,
}

impl BinaryOp {
    /// Whether it has a divisor.
    pub fn divides(self) -> bool {
        matches!(self, Self::Div | Self::CeilDiv | Self::Rem)
    }
}

/// What an expression is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// An integer literal.
    Int(i64),
    /// A size.
    Size(SizeId),
    /// An iterator; never in an extent or a `requires` condition.
    Iter(IterId),
    /// A `where` name; its value is `rule.definitions[id].value`.
    Def(DefId),
    /// `-a`
    Neg(Arc<Expr>),
    /// Two operands.
    Binary(BinaryOp, Arc<Expr>, Arc<Expr>),
    /// `min(a, b, …)`, at least one argument.
    Min(Vec<Expr>),
    /// `max(a, b, …)`, at least one argument.
    Max(Vec<Expr>),
    /// `abs(a)`
    Abs(Arc<Expr>),
}

/// An expression and where it stands. Copies share their parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Comparison {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// What a condition is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum CondKind {
    /// A comparison.
    Compare(Comparison, Expr, Expr),
    /// `a && b`
    And(Box<Cond>, Box<Cond>),
    /// `a || b`
    Or(Box<Cond>, Box<Cond>),
    /// `!a`
    Not(Box<Cond>),
}

/// A condition and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Cond {
    /// What it is.
    pub kind: CondKind,
    /// Where it stands.
    pub span: Span,
}

/// A size: free, or with a value that is baked into the code.
#[derive(Clone, Debug, PartialEq)]
pub struct Size {
    /// Its name.
    pub name: Name,
    /// Its value, an expression of other sizes (the definitions are free of cycles).
    pub value: Option<Expr>,
}

/// One side of a converter: a tensor's name and its extents.
#[derive(Clone, Debug)]
pub struct Operand {
    /// The tensor's name.
    pub name: Name,
    /// The extent of each axis, an expression of sizes.
    pub extents: Vec<Expr>,
    /// The whole operand, name and brackets.
    pub span: Span,
}

/// An iterator, ranging over `0..extent`.
#[derive(Clone, Debug)]
pub struct Iterator {
    /// Its name.
    pub name: Name,
    /// How many values it takes, an expression of sizes.
    pub extent: Expr,
}

/// A `where` definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// The name.
    pub name: Name,
    /// What it stands for: sizes, iterators, and definitions with *smaller* ids only.
    pub value: Expr,
}

/// The two ways to write a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Fresh iterators on the left, one an output axis: `left[k]` is iterator `k`, whose extent is the axis's.
    Gather,
    /// Expressions on the left, iterators bound by `for` or by the source indices.
    Relational,
}

/// The `else` of a rule.
#[derive(Clone, Debug)]
pub struct Fill {
    /// The number.
    pub number: Number,
    /// Where it stands.
    pub span: Span,
}

/// What happens at a place that several iterations write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Writes {
    /// `=`: it is a mistake.
    Once,
    /// `+=`: what they read is added up, in the order of the loops; places that none writes hold 0. Relational rules only.
    Add,
}

/// Places that hold another number than [`Rule::fill`]: an inner fill that a composition read.
///
/// Every iteration that passes the guard writes the number to `left`; patches come in order, after the fill and before
/// the elements.
#[derive(Clone, Debug)]
pub struct Patch {
    /// What ranges, apart from the iterators of the rule.
    pub iterators: Vec<Iterator>,
    /// One index an output axis, of sizes and of these iterators.
    pub left: Vec<Expr>,
    /// Which of them write.
    pub guard: Option<Cond>,
    /// What they write.
    pub fill: Fill,
}

impl Patch {
    /// It as a rule of its own, which reads nothing; `span` is the place of the rule that it belongs to.
    pub fn as_rule(&self, span: Span) -> Rule {
        Rule {
            form: Form::Relational,
            iterators: self.iterators.clone(),
            definitions: Vec::new(),
            left: self.left.clone(),
            source: Vec::new(),
            guard: self.guard.clone(),
            fill: Some(self.fill.clone()),
            patches: Vec::new(),
            writes: Writes::Once,
            span,
        }
    }
}

/// The rule of a converter.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Gather or relational.
    pub form: Form,
    /// What ranges.
    pub iterators: Vec<Iterator>,
    /// The `where` names in an order in which each uses only earlier ones.
    pub definitions: Vec<Definition>,
    /// One index an output axis.
    pub left: Vec<Expr>,
    /// One index an input axis.
    pub source: Vec<Expr>,
    /// The `if`.
    pub guard: Option<Cond>,
    /// The `else`.
    pub fill: Option<Fill>,
    /// Inner fills. Only derived rules have any, and they have a `fill` then.
    pub patches: Vec<Patch>,
    /// `=` or `+=`.
    pub writes: Writes,
    /// From the left operand to the end.
    pub span: Span,
}

/// Where a converter comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A rule in the text.
    Rule,
    /// A chain in the text, as it reads there; its rule is made by `transform`.
    Chain(String),
    /// The standard library.
    Library,
}

/// A layout, resolved: logical coordinates to physical ones.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Its name.
    pub name: Name,
    /// Whether `pub` stands before it.
    pub public: bool,
    /// Its doc comment, a string a line.
    pub docs: Vec<String>,
    /// Its sizes.
    pub sizes: Vec<Size>,
    /// The logical coordinates.
    pub iterators: Vec<Iterator>,
    /// The physical coordinates, of sizes and iterators.
    pub left: Vec<Expr>,
    /// The extent of each physical axis, of sizes.
    pub extents: Vec<Expr>,
    /// What places hold that no coordinate reaches.
    pub pad: Fill,
    /// The item.
    pub span: Span,
}

/// The map between logical coordinates of `A -> B by [n, c] -> [c, n]`.
#[derive(Clone, Debug)]
pub struct By {
    /// B's coordinates, expressions of A's sizes and A's iterators (by position).
    pub coordinates: Vec<Expr>,
    /// The whole of it.
    pub span: Span,
}

/// What an assertion claims, with its chains resolved.
#[derive(Clone, Debug)]
pub enum Claim {
    /// `f == g`
    Equal(Box<Converter>, Box<Converter>),
    /// `bijective(f)` and its like.
    Property(Property, Box<Converter>),
}

/// What can be asserted of one converter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Property {
    /// Both of the next two, and every output position reads.
    Bijective,
    /// No input element is read twice.
    Injective,
    /// Every input element is read.
    Surjective,
    /// Every position that passes the `if` reads inside.
    InBounds,
}

/// An assertion, resolved.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// What is claimed.
    pub claim: Claim,
    /// What stands after `assert`, as it reads.
    pub text: String,
    /// Where that stands.
    pub span: Span,
}

/// A converter, resolved.
#[derive(Clone, Debug)]
pub struct Converter {
    /// Its name.
    pub name: Name,
    /// Whether `pub` stands before it.
    pub public: bool,
    /// Its doc comment, a string a line.
    pub docs: Vec<String>,
    /// Its sizes, in the order of declaration.
    pub sizes: Vec<Size>,
    /// What it reads.
    pub input: Operand,
    /// What it writes.
    pub output: Operand,
    /// The stated facts about the sizes.
    pub requires: Vec<Cond>,
    /// The element types that it is written for; None for any type, the same on both sides.
    pub elements: Option<Elements>,
    /// The rule.
    pub rule: Rule,
    /// Of the formulas that it is made of, over its sizes, those of which only a look at every iteration tells whether they
    /// accept sizes. What one of them refuses, it refuses.
    pub stages: Vec<Converter>,
    /// Where it comes from.
    pub origin: Origin,
}

/// A tensor layout that a convolution may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConvLayout {
    /// `NCHW`; for a kernel, K C R S.
    Nchw,
    /// `NHWC`; for a kernel, K R S C.
    Nhwc,
    /// `NC1HWC0` with C0 = 16; not for a kernel.
    Nc1hwc0,
    /// `FRACTAL_Z` with 16 x 16 fractals; for a kernel only.
    FractalZ,
}

/// A `convolution` item, resolved.
#[derive(Clone, Debug)]
pub struct Convolution {
    /// Its name.
    pub name: Name,
    /// Whether `pub` stands before it.
    pub public: bool,
    /// Its doc comment, a string a line.
    pub docs: Vec<String>,
    /// The layout of the input and of its gradient.
    pub input: ConvLayout,
    /// The layout of the kernel and of its gradient.
    pub kernel: ConvLayout,
    /// The layout of the output and of its gradient.
    pub output: ConvLayout,
    /// Rows, columns; at least 1.
    pub stride: [u32; 2],
    /// Top, bottom, left, right.
    pub padding: [u32; 4],
    /// Rows, columns; at least 1.
    pub dilation: [u32; 2],
    /// At least 1.
    pub groups: u32,
}

/// The shape of an item that has errors: enough for the macro to declare something of its name.
#[derive(Clone, Debug)]
pub struct Stub {
    /// Its name.
    pub name: Name,
    /// Whether `pub` stands before it.
    pub public: bool,
    /// What it would have been.
    pub kind: StubKind,
}

/// What a stub stands for.
#[derive(Clone, Debug)]
pub enum StubKind {
    /// A converter: the names of its free sizes and its ranks.
    Converter {
        /// The sizes that the constructor takes.
        sizes: Vec<Name>,
        /// Axes of the input; None where the header does not say.
        input_rank: Option<usize>,
        /// Axes of the output; None where the header does not say.
        output_rank: Option<usize>,
        /// What it reads and writes; None for any type, and where the header does not say.
        elements: Option<(ElementType, ElementType)>,
    },
    /// A convolution.
    Convolution,
}
