//! What every stream decoder promises of any bytes.

use relay_wire::{ChatEvent, Dialect, StreamOptions, Tap, Tapped, WireError, client_codec, codec};

/// The same events however the bytes are cut, and the same for the tap; what decodes is written in every dialect and read
/// back as a whole stream.
pub fn check(dialect: Dialect, size: u8, bytes: &[u8]) {
    let whole = decode(dialect, bytes, bytes.len());
    assert_eq!(
        whole.is_ok(),
        decode(dialect, bytes, usize::from(size)).is_ok()
    );
    let (seen, cut) = (
        tapped(dialect, bytes, bytes.len()),
        tapped(dialect, bytes, usize::from(size)),
    );
    assert_eq!(seen.complete, cut.complete);
    if client_codec(dialect).is_some() {
        // Where nothing passes through, the tap decodes, and loses what came before an error.
        assert_eq!(seen.usage, cut.usage);
    }
    let Ok(events) = whole else { return };
    assert_eq!(events.last(), Some(&ChatEvent::End));
    for to in Dialect::ALL.into_iter().filter_map(client_codec) {
        let mut encoder = to.stream_encoder(&StreamOptions::default());
        let mut out = Vec::new();
        for event in &events {
            encoder.push(event, &mut out);
        }
        encoder.finish(&mut out);
        assert!(decode(to.dialect(), &out, out.len()).is_ok(), "{to:?}");
    }
}

fn decode(dialect: Dialect, bytes: &[u8], size: usize) -> Result<Vec<ChatEvent>, WireError> {
    let mut decoder = codec(dialect).stream_decoder();
    let mut events = Vec::new();
    for piece in bytes.chunks(size.max(1)) {
        events.extend(decoder.push(piece)?);
    }
    events.extend(decoder.finish()?);
    Ok(events)
}

/// What the tap sees, which reads few events and reads them otherwise.
fn tapped(dialect: Dialect, bytes: &[u8], size: usize) -> Tapped {
    let mut tap = Tap::new(dialect, true);
    for piece in bytes.chunks(size.max(1)) {
        tap.push(piece);
    }
    tap.finish()
}
