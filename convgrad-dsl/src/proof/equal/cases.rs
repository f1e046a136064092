//! What each place of an output holds, as cases of tests over the output's places.

use crate::index::linear::{Linear, Test};
use crate::index::normal::Forms;
use crate::index::poly::{Checked, Poly};
use crate::index::space::Space;
use crate::sema::model::{Number, Rule};

use super::super::guard;

/// The cases of a converter in gather form.
#[derive(Clone, Debug)]
pub(super) struct Cases {
    /// What is read where all of `reads` hold.
    pub(super) source: Vec<Linear>,
    pub(super) reads: Vec<Test>,
    /// What holds everywhere, since a call for which it does not is refused.
    known: Vec<Test>,
    /// What stands elsewhere: the first whose tests hold counts. The last holds everywhere.
    pub(super) fills: Vec<(Vec<Test>, Number)>,
}

impl Cases {
    /// From the forms of a rule, and the extents of its input.
    pub(super) fn new(
        space: &mut Space,
        rule: &Rule,
        forms: &Forms,
        input: &[Poly],
    ) -> Checked<Self> {
        let mut inside: Vec<Test> = Vec::new();
        for (form, extent) in forms.source.iter().zip(input) {
            let last = Linear::constant(extent.plus_constant(-1)?);
            for form in [form.clone(), last.minus(form)?] {
                let test = Test::AtLeast0(form);
                if guard::verdict(space, &test)? != Some(true) && !inside.contains(&test) {
                    inside.push(test);
                }
            }
        }
        let mut cases = Cases {
            source: forms.source.clone(),
            reads: Vec::new(),
            known: Vec::new(),
            fills: Vec::new(),
        };
        match &rule.fill {
            // Without `else`, every place reads.
            None => cases.known = inside,
            Some(fill) => {
                let guard = forms.guard.iter().flat_map(Test::conjuncts);
                cases.reads = guard.cloned().chain(inside).collect();
                cases.fills.push((Vec::new(), fill.number));
            }
        }
        Ok(cases)
    }
}

/// The conditions under which two converters differ at a place: they are equal if none can hold.
pub(super) fn differences(f: &Cases, g: &Cases) -> Checked<Vec<Vec<Test>>> {
    let mut all = Vec::new();
    for (a, b) in f.source.iter().zip(&g.source) {
        let apart = a.minus(b)?;
        if apart.as_constant().is_none_or(|p| !p.is_zero()) {
            let both = f.reads.iter().chain(&g.reads).cloned();
            all.push(both.chain([Test::Not0(apart)]).collect());
        }
    }
    for (one, other) in [(f, g), (g, f)] {
        for test in &other.reads {
            let mut tests = one.reads.clone();
            tests.push(test.negated()?);
            all.push(tests);
        }
    }
    for (at, (here, value)) in f.fills.iter().enumerate() {
        for (to, (there, other)) in g.fills.iter().enumerate() {
            if value.same(*other) {
                continue;
            }
            let mut tests: Vec<Test> = here.iter().chain(there).cloned().collect();
            for (earlier, _) in f.fills[..at].iter().chain(&g.fills[..to]) {
                tests.push(Test::All(earlier.clone()).negated()?);
            }
            // Neither reads: one choice of a test that fails on each side.
            for a in &f.reads {
                for b in &g.reads {
                    let fails = [a.negated()?, b.negated()?];
                    all.push(tests.iter().cloned().chain(fails).collect());
                }
            }
        }
    }
    for tests in &mut all {
        tests.extend(f.known.iter().chain(&g.known).cloned());
    }
    Ok(all)
}
