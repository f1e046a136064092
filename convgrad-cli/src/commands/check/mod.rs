//! `convgrad check`: what is wrong with formulas, and what is proved of them.

mod report;
mod text;

use std::path::PathBuf;

use clap::Args;
use convgrad_dsl::analysis::analyze;
use convgrad_dsl::compile::{Compiled, CompiledAssertion, CompiledConverter, compile};
use convgrad_dsl::diagnostic::{Code, Diagnostic};
use convgrad_dsl::sema::model::{Claim, Converter};
use convgrad_dsl::{proof, sizes};

use crate::args::Sizes;
use crate::failure::{Failure, Result};
use crate::formulas::{self, FormulaFile};
use crate::output;
pub(super) use report::decision;
use report::{AssertionReport, ConverterReport, FileReport, Report};

/// Check formulas: diagnostics, and per converter what is proved and how
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// Files of formulas
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    sizes: Sizes,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
}

/// Checks every file and reports. A file that cannot be read does not keep the others from being checked.
pub(crate) fn run(options: &Options) -> Result {
    let settings = options.sizes.checked()?;
    let given: Vec<(String, i64)> = settings
        .iter()
        .map(|setting| (setting.name.clone(), setting.value))
        .collect();
    let mut report = Report { files: Vec::new() };
    let (mut all, mut unread) = (Vec::new(), Vec::new());
    for path in &options.files {
        let (file, compiled, checked) = match FormulaFile::read(path) {
            Ok(file) => {
                let compiled = compile(&file.text);
                let checked = Checked::new(&compiled, &given);
                (file, compiled, checked)
            }
            Err(unreadable) => {
                let checked = Checked {
                    diagnostics: vec![(*unreadable.diagnostic).clone()],
                    ..Checked::default()
                };
                if !unreadable.content {
                    unread.push(Failure::from(unreadable));
                    report.files.push(FileReport::new(path, "", checked, 0));
                    continue;
                }
                (unreadable.file, Compiled::default(), checked)
            }
        };
        if !options.json {
            file.show(&checked.diagnostics);
        }
        let convolutions = compiled.convolutions.len();
        report
            .files
            .push(FileReport::new(path, &file.text, checked, convolutions));
        all.push(compiled);
    }
    let failed = report.has_errors();
    if options.json {
        output::print_json(&report)?;
    } else {
        output::print(&report.to_text())?;
    }
    // The call is at fault before any text is.
    if let Some(last) = unread.pop() {
        for failure in unread {
            output::complain(&failure.verdict().0.unwrap_or_default());
        }
        return Err(last);
    }
    if failed {
        return Err(Failure::Reported);
    }
    // A name that no converter has may belong to one with errors, which are the more useful message.
    let converters: Vec<_> = all.iter().flat_map(converters).collect();
    formulas::check_names(settings, &converters)
}

/// Everything there is to say about a file at given sizes.
#[derive(Default)]
struct Checked {
    diagnostics: Vec<Diagnostic>,
    converters: Vec<ConverterReport>,
    assertions: Vec<AssertionReport>,
}

impl Checked {
    fn new(compiled: &Compiled, given: &[(String, i64)]) -> Self {
        let mut checked = Checked {
            diagnostics: compiled.diagnostics.clone(),
            ..Checked::default()
        };
        for converter in &compiled.converters {
            checked.converter(converter, given);
        }
        for assertion in &compiled.assertions {
            checked.assertion(assertion, given);
        }
        checked
            .diagnostics
            .sort_by_key(|diagnostic| diagnostic.span.start);
        checked
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// What is proved of a converter, and the errors that it has at these sizes only. Its warnings are about the formula
    /// and known already.
    fn converter(&mut self, compiled: &CompiledConverter, given: &[(String, i64)]) {
        let converter = &compiled.converter;
        let analysis = sizes::bind_own(converter, given).and_then(|bindings| {
            if bindings == compiled.analysis.bindings {
                return Ok(compiled.analysis.clone());
            }
            analyze(converter, &bindings).map(|(analysis, _)| analysis)
        });
        let report = match analysis {
            Ok(analysis) => ConverterReport::new(converter, &analysis),
            Err(mut errors) => {
                errors.retain(Diagnostic::is_error);
                let report = ConverterReport::refused(converter, &errors);
                errors.into_iter().for_each(|error| self.report(error));
                report
            }
        };
        self.converters.push(report);
    }

    /// Whether an assertion holds at these sizes.
    fn assertion(&mut self, compiled: &CompiledAssertion, given: &[(String, i64)]) {
        let assertion = &compiled.assertion;
        let answer = match proof::decide(assertion, given) {
            Ok(answer) if !given.is_empty() => answer,
            _ => compiled.answer.clone(),
        };
        if answer.holds.is_some() {
            // What is open with free sizes is not open here.
            self.diagnostics
                .retain(|d| d.code != Code::AssertionOpen || d.span != assertion.span);
        }
        // An assertion that was refuted already has its error.
        if compiled.answer.holds != Some(false) {
            proof::report(assertion, &answer)
                .into_iter()
                .for_each(|diagnostic| self.report(diagnostic));
        }
        self.assertions
            .push(AssertionReport::new(assertion, &answer));
    }
}

/// The converters of a text, and those that its assertions make.
fn converters(compiled: &Compiled) -> Vec<&Converter> {
    let declared = compiled.converters.iter().map(|c| &c.converter);
    let asserted = compiled
        .assertions
        .iter()
        .flat_map(|a| match &a.assertion.claim {
            Claim::Equal(f, g) => vec![&**f, &**g],
            Claim::Property(_, converter) => vec![&**converter],
        });
    declared.chain(asserted).collect()
}
