//! Statements that write many rows at once.

use super::Backend;

/// How many rows one statement writes: few sizes, so that few statements are prepared, and no
/// statement near the 32,766 parameters that SQLite takes.
const SIZES: [usize; 4] = [256, 32, 6, 1];

/// Cuts rows into pieces of the sizes that statements have.
pub(super) fn pieces<T>(rows: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = rows;
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rest.len())?;
        let (piece, after) = rest.split_at(size);
        rest = after;
        Some(piece)
    })
}

/// `($1, $2), ($3, $4)`: placeholders for so many rows, and no others in the statement.
pub(super) fn placeholders(backend: Backend, rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let columns = (1..=columns).map(|column| backend.next_placeholder(row * columns + column));
        format!("({})", columns.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_all_rows_in_order_in_few_sizes() {
        for length in [0, 1, 5, 6, 33, 1_000] {
            let rows: Vec<usize> = (0..length).collect();
            assert_eq!(pieces(&rows).flatten().copied().collect::<Vec<_>>(), rows);
            assert!(pieces(&rows).all(|piece| SIZES.contains(&piece.len())));
        }
    }

    #[test]
    fn placeholders_count_on() {
        let text = placeholders(Backend::Postgres, 2, 3);
        assert_eq!(text, "($1, $2, $3), ($4, $5, $6)");
        assert_eq!(placeholders(Backend::Sqlite, 2, 2), "(?, ?), (?, ?)");
    }
}
