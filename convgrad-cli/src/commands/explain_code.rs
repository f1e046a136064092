//! `convgrad explain-code`: what a code means, an example with what is said of it, and how to mend it.

use clap::Args;
use convgrad_dsl::diagnostic::{Code, Severity};

use crate::failure::{Failure, Result};
use crate::{output, render};

/// Explain the code of a diagnostic: what it means, an example, how to mend it
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The code, as CG021, cg21 or 21; without one, all of them
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// Print Markdown
    #[arg(long)]
    markdown: bool,
}

/// Explains.
pub(crate) fn run(options: &Options) -> Result {
    let codes = match &options.code {
        None => Code::ALL.to_vec(),
        Some(text) => vec![Code::find(text).ok_or_else(|| {
            let last = Code::ALL.last().map_or("CG001", |code| code.number());
            Failure::environment(format!(
                "there is no code `{text}`; they go from CG001 to {last}"
            ))
        })?],
    };
    let page = match options.markdown {
        true => markdown,
        false => plain,
    };
    let pages: Vec<String> = codes.into_iter().map(page).collect();
    let text = pages.join("\n");
    output::print(&match (options.markdown, &options.code) {
        (true, None) => format!("{HEAD}\n{text}"),
        _ => text,
    })
}

/// What stands above the reference of all codes.
const HEAD: &str = "# Diagnostics\n
Every message of the compiler has a code. `convgrad explain-code CG021` prints the section of one.
This page is what `convgrad explain-code --markdown` prints.
";

fn head(code: Code) -> String {
    let kind = match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    format!("{} ({kind}): {}", code.number(), code.title())
}

/// What the compiler says of the example of a code.
fn said(code: Code) -> Option<(String, String)> {
    let example = code.page().example?;
    let diagnostics = example.diagnostics();
    let shown = render::diagnostics("example.cg", example.text, &diagnostics, false);
    Some((example.text.to_owned(), shown.trim_end().to_owned()))
}

/// For the terminal.
fn plain(code: Code) -> String {
    let page = code.page();
    let mut text = format!("{}\n\n{}\n", head(code), page.meaning);
    if let Some((example, said)) = said(code) {
        let at = match page.example.map_or("", |example| example.sizes) {
            "" => String::new(),
            sizes => format!(" at {sizes}"),
        };
        text += &format!("\nFor example{at}\n\n{}\n{said}\n", indent(&example));
    }
    if !page.mending.is_empty() {
        text += &format!("\n{}\n", page.mending);
    }
    if let Some(mended) = page.mended {
        text += &format!("\n{}", indent(mended));
    }
    text
}

/// For the reference.
fn markdown(code: Code) -> String {
    let page = code.page();
    let mut text = format!("## {}\n\n{}\n", head(code), page.meaning);
    if let Some((example, said)) = said(code) {
        text += &format!("\n```convgrad\n{example}```\n\n```text\n{said}\n```\n");
    }
    if !page.mending.is_empty() {
        text += &format!("\n{}\n", page.mending);
    }
    if let Some(mended) = page.mended {
        text += &format!("\n```convgrad\n{mended}```\n");
    }
    text
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
