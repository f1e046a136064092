//! Rules over such maps: gathered, relational, and adding.

use super::axes::Axes;
use super::{Builder, Formula};

impl Builder {
    pub(super) fn gather(mut self) -> Formula {
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
    pub(super) fn relational(mut self) -> Formula {
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
    pub(super) fn sum(mut self) -> Formula {
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
}
