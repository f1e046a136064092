//! What a converter that is made of others owes to them: what one of them refuses, it refuses.

use crate::analysis::{Bindings, enumerate_axes};
use crate::diagnostic::Diagnostic;
use crate::index::poly::{Checked, Poly};
use crate::sema::model::{Converter, Form};

use super::setup::{self, Model};
use super::{Check, Counts, patches, reads, writes};

/// Checks the reads and writes of the stages; errors and obligations go to the model.
pub(crate) fn check(of: &mut Model<'_>, bindings: &Bindings) -> Checked<()> {
    let whole = of.converter;
    for stage in &whole.stages {
        // Sizes may have been given values since, and more may be known of them.
        let stage = Converter {
            sizes: whole.sizes.clone(),
            requires: whole.requires.clone(),
            ..stage.clone()
        };
        match setup::model(&stage, bindings) {
            Ok(mut model) => {
                reads_and_writes(&mut model)?;
                model.diagnostics.retain(Diagnostic::is_error);
                model.obligations.retain(|obligation| {
                    obligation.counts == Counts::OutputNotEmpty
                        && !matches!(obligation.check, Check::Holds(_))
                });
                for obligation in &mut model.obligations {
                    obligation.text = format!("{}: {}", stage.name.text, obligation.text);
                }
                patches::settle(of, &mut model);
            }
            Err(errors) => of.diagnostics.extend(errors),
        }
    }
    Ok(())
}

fn reads_and_writes(model: &mut Model<'_>) -> Checked<()> {
    if model.output.iter().any(Poly::is_zero) {
        return Ok(());
    }
    let guard = model.forms.guard.clone();
    let reading = enumerate_axes(model, &model.forms.source, &model.input, guard.as_ref());
    reads::check(model, reading.as_ref())?;
    if model.converter.rule.form == Form::Relational {
        let writing = enumerate_axes(model, &model.forms.left, &model.output, guard.as_ref());
        writes::check(model, writing.as_ref())?;
    }
    Ok(())
}
