//! Values for sizes that a derived converter does not have, but the layout that it writes.

use super::{Chains, Values};
use crate::diagnostic::{Code, Diagnostic};
use crate::sema::model::Layout;
use crate::sema::things::Thing;
use crate::syntax::tree::{ChainKind, ItemKind, Reference};

/// What a converter `from -> to` was made of.
struct Between<'c> {
    from: &'c Reference,
    to: &'c Reference,
    by: bool,
    target: &'c Layout,
}

impl Chains<'_, '_> {
    /// The errors of values for a converter, with words about sizes of the layout that it writes: it has those of the one that
    /// it reads.
    pub(super) fn of_target(
        &self,
        reference: &Reference,
        values: &Values,
        mut errors: Vec<Diagnostic>,
    ) -> Vec<Diagnostic> {
        let Some(between) = self.between(reference) else {
            return errors;
        };
        let (from, to) = (&between.from.name.text, &between.to.name.text);
        let by = if between.by { " by …" } else { "" };
        for error in &mut errors {
            let given = values.iter().find(|(name, _)| name.span == error.span);
            let has = |name: &str| between.target.sizes.iter().any(|s| s.name.text == name);
            if let Some((name, value)) = given
                && error.code == Code::UnknownSize
                && has(&name.text)
            {
                let name = &name.text;
                error.notes.push(format!(
                    "{name} is a size of {to}, the layout that it writes"
                ));
                error.help = Some(format!("write `{from} -> {to}<{name} = {value}>{by}`"));
            }
        }
        errors
    }

    /// The layouts of a converter that leads from one to another.
    fn between(&self, reference: &Reference) -> Option<Between<'_>> {
        let node = &self.graph.nodes[self.graph.get(self.home, &reference.name.text)?];
        let ItemKind::Derived { chain, .. } = &node.item.kind else {
            return None;
        };
        let ChainKind::Between { from, to, by } = &chain.chain.kind else {
            return None;
        };
        match self.things.get(self.graph.get(node.home, &to.name.text)?)? {
            Thing::Layout(target) => Some(Between {
                from,
                to,
                by: by.is_some(),
                target,
            }),
            _ => None,
        }
    }
}
