//! The names nearest to one that is unknown.

/// How many names are suggested.
const SUGGESTIONS: usize = 3;
/// What is compared of a name at most, in bytes: model names are ASCII and shorter.
const COMPARED: usize = 64;

/// The nearest of `names`, best first; none that has less than half in common.
pub(super) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let name = name.to_lowercase();
    let name = &name.as_bytes()[..name.len().min(COMPARED)];
    let mut near: Vec<(usize, &str)> = Vec::new();
    let mut row = Vec::new();
    for id in names {
        let worst = match near.get(SUGGESTIONS - 1) {
            Some((worst, _)) => *worst,
            None => usize::MAX,
        };
        let most = worst.min(id.len() / 2);
        let Some(distance) = distance(name, id.as_bytes(), most, &mut row) else {
            continue;
        };
        let at = near.partition_point(|other| *other < (distance, id));
        if near.get(at).is_none_or(|other| *other != (distance, id)) {
            near.insert(at, (distance, id));
            near.truncate(SUGGESTIONS);
        }
    }
    near.into_iter().map(|(_, id)| id.to_owned()).collect()
}

/// Levenshtein's distance in bytes, if it is not more than `most`.
fn distance(left: &[u8], right: &[u8], most: usize, row: &mut Vec<usize>) -> Option<usize> {
    if left.len().abs_diff(right.len()) > most {
        return None;
    }
    row.clear();
    row.extend(0..=right.len());
    for (i, l) in left.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, r) in right.iter().enumerate() {
            let substitute = diagonal + usize::from(!l.eq_ignore_ascii_case(r));
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
            least = least.min(row[j + 1]);
        }
        if least > most {
            return None;
        }
    }
    row.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(name: &str) -> Vec<String> {
        let names = [
            "gpt-4o",
            "gpt-4o-mini",
            "gpt-4.1",
            "MiniMax-M2",
            "o3",
            "gpt-4o",
        ];
        nearest(name, names.into_iter())
    }

    #[test]
    fn the_nearest_come_first_and_each_once() {
        assert_eq!(near("gtp-4o"), ["gpt-4o"]);
        assert_eq!(near("gpt-4o-m"), ["gpt-4o", "gpt-4.1", "gpt-4o-mini"]);
        assert_eq!(
            near("minimax-m2").first().map(String::as_str),
            Some("MiniMax-M2")
        );
    }

    #[test]
    fn what_is_like_nothing_has_none() {
        assert!(near("zzzzzzzzzz").is_empty());
        assert!(near(&"é".repeat(5000)).is_empty());
    }
}
