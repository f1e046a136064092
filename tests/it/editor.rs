//! The TextMate grammar colours formulas as an editor would show them: read by a small interpreter of such grammars.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fancy_regex::Regex;
use serde_json::Value;

/// What a grammar's rule does where it matches.
enum Action {
    /// Names the match, and parts of it.
    Match { captures: Vec<(usize, String)> },
    /// Opens a block that ends with a pattern of its own.
    Begin {
        block: usize,
        captures: Vec<(usize, String)>,
    },
}

/// A pattern and what it does.
struct Pattern {
    regex: Regex,
    name: Option<String>,
    action: Action,
}

/// What is open: the patterns inside, and how it ends. The outermost never ends.
struct Block {
    end: Option<Regex>,
    end_captures: Vec<(usize, String)>,
    name: Option<String>,
    patterns: Vec<usize>,
}

/// A grammar with its includes resolved.
#[derive(Default)]
struct Grammar {
    patterns: Vec<Pattern>,
    blocks: Vec<Block>,
    /// The blocks of rules that contain themselves.
    known: BTreeMap<String, usize>,
}

impl Grammar {
    fn load(file: &Value) -> Self {
        let mut grammar = Grammar::default();
        grammar.blocks.push(Block {
            end: None,
            end_captures: Vec::new(),
            name: None,
            patterns: Vec::new(),
        });
        let patterns = grammar.patterns(&file["patterns"], &file["repository"]);
        grammar.blocks[0].patterns = patterns;
        grammar
    }

    fn patterns(&mut self, list: &Value, repository: &Value) -> Vec<usize> {
        let list = list.as_array().expect("a list of patterns");
        list.iter()
            .flat_map(|rule| self.rule(rule, repository))
            .collect()
    }

    fn rule(&mut self, rule: &Value, repository: &Value) -> Vec<usize> {
        if let Some(include) = rule["include"].as_str() {
            let name = include
                .strip_prefix('#')
                .expect("an include of the repository");
            let rule = &repository[name];
            assert!(rule.is_object(), "{include} is included and not there");
            return self.rule(rule, repository);
        }
        let name = rule["name"].as_str().map(str::to_owned);
        let regex = |key: &str| {
            rule[key]
                .as_str()
                .map(|text| Regex::new(text).unwrap_or_else(|e| panic!("{text}: {e}")))
        };
        let captures = |key: &str| -> Vec<(usize, String)> {
            let all = rule[key].as_object().into_iter().flatten();
            all.map(|(at, name)| {
                (
                    at.parse().unwrap(),
                    name["name"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
        };
        if let Some(regex) = regex("match") {
            let action = Action::Match {
                captures: captures("captures"),
            };
            self.patterns.push(Pattern {
                regex,
                name,
                action,
            });
            return vec![self.patterns.len() - 1];
        }
        let Some(begin) = regex("begin") else {
            return self.patterns(&rule["patterns"], repository);
        };
        // A block that holds itself (a comment in a comment) must not be unfolded for ever.
        let key = rule.to_string();
        let block = match self.known.get(&key) {
            Some(block) => *block,
            None => {
                let end = regex("end");
                assert!(end.is_some(), "{key} begins and never ends");
                self.blocks.push(Block {
                    end,
                    end_captures: captures("endCaptures"),
                    name: name.clone(),
                    patterns: Vec::new(),
                });
                let block = self.blocks.len() - 1;
                self.known.insert(key, block);
                let inside = match rule["patterns"].is_array() {
                    true => self.patterns(&rule["patterns"], repository),
                    false => Vec::new(),
                };
                self.blocks[block].patterns = inside;
                block
            }
        };
        let action = Action::Begin {
            block,
            captures: captures("beginCaptures"),
        };
        self.patterns.push(Pattern {
            regex: begin,
            name,
            action,
        });
        vec![self.patterns.len() - 1]
    }

    /// The innermost scope of every byte of a text; empty where there is none.
    fn scopes(&self, text: &str) -> Vec<String> {
        let mut scopes = vec![String::new(); text.len()];
        let mut open = vec![0];
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            self.line(line.trim_end_matches('\n'), start, &mut open, &mut scopes);
            start += line.len();
        }
        scopes
    }

    fn line(&self, line: &str, start: usize, open: &mut Vec<usize>, scopes: &mut [String]) {
        let mut paint = |from: usize, to: usize, name: &str| {
            scopes[start + from..start + to]
                .iter_mut()
                .for_each(|scope| *scope = name.to_owned());
        };
        let mut at = 0;
        loop {
            let block = &self.blocks[open[open.len() - 1]];
            let find = |regex: &Regex| -> Option<Vec<Option<(usize, usize)>>> {
                let captures = regex.captures_from_pos(line, at).unwrap()?;
                let parts = captures
                    .iter()
                    .map(|part| part.map(|m| (m.start(), m.end())));
                Some(parts.collect())
            };
            let end = block.end.as_ref().and_then(find);
            let inside = block
                .patterns
                .iter()
                .filter_map(|&p| Some((&self.patterns[p], find(&self.patterns[p].regex)?)));
            // The first in the text counts, of several the first in the grammar, the end before all.
            let first =
                |captures: &Vec<Option<(usize, usize)>>| captures[0].map_or(usize::MAX, |m| m.0);
            let next = inside.min_by_key(|(_, captures)| first(captures));
            let ends = match (&end, &next) {
                (Some(end), Some((_, next))) => first(end) <= first(next),
                (end, _) => end.is_some(),
            };
            let until = if ends {
                end.as_ref().map_or(line.len(), first)
            } else {
                next.as_ref().map_or(line.len(), |(_, c)| first(c))
            };
            if let Some(name) = &block.name {
                paint(at, until, name);
            }
            let (captures, name, parts) = match (ends, &end, &next) {
                (true, Some(end), _) => {
                    open.pop();
                    (end, &block.name, &block.end_captures)
                }
                (_, _, Some((pattern, captures))) => match &pattern.action {
                    Action::Match { captures: parts } => (captures, &pattern.name, parts),
                    Action::Begin {
                        block,
                        captures: parts,
                    } => {
                        open.push(*block);
                        (captures, &pattern.name, parts)
                    }
                },
                _ => return,
            };
            let (from, to) = captures[0].expect("a match");
            if let Some(name) = name {
                paint(from, to, name);
            }
            for (part, name) in parts {
                if let Some((from, to)) = captures[*part] {
                    paint(from, to, name);
                }
            }
            assert!(to > at || ends, "no progress in {line}");
            at = to;
        }
    }
}

fn grammar() -> Grammar {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("editors/vscode/syntaxes/convgrad.tmLanguage.json");
    Grammar::load(&serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

fn files() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "convgrad-dsl/library",
        "tests/formulas/pass",
        "tests/formulas/run",
    ];
    let entries = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(here.join(folder)).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "cg"))
        .collect()
}

/// The words and signs outside of comments, with their places; comments are told by the scopes.
fn words<'t>(text: &'t str, scopes: &[String]) -> Vec<(usize, &'t str)> {
    let word = Regex::new(r"[\p{L}\p{N}_]+").unwrap();
    let found = word.find_iter(text).map(|found| found.unwrap());
    found
        .map(|m| (m.start(), m.as_str()))
        .filter(|(at, _)| !scopes[*at].starts_with("comment"))
        .collect()
}

#[test]
fn everything_in_the_library_has_a_colour() {
    let grammar = grammar();
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let scopes = grammar.scopes(&text);
        for (at, char) in text.char_indices() {
            assert!(
                char.is_whitespace() || !scopes[at].is_empty(),
                "{}: {:?}",
                path.display(),
                &text[at..]
            );
        }
        // Elsewhere words of the language are used as names on purpose.
        if !path.to_string_lossy().contains("library") {
            continue;
        }
        let words = words(&text, &scopes);
        for (k, (at, word)) in words.iter().enumerate() {
            let before = k.checked_sub(1).map_or("", |k| words[k].1);
            let scope = &scopes[*at];
            let expected = match *word {
                _ if matches!(before, "converter" | "layout" | "convolution") => {
                    "entity.name.function"
                }
                "converter" | "layout" | "convolution" => "storage.type",
                "pub" => "storage.modifier",
                "assert" | "if" | "else" | "for" | "where" | "requires" | "by" => "keyword.control",
                "inverse" | "compose" | "adjoint" | "ceil" | "min" | "max" | "abs"
                    if text[at + word.len()..].starts_with('(') =>
                {
                    "support.function"
                }
                number if number.starts_with(|c: char| c.is_ascii_digit()) => "constant.numeric",
                _ => continue,
            };
            assert!(
                scope.starts_with(expected),
                "{}: `{word}` is {scope}",
                path.display()
            );
        }
    }
}

#[test]
fn comments_are_comments() {
    let text = "/* a /* b */ 12 */ pub // if\n/// docs\nconverter f<N>(X[N]) -> Y[N] { Y[i] = X[N - 1 - i] else -inf; }\nuse std::{NCHW, im2col as unfold}; // x";
    let scopes = grammar().scopes(text);
    let of = |part: &str| scopes[text.find(part).unwrap()].as_str();
    assert_eq!(of("12"), "comment.block.convgrad");
    assert_eq!(of("pub"), "storage.modifier.convgrad");
    assert_eq!(of("if"), "comment.line.double-slash.convgrad");
    assert_eq!(of("docs"), "comment.line.documentation.convgrad");
    assert_eq!(of("f<"), "entity.name.function.convgrad");
    assert_eq!(of("N>"), "constant.other.size.convgrad");
    assert_eq!(of("X["), "variable.other.tensor.convgrad");
    assert_eq!(of("i] ="), "variable.other.convgrad");
    assert_eq!(of("->"), "keyword.operator.arrow.convgrad");
    assert_eq!(of("inf"), "constant.language.convgrad");
    assert_eq!(of("use"), "keyword.other.use.convgrad");
    assert_eq!(of("std"), "entity.name.namespace.convgrad");
    assert_eq!(of("unfold"), "entity.name.function.convgrad");
    assert_eq!(of("as"), "keyword.other.as.convgrad");
}
