//! The few drawings, as single strokes on a 20 by 20 grid.

use super::part::{Part, drawing};

/// An open eye.
pub(super) const EYE: &str = "M1.8 10S4.8 4.3 10 4.3 18.2 10 18.2 10 15.2 15.7 10 15.7 1.8 10 1.8 10ZM10 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z";
/// The eye, struck through.
pub(super) const EYE_STRUCK: &str = "M1.8 10S4.8 4.3 10 4.3 18.2 10 18.2 10 15.2 15.7 10 15.7 1.8 10 1.8 10ZM10 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM3.5 3.5l13 13";
/// A padlock.
pub(super) const LOCK: &str = "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9";
/// A tick.
pub(super) const TICK: &str = "M4.5 10.5l3.8 3.8 7.2-8.1";
/// An exclamation mark.
pub(super) const BANG: &str = "M10 4.5v7M10 15v.5";
/// An arrow that leaves the page.
pub(super) const OUT: &str = "M7 5.5h7.5V13M14 6l-8.5 8.5";

/// An arrow back; mirrored where text runs to the left.
pub(super) const BACK: &str = "M12 4.5L6.5 10l5.5 5.5";
/// A plus sign.
pub(super) const PLUS: &str = "M10 4v12M4 10h12";
/// A link that is cut.
pub(super) const CUT: &str = "M8 5.5l1.4-1.4a3.6 3.6 0 0 1 5.1 5.1L13 10.6M12 14.5l-1.4 1.4a3.6 3.6 0 0 1-5.1-5.1L7 9.4M3 3l14 14";

/// A drawing that says nothing to a screen reader.
pub(super) fn icon(class: &str, strokes: &str) -> Part {
    drawing("svg", class)
        .set("viewBox", "0 0 20 20")
        .set("aria-hidden", "true")
        .child(drawing("path", "").set("d", strokes))
}
