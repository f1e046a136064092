//! The sizes of a converter from the extents of an input.

use super::{bake, derive, linear, single, undetermined, used, with_values};
use crate::analysis::Bindings;
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::eval::Values;
use crate::sema::expr::count;
use crate::sema::model::Converter;
use crate::sema::names::{listing, nearest};

/// The value of every size, for an input of the shape `input_shape` and the sizes that the caller gives by name.
///
/// A size is determined by an extent that only one value of it makes come out right; by several extents together where
/// these are sums of multiples; and by an extent `C/16` alone as the exact multiple. A given size wins over that.
///
/// # Errors
/// Sizes that are given but not free, or given twice; a size that neither the input nor the caller determines; sizes that
/// contradict an extent; a shape of another rank.
pub fn solve(
    converter: &Converter,
    input_shape: &[i64],
    given: &[(String, i64)],
) -> Result<Vec<i64>, Vec<Diagnostic>> {
    let mut known = bake(converter)?;
    let mut errors = take_given(converter, given, &mut known);
    let (rank, axes) = (input_shape.len(), converter.input.extents.len());
    if rank != axes {
        let message = format!(
            "{} has {}, the input has {}",
            converter.input.name.text,
            count(axes, "axis"),
            count(rank, "axis"),
        );
        errors.push(Diagnostic::new(
            Code::SizeMismatch,
            converter.input.span,
            message,
        ));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut problem = Problem {
        converter,
        shape: input_shape,
        order: with_values(converter),
        known,
    };
    loop {
        let errors = derive(converter, &problem.order, &mut problem.known);
        if !errors.is_empty() {
            return Err(errors);
        }
        let found = single::exact(&problem)
            .or_else(|| linear::solve(&problem))
            .or_else(|| single::multiple(&problem));
        match found {
            Some((size, value)) => problem.known[size] = Some(value),
            None => return problem.finish(),
        }
    }
}

/// The sizes that the caller gives by name, and what becomes known of those with values; the others stay free.
///
/// # Errors
/// Sizes that are given but not free, or given twice; a value that cannot be one.
pub fn bind(converter: &Converter, given: &[(String, i64)]) -> Result<Bindings, Vec<Diagnostic>> {
    let mut known = bake(converter)?;
    let mut errors = take_given(converter, given, &mut known);
    if errors.is_empty() {
        errors = derive(converter, &with_values(converter), &mut known);
    }
    if errors.is_empty() {
        Ok(known)
    } else {
        Err(errors)
    }
}

/// The same for sizes that are given to several converters: those that are no free sizes of this one do not count.
///
/// # Errors
/// A value that cannot be one.
pub fn bind_own(
    converter: &Converter,
    given: &[(String, i64)],
) -> Result<Bindings, Vec<Diagnostic>> {
    let free = |name: &str| {
        let mut sizes = converter.sizes.iter();
        sizes.any(|size| size.value.is_none() && size.name.text == name)
    };
    let own = given.iter().filter(|(name, _)| free(name));
    bind(converter, &own.cloned().collect::<Vec<_>>())
}

/// Takes the given sizes; what is wrong with them.
fn take_given(
    converter: &Converter,
    given: &[(String, i64)],
    known: &mut Bindings,
) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for (name, value) in given {
        let Some(at) = converter.sizes.iter().position(|s| s.name.text == *name) else {
            let names = || converter.sizes.iter().map(|s| s.name.text.as_str());
            let message = format!("`{}` has no size `{name}`", converter.name.text);
            let error = Diagnostic::new(Code::UnknownSize, converter.name.span, message)
                .note(format!("its sizes are {}", listing(names())));
            errors.push(match nearest(name, names()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            });
            continue;
        };
        let size = &converter.sizes[at];
        let wrong = |message: String| Diagnostic::new(Code::SizeMismatch, size.name.span, message);
        if let Some(own) = &size.value {
            errors.push(
                wrong(format!(
                    "size `{name}` has a value of its own and cannot be given"
                ))
                .secondary(own.span, "the value")
                .help(format!("leave {name} out, or declare it without a value")),
            );
        } else if *value < 0 {
            errors.push(
                wrong(format!("size `{name}` is given as {value}")).label("sizes are at least 0"),
            );
        } else if known[at].is_some_and(|before| before != *value) {
            errors.push(wrong(format!("size `{name}` is given twice")).help("give it once"));
        } else {
            known[at] = Some(*value);
        }
    }
    errors
}

/// Sizes to be found.
pub(super) struct Problem<'c> {
    pub(super) converter: &'c Converter,
    pub(super) shape: &'c [i64],
    /// The sizes with values, each after those that it uses.
    pub(super) order: Vec<usize>,
    pub(super) known: Bindings,
}

impl Problem<'_> {
    /// The unknown free sizes that each extent depends on.
    pub(super) fn open(&self) -> Vec<Vec<usize>> {
        let mut of_size: Vec<Vec<usize>> = (0..self.known.len()).map(|k| vec![k]).collect();
        for &k in &self.order {
            let uses = self.converter.sizes[k]
                .value
                .as_ref()
                .map_or(Vec::new(), used);
            of_size[k] = self.union(&uses, &of_size);
        }
        self.converter
            .input
            .extents
            .iter()
            .map(|extent| self.union(&used(extent), &of_size))
            .collect()
    }

    fn union(&self, sizes: &[usize], of_size: &[Vec<usize>]) -> Vec<usize> {
        let unknown = sizes.iter().filter(|&&k| self.known[k].is_none());
        let mut all: Vec<usize> = unknown.flat_map(|&k| of_size[k].iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What is to be said of the sizes that the input leaves open, all at once.
    fn missing(&self) -> Option<Diagnostic> {
        let mut error = undetermined(self.converter, &self.known)?
            .label("the input's extents do not say what it is");
        for (extent, open) in self.converter.input.extents.iter().zip(self.open()) {
            if !open.is_empty() {
                error = error.secondary(extent.span, "several values fit this");
            }
        }
        Some(error)
    }

    /// All sizes, if all are known and every extent comes out right.
    fn finish(self) -> Result<Vec<i64>, Vec<Diagnostic>> {
        if let Some(missing) = self.missing() {
            return Err(vec![missing]);
        }
        let mut errors = Vec::new();
        for (axis, extent) in self.converter.input.extents.iter().enumerate() {
            let name = &self.converter.input.name.text;
            match Values::of_sizes(&self.known).number(extent) {
                Ok(n) if n == self.shape[axis] => {}
                Ok(n) => errors.push(
                    Diagnostic::new(
                        Code::SizeMismatch,
                        extent.span,
                        format!(
                            "axis {axis} of {name} has the extent {n}, but the input has {}",
                            self.shape[axis]
                        ),
                    )
                    .note(format!("with {}", self.values())),
                ),
                Err(fault) => errors.push(fault.diagnostic()),
            }
        }
        if errors.is_empty() {
            self.known
                .into_iter()
                .collect::<Option<_>>()
                .ok_or_else(Vec::new)
        } else {
            Err(errors)
        }
    }

    /// `N = 3, C = 20`
    fn values(&self) -> String {
        let sizes = self.converter.sizes.iter().zip(&self.known);
        let known = sizes.filter_map(|(s, k)| k.map(|k| format!("{} = {k}", s.name.text)));
        known.collect::<Vec<_>>().join(", ")
    }
}
