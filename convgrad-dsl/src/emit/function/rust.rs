//! Rust, with nothing but its standard library.

use super::about::About;
use super::lines::{Lines, filled};
use super::scalar::{Strength, Text};
use super::target::{Extreme, Flags, Parts, Refusal, Target};
use super::{Language, Unfit, element};
use crate::emit::formula;
use crate::keywords;
use crate::sema::model::ElementType;

const SIZES: &str = "the sizes are so large that indices may not fit 64 bits";
const TRIALS: &str = "a check of the sizes would take too many trials or too much memory";

/// The language.
#[derive(Debug)]
pub(super) struct Rust {
    /// None for any type.
    element: Option<ElementType>,
}

impl Rust {
    pub(super) fn new(element: Option<ElementType>) -> Self {
        Rust { element }
    }

    fn element_name(&self) -> &'static str {
        match self.element {
            Some(element) => element::name(element, Language::Rust),
            None => "T",
        }
    }

    fn comment(&self, parts: &Parts) -> String {
        let About {
            head,
            docs,
            formula,
            tensors,
            constants,
            values,
            obligations,
            ..
        } = parts.about;
        let [x, y] = parts.tensors;
        let mut lines = match docs.is_empty() {
            true => vec![format!("Converts `{head}`.")],
            false => docs.clone(),
        };
        let mut paragraph = |all: Vec<String>| {
            if !all.is_empty() {
                lines.push(String::new());
                lines.extend(all);
            }
        };
        if !docs.is_empty() {
            paragraph(vec![format!("Converts `{head}`.")]);
        }
        if !formula.is_empty() {
            let mut block = vec!["```text".to_owned()];
            block.extend(formula.iter().cloned());
            block.push("```".to_owned());
            paragraph(block);
        }
        let mut about = vec![format!(
            "`{x}` is `{}` and `{y}` is `{}`, both in C order: the last axis is the fastest.",
            tensors[0], tensors[1]
        )];
        about.extend(values.iter().cloned());
        if self.element.is_none() {
            about.extend(
                parts.numbers.iter().map(|(name, number)| {
                    format!("`{name}` is to be {}.", formula::number(*number))
                }),
            );
        }
        if !constants.is_empty() {
            about.push(format!("Constant here: {}.", constants.join(", ")));
        }
        paragraph(vec![about.join(" ")]);
        let mut errors = vec!["# Errors".to_owned()];
        errors
            .push("Nothing is written if a slice has not as many elements as its shape".to_owned());
        if !parts.sizes.is_empty() {
            errors[1] += ", if indices may not fit 64 bits";
        }
        match obligations.is_empty() {
            true => errors[1] += ".",
            false => errors[1] += ", or if one of these is violated:",
        }
        errors.extend(obligations.iter().map(|text| format!("- `{text}`")));
        paragraph(errors);
        let mut text = String::new();
        for line in lines.iter().flat_map(|line| filled(line, 96)) {
            text += format!("/// {line}").trim_end();
            text.push('\n');
        }
        text
    }

    /// The sizes as integers with a sign.
    fn sizes(&self, parts: &Parts, code: &str) -> String {
        let mut lines = Lines::inside(1);
        if parts.sizes.is_empty() {
            return String::new();
        }
        let all = parts.sizes.join(", ");
        lines.open(&format!(
            "if [{all}].iter().any(|&size| size > i64::MAX as usize)"
        ));
        lines.line(&self.refuse(Refusal::Sizes));
        lines.close();
        let used: Vec<&str> = parts
            .sizes
            .iter()
            .copied()
            .filter(|size| names(code, size))
            .collect();
        if !used.is_empty() {
            let used = used.join(", ");
            lines.line(&format!("let [{used}] = [{used}].map(|size| size as i64);"));
        }
        lines.finish()
    }

    fn lengths(&self, parts: &Parts) -> String {
        let mut lines = Lines::inside(1);
        for ((tensor, elements), shape) in parts
            .tensors
            .iter()
            .zip(&parts.elements)
            .zip(&parts.about.tensors)
        {
            let length = match elements.parse::<i64>() {
                Ok(_) => format!("{tensor}.len() != {elements}"),
                Err(_) => format!("{tensor}.len() as i64 != {elements}"),
            };
            lines.open(&self.when(&length));
            let shape = match shape.len() {
                ..60 => shape.as_str(),
                _ => "its shape",
            };
            let message = format!("the length of {tensor} is not that of {shape}");
            lines.line(&format!("return Err({message:?});"));
            lines.close();
        }
        lines.finish()
    }
}

/// Whether code names something.
fn names(code: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        !before.ends_with(part) && !after.starts_with(part)
    })
}

impl Target for Rust {
    fn assemble(&self, parts: &Parts) -> Result<String, Unfit> {
        let [x, y] = parts.tensors;
        let [sizes, accesses, loops] = &parts.code;
        let type_name = self.element_name();
        let mut text = sizes.clone();
        text += &self.lengths(parts);
        let mut body = Lines::inside(1);
        if !parts.empty.is_empty() {
            body.open(&self.when(&format!("{y}.is_empty()")));
            body.line("return Ok(());");
            body.close();
        }
        text += &body.finish();
        text += accesses;
        if !text.is_empty() {
            text.push('\n');
        }
        let mut parameters = vec![
            format!("{x}: &[{type_name}]"),
            format!("{y}: &mut [{type_name}]"),
        ];
        let mut body = Lines::inside(1);
        if let (true, Some(element)) = (parts.adds, self.element) {
            element::addable(element, Language::Rust)?;
        }
        for (name, number) in &parts.numbers {
            match self.element {
                None => parameters.push(format!("{name}: T")),
                Some(element) => {
                    let value = element::literal(*number, element, Language::Rust)?;
                    body.line(&format!("let {name}: {type_name} = {value};"));
                }
            }
        }
        text += &body.finish();
        text += loops;
        parameters.extend(parts.sizes.iter().map(|size| format!("{size}: usize")));
        let text = self.sizes(parts, &text) + &text;

        let mut code = self.comment(parts);
        let name = match keywords::is_rust(parts.name) || parts.name == "_" {
            true => format!("{}_", parts.name),
            false => parts.name.to_owned(),
        };
        let upper = |text: &str| text.contains(char::is_uppercase);
        if upper(&name) || parts.sizes.iter().any(|size| upper(size)) || upper_binding(&text) {
            code += "#[allow(non_snake_case)]\n";
        }
        let many = parameters.len() > 7;
        if many {
            code += "#[allow(clippy::too_many_arguments)]\n";
        }
        let generics = match self.element {
            None if parts.adds => "<T: Copy + std::ops::Add<Output = T>>",
            None => "<T: Copy>",
            Some(_) => "",
        };
        let head = format!("pub fn {name}{generics}(");
        let tail = ") -> Result<(), &'static str> {";
        let one = format!("{head}{}{tail}", parameters.join(", "));
        if one.len() <= 100 {
            code += &one;
        } else {
            code += &format!("{head}\n");
            for parameter in &parameters {
                code += &format!("    {parameter},\n");
            }
            code += tail;
        }
        code.push('\n');
        code += &text;
        code += "    Ok(())\n}\n";
        Ok(code)
    }

    fn reserved(&self, word: &str) -> bool {
        const USED: &str = " _ Err None Ok Result Some T Vec f64 i64 size u8 usize ";
        keywords::is_rust(word) || USED.split(' ').any(|used| used == word)
    }

    fn smallest(&self) -> Text {
        Text::atom("i64::MIN")
    }

    fn floor_div(&self, a: Text, b: Text) -> Text {
        Text::atom(format!("{}.div_euclid({})", typed(&a), b.text))
    }

    fn floor_mod(&self, a: Text, b: Text) -> Text {
        Text::atom(format!("{}.rem_euclid({})", typed(&a), b.text))
    }

    fn extreme(&self, which: Extreme, all: Vec<Text>) -> Text {
        let method = match which {
            Extreme::Min => "min",
            Extreme::Max => "max",
        };
        let joined = all
            .into_iter()
            .reduce(|a, b| Text::atom(format!("{}.{method}({})", typed(&a), b.text)));
        joined.unwrap_or_else(|| Text::atom("0"))
    }

    fn abs(&self, a: Text) -> Text {
        Text::atom(format!("{}.abs()", typed(&a)))
    }

    fn power(&self, b: Text) -> Text {
        Text::atom(format!("(1_i64 << {})", b.operand()))
    }

    fn magnitude(&self, size: &str) -> String {
        format!("({size} as f64 + 1.0)")
    }

    fn magnitude_power(&self, exponent: &str) -> String {
        format!("f64::exp2({exponent})")
    }

    fn bind_double(&self, name: &str, value: &str) -> String {
        format!("let {name} = {value};")
    }

    fn bind(&self, name: &str, value: &str) -> String {
        match value.parse::<i64>() {
            Ok(_) => format!("let {name}: i64 = {value};"),
            Err(_) => format!("let {name} = {value};"),
        }
    }

    fn bind_counter(&self, name: &str) -> String {
        format!("let mut {name}: i64 = 0;")
    }

    fn repeat(&self, counter: &str, from: &str, to: &str, step: &str) -> String {
        let to = match to.parse::<i64>() {
            Ok(_) => format!("{to}_i64"),
            Err(_) => to.to_owned(),
        };
        match step {
            "1" => format!("for {counter} in {from}..{to}"),
            step => format!("for {counter} in ({from}..{to}).step_by({step} as usize)"),
        }
    }

    fn when(&self, condition: &str) -> String {
        format!("if {condition}")
    }

    fn refuse(&self, why: Refusal) -> String {
        match why {
            Refusal::Sizes => format!("return Err({SIZES:?});"),
            Refusal::Trials => format!("return Err({TRIALS:?});"),
            Refusal::Obligation(_, text) => {
                format!("return Err({:?});", format!("violated: {text}"))
            }
        }
    }

    fn element(&self, tensor: &str, place: &Text) -> String {
        format!("{tensor}[{}]", as_usize(place))
    }

    fn copy(&self, to: (&str, &Text), from: (&str, &Text), count: &Text) -> String {
        let run = |(tensor, place): (&str, &Text)| {
            format!("{tensor}[{}..][..{}]", as_usize(place), as_usize(count))
        };
        format!("{}.copy_from_slice(&{});", run(to), run(from))
    }

    fn add(&self, to: &str, from: &str) -> String {
        match self.element {
            None => format!("{to} = {to} + {from};"),
            Some(ElementType::F32 | ElementType::F64) => format!("{to} += {from};"),
            Some(_) => format!("{to} = {to}.wrapping_add({from});"),
        }
    }

    fn fill(&self, (tensor, place): (&str, &Text), count: &Text, value: &str) -> Option<String> {
        let (place, count) = (as_usize(place), as_usize(count));
        Some(format!("{tensor}[{place}..][..{count}].fill({value});"))
    }

    fn flags(&self, name: &str, total: &Text) -> Flags {
        let bytes = format!("({} / 8 + 1) as usize", total.at_least(Strength::Product));
        Flags {
            make: format!("let mut {name}: Vec<u8> = Vec::new();"),
            failed: format!("{name}.try_reserve_exact({bytes}).is_err()"),
            ready: Some(format!("{name}.resize({bytes}, 0);")),
            release: None,
        }
    }

    fn flag(&self, name: &str, at: &Text) -> String {
        let at = at.operand();
        format!("{name}[({at} / 8) as usize] >> ({at} % 8) & 1 == 1")
    }

    fn raise(&self, name: &str, at: &Text) -> String {
        let at = at.operand();
        format!("{name}[({at} / 8) as usize] |= 1 << ({at} % 8);")
    }
}

/// A receiver of a method, whose type a number would not tell.
fn typed(text: &Text) -> String {
    match text.is_number() {
        true => format!("{}_i64", text.operand()),
        false => text.operand(),
    }
}

fn as_usize(place: &Text) -> String {
    match place.is_number() {
        true => place.text.clone(),
        false => format!("{} as usize", place.operand()),
    }
}

/// Whether code binds a name with a capital letter.
fn upper_binding(code: &str) -> bool {
    let bound = |keyword: &str| {
        code.match_indices(keyword).any(|(at, _)| {
            let name = &code[at + keyword.len()..];
            let name = name
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next();
            name.is_some_and(|name| name.contains(char::is_uppercase))
        })
    };
    bound("let ") || bound("for ")
}
