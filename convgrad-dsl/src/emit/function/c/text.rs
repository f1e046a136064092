//! The text around the loops: the comment, the checks of what is given, the declarations.

use super::super::about::About;
use super::super::lines::{Lines, filled};
use super::super::target::{Parts, Refusal, Target};
use super::super::{Language, Unfit, element};
use super::{C, OBLIGATIONS, SIZES, TRIALS};
use crate::sema::model::ElementType;

impl C {
    /// The whole function.
    pub(super) fn function(&self, parts: &Parts) -> Result<String, Unfit> {
        let [x, y] = parts.tensors;
        let [sizes, accesses, loops] = &parts.code;
        let mut body = Lines::inside(1);
        if !parts.sizes.is_empty() {
            let negative: Vec<String> = parts.sizes.iter().map(|s| format!("{s} < 0")).collect();
            body.open(&self.when(&negative.join(" || ")));
            body.line(&self.refuse(Refusal::Sizes));
            body.close();
        }
        let mut text = body.finish() + sizes;
        let mut body = Lines::inside(1);
        if !parts.empty.is_empty() {
            body.open(&self.when(&parts.empty.join(" || ")));
            body.line("return 0;");
            body.close();
        }
        text += &body.finish();
        text += accesses;
        if !text.is_empty() {
            text.push('\n');
        }
        let mut body = Lines::inside(1);
        let [read, written] = self.type_names();
        for (name, number) in &parts.numbers {
            let value = element::literal(*number, self.output(), Language::C)?;
            body.line(&format!("const {written} {name} = {value};"));
        }
        for tensor in parts.tensors {
            if !loops.contains(&format!("{tensor}[")) {
                body.line(&format!("(void){tensor};"));
            }
        }
        text += &body.finish();
        text += loops;

        let mut parameters = vec![
            format!("const {read} *restrict {x}"),
            format!("{written} *restrict {y}"),
        ];
        parameters.extend(parts.sizes.iter().map(|size| format!("int64_t {size}")));
        let mut signature = Lines::default();
        signature.line(&format!("int {}({})", self.name(), parameters.join(", ")));

        let mut code = self.comment(parts, text.contains(&format!("return {TRIALS};")));
        let beside = self.helpers();
        for (header, sign) in [
            ("math", "INFINITY"),
            ("stdint", "int"),
            ("stdlib", "calloc("),
            ("string", "memcpy("),
        ] {
            if header == "stdint" || text.contains(sign) || beside.contains(sign) {
                code += &format!("#include <{header}.h>\n");
            }
        }
        code.push('\n');
        let mut types = vec![(self.input(), read), (self.output(), written)];
        types.dedup();
        for (element, name) in types {
            let of_bits = match element {
                ElementType::F16 | ElementType::Bf16 => format!(" // the bits of {element}"),
                _ => String::new(),
            };
            let element = element::name(element, Language::C);
            code += &format!("typedef {element} {name};{of_bits}\n");
        }
        code.push('\n');
        code += &beside;
        code += &signature.finish();
        code += "{\n";
        code += &text;
        code += "    return 0;\n}\n";
        Ok(code)
    }

    /// The comment above the function.
    fn comment(&self, parts: &Parts, trials: bool) -> String {
        let About {
            head,
            docs,
            formula,
            tensors,
            derived,
            constants,
            values,
            obligations,
            sizes,
        } = parts.about;
        let [x, y] = parts.tensors;
        let mut lines = vec![format!("{}: {head}", self.name())];
        let mut paragraph = |all: Vec<String>| {
            if !all.is_empty() {
                lines.push(String::new());
                lines.extend(all);
            }
        };
        paragraph(docs.clone());
        paragraph(formula.iter().map(|line| format!("    {line}")).collect());
        let mut about = vec![
            format!("{x} is {}, {y} is {};", tensors[0], tensors[1]),
            "both lie densely in C order, the last axis fastest, and do not overlap.".to_owned(),
        ];
        if !derived.is_empty() {
            about.push(format!("Here {}.", derived.join(", ")));
        }
        about.extend(values.iter().cloned());
        if !constants.is_empty() {
            about.push(format!("Constant here: {}.", constants.join(", ")));
        }
        paragraph(vec![about.join(" ")]);
        let mut returns = vec!["Returns 0 when all is written. Otherwise nothing is:".to_owned()];
        if trials {
            returns.push(format!(
                "    {TRIALS}  no memory for a check of the sizes, or it would take too many trials"
            ));
        }
        if *sizes {
            returns.push(format!(
                "    {SIZES}   a size is negative, or so large that indices may not fit 64 bits"
            ));
        }
        for (number, obligation) in (OBLIGATIONS..).zip(obligations) {
            returns.push(format!("    {number:<2}  violated: {obligation}"));
        }
        match returns.len() {
            1 => paragraph(vec![
                "Returns 0: there is nothing that could be wrong.".to_owned(),
            ]),
            _ => paragraph(returns),
        }
        let mut text = "/*\n".to_owned();
        for line in lines.iter().flat_map(|line| filled(line, 96)) {
            // Nothing in it may end the comment, or seem to begin one.
            let line = line.replace("*/", "* /").replace("/*", "/ *");
            text += format!(" * {line}").trim_end();
            text.push('\n');
        }
        text + " */\n"
    }
}
