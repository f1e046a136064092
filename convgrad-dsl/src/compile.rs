//! The spine: text to tree to formulas to proofs to loop nests.

use crate::analysis::Analysis;
use crate::diagnostic::Diagnostic;
use crate::sema::model::{Converter, Convolution, Stub};

/// A compiled text.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// The converters without errors, in the order of the text.
    pub converters: Vec<CompiledConverter>,
    /// The convolutions without errors.
    pub convolutions: Vec<Convolution>,
    /// The items with errors.
    pub stubs: Vec<Stub>,
    /// Everything there is to say, by place in the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// A converter without errors.
#[derive(Clone, Debug)]
pub struct CompiledConverter {
    /// As it was written, resolved.
    pub converter: Converter,
    /// With its free sizes free.
    pub analysis: Analysis,
}
