//! `convgrad check`: what is wrong with formulas, and what is proved of them.

use std::path::PathBuf;

use clap::Args;
use convgrad_dsl::analysis::{Analysis, analyze};
use convgrad_dsl::compile::{Compiled, CompiledConverter, compile};
use convgrad_dsl::diagnostic::{Diagnostic, Severity};
use convgrad_dsl::proof::Decision;
use convgrad_dsl::sema::model::Converter;
use convgrad_dsl::source::LineIndex;
use serde::Serialize;

use crate::args::{Setting, Sizes};
use crate::failure::{Failure, Result};
use crate::formulas::{self, FormulaFile};
use crate::{output, render};

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

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Report {
    files: Vec<FileReport>,
}

#[derive(Debug, Serialize)]
struct FileReport {
    path: String,
    diagnostics: Vec<DiagnosticReport>,
    converters: Vec<ConverterReport>,
    /// For people only.
    #[serde(skip)]
    convolutions: usize,
}

#[derive(Debug, Serialize)]
struct DiagnosticReport {
    code: &'static str,
    severity: &'static str,
    message: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    notes: Vec<String>,
    help: Option<String>,
}

#[derive(Debug, Serialize)]
struct ConverterReport {
    name: String,
    sizes: Vec<String>,
    in_bounds: Option<bool>,
    injective: Option<bool>,
    surjective: Option<bool>,
    bijective: Option<bool>,
    decided_by: &'static str,
    obligations: Vec<String>,
}

/// Checks every file and reports.
pub(crate) fn run(options: &Options) -> Result {
    let settings = options.sizes.checked()?;
    let files = options
        .files
        .iter()
        .map(|path| FormulaFile::read(path))
        .collect::<Result<Vec<FormulaFile>>>()?;
    let compiled: Vec<Compiled> = files.iter().map(|file| compile(&file.text)).collect();
    let mut failed = false;
    let mut report = Report { files: Vec::new() };
    for (file, compiled) in files.iter().zip(&compiled) {
        let (diagnostics, converters) = check(compiled, settings);
        failed |= diagnostics.iter().any(Diagnostic::is_error);
        if !options.json {
            file.show(&diagnostics);
        }
        let index = LineIndex::new(&file.text);
        report.files.push(FileReport {
            path: file.path.display().to_string(),
            diagnostics: diagnostics
                .into_iter()
                .map(|diagnostic| describe(diagnostic, &index))
                .collect(),
            converters,
            convolutions: compiled.convolutions.len(),
        });
    }
    // A name that no converter has may belong to one with errors, which are the more useful message.
    if !failed {
        let converters: Vec<_> = compiled
            .iter()
            .flat_map(|compiled| &compiled.converters)
            .map(|compiled| &compiled.converter)
            .collect();
        formulas::check_names(settings, &converters)?;
    }
    if options.json {
        output::print_json(&report)?;
    } else {
        output::print(
            &report
                .files
                .iter()
                .map(FileReport::to_text)
                .collect::<String>(),
        )?;
    }
    if failed {
        Err(Failure::Reported)
    } else {
        Ok(())
    }
}

/// Everything there is to say about a file at the given sizes.
fn check(compiled: &Compiled, settings: &[Setting]) -> (Vec<Diagnostic>, Vec<ConverterReport>) {
    let mut diagnostics = compiled.diagnostics.clone();
    let converters = compiled
        .converters
        .iter()
        .map(|compiled| {
            let (report, errors) = at_sizes(compiled, settings);
            for error in errors {
                if !diagnostics.contains(&error) {
                    diagnostics.push(error);
                }
            }
            report
        })
        .collect();
    diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    (diagnostics, converters)
}

/// What is proved of a converter, and the errors that it has at these sizes only. Its warnings are about the formula and
/// known already.
fn at_sizes(
    compiled: &CompiledConverter,
    settings: &[Setting],
) -> (ConverterReport, Vec<Diagnostic>) {
    let converter = &compiled.converter;
    let analysis = formulas::bind(converter, settings).and_then(|bindings| {
        if bindings == compiled.analysis.bindings {
            return Ok(compiled.analysis.clone());
        }
        analyze(converter, &bindings).map(|(analysis, _)| analysis)
    });
    match analysis {
        Ok(analysis) => (ConverterReport::new(converter, Some(&analysis)), Vec::new()),
        Err(diagnostics) => {
            let errors = diagnostics
                .into_iter()
                .filter(Diagnostic::is_error)
                .collect();
            (ConverterReport::new(converter, None), errors)
        }
    }
}

impl ConverterReport {
    /// Without an analysis, the formula has errors at the sizes given.
    fn new(converter: &Converter, analysis: Option<&Analysis>) -> Self {
        let verdicts = analysis.map(|analysis| analysis.verdicts);
        let obligations = analysis.map(|analysis| analysis.obligations.as_slice());
        let texts = obligations
            .unwrap_or_default()
            .iter()
            .map(|obligation| obligation.text.clone());
        ConverterReport {
            name: converter.name.text.clone(),
            sizes: converter
                .sizes
                .iter()
                .map(|size| size.name.text.clone())
                .collect(),
            in_bounds: verdicts.and_then(|verdicts| verdicts.in_bounds),
            injective: verdicts.and_then(|verdicts| verdicts.injective),
            surjective: verdicts.and_then(|verdicts| verdicts.surjective),
            bijective: verdicts.and_then(|verdicts| verdicts.bijective),
            decided_by: decision(verdicts.map_or(Decision::Undecided, |v| v.decided_by)),
            obligations: texts.collect(),
        }
    }
}

/// How an answer was found, as JSON documents say it.
pub(super) fn decision(decided_by: Decision) -> &'static str {
    match decided_by {
        Decision::Symbolic => "symbolic",
        Decision::Enumeration => "enumeration",
        Decision::Undecided => "undecided",
    }
}

fn describe(diagnostic: Diagnostic, index: &LineIndex<'_>) -> DiagnosticReport {
    let (line, column) = index.line_column(diagnostic.span.start);
    let (end_line, end_column) = index.line_column(diagnostic.span.end.max(diagnostic.span.start));
    DiagnosticReport {
        code: diagnostic.code.number(),
        severity: diagnostic.severity().word(),
        message: diagnostic.message,
        line,
        column,
        end_line,
        end_column,
        notes: diagnostic.notes,
        help: diagnostic.help,
    }
}

impl FileReport {
    /// The summary of a file for people; what is wrong stands on stderr.
    fn to_text(&self) -> String {
        let count = |severity: Severity| {
            let of = self
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.severity == severity.word());
            plural(of.count(), severity.word())
        };
        let converters = plural(self.converters.len(), "converter");
        let convolutions = plural(self.convolutions, "convolution");
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let mut text = format!(
            "{}: {converters} and {convolutions} compiled, {errors}, {warnings}\n",
            self.path
        );
        if self.converters.is_empty() {
            return text;
        }
        let header = [
            "converter",
            "sizes",
            "in bounds",
            "injective",
            "surjective",
            "bijective",
            "decided by",
        ];
        let rows = self.converters.iter().map(|converter| {
            let mut row = vec![converter.name.clone(), converter.sizes.join(", ")];
            let verdicts = [
                converter.in_bounds,
                converter.injective,
                converter.surjective,
                converter.bijective,
            ];
            row.extend(verdicts.map(|verdict| word(verdict).to_owned()));
            row.push(converter.decided_by.into());
            row
        });
        text += &render::table(header, rows.collect(), header.len());
        if self
            .converters
            .iter()
            .any(|converter| converter.bijective.is_none())
        {
            text += "open: depends on sizes that are not given (--set), or takes too many trials\n";
        }
        for converter in &self.converters {
            if !converter.obligations.is_empty() {
                text += &format!("every call of {} checks once:\n", converter.name);
                text.extend(
                    converter
                        .obligations
                        .iter()
                        .map(|obligation| format!("  {obligation}\n")),
                );
            }
        }
        text
    }
}

fn word(verdict: Option<bool>) -> &'static str {
    match verdict {
        Some(true) => "yes",
        Some(false) => "no",
        None => "open",
    }
}

fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
