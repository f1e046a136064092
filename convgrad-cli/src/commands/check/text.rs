//! The summary of a file for people.

use convgrad_dsl::diagnostic::Severity;

use super::report::{AssertionReport, ElementsReport, FileReport, Report};
use crate::render;

impl Report {
    /// The summaries of all files.
    pub(super) fn to_text(&self) -> String {
        self.files.iter().map(FileReport::to_text).collect()
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
        if !self.converters.is_empty() {
            text += &self.table_of_converters();
        }
        if !self.assertions.is_empty() {
            let row = |assertion: &AssertionReport| {
                let holds = yes(assertion.holds).to_owned();
                vec![assertion.text.clone(), holds, assertion.decided_by.into()]
            };
            let rows = self.assertions.iter().map(row).collect();
            text += &render::table(["assertion", "holds", "decided by"], rows, 3);
        }
        let open = self.converters.iter().any(|c| c.bijective.is_none())
            || self.assertions.iter().any(|a| a.holds.is_none());
        if open {
            text += "open: depends on sizes that are not given (--set), or takes too many trials\n";
        }
        for converter in &self.converters {
            if let Some(elements) = &converter.elements {
                text += &format!("{} {}\n", converter.name, elements.to_text());
            }
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

    fn table_of_converters(&self) -> String {
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
            row.extend(verdicts.map(|verdict| yes(verdict).to_owned()));
            row.push(converter.decided_by.into());
            row
        });
        render::table(header, rows.collect(), header.len())
    }
}

impl ElementsReport {
    fn to_text(&self) -> String {
        let ElementsReport { input, output, .. } = self;
        match &self.conversion {
            None => format!("moves {input}"),
            Some(conversion) => format!("makes {output} of {input} by {conversion}"),
        }
    }
}

fn yes(verdict: Option<bool>) -> &'static str {
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
