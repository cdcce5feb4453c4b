//! The reader of event streams: the same events however the bytes are cut, and never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use relay_wire::sse::SseReader;

fuzz_target!(|input: (u8, &[u8])| {
    let (size, bytes) = input;
    let read = |size: usize| {
        let mut reader = SseReader::with_limit(4096);
        let mut events = Vec::new();
        for piece in bytes.chunks(size.max(1)) {
            reader.push(piece, &mut events)?;
        }
        reader.finish(&mut events)?;
        Ok::<_, relay_wire::WireError>(events)
    };
    // Whether an event over the bound is met before or after others does depend on the cuts.
    if let (Ok(whole), Ok(cut)) = (read(bytes.len()), read(usize::from(size))) {
        assert_eq!(whole, cut);
    }
});
