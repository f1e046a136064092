//! C11, with nothing but its own headers.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::about::About;
use super::lines::{Lines, filled};
use super::scalar::{Strength, Text};
use super::target::{Extreme, Flags, Parts, Refusal, Target};
use super::{Language, Unfit, element};
use crate::keywords;
use crate::sema::model::ElementType;

/// Returned where a check by trying is too much.
const TRIALS: i32 = -1;
/// Returned where the sizes do not fit.
const SIZES: i32 = 1;
/// Returned where the first obligation does not hold.
const OBLIGATIONS: usize = 2;

/// What follows the function's name in the names that stand beside it, and the name itself.
const BESIDE: [&str; 8] = [
    "",
    "_element",
    "_floor_div",
    "_floor_mod",
    "_min",
    "_max",
    "_abs",
    "_power_of_two",
];

/// A function that the emitted one needs beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Helper {
    FloorDiv,
    FloorMod,
    Min,
    Max,
    Abs,
    Power,
}

impl Helper {
    /// Its name after that of the function, its parameters and its body.
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Helper::FloorDiv => (
                "int64_t",
                "floor_div(int64_t a, int64_t b)",
                "return a / b - (a % b < 0);",
            ),
            Helper::FloorMod => (
                "int64_t",
                "floor_mod(int64_t a, int64_t b)",
                "return a % b < 0 ? a % b + b : a % b;",
            ),
            Helper::Min => (
                "int64_t",
                "min(int64_t a, int64_t b)",
                "return a < b ? a : b;",
            ),
            Helper::Max => (
                "int64_t",
                "max(int64_t a, int64_t b)",
                "return a > b ? a : b;",
            ),
            Helper::Abs => ("int64_t", "abs(int64_t a)", "return a < 0 ? -a : a;"),
            Helper::Power => (
                "double",
                "power_of_two(double exponent)",
                "double power = 1.0;\nfor (; exponent > 0.0 && power < 9.0e18; exponent -= 1.0) {\n    power *= 2.0;\n}\nreturn power;",
            ),
        }
    }

    fn about(self) -> &'static str {
        match self {
            Helper::FloorDiv => "a / b rounded down, for b > 0",
            Helper::FloorMod => "a - b * floor(a / b), for b > 0",
            Helper::Min => "the smaller one",
            Helper::Max => "the larger one",
            Helper::Abs => "the absolute value",
            Helper::Power => "2 to the power of an exponent, as far as that matters",
        }
    }
}

/// The language, and which helpers a function has needed so far.
#[derive(Debug)]
pub(super) struct C {
    name: String,
    element: ElementType,
    helpers: RefCell<BTreeSet<Helper>>,
}

impl C {
    pub(super) fn new(name: &str, element: Option<ElementType>) -> Self {
        C {
            name: function_name(name),
            element: element.unwrap_or(ElementType::F32),
            helpers: RefCell::default(),
        }
    }

    fn call(&self, helper: Helper, arguments: &[&Text]) -> Text {
        self.helpers.borrow_mut().insert(helper);
        let (_, signature, _) = helper.parts();
        let name = signature.split('(').next().unwrap_or_default();
        let arguments: Vec<&str> = arguments.iter().map(|a| a.text.as_str()).collect();
        Text::atom(format!("{}_{name}({})", self.name, arguments.join(", ")))
    }

    /// What the loops call; for a helper that the checks use too.
    fn helpers(&self) -> String {
        let mut text = String::new();
        for helper in self.helpers.borrow().iter() {
            let (result, signature, body) = helper.parts();
            let mut lines = Lines::default();
            lines.line(&format!("/* {} */", helper.about()));
            lines.line(&format!("static {result} {}_{signature}", self.name));
            lines.open("");
            lines.verbatim(body);
            lines.close();
            text += &format!("{}\n", lines.finish());
        }
        text
    }

    /// The comment above the function.
    fn comment(&self, parts: &Parts, trials: bool) -> String {
        let About {
            head,
            docs,
            formula,
            tensors,
            constants,
            values,
            obligations,
            sizes,
        } = parts.about;
        let [x, y] = parts.tensors;
        let mut lines = vec![format!("{}: {head}", self.name)];
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

/// The name of a converter as that of a function, apart from what C has already.
fn function_name(name: &str) -> String {
    // Compilers know these, whether their headers are included or not.
    const KNOWN: &str = " abs acos asin atan calloc ceil cos div erf exit exp exp2 fabs floor fma fmax fmin fmod free gamma \
        index j0 j1 jn ldexp log main malloc memcmp memcpy memmove memset pow printf puts rand rindex rint round sin sqrt \
        stpcpy strcpy tan trunc y0 y1 yn ";
    match keywords::is_c(name) || KNOWN.split(' ').any(|known| known == name) {
        true => format!("{name}_"),
        false => name.to_owned(),
    }
}

impl Target for C {
    fn assemble(&self, parts: &Parts) -> Result<String, Unfit> {
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
        let type_name = format!("{}_element", self.name);
        if parts.adds {
            element::addable(self.element, Language::C)?;
        }
        for (name, number) in &parts.numbers {
            let value = element::literal(*number, self.element, Language::C)?;
            body.line(&format!("const {type_name} {name} = {value};"));
        }
        for tensor in parts.tensors {
            if !loops.contains(&format!("{tensor}[")) {
                body.line(&format!("(void){tensor};"));
            }
        }
        text += &body.finish();
        text += loops;

        let mut parameters = vec![
            format!("const {type_name} *restrict {x}"),
            format!("{type_name} *restrict {y}"),
        ];
        parameters.extend(parts.sizes.iter().map(|size| format!("int64_t {size}")));
        let mut signature = Lines::default();
        signature.line(&format!("int {}({})", self.name, parameters.join(", ")));

        let mut code = self.comment(parts, text.contains(&format!("return {TRIALS};")));
        for (header, sign) in [
            ("math", "INFINITY"),
            ("stdint", "int"),
            ("stdlib", "calloc("),
            ("string", "memcpy("),
        ] {
            if text.contains(sign) || header == "stdint" {
                code += &format!("#include <{header}.h>\n");
            }
        }
        let element = element::name(self.element, Language::C);
        code += &format!("\ntypedef {element} {type_name};\n\n");
        code += &self.helpers();
        code += &signature.finish();
        code += "{\n";
        code += &text;
        code += "    return 0;\n}\n";
        Ok(code)
    }

    fn reserved(&self, word: &str) -> bool {
        const USED: &str =
            " calloc double free int64_t memcpy size_t uint64_t INFINITY INT64_MIN NULL ";
        keywords::is_c(word)
            || USED.split(' ').any(|used| used == word)
            // What stands beside the function has its name and an underscore before its own.
            || word.strip_prefix(&self.name).is_some_and(|rest| BESIDE.contains(&rest))
    }

    fn smallest(&self) -> Text {
        Text::atom("INT64_MIN")
    }

    fn floor_div(&self, a: Text, b: Text) -> Text {
        self.call(Helper::FloorDiv, &[&a, &b])
    }

    fn floor_mod(&self, a: Text, b: Text) -> Text {
        self.call(Helper::FloorMod, &[&a, &b])
    }

    fn extreme(&self, which: Extreme, all: Vec<Text>) -> Text {
        let helper = match which {
            Extreme::Min => Helper::Min,
            Extreme::Max => Helper::Max,
        };
        let joined = all.into_iter().reduce(|a, b| self.call(helper, &[&a, &b]));
        joined.unwrap_or_else(|| Text::atom("0"))
    }

    fn abs(&self, a: Text) -> Text {
        self.call(Helper::Abs, &[&a])
    }

    fn power(&self, b: Text) -> Text {
        Text::atom(format!("((int64_t)1 << {})", b.operand()))
    }

    fn magnitude(&self, size: &str) -> String {
        format!("({size} + 1.0)")
    }

    fn magnitude_power(&self, exponent: &str) -> String {
        self.call(Helper::Power, &[&Text::atom(exponent)]).text
    }

    fn bind_double(&self, name: &str, value: &str) -> String {
        format!("const double {name} = {value};")
    }

    fn bind(&self, name: &str, value: &str) -> String {
        format!("const int64_t {name} = {value};")
    }

    fn bind_counter(&self, name: &str) -> String {
        format!("int64_t {name} = 0;")
    }

    fn repeat(&self, counter: &str, from: &str, to: &str, step: &str) -> String {
        let next = match step {
            "1" => format!("++{counter}"),
            step => format!("{counter} += {step}"),
        };
        format!("for (int64_t {counter} = {from}; {counter} < {to}; {next})")
    }

    fn when(&self, condition: &str) -> String {
        format!("if ({condition})")
    }

    fn refuse(&self, why: Refusal) -> String {
        match why {
            Refusal::Sizes => format!("return {SIZES};"),
            Refusal::Trials => format!("return {TRIALS};"),
            Refusal::Obligation(number, _) => format!("return {};", OBLIGATIONS + number),
        }
    }

    fn element(&self, tensor: &str, place: &Text) -> String {
        format!("{tensor}[{}]", place.text)
    }

    fn copy(&self, to: (&str, &Text), from: (&str, &Text), count: &Text) -> String {
        let run = |(tensor, place): (&str, &Text)| match place.text.as_str() {
            "0" => tensor.to_owned(),
            _ => format!("&{}", self.element(tensor, place)),
        };
        let (to, from) = (run(to), run(from));
        let count = match count.is_number() {
            true => count.text.clone(),
            false => format!("(size_t){}", count.operand()),
        };
        format!(
            "memcpy({to}, {from}, {count} * sizeof({}_element));",
            self.name
        )
    }

    fn add(&self, to: &str, from: &str) -> String {
        match self.element {
            ElementType::F32 | ElementType::F64 => format!("{to} += {from};"),
            // Without a sign sums wrap around, where those of integers with one must not overflow.
            _ => format!(
                "{to} = ({}_element)((uint64_t){to} + (uint64_t){from});",
                self.name
            ),
        }
    }

    fn fill(&self, _to: (&str, &Text), _count: &Text, _value: &str) -> Option<String> {
        None
    }

    fn flags(&self, name: &str, total: &Text) -> Flags {
        let total = total.at_least(Strength::Product);
        Flags {
            make: format!("unsigned char *{name} = calloc((size_t)({total} / 8 + 1), 1);"),
            failed: format!("{name} == NULL"),
            ready: None,
            release: Some(format!("free({name});")),
        }
    }

    fn flag(&self, name: &str, at: &Text) -> String {
        let at = at.operand();
        format!("{name}[{at} / 8] >> {at} % 8 & 1")
    }

    fn raise(&self, name: &str, at: &Text) -> String {
        let at = at.operand();
        format!("{name}[{at} / 8] |= (unsigned char)(1 << {at} % 8);")
    }
}
