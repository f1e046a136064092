//! The table of codes. A code never changes its meaning; new ones go to the end of their block, and each has a page in
//! `pages`.

use super::{Page, Severity};

macro_rules! codes {
    ($($name:ident = $number:literal $severity:ident $title:literal;)*) => {
        /// The code of a diagnostic.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The number as it is printed: `CG021`.
            pub fn number(self) -> &'static str {
                match self { $(Code::$name => $number,)* }
            }

            /// What the code stands for, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// What there is to read about it.
            pub fn page(self) -> Page {
                Page::read(match self {
                    $(Code::$name => include_str!(concat!("pages/", $number, ".md")),)*
                })
            }

            /// Whether it is an error or a warning.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    Unexpected = "CG001" Error "something else is expected here";
    Unclosed = "CG002" Error "a bracket is not closed";
    EmptyIndex = "CG003" Error "an index is empty";
    DoubleComma = "CG004" Error "two commas follow each other";
    UnknownOperator = "CG005" Error "an operator that the language does not have";
    NotAnInteger = "CG006" Error "an index literal that is no integer";
    LiteralTooLarge = "CG007" Error "a literal that does not fit 64 bits";
    NotAName = "CG008" Error "something that cannot be a name";
    IteratorTwice = "CG009" Error "an iterator bound twice";
    UnknownName = "CG010" Error "an unknown name";
    UnusedIterator = "CG011" Warning "an iterator that the right side never uses";
    IteratorNotAlone = "CG012" Error "an iterator of a relational rule that stands alone as no source index, or as several";
    TooFewIndices = "CG013" Error "fewer indices than axes";
    TooManyIndices = "CG014" Error "more indices than axes";
    UnknownTensor = "CG015" Error "an unknown tensor";
    IncompleteExtent = "CG016" Error "an incomplete extent";
    NegativeExtent = "CG017" Error "an extent that is negative";
    UnknownSize = "CG018" Error "an unknown size";
    DivisionByZero = "CG019" Error "a division by zero";
    DivisorAlwaysZero = "CG020" Error "a divisor that is always zero";
    OutOfBoundsAbove = "CG021" Error "a read beyond the end of an axis";
    OutOfBoundsBelow = "CG022" Error "a read before the start of an axis";
    LongerThanSource = "CG023" Error "an output longer than what it reads";
    ProductOfIterators = "CG024" Error "a product of two iterators";
    DivisorIterates = "CG025" Error "a divisor with an iterator";
    DivisorNegative = "CG026" Error "a divisor that is negative";
    DivisorUnknown = "CG027" Error "a divisor that cannot be shown to be positive";
    CircularDefinition = "CG028" Error "definitions that refer to each other in a circle";
    DefinedTwice = "CG029" Error "a name defined twice";
    UnusedDefinition = "CG030" Warning "a definition that is never used";
    NotACondition = "CG031" Error "an expression where a condition is needed";
    GuardNeverTrue = "CG032" Error "a guard that is never true";
    GuardAlwaysTrue = "CG033" Warning "a guard that is always true";
    GuardWithoutElse = "CG034" Error "a guard without else";
    FillNotRepresentable = "CG035" Error "a fill value that the element type cannot hold";
    NotInjective = "CG036" Error "two places read one element, against an assertion or a need";
    Overlap = "CG037" Error "indices that overlap";
    NotCovering = "CG038" Error "elements that are never read or written";
    NotInvertible = "CG039" Error "an inverse of what cannot be inverted";
    ShapesDoNotMeet = "CG040" Error "shapes that do not meet";
    ElementTypesDiffer = "CG041" Error "element types that differ";
    EmptyRange = "CG042" Error "a range that is always empty";
    OneSourceOnly = "CG043" Error "a rule with more than one source";
    Overflow = "CG044" Error "index arithmetic that overflows 64 bits";
    WrittenTwice = "CG045" Error "two iterations write one place";
    WriteOutOfBounds = "CG046" Error "a write outside the output";
    NotWritten = "CG047" Error "places that are never written, and no else";
    ReservedName = "CG048" Error "a word of the language used as a name";
    ItemTwice = "CG049" Error "two items of one name";
    Shadowing = "CG050" Error "a name that hides another one";
    SecondRule = "CG051" Error "a converter with more than one rule";
    ChainedComparison = "CG052" Error "a chained comparison";
    NotYet = "CG053" Error "a part of the language that is not compiled yet; none is left";
    UnusedSize = "CG054" Warning "a size that is never used";
    RequiresContradict = "CG055" Error "a requirement that no sizes fulfil";
    UnknownLayout = "CG056" Error "an unknown layout";
    MissingField = "CG057" Error "a field that a convolution needs";
    FieldTwice = "CG058" Error "a field given twice";
    UnknownField = "CG059" Error "an unknown field";
    FieldValue = "CG060" Error "a value that a field cannot have";
    TooDeep = "CG061" Error "an expression that is nested too deeply or too long";
    RuleMismatch = "CG062" Error "a rule that names other tensors than its converter";
    EmptyFile = "CG063" Warning "nothing is declared";
    SizeMissing = "CG064" Error "a size that neither the input nor the caller determines";
    SizeMismatch = "CG065" Error "sizes that contradict the input's extents or each other";
    ShiftUnknown = "CG066" Error "a shift by a number that cannot be shown to be in 0..63";
    RequirementViolated = "CG067" Error "sizes that violate a requirement or an obligation";
    ExpansionTooLarge = "CG068" Error "a formula that needs more work than the budget allows";
    UnknownExtent = "CG069" Error "an axis of a layout whose extent is not known";
    WrongKind = "CG070" Error "an item of another kind than is needed";
    UnknownElementType = "CG071" Error "an unknown element type";
    ElementTypeMissing = "CG072" Error "an element type that is not declared";
    NoConversion = "CG073" Error "a conversion that its element types do not have";
    ConversionNumber = "CG074" Error "a number that a conversion cannot have";
    MiddleStays = "CG075" Error "a composition that no single rule expresses";
    NotEqual = "CG076" Error "converters that are asserted to be equal and are not";
    AssertionOpen = "CG077" Warning "an assertion that is neither proved nor refuted";
    Unreadable = "CG078" Error "a file that cannot be read as text";
}
