//! Suggestions for misspelled names.

/// The candidate that is most similar to a word. Returns None if none is similar. A candidate that
/// ends with a long word is similar too: `scrape_classic_histograms` has become
/// `always_scrape_classic_histograms`.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 4);
    let folded = fold(word);
    let ends_with_it = |candidate: &str| folded.len() > 8 && candidate.ends_with(word);
    candidates
        .filter(|candidate| *candidate != word)
        .map(|candidate| match distance(&folded, &fold(candidate), limit) {
            far if far > limit && ends_with_it(candidate) => (limit, candidate),
            distance => (distance, candidate),
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Removes word separators, so that `scrapeInterval` is similar to `scrape_interval`.
fn fold(word: &str) -> Vec<char> {
    word.chars()
        .take(64)
        .filter(|c| !matches!(c, '_' | '-' | '.'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The number of insertions, deletions, substitutions and transpositions. A distance above `limit` is
/// returned as any number above it.
fn distance(a: &[char], b: &[char], limit: usize) -> usize {
    if a.len().abs_diff(b.len()) > limit {
        return limit + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &from) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &to) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(from != to)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from == b[j - 1] && a[i - 1] == to {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = [
            "scrape_interval",
            "scrape_timeout",
            "job_name",
            "static_configs",
            "always_scrape_classic_histograms",
        ];
        for (word, expected) in [
            ("scrape_intervl", Some("scrape_interval")),
            ("scrapeInterval", Some("scrape_interval")),
            ("jobname", Some("job_name")),
            ("static_config", Some("static_configs")),
            ("jbo_name", Some("job_name")),
            ("xyz", None),
            ("scrape_classic_histograms", Some("always_scrape_classic_histograms")),
            ("configs", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known.into_iter()), expected, "{word}");
        }
    }
}
