//! Random layouts, whose axes divide by numbers and by sizes of coordinates: what is said of converters to them is what the
//! interpreter counts, also where a size is 0.

use convgrad_dsl::compile::compile;

use super::generator::{Random, formulas, shortest};
use super::verdicts::{exact, sound};
use crate::annotations::all_sizes;

const LAYOUTS: u64 = 400;

const SIZES: [[i64; 2]; 8] = [
    [0, 0],
    [0, 3],
    [3, 0],
    [1, 1],
    [1, 4],
    [4, 1],
    [3, 2],
    [2, 5],
];

fn pick(random: &mut Random, list: &[&'static str]) -> &'static str {
    list[random.range(0, list.len() as i64 - 1) as usize]
}

/// An axis of a layout of coordinates `m < M` and `n < N`.
fn axis(random: &mut Random) -> String {
    let value = [
        "m",
        "n",
        "m*N + n",
        "n*M + m",
        "m + 2",
        "m + n",
        "2*n + 1",
        "M - 1 - m",
    ];
    let value = pick(random, &value);
    let by = pick(random, &["M", "N", "2", "3", "max(N, 1)", "M*N"]);
    match random.range(0, 4) {
        0 => value.to_owned(),
        1 => format!("({value})/({by})"),
        2 => format!("({value} + {by} - 1)/({by})"),
        3 => format!("min({value}, {by})"),
        _ => format!("({value})%({by})"),
    }
}

/// A converter from rows to a layout with a few such axes, and back.
fn text(seed: u64) -> String {
    let mut random = Random::new(seed.wrapping_mul(43));
    let axes: Vec<String> = (0..random.range(1, 3)).map(|_| axis(&mut random)).collect();
    let by = match random.chance(30) {
        true => {
            let turned = pick(&mut random, &["m + 1", "m + n", "M - 1 - m"]);
            format!(" by [m, n] -> [({turned})%M, n]")
        }
        false => String::new(),
    };
    let axes = axes.join(", ");
    format!(
        "layout Rows<M, N>[m, n] = [m, n];\nlayout Other<M, N>[m, n] = [{axes}, m, n];\n\
         converter to = Rows -> Other{by};\nconverter back = inverse(to);\n"
    )
}

#[test]
fn converters_to_layouts_do_what_is_said() {
    let (mut claims, mut failures) = (0, Vec::new());
    let total = formulas(LAYOUTS);
    for text in (0..total).map(text) {
        for compiled in &compile(&text).converters {
            let f = &compiled.converter;
            for sizes in SIZES {
                let given = ["M", "N"].map(str::to_owned).into_iter().zip(sizes);
                let sizes = all_sizes(f, &given.collect::<Vec<_>>());
                let exact = exact(f, &sizes);
                match exact.and_then(|_| sound(f, &compiled.analysis.verdicts, &sizes)) {
                    Ok(count) => claims += count,
                    Err(why) => failures.push(format!("{text}at {sizes:?}: {why}")),
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", shortest(failures));
    assert!(claims > 10 * total, "only {claims} claims");
}
