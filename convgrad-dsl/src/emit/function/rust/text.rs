//! The text around the loops: the documentation, the checks of what is given, the signature.

use super::super::about::About;
use super::super::lines::{Lines, filled};
use super::super::target::{Parts, Refusal, Target};
use super::super::{Language, Unfit, element};
use super::{Rust, type_name};
use crate::emit::formula;
use crate::sema::model::ElementType;

impl Rust {
    /// The whole function.
    pub(super) fn function(&self, parts: &Parts) -> Result<String, Unfit> {
        let [x, y] = parts.tensors;
        let [sizes, accesses, loops] = &parts.code;
        let (read, written) = (type_name(self.types.input), type_name(self.types.output));
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
        let mut parameters = vec![format!("{x}: &[{read}]"), format!("{y}: &mut [{written}]")];
        let mut body = Lines::inside(1);
        for (name, number) in &parts.numbers {
            match self.types.output {
                None => parameters.push(format!("{name}: T")),
                Some(element) => {
                    let value = element::literal(*number, element, Language::Rust)?;
                    body.line(&format!("let {name}: {written} = {value};"));
                }
            }
        }
        text += &body.finish();
        text += loops;
        parameters.extend(parts.sizes.iter().map(|size| format!("{size}: usize")));
        let text = self.sizes(parts, &text) + &text;

        let mut code = self.comment(parts);
        let name = self.name();
        let upper = |text: &str| text.contains(char::is_uppercase);
        if upper(name) || parts.sizes.iter().any(|size| upper(size)) || upper_binding(&text) {
            code += "#[allow(non_snake_case)]\n";
        }
        let many = parameters.len() > 7;
        if many {
            code += "#[allow(clippy::too_many_arguments)]\n";
        }
        let generics = match self.types.output {
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
        code += &self.helpers();
        Ok(code)
    }

    fn comment(&self, parts: &Parts) -> String {
        let About {
            head,
            docs,
            formula,
            tensors,
            derived,
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
        if !derived.is_empty() {
            about.push(format!("Here `{}`.", derived.join("`, `")));
        }
        about.extend(values.iter().cloned());
        if self.types.output.is_none() {
            about.extend(
                parts.numbers.iter().map(|(name, number)| {
                    format!("`{name}` is to be {}.", formula::number(*number))
                }),
            );
        }
        for (tensor, element) in [(x, self.types.input), (y, self.types.output)] {
            if let Some(half @ (ElementType::F16 | ElementType::Bf16)) = element {
                about.push(format!(
                    "The elements of `{tensor}` are the bits of {half}."
                ));
            }
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
        let too_large = match parts.sizes.as_slice() {
            [size] => format!("{size} > i64::MAX as usize"),
            all => {
                let all = all.join(", ");
                format!("[{all}].iter().any(|&size| size > i64::MAX as usize)")
            }
        };
        lines.open(&self.when(&too_large));
        lines.line(&self.refuse(Refusal::Sizes));
        lines.close();
        let used = parts.sizes.iter().copied().filter(|size| names(code, size));
        match used.collect::<Vec<&str>>().as_slice() {
            [] => {}
            [size] => lines.line(&format!("let {size} = {size} as i64;")),
            used => {
                let used = used.join(", ");
                lines.line(&format!("let [{used}] = [{used}].map(|size| size as i64);"));
            }
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
