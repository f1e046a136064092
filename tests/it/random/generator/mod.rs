//! Random formulas as texts: products of small maps per axis, as people write them, and of arbitrary expressions.
//!
//! Depends on nothing, so that any test may include it.

mod axes;
mod numbers;
mod rules;

pub(crate) use numbers::Random;

/// A converter's text, and a value for each of its free sizes in the order of declaration.
#[derive(Clone, Debug)]
pub(crate) struct Formula {
    pub(crate) text: String,
    pub(crate) sizes: Vec<(String, i64)>,
}

/// How many formulas a test looks at: as many as `CONVGRAD_RANDOM` says, if it says so.
pub(crate) fn formulas(default: u64) -> u64 {
    let asked = std::env::var("CONVGRAD_RANDOM").ok();
    asked.map_or(default, |number| {
        number
            .parse()
            .expect("CONVGRAD_RANDOM is a number of formulas")
    })
}

/// The shortest of what failed.
pub(crate) fn shortest(mut failures: Vec<String>) -> String {
    failures.sort_by_key(String::len);
    let count = failures.len();
    let few: String = failures.into_iter().take(5).collect();
    format!("{count} formulas fail, among them\n{few}")
}

/// The formula of a seed.
pub(crate) fn formula(seed: u64) -> Formula {
    let mut builder = Builder::new(seed);
    match builder.random.chance(25) {
        true => builder.relational(),
        false => builder.gather(),
    }
}

/// The formula of a seed, one that adds.
pub(crate) fn sum(seed: u64) -> Formula {
    Builder::new(seed).sum()
}

struct Builder {
    random: Random,
    sizes: Vec<Size>,
    iterators: usize,
    requires: Vec<String>,
    needs_else: bool,
}

struct Size {
    name: String,
    value: i64,
    /// Baked into the text.
    baked: bool,
}

impl Builder {
    fn new(seed: u64) -> Self {
        Builder {
            random: Random::new(seed),
            sizes: Vec::new(),
            iterators: 0,
            requires: Vec::new(),
            needs_else: false,
        }
    }

    /// A size: a name, free or with a value, an old one, or a number.
    fn size(&mut self, from: i64, to: i64) -> String {
        let roll = self.random.range(0, 9);
        let value = self.random.range(from, to);
        if roll < 3 {
            return value.to_string();
        }
        if roll == 3
            && let Some(size) = self.sizes.iter().find(|size| size.value >= from)
        {
            return size.name.clone();
        }
        const NAMES: [&str; 10] = ["N", "C", "H", "T", "x", "y", "fill", "type", "W", "r"];
        let name = match NAMES.get(self.sizes.len()) {
            Some(name) => (*name).to_owned(),
            None => format!("Z{}", self.sizes.len()),
        };
        self.sizes.push(Size {
            name: name.clone(),
            value,
            baked: roll == 4,
        });
        name
    }

    fn iterator(&mut self) -> String {
        self.iterators += 1;
        // Also names that Rust has other uses for.
        match self.iterators {
            4 => "loop".to_owned(),
            k => format!("j{}", k - 1),
        }
    }

    /// An arbitrary expression of iterators.
    fn expression(&mut self, iterators: &[&str], depth: usize) -> String {
        let pick = self.random.range(0, iterators.len() as i64 - 1) as usize;
        if depth == 0 {
            return match self.random.chance(70) {
                true => iterators[pick].to_owned(),
                false => self.random.range(0, 5).to_string(),
            };
        }
        let a = self.expression(iterators, depth - 1);
        let n = self.random.range(1, 5);
        match self.random.range(0, 11) {
            0..=2 => format!("({a} + {})", self.expression(iterators, depth - 1)),
            3 => format!("({a} - {})", self.expression(iterators, depth - 1)),
            4 => format!("({a})*{n}"),
            5 => format!("({a})/{n}"),
            6 => format!("({a}) % {n}"),
            7 => format!("min({a}, {n})"),
            8 => format!("max({a}, {n})"),
            9 => format!("(({a}) ^ {n})"),
            10 => format!("(({a}) & {n})"),
            _ => format!("-({a})"),
        }
    }

    /// A comparison that sometimes holds.
    fn condition(&mut self, iterators: &[(String, String)]) -> String {
        let pick = self.random.range(0, iterators.len() as i64 - 1) as usize;
        let (j, extent) = &iterators[pick];
        let other = &iterators[self.random.range(0, iterators.len() as i64 - 1) as usize].0;
        let (a, b) = (self.random.range(0, 2), self.random.range(2, 3));
        match self.random.range(0, 7) {
            0 => format!("{j} >= {a}"),
            1 => format!("{j} % {b} == {}", a % b),
            2 => format!("{j} < {extent} - {a}"),
            3 => format!("{j} + {other} < {}", a + b),
            4 => format!("{j} != {a}"),
            5 => format!("({j} < {b} || {other} >= {a})"),
            6 => format!("!({j} == {a})"),
            _ => format!("{j} <= {other}"),
        }
    }

    fn fill(&mut self, guarded: bool) -> &'static str {
        match guarded || self.needs_else || self.random.chance(15) {
            true if self.random.chance(95) || guarded => " else -7",
            _ => "",
        }
    }

    fn finish(self, input: &[String], output: &[String], rule: &str) -> Formula {
        let sizes: Vec<String> = self
            .sizes
            .iter()
            .map(|size| match size.baked {
                true => format!("{}={}", size.name, size.value),
                false => size.name.clone(),
            })
            .collect();
        let requires = match self.requires.is_empty() {
            true => String::new(),
            false => format!(" requires {}", self.requires.join(", ")),
        };
        Formula {
            text: format!(
                "converter f<{}>(X[{}]) -> Y[{}]{requires} {{ {rule} }}",
                sizes.join(", "),
                input.join(", "),
                output.join(", ")
            ),
            sizes: self
                .sizes
                .into_iter()
                .filter(|size| !size.baked)
                .map(|size| (size.name, size.value))
                .collect(),
        }
    }
}
