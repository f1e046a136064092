//! Every element is in one task, and no bit depends on the threads.

use super::*;
use crate::gemm::microkernel::host;

const SHAPES: [(usize, usize, usize, usize); 5] = [
    (1, 100, 1000, 1000),
    (3, 7, 300, 20_000),
    (2, 1, 1, 1),
    (1, 1280, 49, 320),
    (1, 147, 64, 100_352),
];

#[test]
#[cfg_attr(miri, ignore = "too large to check each access")]
fn every_element_is_in_one_task() {
    for (batch, m, n, k) in SHAPES {
        for threads in [1, 2, 9] {
            let shape = Shape { batch, m, n, k };
            let cuts = Cuts::panels(host::<f32>());
            let plan = Plan::new(host::<f32>(), shape, [false, true], cuts, threads);
            let mut seen = vec![0; batch * m * n];
            for i in 0..plan.tasks() {
                let (group, rows, columns) = plan.task(i);
                for row in rows {
                    for column in columns.clone() {
                        seen[(group * m + row) * n + column] += 1;
                    }
                }
            }
            assert!(seen.iter().all(|&times| times == 1), "{batch} {m} {n} {k}");
        }
    }
}

#[test]
fn stretches_do_not_depend_on_threads() {
    for (batch, m, n, k) in SHAPES {
        for moves in [[false; 2], [false, true], [true; 2]] {
            let shape = Shape { batch, m, n, k };
            let cuts = Cuts::panels(host::<f32>());
            let plan = |threads| Plan::new(host::<f32>(), shape, moves, cuts, threads);
            let stretches = |threads| plan(threads).stretches().to_vec();
            let one = stretches(1);
            assert_eq!((one[0].start, one[one.len() - 1].end), (0, k));
            assert!(one.windows(2).all(|pair| pair[0].end == pair[1].start));
            for threads in [2, 5, 64] {
                assert_eq!(one, stretches(threads));
                assert_eq!(plan(1).is_long(), plan(threads).is_long());
            }
        }
    }
}

#[test]
fn long_sums_are_shared_by_stretches() {
    let shape = Shape {
        batch: 1,
        m: 147,
        n: 64,
        k: 100_352,
    };
    let cuts = Cuts::panels(host::<f32>());
    let plan = Plan::new(host::<f32>(), shape, [true, true], cuts, 4);
    assert!(plan.is_long() && plan.tasks() == 1 && plan.stretches().len() >= TOGETHER);
}

#[test]
fn stretches_stay_within_long_runs() {
    let cuts = |period, run| Cuts {
        period,
        run,
        columns: 32,
        elements: 32,
    };
    let ends = |k, count, period, run| {
        let stretches = cut(k, count, cuts(period, run));
        assert!(
            stretches
                .windows(2)
                .all(|pair| pair[0].end == pair[1].start)
        );
        stretches
            .iter()
            .map(|stretch| stretch.end)
            .collect::<Vec<_>>()
    };
    assert_eq!(ends(2352, 2, 28, Some(784)), [784, 1568, 2352]);
    assert_eq!(ends(1568, 3, 28, Some(784)), [392, 784, 1176, 1568]);
    assert_eq!(ends(1600, 3, 1, Some(200)), [533, 1066, 1600]);
    assert_eq!(ends(12, 5, 4, None), [4, 8, 12]);
}

#[test]
fn parts_are_of_one_size() {
    let parts: Vec<_> = evenly(3..35, 12).collect();
    assert_eq!(parts, [3..13, 13..24, 24..35]);
}
