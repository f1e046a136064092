//! What there is to read about a code: what it means, an example that raises it, and how to mend that.
//!
//! The texts stand in `pages`, a Markdown file a code. The first block of formulas is the example; what follows says how to
//! mend it, and a second block is the example mended. A page without blocks says why no text raises its code by itself.

use super::{Code, Diagnostic};
use crate::analysis::analyze;
use crate::compile::compile;
use crate::sizes;

/// The page of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// What the code means.
    pub meaning: &'static str,
    /// A text that raises it; None for the codes of calls, and the meaning says so then.
    pub example: Option<Example>,
    /// How to mend it.
    pub mending: &'static str,
    /// The example, mended.
    pub mended: Option<&'static str>,
}

/// A text that raises a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The text.
    pub text: &'static str,
    /// The sizes at which it does: `N=3,M=5`; empty for all.
    pub sizes: &'static str,
}

impl Page {
    /// Reads a page.
    pub(super) fn read(text: &'static str) -> Self {
        let mut parts = text.split("```");
        let mut words = || parts.next().unwrap_or_default();
        let (meaning, example, mending, mended) = (words(), words(), words(), words());
        let block = |part: &'static str| part.split_once('\n').filter(|(kind, _)| !kind.is_empty());
        Page {
            meaning: meaning.trim(),
            example: block(example).map(|(kind, text)| Example {
                text,
                sizes: kind.strip_prefix("cg").unwrap_or(kind).trim(),
            }),
            mending: mending.trim(),
            mended: block(mended).map(|(_, text)| text),
        }
    }
}

impl Code {
    /// The code that someone means by `CG021`, `cg21` or `21`.
    pub fn find(text: &str) -> Option<Code> {
        let lower = text.trim().to_lowercase();
        let number: u32 = lower.strip_prefix("cg").unwrap_or(&lower).parse().ok()?;
        let wanted = format!("CG{number:03}");
        Code::ALL
            .iter()
            .copied()
            .find(|code| code.number() == wanted)
    }
}

impl Example {
    /// Everything that the compiler says about it, at its sizes if it has any.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let compiled = compile(self.text);
        let mut diagnostics = compiled.diagnostics;
        if self.sizes.is_empty() {
            return diagnostics;
        }
        let pairs = self.sizes.split(',').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.trim().to_owned(), value.trim().parse().ok()?))
        });
        let given: Vec<(String, i64)> = pairs.collect();
        for compiled in &compiled.converters {
            let converter = &compiled.converter;
            let found = sizes::bind(converter, &given).and_then(|b| analyze(converter, &b));
            diagnostics.extend(found.err().into_iter().flatten());
        }
        diagnostics
    }
}
