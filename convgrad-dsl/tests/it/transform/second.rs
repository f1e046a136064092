//! Random formulas that read a tensor of a given rank, whatever its extents are: second stages of compositions.

use crate::random::generator::Random;

/// A converter of the name `g`, whose input has the sizes `P0`, `P1`, … as extents.
pub(crate) fn second(rank: usize, seed: u64) -> String {
    let mut random = Random::new(seed ^ 0x5ec0_4d5e_ed00);
    let mut axes: Vec<Axis> = (0..rank).map(|k| axis(k, &mut random)).collect();
    let mut order: Vec<usize> = (0..axes.len()).collect();
    for k in (1..order.len()).rev() {
        order.swap(k, random.range(0, k as i64) as usize);
    }
    let fill = axes.iter().any(|axis| axis.fills) || random.chance(20);
    let number = [-7, 0, 5][random.range(0, 2) as usize];
    let guard = match axes.iter().flat_map(|axis| &axis.outputs).next() {
        Some((name, _, _)) if fill && random.chance(25) => {
            let n = random.range(0, 2);
            match random.range(0, 2) {
                0 => format!(" if {name} >= {n}"),
                1 => format!(" if {name} % 2 == {}", n % 2),
                _ => format!(" if {name} != {n}"),
            }
        }
        _ => String::new(),
    };
    let sizes: Vec<String> = (0..rank).map(|k| format!("P{k}")).collect();
    let source: Vec<String> = axes.iter().map(|axis| axis.source.clone()).collect();
    let outputs: Vec<(String, String, String)> = order
        .into_iter()
        .flat_map(|k| std::mem::take(&mut axes[k].outputs))
        .collect();
    let ranges: Vec<String> = axes.iter().flat_map(|axis| axis.ranges.clone()).collect();
    let list = |at: fn(&(String, String, String)) -> &String| {
        let all: Vec<&str> = outputs.iter().map(|o| at(o).as_str()).collect();
        all.join(", ")
    };
    let relational = axes.iter().any(|axis| axis.relational);
    let fill = match fill {
        true => format!(" else {number}"),
        false => String::new(),
    };
    let guard = if fill.is_empty() {
        String::new()
    } else {
        guard
    };
    let ranges = match relational {
        true => format!(" for {}", ranges.join(", ")),
        false => String::new(),
    };
    format!(
        "converter g<{}>(X[{}]) -> Y[{}] {{ Y[{}] = X[{}]{guard}{fill}{ranges}; }}",
        sizes.join(", "),
        sizes.join(", "),
        list(|o| &o.1),
        list(|o| &o.2),
        source.join(", ")
    )
}

/// One axis of the input: how it is read, and what axes of the output come of it.
struct Axis {
    source: String,
    /// Iterator, extent, left index.
    outputs: Vec<(String, String, String)>,
    ranges: Vec<String>,
    fills: bool,
    relational: bool,
}

fn axis(k: usize, random: &mut Random) -> Axis {
    let (i, j, p) = (format!("a{k}"), format!("b{k}"), format!("P{k}"));
    let (a, b) = (random.range(0, 3), random.range(2, 4));
    let plain = |source: String, extent: String, fills| Axis {
        source,
        ranges: vec![format!("{i} < {extent}")],
        outputs: vec![(i.clone(), extent, i.clone())],
        fills,
        relational: false,
    };
    match random.range(0, 13) {
        0..=2 => plain(i.clone(), p, false),
        3 => plain(format!("{p} - 1 - {i}"), p.clone(), false),
        4 => plain(format!("{i} - {a}"), format!("{p} + {}", a + 1), true),
        5 => plain(format!("{i} + {a}"), p, true),
        6 => plain(format!("{i}/{b}"), format!("{p}*{b}"), false),
        7 => plain(format!("{i}*{b} + 1"), format!("({p} + {b})/{b}"), true),
        8 => plain(format!("({i} + {a}) % {p}"), p.clone(), false),
        9 => Axis {
            source: format!("{i}*{b} + {j}"),
            ranges: vec![format!("{i} < ceil({p}/{b})"), format!("{j} < {b}")],
            outputs: vec![
                (i.clone(), format!("ceil({p}/{b})"), i),
                (j.clone(), b.to_string(), j),
            ],
            fills: true,
            relational: false,
        },
        10 => Axis {
            source: format!("{i} + {j}"),
            ranges: vec![format!("{i} < {p}"), format!("{j} < {b}")],
            outputs: vec![(i.clone(), p, i), (j.clone(), b.to_string(), j)],
            fills: true,
            relational: false,
        },
        11 => Axis {
            source: i.clone(),
            ranges: vec![format!("{i} < {p}")],
            outputs: vec![
                (i.clone(), format!("ceil({p}/{b})"), format!("{i}/{b}")),
                (i.clone(), b.to_string(), format!("{i} % {b}")),
            ],
            fills: true,
            relational: true,
        },
        12 => Axis {
            source: i.clone(),
            ranges: vec![format!("{i} < {p}")],
            outputs: vec![(
                i.clone(),
                format!("{p}*{b} + {a}"),
                format!("{i}*{b} + {a}"),
            )],
            fills: true,
            relational: true,
        },
        _ => Axis {
            source: i.clone(),
            ranges: vec![format!("{i} < {p}")],
            outputs: vec![(
                i.clone(),
                format!("{p} + {a}"),
                format!("{p} - 1 - {i} + {a}"),
            )],
            fills: true,
            relational: true,
        },
    }
}
