//! Passwords that breaches have made known, refused without asking anybody: `breached.bin` holds
//! the first four bytes of the SHA-256 of each, in order, so that no password is in the program.
//! docs/identity.md says where the list is from and how it is made anew.

use sha2::{Digest, Sha256};

const BYTES: usize = 4;
const LIST: &[u8] = include_bytes!("breached.bin");

/// Whether a password is known, in whatever case. One in eighty thousand of those that are not is
/// taken for one.
pub(super) fn is_breached(password: &str) -> bool {
    let wanted = entry(password);
    let (mut low, mut high) = (0, LIST.len() / BYTES);
    while low < high {
        let middle = usize::midpoint(low, high);
        let found = &LIST[middle * BYTES..(middle + 1) * BYTES];
        match found.cmp(wanted.as_slice()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    false
}

/// Whether a password is a few characters over and over, or a run along the alphabet or the digits.
pub(super) fn is_pattern(password: &str) -> bool {
    let characters: Vec<char> = password.to_lowercase().chars().collect();
    let repeats = (1..=4).any(|unit| {
        let mut pairs = characters.iter().zip(characters.iter().skip(unit));
        pairs.all(|(one, next)| one == next)
    });
    let runs = |step: i64| {
        characters.windows(2).all(|pair| {
            let difference = i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
            difference == step
        })
    };
    repeats || runs(1) || runs(-1)
}

fn entry(password: &str) -> [u8; BYTES] {
    let digest = Sha256::digest(password.to_lowercase());
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/identity/breached.bin");

    /// Makes the list anew of a file with a password a line, those of 12 characters and more.
    fn written_anew(file: &str) {
        let text = std::fs::read(file).expect("the list of passwords");
        let lines = text.split(|byte| *byte == b'\n');
        let words = lines.filter_map(|line| std::str::from_utf8(line).ok());
        let long = words.filter(|word| word.chars().count() >= super::super::MIN_PASSWORD_CHARS);
        let entries: std::collections::BTreeSet<_> = long.map(entry).collect();
        std::fs::write(PLACE, entries.into_iter().flatten().collect::<Vec<u8>>()).expect("written");
    }

    #[test]
    fn what_breaches_have_made_known_is_found_and_what_they_have_not_is_not() {
        if let Ok(file) = std::env::var("RELAY_WRITE_BREACHED") {
            written_anew(&file);
            return;
        }
        for known in [
            "password1234",
            "PASSWORD1234",
            "qwertyuiop123",
            "123qweasdzxc",
        ] {
            assert!(is_breached(known), "{known}");
        }
        for unknown in ["correct horse battery", "unrelated words work well"] {
            assert!(!is_breached(unknown), "{unknown}");
        }
    }

    #[test]
    fn the_list_is_in_order_and_long() {
        let entries: Vec<_> = LIST.chunks(BYTES).collect();
        assert!(LIST.len().is_multiple_of(BYTES) && entries.len() > 50_000);
        assert!(entries.is_sorted_by(|one, next| one < next));
    }

    #[test]
    fn a_pattern_is_told_from_words() {
        for pattern in [
            "aaaaaaaaaaaa",
            "abcabcabcabcabc",
            "xyXYxyXYxyXYxy",
            "abcdefghijkl",
        ] {
            assert!(is_pattern(pattern), "{pattern}");
        }
        assert!(!is_pattern("correct horse battery"));
    }
}
