//! The tree of a text: what was written, with its places, and no name looked up.

use crate::sema::model::{BinaryOp, Comparison, Number};
use crate::source::{Name, Span};

/// A text.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// What it declares.
    pub items: Vec<Item>,
}

/// An item with what stands before it.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its doc comment, a string a line.
    pub docs: Vec<String>,
    /// Whether `pub` stands before it.
    pub public: bool,
    /// What it is.
    pub kind: ItemKind,
    /// From the first word to the last bracket or semicolon, without the docs.
    pub span: Span,
    /// Whether an error in it has been reported.
    pub broken: bool,
}

/// What an item is.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// A converter with a rule.
    Converter(Box<Converter>),
    /// A converter made of others.
    Derived {
        /// Its name.
        name: Name,
        /// What it is made of.
        chain: Box<Spelled>,
    },
    /// A layout.
    Layout(Box<Layout>),
    /// An assertion.
    Assertion(Box<Assertion>),
    /// A convolution.
    Convolution(Convolution),
    /// Names of the standard library.
    Use(Use),
    /// An item of which nothing but the kind and perhaps the name could be read.
    Unreadable {
        /// The word it begins with, if it is one of ours.
        keyword: Option<&'static str>,
        /// Its name.
        name: Option<Name>,
    },
}

/// A converter with a rule.
#[derive(Clone, Debug)]
pub struct Converter {
    /// Its name.
    pub name: Name,
    /// What stands before its body; None where it could not be read.
    pub header: Option<Header>,
    /// Its rule; None where it could not be read.
    pub rule: Option<Rule>,
}

/// `<N, C>(X[N, C]) -> Y[C, N] requires N >= 1`
#[derive(Clone, Debug)]
pub struct Header {
    /// The sizes.
    pub sizes: Vec<Size>,
    /// What it reads.
    pub input: Tensor,
    /// What it writes.
    pub output: Tensor,
    /// The stated facts.
    pub requires: Vec<Expr>,
}

/// A size and its value.
#[derive(Clone, Debug)]
pub struct Size {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Option<Expr>,
}

/// `X[a, b]`: a declared tensor, one side of a rule, or a tensor where none may stand.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its name.
    pub name: Name,
    /// The name of its element type; only where it is declared.
    pub element: Option<Name>,
    /// What stands in the brackets.
    pub list: List,
    /// Name and brackets.
    pub span: Span,
}

/// `[a, b, …]`
#[derive(Clone, Debug)]
pub struct List {
    /// Its expressions.
    pub exprs: Vec<Expr>,
    /// `i0..` in place of expressions: the name, with the span of the dots too.
    pub spread: Option<Name>,
    /// The comma before the closing bracket, if there is one.
    pub trailing_comma: Option<Span>,
    /// With the brackets.
    pub span: Span,
}

/// `Y[…] = X[…] …`
#[derive(Clone, Debug)]
pub struct Rule {
    /// Left of `=`.
    pub left: Tensor,
    /// The `+=`; None if it is `=`.
    pub added: Option<Span>,
    /// Right of `=`; None if that could not be read as a tensor (which has been reported).
    pub source: Option<Tensor>,
    /// What becomes of its elements on their way.
    pub conversion: Option<Conversion>,
    /// Behind `if`.
    pub guard: Option<Expr>,
    /// Behind `else`.
    pub fill: Option<Fill>,
    /// Behind `for`; None if there is no `for`.
    pub ranges: Option<Vec<Range>>,
    /// Behind `where`.
    pub definitions: Vec<Definition>,
    /// All of it.
    pub span: Span,
}

/// `cast(…)`, `quantize(…, 0.05, 3)` or `dequantize(…, 0.05, 3)`
#[derive(Clone, Debug)]
pub struct Conversion {
    /// Which of them.
    pub kind: ConversionKind,
    /// The numbers behind what is converted; None if they could not be read (which has been reported).
    pub numbers: Option<Vec<Fill>>,
    /// The word.
    pub word: Span,
    /// All of it.
    pub span: Span,
}

/// The conversions that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConversionKind {
    /// `cast`
    Cast,
    /// `quantize`
    Quantize,
    /// `dequantize`
    Dequantize,
}

impl ConversionKind {
    /// All of them.
    pub const ALL: [ConversionKind; 3] = [
        ConversionKind::Cast,
        ConversionKind::Quantize,
        ConversionKind::Dequantize,
    ];

    /// The one that a word means.
    pub fn of(word: &str) -> Option<ConversionKind> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// How it is written.
    pub fn word(self) -> &'static str {
        match self {
            ConversionKind::Cast => "cast",
            ConversionKind::Quantize => "quantize",
            ConversionKind::Dequantize => "dequantize",
        }
    }
}

/// A number of a formula: behind `else` or `pad`, or of a conversion.
#[derive(Clone, Copy, Debug)]
pub struct Fill {
    /// The number.
    pub number: Number,
    /// Where it stands.
    pub span: Span,
}

/// `n < N`, or `n` alone
#[derive(Clone, Debug)]
pub struct Range {
    /// The iterator.
    pub name: Name,
    /// How many values it takes.
    pub limit: Option<Expr>,
}

/// `i0 = j1*16 + j4`
#[derive(Clone, Debug)]
pub struct Definition {
    /// The name.
    pub name: Name,
    /// What it stands for.
    pub value: Expr,
}

/// A layout.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Its name.
    pub name: Name,
    /// Its sizes.
    pub sizes: Vec<Size>,
    /// Its logical coordinates.
    pub ranges: Vec<Range>,
    /// Its physical ones.
    pub list: List,
    /// What fills places that no coordinate reaches.
    pub pad: Option<Fill>,
}

/// A converter made of converters and layouts.
#[derive(Clone, Debug)]
pub struct Chain {
    /// What it is.
    pub kind: ChainKind,
    /// Where it stands.
    pub span: Span,
}

/// A chain and how it reads.
#[derive(Clone, Debug)]
pub struct Spelled {
    /// The chain.
    pub chain: Chain,
    /// Its text, with single spaces.
    pub text: String,
}

/// What a chain is made of.
#[derive(Clone, Debug)]
pub enum ChainKind {
    /// Another converter.
    Named(Reference),
    /// From one layout to another.
    Between {
        /// The layout that is read.
        from: Reference,
        /// The layout that is written.
        to: Reference,
        /// The logical coordinates, and B's made of them.
        by: Option<Box<(List, List)>>,
    },
    /// `inverse(f)`
    Inverse(Box<Chain>),
    /// `adjoint(f)`
    Adjoint(Box<Chain>),
    /// `compose(f, g)`; empty if nothing stands between the parentheses.
    Compose(Vec<Chain>),
    /// `quantize(f, f32 -> i8, 0.05, 3)` and its like.
    Converted {
        /// What moves the elements.
        inner: Box<Chain>,
        /// The names of the type that is read and of the type that is written.
        types: Box<(Name, Name)>,
        /// What becomes of an element.
        conversion: Conversion,
    },
}

impl Chain {
    /// Calls `visit` for every layout and converter that it names, and whether a layout is needed there.
    pub fn references<'c>(&'c self, visit: &mut impl FnMut(&'c Reference, bool)) {
        match &self.kind {
            ChainKind::Named(reference) => visit(reference, false),
            ChainKind::Between { from, to, .. } => {
                visit(from, true);
                visit(to, true);
            }
            ChainKind::Inverse(inner)
            | ChainKind::Adjoint(inner)
            | ChainKind::Converted { inner, .. } => inner.references(visit),
            ChainKind::Compose(stages) => stages.iter().for_each(|s| s.references(visit)),
        }
    }
}

/// A layout or a converter by its name, with values for its sizes: `NC1HWC0<C0 = 32>`.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The name.
    pub name: Name,
    /// The sizes that are given values.
    pub values: Vec<Size>,
    /// All of it.
    pub span: Span,
}

/// `use std::{NCHW, im2col as unfold};`
#[derive(Clone, Debug)]
pub struct Use {
    /// Where from.
    pub library: Name,
    /// What is imported by name.
    pub imports: Vec<Import>,
    /// The `*`, if everything is imported.
    pub everything: Option<Span>,
}

/// A name of the library.
#[derive(Clone, Debug)]
pub struct Import {
    /// What the library calls it.
    pub name: Name,
    /// What the file calls it, if that is something else.
    pub alias: Option<Name>,
}

impl Import {
    /// The name that it has in the file.
    pub fn local(&self) -> &Name {
        self.alias.as_ref().unwrap_or(&self.name)
    }
}

/// An assertion.
#[derive(Clone, Debug)]
pub struct Assertion {
    /// What is claimed.
    pub claim: Claim,
    /// What stands after `assert`, with single spaces.
    pub text: String,
    /// Where that stands.
    pub span: Span,
}

impl Assertion {
    /// The chains in it.
    pub fn chains(&self) -> Vec<&Chain> {
        match &self.claim {
            Claim::Equal(f, g) => vec![&f.chain, &g.chain],
            Claim::Property(_, f) => vec![&f.chain],
        }
    }
}

/// What an assertion claims.
#[derive(Clone, Debug)]
pub enum Claim {
    /// `f == g`
    Equal(Spelled, Spelled),
    /// `bijective(f)` and its like: the word and the chain.
    Property(Name, Spelled),
}

/// A convolution.
#[derive(Clone, Debug)]
pub struct Convolution {
    /// Its name.
    pub name: Name,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// `stride [2, 1]`
#[derive(Clone, Debug)]
pub struct Field {
    /// The word.
    pub name: Name,
    /// What stands behind it.
    pub value: FieldValue,
    /// Where that stands.
    pub span: Span,
}

/// The value of a field.
#[derive(Clone, Debug)]
pub enum FieldValue {
    /// `NCHW`
    Name(String),
    /// `2`
    Int(i128),
    /// `[1, 2]`, each number with its place
    List(Vec<(i128, Span)>),
    /// Something else, which has been reported.
    Unreadable,
}

/// An expression: a number or a truth value, which is told apart when names are resolved.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, with the parentheses around it.
    pub span: Span,
    /// How many levels it has; never more than [`MAX_DEPTH`](super::limits::MAX_DEPTH).
    pub depth: u32,
}

/// What an expression is made of.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// An integer literal.
    Int(i64),
    /// A name.
    Name(String),
    /// `-a`
    Neg(Box<Expr>),
    /// `!a`
    Not(Box<Expr>),
    /// Two numbers make a number.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// Two numbers make a truth value.
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `a && b`
    And(Box<Expr>, Box<Expr>),
    /// `a || b`
    Or(Box<Expr>, Box<Expr>),
    /// `min(a, b)`, or any other name before parentheses.
    Call(Name, Vec<Expr>),
    /// `X[j]` where only numbers may stand.
    Access(Tensor),
    /// Something that has been reported.
    Error,
}
