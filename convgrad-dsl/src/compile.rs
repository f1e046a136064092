//! The spine: text to tree to formulas to proofs to loop nests.

use crate::analysis::{Analysis, analyze};
use crate::diagnostic::{Diagnostic, Sink};
use crate::proof::{self, Answer};
use crate::sema::model::{Assertion, Converter, Convolution, Layout, Stub};
use crate::{sema, sizes, syntax, transform};

/// A compiled text.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// The converters without errors, in the order of the text.
    pub converters: Vec<CompiledConverter>,
    /// The convolutions without errors.
    pub convolutions: Vec<Convolution>,
    /// The layouts without errors, in the order of the text.
    pub layouts: Vec<Layout>,
    /// The assertions about converters without errors, in the order of the text.
    pub assertions: Vec<CompiledAssertion>,
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

/// An assertion about converters without errors.
#[derive(Clone, Debug)]
pub struct CompiledAssertion {
    /// What is claimed.
    pub assertion: Assertion,
    /// Whether that holds, with the free sizes free.
    pub answer: Answer,
}

/// Compiles a text. What is wrong is among the diagnostics; the items without errors are compiled all the same.
pub fn compile(text: &str) -> Compiled {
    proof::setup::recent::forget();
    let mut sink = Sink::new();
    let file = syntax::parse(text, &mut sink);
    let unit = sema::resolve(&file, &mut sink);
    let mut compiled = Compiled {
        convolutions: unit.convolutions,
        layouts: unit.layouts,
        stubs: unit.stubs,
        ..Compiled::default()
    };
    for converter in unit.converters {
        match analysed(&converter) {
            Ok((analysis, warnings)) => {
                sink.extend(warnings);
                compiled.converters.push(CompiledConverter {
                    converter,
                    analysis,
                });
            }
            Err(errors) => {
                sink.extend(errors);
                compiled.stubs.push(converter.stub());
            }
        }
    }
    for assertion in unit.assertions {
        match proof::decide(&assertion, &[]) {
            Ok(answer) => {
                sink.extend(proof::report(&assertion, &answer));
                compiled
                    .assertions
                    .push(CompiledAssertion { assertion, answer });
            }
            Err(errors) => sink.extend(errors),
        }
    }
    compiled.diagnostics = sink.finish();
    compiled
}

/// A converter with its free sizes free, and what is to be said of it.
fn analysed(converter: &Converter) -> Result<(Analysis, Vec<Diagnostic>), Vec<Diagnostic>> {
    analyze(converter, &sizes::bake(converter)?)
}

/// From logical coordinates, in their order, to a layout.
///
/// # Errors
/// What is wrong with the layout: it puts two coordinates into one place, or its arithmetic leaves 64 bits.
pub fn compile_layout(layout: &Layout) -> Result<CompiledConverter, Vec<Diagnostic>> {
    let converter = transform::packed(layout);
    let (analysis, _) = analysed(&converter)?;
    Ok(CompiledConverter {
        converter,
        analysis,
    })
}
