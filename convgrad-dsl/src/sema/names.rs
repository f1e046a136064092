//! Names that almost match.

/// The candidate that a misspelt name most probably means, if one is near enough.
pub fn nearest<'c>(name: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    // All letters may be in the wrong case, or a third of them may be wrong; of one letter that would be all.
    let letters = name.chars().count();
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates.into_iter().take(MOST) {
        if candidate.to_lowercase() == name.to_lowercase() {
            return Some(candidate);
        }
        let others = candidate.chars().count();
        let near = match letters.min(others) {
            0 | 1 => continue,
            _ => letters.div_ceil(3),
        };
        // Every letter too many is wrong; and who comes first stays.
        let most = best.map_or(near, |(best, _)| near.min(best.saturating_sub(1)));
        if letters.abs_diff(others) > most {
            continue;
        }
        let distance = distance(name, candidate);
        if distance <= most && best.is_none_or(|(best, _)| distance < best) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Among more candidates than these nobody looks for the nearest.
const MOST: usize = 512;

/// The number of letters to insert, remove, replace or swap with their neighbour (Damerau-Levenshtein),
/// looking no further than the first 32 letters.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) =
        (a.chars().take(32).collect(), b.chars().take(32).collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replace.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// "`a`, `b` and `c`", or "nothing".
pub(crate) fn listing<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut names: Vec<String> = names.into_iter().map(|n| format!("`{n}`")).collect();
    const MOST: usize = 12;
    if names.len() > MOST {
        let more = names.len() - MOST;
        names.truncate(MOST);
        return format!("{} and {more} more", names.join(", "));
    }
    match names.pop() {
        None => "nothing".to_owned(),
        Some(only) if names.is_empty() => only,
        Some(last) => format!("{} and {last}", names.join(", ")),
    }
}
