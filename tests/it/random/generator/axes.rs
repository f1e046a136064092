//! Small maps of a few axes, as people write them.

use super::Builder;

/// A map of a few axes: iterators with their extents on one side, indices with the extents they index on the other.
#[derive(Default)]
pub(super) struct Axes {
    pub(super) iterators: Vec<(String, String)>,
    pub(super) indices: Vec<(String, String)>,
}

impl Axes {
    pub(super) fn new<const I: usize, const J: usize>(
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
    /// Iterators on the output's side, indices into the input.
    pub(super) fn axes(&mut self) -> Axes {
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
}
