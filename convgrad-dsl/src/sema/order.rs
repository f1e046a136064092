//! The order of definitions that use each other, and the circles among them.

/// An order in which everything comes after what it uses, as near to the given one as possible; or what is left when
/// only circles (and what uses them) remain. `uses[k]` lists what `k` uses.
pub(crate) fn sorted(uses: &[Vec<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut waiting: Vec<usize> = uses.iter().map(Vec::len).collect();
    let mut used_by = vec![Vec::new(); uses.len()];
    for (user, used) in uses.iter().enumerate() {
        for &one in used {
            used_by[one].push(user);
        }
    }
    let mut ready: std::collections::BTreeSet<usize> =
        (0..uses.len()).filter(|&k| waiting[k] == 0).collect();
    let mut order = Vec::with_capacity(uses.len());
    while let Some(next) = ready.pop_first() {
        order.push(next);
        for &user in &used_by[next] {
            waiting[user] -= 1;
            if waiting[user] == 0 {
                ready.insert(user);
            }
        }
    }
    let rest = (0..uses.len()).filter(|&k| waiting[k] > 0).collect();
    (order, rest)
}

/// The circles among what [`sorted`] leaves: each as the sequence in which one uses the next, beginning with its first.
pub(crate) fn circles(uses: &[Vec<usize>], rest: &[usize]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; uses.len()];
    let mut left = vec![false; uses.len()];
    rest.iter().for_each(|&k| left[k] = true);
    let mut found = Vec::new();
    for &start in rest {
        let mut path = Vec::new();
        let mut at = start;
        while !seen[at] {
            seen[at] = true;
            path.push(at);
            match uses[at].iter().find(|&&used| left[used]) {
                Some(&next) => at = next,
                None => break,
            }
        }
        if let Some(from) = path.iter().position(|&k| k == at)
            && uses[path[path.len() - 1]].contains(&at)
        {
            let mut circle = path.split_off(from);
            let first = circle
                .iter()
                .enumerate()
                .min_by_key(|(_, k)| **k)
                .map_or(0, |(i, _)| i);
            circle.rotate_left(first);
            found.push(circle);
        }
    }
    found
}
