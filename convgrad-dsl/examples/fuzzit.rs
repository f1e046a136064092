//! Random formulas: nest = interpreter, verdicts = brute force.
use convgrad_dsl::analysis::analyze;
use convgrad_dsl::nest::*;
use convgrad_dsl::proof::*;
use convgrad_dsl::sema::model::Comparison;
struct Rng(u64);
impl Rng {
    fn next(&mut self) -> u64 { self.0 ^= self.0 << 13; self.0 ^= self.0 >> 7; self.0 ^= self.0 << 17; self.0 }
    fn below(&mut self, n: usize) -> usize { (self.next() >> 11) as usize % n }
    fn pick<'a, T>(&mut self, v: &'a [T]) -> &'a T { let i = self.below(v.len()); &v[i] }
    fn one_in(&mut self, n: usize) -> bool { self.below(n) == 0 }
}
struct Gen { rng: Rng, free: bool, sizes: Vec<(String, i64)> }
impl Gen {
    fn num(&mut self, v: i64) -> String {
        if self.free && v >= 1 && self.rng.one_in(2) {
            if let Some((n, _)) = self.sizes.iter().find(|s| s.1 == v) { return n.clone(); }
            if self.sizes.len() < 4 { let n = ["A", "B", "C", "D"][self.sizes.len()].to_string(); self.sizes.push((n.clone(), v)); return n; }
        }
        v.to_string()
    }
    fn expr(&mut self, its: &[(String, i64)], depth: usize) -> String {
        let d = [2, 3, 4, 5, 6, 8, 12, 16];
        if depth == 0 || self.rng.one_in(4) {
            if its.is_empty() || self.rng.one_in(8) { let v = self.rng.below(6) as i64; return self.num(v); }
            return self.rng.pick(its).0.clone();
        }
        let a = self.expr(its, depth - 1);
        match self.rng.below(14) {
            0 | 1 => { let k = *self.rng.pick(&d); let k = self.num(k); format!("({a}/{k})") }
            2 | 3 => { let k = *self.rng.pick(&d); let k = self.num(k); format!("({a}%{k})") }
            4 | 5 => { let k = *self.rng.pick(&d); let k = self.num(k); format!("{a}*{k}") .replace("+", "+") .to_string().pipe(|s| if a.contains(['+', '-', '^', '&']) && !a.starts_with('(') { format!("({a})*{k}") } else { s }) }
            6 | 7 => { let b = self.expr(its, depth - 1); format!("({a} + {b})") }
            8 => { let b = self.expr(its, depth - 1); format!("({a} - {b})") }
            9 => { let k = self.rng.below(9) as i64; let k = self.num(k); format!("({a} + {k})") }
            10 => { let k = self.rng.below(20) as i64; let k = self.num(k); format!("({k} - {a})") }
            11 => { let b = self.expr(its, depth - 1); format!("{}({a}, {b})", self.rng.pick(&["min", "max"])) }
            12 => { let b = self.expr(its, depth - 1); format!("({a} {} {b})", self.rng.pick(&["^", "&", "|"])) }
            _ => { let k = *self.rng.pick(&d); let k = self.num(k); format!("ceil({a}/{k})") }
        }
    }
    fn digits(&mut self, its: &[(String, i64)]) -> String {
        // a structured mix of digits
        let (j, e) = self.rng.pick(its).clone();
        let cut = *self.rng.pick(&[2i64, 3, 4, 8, 16]); let c = self.num(cut);
        match self.rng.below(7) {
            0 => j, 1 => format!("{j}/{c}"), 2 => format!("{j}%{c}"),
            3 => { let (k, f) = self.rng.pick(its).clone(); let f = self.num(f); format!("{j}*{f} + {k}") }
            4 => { let e = self.num(e); format!("{e} - 1 - {j}") }
            5 => { let r = self.rng.below(e.max(1) as usize) as i64; let r = self.num(r); let e = self.num(e); format!("({j} + {r}) % {e}") }
            _ => { let c2 = self.num(cut * 2); format!("({j}/{c})%{c2}") }
        }
    }
    fn index(&mut self, its: &[(String, i64)]) -> String { if self.rng.one_in(3) { self.expr(its, 3) } else { self.digits(its) } }
    fn cond(&mut self, its: &[(String, i64)]) -> String {
        let a = self.index(its);
        let b = self.rng.below(10) as i64; let b = self.num(b);
        let one = match self.rng.below(5) { 0 => format!("{a} < {b}"), 1 => format!("{a} >= {b}"), 2 => { let k = *self.rng.pick(&[2i64, 3]); let k = self.num(k); format!("({a}) % {k} == 0") } 3 => { let c = self.index(its); format!("{a} == {c}") } _ => format!("{a} != {b}") };
        match self.rng.below(5) { 0 => { let o = self.cond(its); format!("({one}) && ({o})") } 1 => { let o = self.cond(its); format!("({one}) || ({o})") } 2 => format!("!({one})"), _ => one }
    }
    fn formula(&mut self) -> String {
        self.sizes.clear();
        let ext = [1i64, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 48];
        let rank = 1 + self.rng.below(3);
        let mut its = Vec::new();
        let mut prod = 1;
        for k in 0..rank { let mut e = *self.rng.pick(&ext); while prod * e > 1500 { e = *self.rng.pick(&ext); } prod *= e; its.push((format!("j{k}"), e)); }
        let ir = 1 + self.rng.below(3);
        let src: Vec<String> = (0..ir).map(|_| self.index(&its)).collect();
        let relational = self.rng.one_in(3);
        let guard = self.rng.one_in(3).then(|| self.cond(&its));
        let els = guard.is_some() || self.rng.one_in(2);
        let left: Vec<String> = if relational { (0..rank).map(|_| self.index(&its)).collect() } else { its.iter().map(|i| i.0.clone()).collect() };
        // extents by brute force over a probe
        let probe = |g: &mut Gen, exprs: &[String]| -> Vec<String> {
            exprs.iter().map(|e| {
                let hi = g.range(e, &its);
                let v = hi.saturating_add(1).clamp(1, 4000);
                let v = match g.rng.below(8) { 0 => v + 1 + g.rng.below(5) as i64, 1 => (v - 1).max(1), _ => v };
                g.num(v)
            }).collect()
        };
        let inp = probe(self, &src);
        let out: Vec<String> = if relational { probe(self, &left) } else { its.iter().map(|i| i.1).collect::<Vec<_>>().into_iter().map(|e| self.num(e)).collect() };
        let fors = if relational { let v: Vec<String> = its.iter().map(|i| i.1).collect::<Vec<_>>().into_iter().map(|e| self.num(e)).collect(); format!(" for {}", its.iter().zip(v).map(|(i, e)| format!("{}<{e}", i.0)).collect::<Vec<_>>().join(", ")) } else { String::new() };
        let req = if self.free && !self.sizes.is_empty() { format!(" requires {}", self.sizes.iter().map(|s| format!("{} >= 1", s.0)).collect::<Vec<_>>().join(", ")) } else { String::new() };
        let g = guard.map(|g| format!(" if {g}")).unwrap_or_default();
        let e = if els { " else 0" } else { "" };
        format!("converter f<{}>(X[{}]) -> Y[{}]{req} {{ Y[{}] = X[{}]{g}{e}{fors}; }}", self.sizes.iter().map(|s| s.0.clone()).collect::<Vec<_>>().join(", "), inp.join(", "), out.join(", "), left.join(", "), src.join(", "))
    }
    fn range(&self, e: &str, its: &[(String, i64)]) -> i64 {
        let t = format!("converter p<{}>(X[1]) -> Y[{}] {{ Y[{}] = X[{e}] else 0; }}", self.sizes.iter().map(|s| format!("{} = {}", s.0, s.1)).collect::<Vec<_>>().join(", "), its.iter().map(|i| i.1.to_string()).collect::<Vec<_>>().join(", "), its.iter().map(|i| i.0.clone()).collect::<Vec<_>>().join(", "));
        let c = convgrad_dsl::compile::compile(&t);
        let Some(c) = c.converters.first() else { return 5 };
        let sizes: Vec<Option<i64>> = self.sizes.iter().map(|s| Some(s.1)).collect();
        let mut best = 0;
        let n: i64 = its.iter().map(|i| i.1).product();
        for p in 0..n {
            let mut r = p; let mut v = vec![0; its.len()];
            for k in (0..its.len()).rev() { v[k] = r % its[k].1; r /= its[k].1; }
            let val = convgrad_dsl::sema::eval::Values::new(&sizes, &v, &c.converter.rule.definitions);
            if let Ok(x) = val.number(&c.converter.rule.source[0]) { best = best.max(x); }
        }
        best
    }
}
trait Pipe: Sized { fn pipe<R>(self, f: impl FnOnce(Self) -> R) -> R { f(self) } }
impl<T> Pipe for T {}
fn ev(s: &Scalar, z: &[i64], v: &[i64]) -> i64 {
    let go = |s: &Scalar| ev(s, z, v);
    match s {
        Scalar::Const(n) => *n, Scalar::Size(i) => z[i.0 as usize], Scalar::Var(x) => v[x.0 as usize],
        Scalar::Sum(l) => l.iter().map(go).sum(), Scalar::Product(l) => l.iter().map(go).product(),
        Scalar::Div(a, b) => go(a).div_euclid(go(b)), Scalar::Rem(a, b) => go(a).rem_euclid(go(b)),
        Scalar::Min(l) => l.iter().map(go).min().unwrap(), Scalar::Max(l) => l.iter().map(go).max().unwrap(), Scalar::Abs(a) => go(a).abs(),
        Scalar::Xor(a, b) => go(a) ^ go(b), Scalar::And(a, b) => go(a) & go(b), Scalar::Or(a, b) => go(a) | go(b), Scalar::Shl(a, b) => go(a) << go(b), Scalar::Shr(a, b) => go(a) >> go(b),
    }
}
fn cv(c: &Condition, z: &[i64], v: &[i64]) -> bool {
    match c {
        Condition::Compare(o, a, b) => { let (a, b) = (ev(a, z, v), ev(b, z, v)); match o { Comparison::Eq => a == b, Comparison::Ne => a != b, Comparison::Lt => a < b, Comparison::Le => a <= b, Comparison::Gt => a > b, Comparison::Ge => a >= b } }
        Condition::All(l) => l.iter().all(|c| cv(c, z, v)), Condition::Any(l) => l.iter().any(|c| cv(c, z, v)), Condition::Not(a) => !cv(a, z, v),
    }
}
fn run(n: &Node, z: &[i64], v: &mut Vec<i64>, y: &mut [i64], xl: i64) {
    let at = |r: &Run, v: &[i64]| ev(&r.start.base, z, v) + r.start.terms.iter().map(|(x, s)| v[x.0 as usize] * ev(s, z, v)).sum::<i64>();
    match n {
        Node::Seq(l) => l.iter().for_each(|n| run(n, z, v, y, xl)),
        Node::Let { var, value, body } => { v[var.0 as usize] = ev(value, z, v); run(body, z, v, y, xl) }
        Node::Loop { var, from, to, step, body } => { let (mut i, t, s) = (ev(from, z, v), ev(to, z, v), ev(step, z, v)); while i < t { v[var.0 as usize] = i; run(body, z, v, y, xl); i += s; } }
        Node::When { condition, then, otherwise } => if cv(condition, z, v) { run(then, z, v, y, xl) } else if let Some(o) = otherwise { run(o, z, v, y, xl) },
        Node::Copy { count, output, input } => { let n = ev(count, z, v); let (o, i) = (at(output, v), at(input, v)); for k in 0..n { let a = i + k * ev(&input.stride, z, v); assert!(a >= 0 && a < xl, "read {a} of {xl}"); y[(o + k * ev(&output.stride, z, v)) as usize] = a; } }
        Node::Fill { count, output } => { let n = ev(count, z, v); let o = at(output, v); for k in 0..n { y[(o + k * ev(&output.stride, z, v)) as usize] = -1; } }
    }
}
fn holds(o: &Obligation, z: &[i64]) -> bool {
    fn points(l: &[ScanLoop], z: &[i64], f: &mut dyn FnMut(&[i64])) {
        let ext: Vec<i64> = l.iter().map(|s| ev(&s.extent, z, &[])).collect();
        let n: i64 = ext.iter().product();
        let m = l.iter().map(|s| s.var.0).max().map_or(0, |m| m as usize + 1);
        for p in 0..n { let mut r = p; let mut v = vec![0; m]; for k in (0..l.len()).rev() { v[l[k].var.0 as usize] = r % ext[k]; r /= ext[k]; } f(&v); }
    }
    match &o.check {
        Check::Holds(c) => cv(c, z, &[]),
        Check::ForAll { loops, guard, holds } => { let mut ok = true; points(loops, z, &mut |v| ok &= guard.as_ref().is_some_and(|g| !cv(g, z, v)) || cv(holds, z, v)); ok }
        Check::Places { loops, guard, place, total, all } => { let t = ev(total, z, &[]); let mut seen = vec![0; t.max(0) as usize]; let mut ok = true; points(loops, z, &mut |v| if guard.as_ref().is_none_or(|g| cv(g, z, v)) { let p = ev(place, z, v); if p < 0 || p >= t { ok = false } else { seen[p as usize] += 1 } }); ok && seen.iter().all(|s| *s <= 1 && (!*all || *s == 1)) }
    }
}
fn main() {
    let count: usize = std::env::args().nth(1).map_or(10000, |a| a.parse().unwrap());
    let seed: u64 = std::env::args().nth(2).map_or(88172645463325252, |a| a.parse().unwrap());
    let mut g = Gen { rng: Rng(seed), free: false, sizes: Vec::new() };
    let (mut good, mut bad, mut none, mut faults, mut guards) = (0, 0, 0, 0, 0);
    for k in 0..count {
        g.free = k % 2 == 1;
        let text = g.formula();
        let compiled = convgrad_dsl::compile::compile(&text);
        let z: Vec<i64> = g.sizes.iter().map(|s| s.1).collect();
        let why = |s: &str| println!("{s}\n  {text}\n  sizes {z:?}\n  {:?}", compiled.diagnostics.iter().map(|d| format!("{} {}", d.code.number(), d.message)).collect::<Vec<_>>());
        let Some(c) = compiled.converters.first() else {
            // refused: at constant sizes the interpreter must refuse too (except warnings turned errors)
            let codes: Vec<&str> = compiled.diagnostics.iter().filter(|d| d.is_error()).map(|d| d.code.number()).collect();
            if codes.iter().any(|c| matches!(*c, "CG032" | "CG025" | "CG026" | "CG020" | "CG027" | "CG019" | "CG012" | "CG044")) { bad += 1; continue; }
            // recheck by front end only
            let t2 = if text.contains(" else 0") { text.clone() } else { text.clone() };
            let _ = t2;
            faults += 1;
            if let Some(conv) = front(&text) { if let Ok(_) = convgrad_dsl::interpret::source_map(&conv, &z) { why("REFUSED WRONGLY"); } }
            continue;
        };
        let map = convgrad_dsl::interpret::source_map(&c.converter, &z);
        let mut all = vec![(&c.analysis, false)];
        let bound: Vec<Option<i64>> = z.iter().map(|v| Some(*v)).collect();
        let exact = analyze(&c.converter, &bound);
        let exact = match exact { Ok((a, _)) => Some(a), Err(e) => { if let Ok(_) = &map { if !e.iter().any(|d| matches!(d.code.number(), "CG032")) { why(&format!("REFUSED AT SIZES {:?}", e.iter().map(|d| d.code.number()).collect::<Vec<_>>())); } } None } };
        if let Some(e) = &exact { all.push((e, true)); if map.is_err() { why(&format!("ACCEPTED WRONGLY {:?}", map.as_ref().err().map(|f| &f.message))); continue; } }
        for (a, con) in all {
            let owed = a.obligations.iter().all(|o| holds(o, &z));
            let Ok(map) = &map else { if owed { why("OBLIGATIONS HOLD BUT FAULT"); } continue };
            if !owed { why("OBLIGATION FAILS WRONGLY"); continue; }
            let yl: i64 = map.output_shape.iter().product(); let xl: i64 = map.input_shape.iter().product();
            let mut y = vec![-2; yl as usize];
            let r = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&a.nest.body, &z, &mut vec![0; a.nest.variables.len()], &mut y, xl)));
            if r.is_err() { why(&format!("NEST PANICS constant {con}")); continue; }
            let want: Vec<i64> = map.source.iter().map(|s| s.map_or(-1, |s| s as i64)).collect();
            if y != want { why(&format!("NEST DIFFERS constant {con}\n {y:?}\n {want:?}")); continue; }
            good += 1;
            if format!("{:?}", a.nest.body).contains("When") { guards += 1; }
            let v = &a.verdicts;
            for (n, got, is) in [("inj", v.injective, map.injective()), ("sur", v.surjective, map.surjective()), ("bij", v.bijective, map.bijective()), ("inb", v.in_bounds, map.in_bounds)] {
                match got { Some(x) if x != is => why(&format!("VERDICT {n} {x} is {is}")), None if con => { none += 1; why("UNDECIDED") } _ => {} }
            }
        }
    }
    println!("good {good} refused-by-rule {bad} faults {faults} undecided at constants {none}, with guards {guards}");
}
fn front(text: &str) -> Option<convgrad_dsl::sema::model::Converter> { { let mut s = convgrad_dsl::diagnostic::Sink::new(); let f = convgrad_dsl::syntax::parse(text, &mut s); convgrad_dsl::sema::resolve(&f, &mut s).converters.into_iter().next() } }
