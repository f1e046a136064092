//! What a function checks once, before its loops, so that these need no check.

use std::collections::HashSet;

use super::Writer;
use super::magnitude::{Atom, Magnitudes, Poly};
use super::scalar::Text;
use super::target::Refusal;
use crate::emit::names::{derived_sizes, free_sizes};
use crate::emit::natural::Natural;
use crate::nest::walk::{visit, visit_condition};
use crate::nest::{Condition, Scalar};
use crate::proof::{Check, Counts, Obligation, ScanLoop};
use crate::sema::model::{Comparison, SizeId};

/// The most positions that a check tries.
const BUDGET: &str = "4294967296.0";

/// Larger numbers might not fit 64 bits; doubles below it are off by far less than what is left to 2^63.
const LIMIT: &str = "9.0e18";

/// What is known already where a check stands.
#[derive(Default)]
struct Known {
    /// The sizes that have a variable.
    sizes: HashSet<SizeId>,
    /// What has been shown to be at least 1.
    positive: HashSet<Scalar>,
}

impl<'a> Writer<'a> {
    /// The checks of the sizes, from which on indices are computed plainly.
    pub(super) fn check_sizes(&mut self) {
        let compiled = self.compiled;
        self.check_magnitudes();
        let mut known = Known {
            sizes: free_sizes(compiled).into_iter().collect(),
            ..Known::default()
        };
        for (number, obligation) in self.obligations(Counts::Always) {
            self.obligation(number, obligation, &mut known);
        }
        let used = self.used_sizes();
        for (id, value) in derived_sizes(compiled) {
            let natural = Natural::of_sizes(&compiled.analysis.sizes).is(value);
            if used.contains(&id) || !natural {
                self.derive(id, &mut known);
            }
            if !natural {
                let negative = format!("{} < 0", self.names.size(id));
                self.refuse_if(&negative, Refusal::Sizes);
            }
        }
        let shapes = [
            &compiled.analysis.input_shape,
            &compiled.analysis.output_shape,
        ];
        for extent in shapes.into_iter().flatten() {
            self.divisors(extent, &mut known);
        }
    }

    /// The sizes that the function names, apart from its checks of the sizes.
    fn used_sizes(&self) -> HashSet<SizeId> {
        let analysis = &self.compiled.analysis;
        let mut used = HashSet::new();
        let mut take = |scalar: &Scalar| {
            scalar.any(&mut |inner| {
                if let Scalar::Size(id) = inner {
                    used.insert(*id);
                }
                false
            });
        };
        visit(&analysis.nest.body, &mut take);
        let shapes = [&analysis.input_shape, &analysis.output_shape];
        shapes.into_iter().flatten().for_each(&mut take);
        for (_, obligation) in self.obligations(Counts::OutputNotEmpty) {
            obligation.check.visit(&mut take);
        }
        used
    }

    /// The checks of what is read and written, where there is something to write.
    pub(super) fn check_accesses(&mut self) {
        let mut known = Known::default();
        known
            .sizes
            .extend((0..).map(SizeId).take(self.compiled.converter.sizes.len()));
        for (number, obligation) in self.obligations(Counts::OutputNotEmpty) {
            self.obligation(number, obligation, &mut known);
        }
    }

    /// The obligations of a kind with their numbers.
    fn obligations(&self, counts: Counts) -> Vec<(usize, &'a Obligation)> {
        let all = self.compiled.analysis.obligations.iter().enumerate();
        all.filter(|(_, obligation)| obligation.counts == counts)
            .collect()
    }

    pub(super) fn refuse_if(&mut self, condition: &str, why: Refusal) {
        self.lines.open(&self.target.when(condition));
        self.lines.line(&self.target.refuse(why));
        self.lines.close();
    }

    fn check_magnitudes(&mut self) {
        let magnitudes = Magnitudes::of(self.compiled);
        let Some(largest) = magnitudes.largest() else {
            return;
        };
        let mut needed = vec![false; magnitudes.named.len()];
        mark(&largest, &magnitudes.named, &mut needed);
        let mut names = Vec::new();
        self.lines.blank();
        self.lines.comment(
            "//",
            "No index may leave 64 bits; a double bounds all of them.",
        );
        for (poly, needed) in magnitudes.named.iter().zip(needed) {
            let name = match needed {
                true => self.names.fresh("most", self.target),
                false => String::new(),
            };
            if needed {
                let value = self.poly(poly, &names);
                self.lines.line(&self.target.bind_double(&name, &value));
            }
            names.push(name);
        }
        let largest = self.poly(&largest, &names);
        self.refuse_if(&format!("!({largest} < {LIMIT})"), Refusal::Sizes);
    }

    fn poly(&self, poly: &Poly, names: &[String]) -> String {
        let mut terms = Vec::new();
        for (monomial, coefficient) in poly.0.iter().rev() {
            let mut factors: Vec<String> = monomial
                .iter()
                .map(|atom| match atom {
                    Atom::Size(id) => self.target.magnitude(self.names.size(*id)),
                    Atom::Named(at) => names.get(*at).cloned().unwrap_or_default(),
                    Atom::Power(of) => self.target.magnitude_power(&self.poly(of, names)),
                })
                .collect();
            if *coefficient != 1 || factors.is_empty() {
                factors.push(format!("{coefficient}.0"));
            }
            terms.push(factors.join(" * "));
        }
        terms.join(" + ")
    }

    fn obligation(&mut self, number: usize, obligation: &Obligation, known: &mut Known) {
        let why = Refusal::Obligation(number, &obligation.text);
        match &obligation.check {
            Check::Holds(condition) => {
                visit_condition(condition, &mut |scalar| self.divisors(scalar, known));
                let denial = self.denial(condition);
                self.refuse_if(&denial, why);
                remember(condition, known);
            }
            Check::ForAll {
                loops,
                guard,
                holds,
            } => self.scan(loops, |writer| {
                writer.budget(loops);
                writer.positions(loops, guard.as_ref(), |writer| {
                    let denial = writer.denial(holds);
                    writer.refuse_if(&denial, why);
                });
            }),
            Check::Places {
                loops,
                guard,
                place,
                total,
                all,
            } => self.scan(loops, |writer| {
                writer.budget(loops);
                writer.places(loops, guard.as_ref(), (place, total, *all), why);
            }),
        }
    }

    /// Writes with the names of a scan, in a block of its own.
    fn scan(&mut self, loops: &[ScanLoop], write: impl FnOnce(&mut Self)) {
        let sizes = &self.compiled.analysis.sizes;
        let natural = Natural::of_sizes(sizes).and(loops.iter().map(|scan| scan.var));
        let names = self.names.scanning(loops, self.target);
        let natural = std::mem::replace(&mut self.natural, natural);
        let names = std::mem::replace(&mut self.names, names);
        self.lines.open("");
        write(self);
        self.lines.close();
        self.natural = natural;
        self.names = names;
    }

    fn budget(&mut self, loops: &[ScanLoop]) {
        let extents: Vec<&Scalar> = loops.iter().map(|scan| &scan.extent).collect();
        if extents
            .iter()
            .all(|extent| matches!(extent, Scalar::Const(_)))
        {
            return;
        }
        let extents = extents.iter().map(|extent| {
            let extent = self.scalar(extent);
            self.target.magnitude(&extent.operand())
        });
        let positions = extents.collect::<Vec<_>>().join(" * ");
        self.refuse_if(&format!("{positions} > {BUDGET}"), Refusal::Trials);
    }

    fn positions(
        &mut self,
        loops: &[ScanLoop],
        guard: Option<&Condition>,
        write: impl FnOnce(&mut Self),
    ) {
        for scan in loops {
            let extent = self.scalar(&scan.extent).text;
            let counter = self.names.variable(scan.var);
            self.lines
                .open(&self.target.repeat(counter, "0", &extent, "1"));
        }
        if let Some(guard) = guard {
            self.lines.open(&self.target.when(&self.condition(guard)));
            write(self);
            self.lines.close();
        } else {
            write(self);
        }
        loops.iter().for_each(|_| self.lines.close());
    }

    /// Visits places and raises a flag for each, so that it shows which are visited twice or not at all.
    fn places(
        &mut self,
        loops: &[ScanLoop],
        guard: Option<&Condition>,
        (place, total, all): (&Scalar, &Scalar, bool),
        why: Refusal,
    ) {
        let flags = self.names.fresh("written", self.target);
        let place_name = self.names.fresh("place", self.target);
        let (count, twice) = (
            self.names.fresh("count", self.target),
            self.names.fresh("twice", self.target),
        );
        let total = self.scalar(total);
        let positions = self.target.magnitude(&total.operand());
        self.refuse_if(&format!("{positions} > {BUDGET}"), Refusal::Trials);
        let set = self.target.flags(&flags, &total);
        self.lines.line(&set.make);
        self.refuse_if(&set.failed, Refusal::Trials);
        set.ready.iter().for_each(|line| self.lines.line(line));
        let counters = [Some(&twice), all.then_some(&count)];
        for counter in counters.into_iter().flatten() {
            self.lines.line(&self.target.bind_counter(counter));
        }
        let at = Text::atom(place_name.clone());
        self.positions(loops, guard, |writer| {
            let value = writer.scalar(place).text;
            writer.lines.line(&writer.target.bind(&place_name, &value));
            let raised = writer.target.flag(&flags, &at);
            writer.lines.open(&writer.target.when(&raised));
            writer.lines.line(&format!("{twice} += 1;"));
            writer.lines.close();
            writer.lines.line(&writer.target.raise(&flags, &at));
            if all {
                writer.lines.line(&format!("{count} += 1;"));
            }
        });
        set.release.iter().for_each(|line| self.lines.line(line));
        let mut wrong = format!("{twice} > 0");
        if all {
            wrong += &format!(" || {count} < {}", total.text);
        }
        self.refuse_if(&wrong, why);
    }

    /// Makes sure that a scalar can be evaluated: that its sizes are, and that its divisors are positive.
    fn divisors(&mut self, scalar: &Scalar, known: &mut Known) {
        if let Scalar::Size(id) = scalar {
            self.derive(*id, known);
        }
        for child in scalar.children() {
            self.divisors(child, known);
        }
        let (Scalar::Div(_, by) | Scalar::Rem(_, by)) = scalar else {
            return;
        };
        let positive = matches!(**by, Scalar::Const(1..)) || known.positive.contains(by);
        if !positive {
            let text = self.scalar(by).text;
            self.refuse_if(&format!("{text} < 1"), Refusal::Sizes);
            known.positive.insert((**by).clone());
        }
    }

    /// Evaluates a size that others determine.
    fn derive(&mut self, id: SizeId, known: &mut Known) {
        let value = &self.compiled.analysis.sizes[id.index()];
        if matches!(value, Scalar::Const(_)) || !known.sizes.insert(id) {
            return;
        }
        self.divisors(value, known);
        let line = self
            .target
            .bind(self.names.size(id), &self.scalar(value).text);
        self.lines.line(&line);
    }
}

/// What a condition that holds says about divisors.
fn remember(condition: &Condition, known: &mut Known) {
    match condition {
        Condition::Compare(Comparison::Ge, a, Scalar::Const(1..))
        | Condition::Compare(Comparison::Gt, a, Scalar::Const(0..)) => {
            known.positive.insert(a.clone());
        }
        Condition::All(all) => all.iter().for_each(|inner| remember(inner, known)),
        _ => {}
    }
}

/// Marks the named polynomials that one uses.
fn mark(poly: &Poly, named: &[Poly], needed: &mut [bool]) {
    for atom in poly.0.keys().flatten() {
        match atom {
            Atom::Size(_) => {}
            Atom::Power(of) => mark(of, named, needed),
            Atom::Named(at) => {
                if !std::mem::replace(&mut needed[*at], true) {
                    mark(&named[*at], named, needed);
                }
            }
        }
    }
}
