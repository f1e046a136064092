//! Gives names to the numbers of a nest that are used more than once, so that printed loops read well and compute nothing twice.
//!
//! Numbers of sizes only are named before the loops, others where the last of their variables is bound. Strides always get a
//! name. In the result they are variables: unlike those of the compiler's nests they are no scalars of sizes only.

mod factor;
mod place;

use std::collections::{BTreeMap, HashMap};

use factor::{Terms, expand, multiple};
use place::place;

use crate::nest::walk::{children, map, visit};
use crate::nest::{Nest, Node, Run, Scalar, VarId, Variable};

/// The most names of one nest; beyond it, numbers are printed where they are used.
const MOST_NAMES: usize = 200;

/// The extents of a tensor, with the name that its strides are to begin with.
pub(crate) struct Tensor<'a> {
    pub(crate) name: &'a str,
    pub(crate) shape: &'a [Scalar],
}

/// The nest with names for what is shared. `taken` says which names are in use.
pub(crate) fn share(
    nest: &Nest,
    input: &Tensor,
    output: &Tensor,
    taken: impl Fn(&str) -> bool,
) -> Nest {
    let mut sharing = Sharing {
        nest: Nest {
            variables: nest.variables.clone(),
            body: nest.body.clone(),
        },
        lets: Vec::new(),
        hints: HashMap::new(),
        taken: Box::new(taken),
    };
    for tensor in [input, output] {
        sharing.strides(tensor);
    }
    for tensor in [input, output] {
        sharing.extents(tensor);
    }
    sharing.force(input.name, output.name);
    sharing.repeated();
    sharing.finish()
}

struct Sharing<'a> {
    nest: Nest,
    /// The names so far, each with its value; a value may use the names after it.
    lets: Vec<(VarId, Scalar)>,
    /// What a number is called, for those whose place says so.
    hints: HashMap<Scalar, String>,
    taken: Box<dyn Fn(&str) -> bool + 'a>,
}

impl Sharing<'_> {
    /// Writes strides as products of extents again, where the compiler has multiplied them out.
    fn strides(&mut self, tensor: &Tensor) {
        let mut products: Vec<(Scalar, Terms)> = Vec::new();
        for axis in (0..tensor.shape.len()).rev() {
            let product = Scalar::product(tensor.shape[axis..].to_vec());
            if let (Scalar::Product(_), Some(terms)) = (&product, expand(&product)) {
                products.push((product, terms));
            }
        }
        let rewrite = |scalar: &Scalar| {
            let Scalar::Sum(all) = scalar else {
                return None;
            };
            let (moving, fixed): (Vec<_>, Vec<_>) =
                all.iter().cloned().partition(Scalar::has_variables);
            let terms = expand(&Scalar::Sum(fixed))?;
            products.iter().find_map(|(product, of_product)| {
                let mut fixed = multiple(&terms, of_product)?;
                fixed.push(product.clone());
                let fixed = Scalar::product(fixed);
                Some(Scalar::sum([vec![fixed], moving.clone()].concat()))
            })
        };
        self.nest.body = map(&self.nest.body, &mut |scalar| {
            rewrite(scalar).unwrap_or_else(|| scalar.clone())
        });
    }

    /// Names extents that are not simply sizes and are used in the loops.
    fn extents(&mut self, tensor: &Tensor) {
        for (axis, extent) in tensor.shape.iter().enumerate() {
            let extent = self.current(extent);
            if leaves(&extent) > 0 && !is_atom(&extent) && self.count(&extent) > 0 {
                self.name(&extent, &format!("{}_dim{axis}", tensor.name));
            }
        }
    }

    /// Names strides and what places begin with.
    fn force(&mut self, x: &str, y: &str) {
        let mut wanted = Vec::new();
        let variables = self.nest.variables.clone();
        let mut run = |tensor: &str, run: &Run| {
            wanted.push((run.start.base.clone(), format!("{tensor}_base")));
            for (var, stride) in &run.start.terms {
                let name = &variables[var.0 as usize].name;
                wanted.push((stride.clone(), format!("{tensor}_{name}")));
            }
            wanted.push((run.stride.clone(), format!("{tensor}_step")));
        };
        runs(&self.nest.body, &mut |input, output| {
            run(y, output);
            if let Some(input) = input {
                run(x, input);
            }
        });
        for (value, name) in wanted {
            let value = self.current(&value);
            let names = self.names();
            let of_sizes = !value.any(&mut |inner| match inner {
                Scalar::Var(id) => !names.contains(id),
                _ => false,
            });
            if of_sizes && !is_atom(&value) {
                self.name(&value, &name);
            }
        }
        let mut hints = HashMap::new();
        counts(&self.nest.body, &mut |count| {
            hints.insert(count.clone(), "count".to_owned());
        });
        limits(&self.nest.body, &mut |var, from, to| {
            let name = &variables[var.0 as usize].name;
            hints.insert(from.clone(), format!("{name}_start"));
            hints.insert(to.clone(), format!("{name}_end"));
        });
        self.hints = hints;
    }

    /// Names what is used more than once, the largest first.
    fn repeated(&mut self) {
        while self.lets.len() < MOST_NAMES {
            let mut counts: BTreeMap<&Scalar, usize> = BTreeMap::new();
            let mut count = |scalar| {
                subscalars(scalar, &mut |inner| {
                    if leaves(inner) > 1 && !is_negation(inner) {
                        *counts.entry(inner).or_default() += 1;
                    }
                });
            };
            visit(&self.nest.body, &mut count);
            self.lets.iter().for_each(|(_, value)| count(value));
            let repeated = counts.into_iter().filter(|(_, count)| *count > 1);
            let Some((value, _)) = repeated.max_by_key(|(scalar, _)| leaves(scalar)) else {
                return;
            };
            let value = value.clone();
            let name = self.hints.get(&value).cloned();
            self.name(&value, name.as_deref().unwrap_or("part"));
        }
    }

    fn names(&self) -> Vec<VarId> {
        self.lets.iter().map(|(var, _)| *var).collect()
    }

    /// A scalar of the original nest with the names given so far.
    fn current(&self, scalar: &Scalar) -> Scalar {
        let lets = self.lets.iter();
        lets.fold(scalar.clone(), |scalar, (var, value)| {
            replace(&scalar, value, *var)
        })
    }

    fn count(&self, wanted: &Scalar) -> usize {
        let mut count = 0;
        let probe = VarId(u32::MAX);
        visit(&self.nest.body, &mut |scalar| {
            count += usize::from(replace(scalar, wanted, probe) != *scalar);
        });
        count
    }

    /// Gives a value a name, and uses it everywhere.
    fn name(&mut self, value: &Scalar, hint: &str) {
        if let Some((var, _)) = self.lets.iter().find(|(_, named)| named == value) {
            let var = *var;
            self.nest.body = map(&self.nest.body, &mut |scalar| replace(scalar, value, var));
            for (other, named) in &mut self.lets {
                if *other != var {
                    *named = replace(named, value, var);
                }
            }
            return;
        }
        let name = (1..)
            .map(|k| match k {
                1 => hint.to_owned(),
                _ => format!("{hint}_{k}"),
            })
            .find(|name| {
                !(self.taken)(name) && self.nest.variables.iter().all(|var| var.name != *name)
            })
            .unwrap_or_default();
        let var = VarId(self.nest.variables.len() as u32);
        self.nest.variables.push(Variable { name });
        self.nest.body = map(&self.nest.body, &mut |scalar| replace(scalar, value, var));
        for (_, other) in &mut self.lets {
            *other = replace(other, value, var);
        }
        self.hints = self
            .hints
            .drain()
            .map(|(scalar, name)| (replace(&scalar, value, var), name))
            .collect();
        self.lets.push((var, value.clone()));
    }

    /// Puts every name where its variables are bound.
    fn finish(mut self) -> Nest {
        // Names that others use come first.
        let mut ordered: Vec<(VarId, Scalar)> = Vec::new();
        while !self.lets.is_empty() {
            let open = self.names();
            let ready = self
                .lets
                .iter()
                .position(|(_, value)| !open.iter().any(|var| uses(value, *var)));
            ordered.push(self.lets.remove(ready.unwrap_or(0)));
        }
        let body = std::mem::replace(&mut self.nest.body, Node::Seq(Vec::new()));
        let mut bound = Vec::new();
        self.nest.body = place(body, ordered, &mut bound);
        self.nest
    }
}

/// Numbers and names, and what is no longer than a name: `-N`, `2*N`.
fn is_atom(scalar: &Scalar) -> bool {
    match scalar {
        Scalar::Const(_) | Scalar::Size(_) | Scalar::Var(_) => true,
        other => is_negation(other),
    }
}

fn is_negation(scalar: &Scalar) -> bool {
    match scalar {
        Scalar::Product(factors) => {
            matches!(
                &factors[..],
                [Scalar::Const(-1), _] | [_, Scalar::Const(-1)]
            )
        }
        _ => false,
    }
}

/// How many sizes and variables a scalar is made of.
fn leaves(scalar: &Scalar) -> usize {
    match scalar {
        Scalar::Const(_) => 0,
        Scalar::Size(_) | Scalar::Var(_) => 1,
        other => other.children().map(leaves).sum(),
    }
}

fn uses(scalar: &Scalar, var: VarId) -> bool {
    scalar.any(&mut |inner| *inner == Scalar::Var(var))
}

/// A scalar with a name for every place where a value occurs, also as some of the terms of a sum or factors of a product.
fn replace(scalar: &Scalar, value: &Scalar, var: VarId) -> Scalar {
    if scalar == value {
        return Scalar::Var(var);
    }
    let part = match (scalar, value) {
        (Scalar::Sum(all), Scalar::Sum(part)) => Scalar::Sum(without(all, part, var)),
        (Scalar::Product(all), Scalar::Product(part)) => Scalar::Product(without(all, part, var)),
        _ => scalar.clone(),
    };
    part.map_children(&|inner| replace(inner, value, var))
}

/// A list with `var` in place of all elements of `part`; the list itself if it lacks one.
fn without(all: &[Scalar], part: &[Scalar], var: VarId) -> Vec<Scalar> {
    let mut rest = all.to_vec();
    for wanted in part {
        match rest.iter().position(|have| have == wanted) {
            Some(at) => drop(rest.remove(at)),
            None => return all.to_vec(),
        }
    }
    rest.insert(0, Scalar::Var(var));
    rest
}

fn subscalars<'s>(scalar: &'s Scalar, visit: &mut impl FnMut(&'s Scalar)) {
    visit(scalar);
    for child in scalar.children() {
        subscalars(child, visit);
    }
}

/// Visits the runs of all copies and fills: the output's, and the input's where there is one.
fn runs<'n>(node: &'n Node, f: &mut impl FnMut(Option<&'n Run>, &'n Run)) {
    match node {
        Node::Copy { output, input, .. } => f(Some(input), output),
        Node::Fill { output, .. } => f(None, output),
        other => children(other).into_iter().for_each(|child| runs(child, f)),
    }
}

/// Visits the variable and the limits of all loops.
fn limits<'n>(node: &'n Node, f: &mut impl FnMut(VarId, &'n Scalar, &'n Scalar)) {
    if let Node::Loop { var, from, to, .. } = node {
        f(*var, from, to);
    }
    children(node)
        .into_iter()
        .for_each(|child| limits(child, f));
}

/// Visits the lengths of all copies and fills.
fn counts<'n>(node: &'n Node, f: &mut impl FnMut(&'n Scalar)) {
    match node {
        Node::Copy { count, .. } | Node::Fill { count, .. } => f(count),
        other => children(other)
            .into_iter()
            .for_each(|child| counts(child, f)),
    }
}
