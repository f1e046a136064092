//! The formulas of the guide compile, or fail with the code that the guide announces.

use std::path::{Path, PathBuf};

use convgrad_dsl::compile::compile;
use convgrad_dsl::diagnostic::Diagnostic;
use convgrad_dsl::format::format;

fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages.extend(self::pages(&path));
        } else if path.extension().is_some_and(|e| e == "md") {
            pages.push(path);
        }
    }
    pages
}

/// The blocks ```` ```cg ```` of a page: the code behind a comma, if one is announced, and the text.
fn formulas(page: &str) -> Vec<(Option<&str>, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.trim().strip_prefix("```cg") {
            let code = info.strip_prefix(',');
            let text: Vec<&str> = lines
                .by_ref()
                .take_while(|line| line.trim() != "```")
                .collect();
            found.push((code, text.join("\n")));
        }
    }
    found
}

#[test]
fn formulas_of_the_guide_do_what_it_says() {
    let mut count = 0;
    for path in pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/guide")) {
        let page = std::fs::read_to_string(&path).unwrap();
        for (announced, text) in formulas(&page) {
            let compiled = compile(&text);
            let codes: Vec<&str> = compiled
                .diagnostics
                .iter()
                .map(|d| d.code.number())
                .collect();
            let expected: Vec<&str> = announced.into_iter().collect();
            let messages: Vec<&Diagnostic> = compiled.diagnostics.iter().collect();
            assert_eq!(
                codes,
                expected,
                "{}:\n{text}\n{messages:#?}",
                path.display()
            );
            if let Ok(formatted) = format(&text) {
                assert_eq!(formatted.trim_end(), text.trim_end(), "{}", path.display());
            }
            count += 1;
        }
    }
    assert!(count > 10, "{count} formulas");
}

#[test]
fn the_summary_names_every_page() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    for path in pages(&docs)
        .iter()
        .filter(|path| !path.ends_with("SUMMARY.md"))
    {
        let name = path
            .strip_prefix(&docs)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert!(
            summary.contains(&format!("]({name})")),
            "{name} is not in the summary"
        );
    }
    for link in summary.split("](").skip(1) {
        let name = link.split(')').next().unwrap();
        assert!(docs.join(name).exists(), "{name} is missing");
    }
}
