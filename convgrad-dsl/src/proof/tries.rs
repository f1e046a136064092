//! Sizes at which claims about all sizes are tried. What holds at them is not proved; what fails at them is refuted.

/// Small, prime to each other, ragged in blocks of 16, and none.
const VALUES: [i64; 16] = [2, 3, 1, 16, 17, 5, 0, 4, 32, 33, 8, 20, 7, 48, 6, 12];

/// How many choices are tried of those in which all sizes may be large.
const RANDOM: usize = 400;

/// Values for `count` sizes, the same ones at every call; the most telling first. One or two of them take every value while
/// the others are small; then all take any.
pub(crate) fn tries(count: usize) -> Vec<Vec<i64>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let small =
        |shift: usize| -> Vec<i64> { (0..count).map(|at| VALUES[(at + shift) % 3]).collect() };
    let mut all: Vec<Vec<i64>> = (0..3).map(small).collect();
    let mut take = |changes: &[(usize, i64)]| {
        let mut choice = small(all.len());
        changes.iter().for_each(|&(at, value)| choice[at] = value);
        all.push(choice);
    };
    for (at, value) in VALUES
        .iter()
        .flat_map(|v| (0..count).map(move |at| (at, *v)))
    {
        take(&[(at, value)]);
    }
    let pairs = (0..count).flat_map(|a| (0..a).map(move |b| (a, b)));
    for (a, b) in pairs.take(16) {
        for (x, y) in VALUES
            .iter()
            .flat_map(|x| VALUES.iter().map(move |y| (*x, *y)))
        {
            take(&[(a, x), (b, y)]);
        }
    }
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut any = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        VALUES[(state >> 32) as usize % VALUES.len()]
    };
    if count > 2 {
        all.extend((0..RANDOM).map(|_| (0..count).map(|_| any()).collect::<Vec<_>>()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_tried_for_every_size() {
        for count in 0..6 {
            let all = tries(count);
            assert!(all.iter().all(|choice| choice.len() == count));
            for (at, value) in (0..count).flat_map(|at| VALUES.map(|value| (at, value))) {
                assert!(
                    all.iter().any(|choice| choice[at] == value),
                    "{at} of {count}: {value}"
                );
            }
        }
        assert_eq!(tries(0), [vec![]; 1]);
    }
}
