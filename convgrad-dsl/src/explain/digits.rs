//! The digits of a rule's iterators, and by how much each of them moves both places.

use crate::index::linear::{Atom, Linear, Piece};
use crate::index::poly::{Checked, Poly};
use crate::nest::lower::name::digit_name;
use crate::nest::lower::place::{Naming, Placed};
use crate::nest::lower::region::{self, Region};
use crate::nest::lower::{self};
use crate::nest::{Scalar, VarId, Variable};
use crate::proof::setup::Model;
use crate::proof::text::{self, Names};
use crate::sema::model::IterId;

/// Longer texts are cut.
const LONGEST: usize = 240;

/// An iterator, or a digit of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digit {
    /// The iterator that it is a digit of.
    pub iterator: String,
    /// What the loops call it: `j0_1`.
    pub name: String,
    /// Its value: `j0/16`.
    pub value: String,
    /// How many values it takes.
    pub extent: Step,
    /// Whether the last block of it may be cut off: the extent of the iterator is no multiple of the blocks.
    pub ragged: bool,
    /// By how many elements a step of it moves the place in the output; 0 if not at all.
    pub output: Step,
    /// The same in the input.
    pub input: Step,
}

/// A value that is no sum of digits, and is computed as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// How: `j ^ i_0`.
    pub value: String,
    /// By how many elements a step of it moves the place in the output; 0 if not at all.
    pub output: Step,
    /// The same in the input.
    pub input: Step,
}

/// A number of sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// In the user's names.
    pub text: String,
    /// The number, where no free size is in it.
    pub number: Option<i64>,
}

/// The table of digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digits {
    /// By iterator, the highest digit first.
    pub digits: Vec<Digit>,
    /// What is no digit.
    pub wholes: Vec<Whole>,
    /// The indices of the output as sums of digits.
    pub left: Vec<String>,
    /// The indices of the input.
    pub source: Vec<String>,
}

/// The table of a converter whose indices are in normal form.
pub(crate) fn digits(model: &mut Model<'_>) -> Checked<Digits> {
    let forms = model.forms.clone();
    let output = lower::flat(&forms.left, &model.output)?;
    let input = lower::flat(&forms.source, &model.input)?;
    let pieces: Vec<Piece> = (0..model.space.axes.len())
        .flat_map(|at| region::pieces(&model.space, IterId(u32::try_from(at).unwrap_or(u32::MAX))))
        .collect();
    let mut all = Region::default();
    for piece in pieces {
        let top = model.space.piece_range(&piece)?.max;
        let extent = top.unwrap_or_default().plus_constant(1)?;
        all.digits.push(region::Digit { piece, extent });
    }
    let table = Table::new(model, &all);
    let (output, input) = (all.place(&output)?, all.place(&input)?);
    let rows = all.digits.iter().enumerate();
    Ok(Digits {
        digits: rows
            .map(|(at, _)| table.digit(at, &output, &input))
            .collect(),
        wholes: table.wholes(&output, &input)?,
        left: table.indices(&forms.left)?,
        source: table.indices(&forms.source)?,
    })
}

struct Table<'t, 'c> {
    model: &'t Model<'c>,
    all: &'t Region,
    /// The names of the digits.
    variables: Vec<Variable>,
    ids: Vec<VarId>,
}

impl<'t, 'c> Table<'t, 'c> {
    fn new(model: &'t Model<'c>, all: &'t Region) -> Self {
        let name = |digit: &region::Digit| Variable {
            name: digit_name(&model.space, model.converter, &digit.piece),
        };
        Table {
            model,
            all,
            variables: all.digits.iter().map(name).collect(),
            ids: (0..all.digits.len())
                .map(|at| VarId(u32::try_from(at).unwrap_or(u32::MAX)))
                .collect(),
        }
    }

    fn naming(&self) -> Naming<'_> {
        Naming {
            space: &self.model.space,
            region: self.all,
            variables: &self.ids,
            named: &[],
        }
    }

    fn names(&self) -> Names<'_> {
        let names = Names::from(self.model.converter);
        names
            .of_variables(&self.variables)
            .of_sizes(&self.model.sizes)
    }

    fn step(&self, poly: &Poly) -> Step {
        let scalar = self.model.space.symbols.scalar(poly);
        Step::new(&scalar, self.names())
    }

    fn digit(&self, at: usize, output: &Placed, input: &Placed) -> Digit {
        let region::Digit { piece, extent } = &self.all.digits[at];
        let id = match piece.atom {
            Atom::Iter(id) => id,
            // The pieces of iterators were asked for.
            Atom::Opaque(_) => IterId(u32::MAX),
        };
        let iterators = &self.model.converter.rule.iterators;
        let iterator = iterators.get(id.index()).map(|i| i.name.text.clone());
        let iterator = iterator.unwrap_or_default();
        let space = &self.model.space;
        let whole = [Variable {
            name: iterator.clone(),
        }];
        let mut value = Scalar::Var(VarId(0)).over(space.symbols.scalar(&piece.lo));
        if let Some(radix) = piece.radix() {
            value = value.modulo(space.symbols.scalar(&radix));
        }
        let of_iterator = self.names().of_variables(&whole);
        Digit {
            iterator,
            name: self.variables[at].name.clone(),
            value: text::scalar(&value, of_iterator),
            extent: Step::new(&inside(space.symbols.scalar(extent)), self.names()),
            ragged: piece.hi.is_none() && piece.lo != Poly::one() && !space.is_clean(id),
            output: self.step(&output.factor(at)),
            input: self.step(&input.factor(at)),
        }
    }

    fn wholes(&self, output: &Placed, input: &Placed) -> Checked<Vec<Whole>> {
        let mut pieces: Vec<&Piece> = Vec::new();
        for (piece, _) in output.whole.iter().chain(&input.whole) {
            if !pieces.contains(&piece) {
                pieces.push(piece);
            }
        }
        let factor = |placed: &Placed, piece: &Piece| {
            let found = placed.whole.iter().find(|(p, _)| p == piece);
            self.step(&found.map(|(_, factor)| factor.clone()).unwrap_or_default())
        };
        pieces
            .into_iter()
            .map(|piece| {
                Ok(Whole {
                    value: cut(text::scalar(&self.naming().compute(piece)?, self.names())),
                    output: factor(output, piece),
                    input: factor(input, piece),
                })
            })
            .collect()
    }

    fn indices(&self, forms: &[Linear]) -> Checked<Vec<String>> {
        let text = |form: &Linear| {
            let scalar = self.naming().scalar(&self.all.place(form)?)?;
            Ok(cut(text::scalar(&scalar, self.names())))
        };
        forms.iter().map(text).collect()
    }
}

impl Step {
    pub(super) fn new(scalar: &Scalar, names: Names<'_>) -> Self {
        Step {
            text: text::scalar(scalar, names),
            number: match scalar {
                Scalar::Const(number) => Some(*number),
                _ => None,
            },
        }
    }

    /// Whether it is this number for all sizes.
    pub fn is(&self, number: i64) -> bool {
        self.number == Some(number)
    }
}

/// `min(N - 1, 15) + 1` is `min(N, 16)`.
fn inside(scalar: Scalar) -> Scalar {
    match &scalar {
        Scalar::Sum(terms) => match terms.as_slice() {
            [Scalar::Min(list), add @ Scalar::Const(_)] => {
                Scalar::min(list.iter().map(|s| s.clone().plus(add.clone())).collect())
            }
            _ => scalar,
        },
        _ => scalar,
    }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
