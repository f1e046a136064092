//! Identifiers of the expansion: the user's names where they can stand, fresh ones beside them.

use proc_macro2::{Ident, Span};
use quote::format_ident;

use crate::compile::CompiledConverter;
use crate::emit::names::{Taken, numbers};
use crate::keywords;
use crate::nest::{Nest, VarId};
use crate::sema::model::{Rule, SizeId};

/// The identifiers of one converter.
#[derive(Clone)]
pub(super) struct Names {
    sizes: Vec<Ident>,
    variables: Vec<Ident>,
    taken: Taken,
    pub(super) own: Own,
}

/// The names that every converter's code needs beside the user's.
#[derive(Clone)]
pub(super) struct Own {
    /// The slice that `convert` reads.
    pub(super) x: Ident,
    /// The slice that it writes.
    pub(super) y: Ident,
    /// The numbers that it writes.
    pub(super) numbers: Vec<Ident>,
    /// What converts elements.
    pub(super) conversion: Ident,
    /// The checks of the constructor.
    pub(super) check: Ident,
    /// The places that a scan has visited.
    pub(super) places: Ident,
}

impl Own {
    fn new(rule: &Rule, mut fresh: impl FnMut(&str) -> Ident) -> Self {
        Own {
            x: fresh("x"),
            y: fresh("y"),
            numbers: numbers(rule).into_iter().map(&mut fresh).collect(),
            conversion: fresh("conversion"),
            check: fresh("check"),
            places: fresh("places"),
        }
    }
}

impl Names {
    pub(super) fn of(compiled: &CompiledConverter) -> Self {
        let rule = &compiled.converter.rule;
        let mut names = Names {
            sizes: Vec::new(),
            variables: Vec::new(),
            taken: Taken::default(),
            own: Own::new(rule, identifier),
        };
        for size in &compiled.converter.sizes {
            let ident = names.fresh(&size.name.text);
            names.sizes.push(ident);
        }
        for variable in &compiled.analysis.nest.variables {
            let ident = names.fresh(&variable.name);
            names.variables.push(ident);
        }
        names.own = Own::new(rule, |name| names.fresh(name));
        names
    }

    /// Whether something has this name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.taken.contains(&bindable(name))
    }

    /// Takes the variables that a nest has more than the converter's.
    pub(super) fn add_variables(&mut self, nest: &Nest) {
        for variable in &nest.variables[self.variables.len()..] {
            let ident = self.fresh(&variable.name);
            self.variables.push(ident);
        }
    }

    pub(super) fn size(&self, id: SizeId) -> &Ident {
        &self.sizes[id.index()]
    }

    pub(super) fn variable(&self, id: VarId) -> &Ident {
        &self.variables[id.0 as usize]
    }

    /// An identifier that nothing else has: `base`, or `base_2`, `base_3`, …
    pub(super) fn fresh(&mut self, base: &str) -> Ident {
        identifier(&self.taken.fresh(&bindable(base)))
    }
}

/// A name as a binding: what the prelude would take for a pattern gets an underscore.
fn bindable(name: &str) -> String {
    match name {
        "None" | "Some" | "Ok" | "Err" => format!("{name}_"),
        word if is_path(word) => format!("{word}_"),
        _ => name.to_owned(),
    }
}

/// A name as an identifier; a keyword becomes a raw one.
pub(super) fn identifier(name: &str) -> Ident {
    if keywords::is_rust(name) && !is_path(name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

/// Whether a word begins a path, so that there is no raw identifier of it.
fn is_path(word: &str) -> bool {
    matches!(word, "self" | "Self" | "super" | "crate" | "_")
}

/// The name of the type that a converter becomes: `t_nc` becomes `TNc`.
pub fn type_name(name: &str) -> Ident {
    let mut camel = String::new();
    for word in name.split('_').filter(|word| !word.is_empty()) {
        // Two numbers stay apart.
        let digits = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        if digits(camel.chars().last()) && digits(word.chars().next()) {
            camel.push('_');
        }
        let mut chars = word.chars();
        camel.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(chars.as_str());
    }
    match camel.chars().next() {
        None => format_ident!("Converter_"),
        Some('0'..='9') => format_ident!("_{camel}"),
        Some(_) if camel == "Self" => format_ident!("Self_"),
        Some(_) => format_ident!("{camel}"),
    }
}

/// The name of the module that holds a converter's code.
pub(super) fn module_name(name: &str) -> Ident {
    format_ident!("__{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_types() {
        for (name, expected) in [
            ("t_nc", "TNc"),
            ("im2col", "Im2col"),
            ("x", "X"),
            ("__a__b_", "AB"),
            ("nchw_16_4", "Nchw16_4"),
            ("self", "Self_"),
            ("_", "Converter_"),
            ("_1", "_1"),
        ] {
            assert_eq!(type_name(name).to_string(), expected);
        }
    }
}
