//! What transformations do to whole tensors, place by place: the oracle of their tests.

use convgrad_dsl::interpret::{Fault, source_map};
use convgrad_dsl::sema::model::{Converter, Number};

/// What a converter makes of its input: for every place of the output a number and the elements added to it.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) input: Vec<i64>,
    pub(crate) output: Vec<i64>,
    pub(crate) held: Vec<(f64, Vec<usize>)>,
}

impl PartialEq for Tensor {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |tensor: &Self| -> Vec<(f64, Vec<usize>)> {
            let mut held = tensor.held.clone();
            held.iter_mut().for_each(|(_, all)| all.sort_unstable());
            held
        };
        self.input == other.input && self.output == other.output && sorted(self) == sorted(other)
    }
}

fn elements(shape: &[i64]) -> usize {
    shape.iter().product::<i64>() as usize
}

/// What a converter makes of its input at given sizes.
pub(crate) fn run(f: &Converter, sizes: &[i64]) -> Result<Tensor, Fault> {
    let map = source_map(f, sizes)?;
    let held = (0..map.source.len())
        .map(|place| {
            let held = map.held(place);
            let number = match held.number {
                Number::Int(value) => value as f64,
                Number::Float(value) => value,
            };
            (number, held.elements.to_vec())
        })
        .collect();
    Ok(Tensor {
        input: map.input_shape,
        output: map.output_shape,
        held,
    })
}

impl Tensor {
    /// First this, then `next`.
    pub(crate) fn then(&self, next: &Tensor) -> Tensor {
        assert_eq!(self.output, next.input);
        let held = next.held.iter().map(|(number, all)| {
            let mut sum = (*number, Vec::new());
            for place in all {
                let (number, all) = &self.held[*place];
                sum.0 += number;
                sum.1.extend(all);
            }
            sum
        });
        Tensor {
            input: self.input.clone(),
            output: next.output.clone(),
            held: held.collect(),
        }
    }

    /// Adds every place of the output to the elements that are read there.
    pub(crate) fn adjoint(&self) -> Tensor {
        let mut held = vec![(0.0, Vec::new()); elements(&self.input)];
        for (place, (_, all)) in self.held.iter().enumerate() {
            for element in all {
                held[*element].1.push(place);
            }
        }
        Tensor {
            input: self.output.clone(),
            output: self.input.clone(),
            held,
        }
    }

    /// The way back, if every element is read just once.
    pub(crate) fn inverse(&self) -> Option<Tensor> {
        let back = self.adjoint();
        let once = back.held.iter().all(|(_, all)| all.len() == 1);
        once.then_some(back)
    }

    /// The same without numbers.
    pub(crate) fn linear(mut self) -> Tensor {
        self.held.iter_mut().for_each(|(number, _)| *number = 0.0);
        self
    }
}
