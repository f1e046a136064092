//! Fourier-Motzkin elimination: whether inequalities exclude each other, with every monomial as a variable of its own.

use std::cell::Cell;

use super::poly::{Monomial, Poly, gcd};

const MAX_ROWS: usize = 160;
const MAX_VARIABLES: usize = 24;

type Row = (Vec<i128>, i128);

/// Whether no integers satisfy all `rows >= 0`. False means "not shown".
pub(super) fn contradictory(
    rows: &[Poly],
    bounded: impl Fn(&Monomial) -> bool,
    work: &Cell<u64>,
) -> bool {
    let mut columns: Vec<&Monomial> = Vec::new();
    for (m, _) in rows.iter().flat_map(Poly::terms) {
        if !m.is_one() && !columns.contains(&m) {
            columns.push(m);
        }
        if columns.len() > MAX_VARIABLES {
            return false;
        }
    }
    let width = columns.len();
    let mut matrix: Vec<Row> = Vec::new();
    for p in rows {
        let mut row = vec![0; width];
        for (m, c) in p.terms() {
            if let Some(at) = columns.iter().position(|column| *column == m) {
                row[at] = c;
            }
        }
        matrix.push((row, p.constant_part()));
    }
    for (at, _) in columns.iter().enumerate().filter(|(_, m)| bounded(m)) {
        let mut row = vec![0; width];
        row[at] = 1;
        matrix.push((row, 0));
    }
    eliminate(matrix, width, work)
}

fn eliminate(mut rows: Vec<Row>, width: usize, work: &Cell<u64>) -> bool {
    let mut open: Vec<usize> = (0..width).collect();
    // Of fewer of the same rows nothing is new.
    let mut fewer = false;
    loop {
        if !fewer {
            rows = rows.into_iter().filter_map(tighten).collect();
            rows.sort_unstable();
            rows.dedup();
            let impossible = |(row, c): &Row| *c < 0 && row.iter().all(|&x| x == 0);
            if rows.iter().any(impossible) {
                return true;
            }
        }
        // The variable whose elimination makes the fewest rows.
        let mut least: Option<(usize, usize)> = None;
        for (at, &v) in open.iter().enumerate() {
            let cost = cost(&rows, v);
            if least.is_none_or(|(_, least)| cost < least) {
                least = Some((at, cost));
            }
            if cost == 0 {
                break;
            }
        }
        let Some((at, cost)) = least else {
            return false;
        };
        let v = open.swap_remove(at);
        spend(work, (rows.len() + cost) * width);
        if rows.len() + cost > MAX_ROWS * 4 || work.get() == 0 {
            return false;
        }
        fewer = cost == 0;
        if fewer {
            rows.retain(|row| row.0[v] == 0);
            continue;
        }
        let (with, mut without): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|r| r.0[v] != 0);
        for up in with.iter().filter(|r| r.0[v] > 0) {
            for down in with.iter().filter(|r| r.0[v] < 0) {
                without.extend(combine(up, down, v));
            }
        }
        rows = without;
        if rows.len() > MAX_ROWS {
            return false;
        }
    }
}

/// How many rows the elimination of a variable makes.
fn cost(rows: &[Row], v: usize) -> usize {
    let (mut ups, mut downs) = (0, 0);
    for (row, _) in rows {
        ups += usize::from(row[v] > 0);
        downs += usize::from(row[v] < 0);
    }
    ups * downs
}

/// Takes steps from the work that is left.
pub(super) fn spend(work: &Cell<u64>, steps: usize) {
    let steps = u64::try_from(steps).unwrap_or(u64::MAX);
    work.set(work.get().saturating_sub(steps));
}

/// The sum of both rows in which variable `v` cancels; None where it overflows (dropping a row only loses proofs).
fn combine(up: &Row, down: &Row, v: usize) -> Option<Row> {
    let (a, b) = (down.0[v].checked_neg()?, up.0[v]);
    let g = gcd(a, b);
    let (a, b) = (a / g, b / g);
    let mix = |x: i128, y: i128| x.checked_mul(a)?.checked_add(y.checked_mul(b)?);
    let row: Option<Vec<i128>> = up.0.iter().zip(&down.0).map(|(&x, &y)| mix(x, y)).collect();
    let row = (row?, mix(up.1, down.1)?);
    let tame = row.0.iter().chain([&row.1]).all(|x| x.abs() < 1 << 120);
    tame.then_some(row)
}

/// Divides a row by the common divisor of its coefficients; the constant rounds down since all is integer. Rows that
/// say nothing vanish.
fn tighten((row, constant): Row) -> Option<Row> {
    let mut g = 0;
    for &x in row.iter().filter(|x| **x != 0) {
        g = gcd(g, x);
        if g == 1 {
            break;
        }
    }
    match g {
        0 if constant >= 0 => None,
        0 | 1 => Some((row, constant)),
        _ => Some((row.iter().map(|x| x / g).collect(), constant.div_euclid(g))),
    }
}
