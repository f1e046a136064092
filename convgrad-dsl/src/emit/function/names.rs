//! Names in a function: the user's where they can stand, fresh ones beside them.

use std::collections::HashMap;

use super::target::Target;
use crate::compile::CompiledConverter;
use crate::emit::names::{Taken, numbers};
use crate::nest::{Nest, VarId};
use crate::proof::ScanLoop;
use crate::sema::model::SizeId;

/// The names of one function.
#[derive(Clone, Debug)]
pub(super) struct Names {
    taken: Taken,
    sizes: Vec<String>,
    variables: HashMap<VarId, String>,
    /// What is read.
    pub(super) x: String,
    /// What is written.
    pub(super) y: String,
    /// The numbers that are written.
    pub(super) numbers: Vec<String>,
}

impl Names {
    /// The sizes and the tensors.
    pub(super) fn of(compiled: &CompiledConverter, target: &dyn Target) -> Self {
        let mut names = Names {
            taken: Taken::default(),
            sizes: Vec::new(),
            variables: HashMap::new(),
            x: String::new(),
            y: String::new(),
            numbers: Vec::new(),
        };
        for size in &compiled.converter.sizes {
            let name = names.fresh(&size.name.text, target);
            names.sizes.push(name);
        }
        names.x = names.fresh("x", target);
        names.y = names.fresh("y", target);
        for wanted in numbers(&compiled.converter.rule) {
            let name = names.fresh(wanted, target);
            names.numbers.push(name);
        }
        names
    }

    /// Names the variables of a nest.
    pub(super) fn add_variables(&mut self, nest: &Nest, target: &dyn Target) {
        for (id, variable) in (0..).map(VarId).zip(&nest.variables) {
            let name = self.fresh(&variable.name, target);
            self.variables.insert(id, name);
        }
    }

    /// Names the loops of a scan, which know no variables but their own.
    pub(super) fn scanning(&self, loops: &[ScanLoop], target: &dyn Target) -> Self {
        let mut names = self.clone();
        names.variables.clear();
        for scan in loops {
            let name = names.fresh(&scan.name, target);
            names.variables.insert(scan.var, name);
        }
        names
    }

    /// Whether something has this name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// A name that nothing else has, and that is no word of the language.
    pub(super) fn fresh(&mut self, wanted: &str, target: &dyn Target) -> String {
        let mut name = wanted.to_owned();
        while target.reserved(&name) {
            name.push('_');
        }
        self.taken.fresh(&name)
    }

    pub(super) fn size(&self, id: SizeId) -> &str {
        self.sizes.get(id.index()).map_or("", String::as_str)
    }

    pub(super) fn variable(&self, id: VarId) -> &str {
        self.variables.get(&id).map_or("", String::as_str)
    }
}
