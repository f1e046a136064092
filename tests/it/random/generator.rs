//! Random formulas as texts: products of small maps per axis, as people write them, and of arbitrary expressions.
//!
//! Depends on nothing, so that any test may include it.

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

/// SplitMix64: the same formulas for the same seed, everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `from..=to`.
    pub(crate) fn range(&mut self, from: i64, to: i64) -> i64 {
        from + (self.next() % (to - from + 1) as u64) as i64
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    fn shuffle<T>(&mut self, values: &mut [T]) {
        for k in (1..values.len()).rev() {
            values.swap(k, self.range(0, k as i64) as usize);
        }
    }
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

/// A map of a few axes: iterators with their extents on one side, indices with the extents they index on the other.
#[derive(Default)]
struct Axes {
    iterators: Vec<(String, String)>,
    indices: Vec<(String, String)>,
}

impl Axes {
    fn new<const I: usize, const J: usize>(
        iterators: [(&str, String); I],
        indices: [(String, String); J],
    ) -> Self {
        Axes {
            iterators: iterators
                .map(|(name, extent)| (name.to_owned(), extent))
                .into(),
            indices: indices.into(),
        }
    }
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

    /// Iterators on the output's side, indices into the input.
    fn axes(&mut self) -> Axes {
        let (j, s) = (self.iterator(), self.size(1, 6));
        let (a, b) = (self.random.range(0, 3), self.random.range(2, 4));
        match self.random.range(0, 30) {
            0..=2 => Axes::new([(&j, s.clone())], [(j.clone(), s)]),
            3 => Axes::new([(&j, s.clone())], [(format!("{s} - 1 - {j}"), s)]),
            4 => {
                let k = self.iterator();
                self.needs_else = true;
                Axes::new(
                    [(&j, format!("ceil({s}/{b})")), (&k, b.to_string())],
                    [(format!("{j}*{b} + {k}"), s)],
                )
            }
            5 => Axes::new(
                [(&j, s.clone())],
                [
                    (format!("{j}/{b}"), format!("ceil({s}/{b})")),
                    (format!("{j} % {b}"), b.to_string()),
                ],
            ),
            6 | 7 => {
                let (k, window, pad, stride) = (
                    self.iterator(),
                    self.size(1, 3),
                    self.size(0, 2),
                    self.size(1, 3),
                );
                self.needs_else = true;
                self.requires.push(format!("{s} + 2*{pad} >= {window}"));
                self.requires.push(format!("{stride} >= 1"));
                Axes::new(
                    [
                        (&j, window.clone()),
                        (&k, format!("({s} + 2*{pad} - {window})/{stride} + 1")),
                    ],
                    [(format!("{k}*{stride} + {j} - {pad}"), s)],
                )
            }
            8 => Axes::new([(&j, format!("{s} + {}", a + b))], {
                self.needs_else = true;
                [(format!("{j} - {a}"), s)]
            }),
            9 => Axes::new(
                [(&j, s.clone())],
                [(format!("{j} + {a}"), format!("{s} + {a}"))],
            ),
            10 => Axes::new([(&j, s)], []),
            11 => Axes::new([(&j, s.clone())], [(format!("({j} + {a}) % {s}"), s)]),
            12 => {
                let t = self.size(1, 4);
                self.requires.push(format!("{t} >= 1"));
                Axes::new(
                    [(&j, format!("{s}*{t}"))],
                    [(format!("{j}/{t}"), s), (format!("{j} % {t}"), t)],
                )
            }
            13 => {
                let (k, t) = (self.iterator(), self.size(1, 4));
                Axes::new(
                    [(&j, s.clone()), (&k, t.clone())],
                    [(format!("{j}*{t} + {k}"), format!("{s}*{t}"))],
                )
            }
            14 => Axes::new(
                [(&j, "8".to_owned())],
                [(format!("{j} ^ {}", a + b), "8".to_owned())],
            ),
            15 => Axes::new(
                [(&j, s.clone())],
                [(format!("{j}*{b} + {}", a.min(b - 1)), format!("{s}*{b}"))],
            ),
            16 => Axes::new([], [(a.to_string(), format!("{s} + {a}"))]),
            17 => Axes::new(
                [(&j, format!("{s} + {a}"))],
                [(format!("min({j}, {s} - 1)"), s)],
            ),
            18 => Axes::new(
                [(&j, format!("{s} + {a}"))],
                [(format!("max({j} - {a}, 0)"), s)],
            ),
            19 => Axes::new(
                [(&j, s.clone())],
                [(format!("abs({j} - {a})"), format!("{s} + {a}"))],
            ),
            20 => Axes::new([(&j, s.clone())], [(j.clone(), s.clone()), (j.clone(), s)]),
            21 => {
                self.needs_else = true;
                Axes::new([(&j, s.clone())], [(format!("{j} >> 1"), s)])
            }
            22..=28 => self.digits(j, s),
            _ => {
                let (k, t) = (self.iterator(), self.size(1, 4));
                self.needs_else = true;
                let index = self.expression(&[&j, &k], 2);
                Axes::new([(&j, s), (&k, t.clone())], [(index, t)])
            }
        }
    }

    /// One iterator in digits that are hard to tell apart: ragged, crossing, reversed, rotated, by residues.
    fn digits(&mut self, j: String, s: String) -> Axes {
        let (a, b, c) = (
            self.random.range(0, 7),
            self.random.range(2, 5),
            self.random.range(2, 5),
        );
        let whole = self.random.chance(50);
        let (extent, whole) = match whole {
            true => ((b * c).to_string(), (b * c).to_string()),
            false => (s.clone(), s),
        };
        let one =
            |index: String, extent: String| Axes::new([(&j, whole.clone())], [(index, extent)]);
        match self.random.range(0, 7) {
            // Quotient and remainder, exchanged or reversed.
            0 => {
                self.needs_else = true;
                one(format!("{j}%{b}*{c} + {j}/{b}"), extent)
            }
            1 => Axes::new(
                [(&j, whole.clone())],
                [
                    (format!("{b} - 1 - {j}%{b}"), b.to_string()),
                    (
                        format!("({whole} - 1 - {j})/{b}"),
                        format!("ceil({whole}/{b})"),
                    ),
                ],
            ),
            // Cuts that do not nest.
            2 => Axes::new(
                [(&j, whole.clone())],
                [
                    (format!("{j}%{b}"), b.to_string()),
                    (format!("{j}%{c}"), c.to_string()),
                ],
            ),
            // The remainder by the quotient's product, in three levels.
            3 => one(format!("{j}/{b} - {j}/{}*{c}", b * c), c.to_string()),
            // Rotation, coprime stride.
            4 => one(format!("({j} + {a}) % {}", b * c), (b * c).to_string()),
            5 => {
                self.needs_else = true;
                one(format!("({j}*{c} + {a}) % {}", b * c + 1), extent)
            }
            // By residues.
            6 => {
                let k = self.iterator();
                Axes::new(
                    [(&j, b.to_string()), (&k, c.to_string())],
                    [(
                        format!("({j}*{c} + {k}*{b}) % {}", b * c),
                        (b * c).to_string(),
                    )],
                )
            }
            _ => one(
                format!("{whole} - 1 - ({j}/{b}*{b} + ({b} - 1 - {j}%{b}))"),
                format!("{whole} + {b}"),
            ),
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

    fn gather(mut self) -> Formula {
        let groups = self.random.range(1, 3);
        let all: Vec<Axes> = (0..groups).map(|_| self.axes()).collect();
        let mut iterators: Vec<_> = all.iter().flat_map(|axes| axes.iterators.clone()).collect();
        let mut indices: Vec<_> = all.into_iter().flat_map(|axes| axes.indices).collect();
        if self.random.chance(70) {
            self.random.shuffle(&mut iterators);
            self.random.shuffle(&mut indices);
        }
        let guard = (self.random.chance(25) && !iterators.is_empty()).then(|| {
            let first = self.condition(&iterators);
            match self.random.chance(30) {
                true => format!(" if {first} && {}", self.condition(&iterators)),
                false => format!(" if {first}"),
            }
        });
        let fill = self.fill(guard.is_some());
        let (names, extents): (Vec<_>, Vec<_>) = iterators.into_iter().unzip();
        let (sources, input): (Vec<_>, Vec<_>) = indices.into_iter().unzip();
        let (source, definitions) = match self.random.chance(30) && !sources.is_empty() {
            true => {
                let mut definitions: Vec<String> = sources
                    .iter()
                    .enumerate()
                    .map(|(k, index)| format!("i{k} = {index}"))
                    .collect();
                self.random.shuffle(&mut definitions);
                (
                    "i0..".to_owned(),
                    format!(" where {}", definitions.join(", ")),
                )
            }
            false => (sources.join(", "), String::new()),
        };
        let rule = format!(
            "Y[{}] = X[{source}]{}{fill}{definitions};",
            names.join(", "),
            guard.unwrap_or_default()
        );
        self.finish(&input, &extents, &rule)
    }

    /// The same maps with the roles of input and output exchanged, as far as no place is written twice.
    fn relational(mut self) -> Formula {
        let groups = self.random.range(1, 3);
        let mut all = Vec::new();
        for _ in 0..groups {
            let (i, s) = (self.iterator(), self.size(1, 6));
            let (a, b) = (self.random.range(0, 3), self.random.range(2, 4));
            all.push(match self.random.range(0, 7) {
                0 => Axes::new([(&i, s.clone())], [(i.clone(), s)]),
                1 => Axes::new([(&i, s.clone())], [(format!("{s} - 1 - {i}"), s)]),
                2 => {
                    self.needs_else = true;
                    Axes::new(
                        [(&i, s.clone())],
                        [
                            (format!("{i}/{b}"), format!("ceil({s}/{b})")),
                            (format!("{i} % {b}"), b.to_string()),
                        ],
                    )
                }
                3 => {
                    let k = self.iterator();
                    Axes::new(
                        [(&i, s.clone()), (&k, b.to_string())],
                        [(format!("{i}*{b} + {k}"), format!("{s}*{b}"))],
                    )
                }
                4 => {
                    self.needs_else = true;
                    self.requires.push(format!("{s} >= 1"));
                    Axes::new(
                        [(&i, s.clone())],
                        [(format!("{i}*{b}"), format!("({s} - 1)*{b} + 1"))],
                    )
                }
                5 => {
                    self.needs_else = true;
                    Axes::new(
                        [(&i, s.clone())],
                        [(format!("{i} + {a}"), format!("{s} + {a}"))],
                    )
                }
                6 => Axes::new([(&i, s.clone())], [(format!("({i} + {a}) % {s}"), s)]),
                _ => {
                    self.needs_else = true;
                    let index = self.expression(&[&i], 1);
                    Axes::new([(&i, s.clone())], [(index, format!("{s} + 9"))])
                }
            });
        }
        let iterators: Vec<_> = all.iter().flat_map(|axes| axes.iterators.clone()).collect();
        let mut indices: Vec<_> = all.into_iter().flat_map(|axes| axes.indices).collect();
        let mut input = iterators.clone();
        self.random.shuffle(&mut input);
        self.random.shuffle(&mut indices);
        let guard = self
            .random
            .chance(20)
            .then(|| format!(" if {}", self.condition(&iterators)));
        let fill = self.fill(guard.is_some());
        let ranges = match self.random.chance(60) {
            true => {
                let ranges: Vec<String> = iterators
                    .iter()
                    .map(|(name, extent)| format!("{name} < {extent}"))
                    .collect();
                format!(" for {}", ranges.join(", "))
            }
            false => String::new(),
        };
        let (sources, input): (Vec<_>, Vec<_>) = input.into_iter().unzip();
        let (left, output): (Vec<_>, Vec<_>) = indices.into_iter().unzip();
        let rule = format!(
            "Y[{}] = X[{}]{}{fill}{ranges};",
            left.join(", "),
            sources.join(", "),
            guard.unwrap_or_default()
        );
        self.finish(&input, &output, &rule)
    }

    /// What a gather rule reads, added to where it is read from: its adjoint.
    fn sum(mut self) -> Formula {
        let groups = self.random.range(1, 3);
        let all: Vec<Axes> = (0..groups).map(|_| self.axes()).collect();
        let mut iterators: Vec<_> = all.iter().flat_map(|axes| axes.iterators.clone()).collect();
        let mut indices: Vec<_> = all.into_iter().flat_map(|axes| axes.indices).collect();
        let mut input = iterators.clone();
        self.random.shuffle(&mut input);
        self.random.shuffle(&mut iterators);
        self.random.shuffle(&mut indices);
        let mut guards = Vec::new();
        if self.needs_else {
            for (index, extent) in &indices {
                guards.push(format!("{index} >= 0 && {index} < {extent}"));
            }
        }
        if self.random.chance(25) && !iterators.is_empty() {
            guards.push(self.condition(&iterators));
        }
        let guard = match guards.is_empty() {
            true => String::new(),
            false => format!(" if {}", guards.join(" && ")),
        };
        let ranges: Vec<String> = iterators
            .iter()
            .map(|(name, extent)| format!("{name} < {extent}"))
            .collect();
        let ranges = match ranges.is_empty() || self.random.chance(20) {
            true => String::new(),
            false => format!(" for {}", ranges.join(", ")),
        };
        let (sources, input): (Vec<_>, Vec<_>) = input.into_iter().unzip();
        let (left, output): (Vec<_>, Vec<_>) = indices.into_iter().unzip();
        let (left, sources) = (left.join(", "), sources.join(", "));
        let rule = format!("Y[{left}] += X[{sources}]{guard}{ranges};");
        self.finish(&input, &output, &rule)
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
