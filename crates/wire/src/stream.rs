//! What the stream decoders share: framing, and the promises about blocks.

use crate::sse::{SseEvent, SseReader};
use crate::{BlockDelta, BlockKind, ChatEvent, StreamDecoder, WireError};

/// One dialect's state machine over whole events.
pub(crate) trait Translate: Send {
    /// Takes one event.
    fn event(&mut self, event: &SseEvent, out: &mut Vec<ChatEvent>) -> Result<(), WireError>;

    /// Ends the stream; an error if its proper end was not seen.
    fn end(&mut self, out: &mut Vec<ChatEvent>) -> Result<(), WireError>;
}

/// What cuts a stream of bytes into events.
pub(crate) trait Framing: Send {
    /// Takes the next bytes and appends the events they complete.
    fn push(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), WireError>;

    /// Ends the stream; an error if it stops where it must not.
    fn finish(&mut self, events: &mut Vec<SseEvent>) -> Result<(), WireError>;
}

impl Framing for SseReader {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), WireError> {
        Self::push(self, bytes, events)
    }

    fn finish(&mut self, events: &mut Vec<SseEvent>) -> Result<(), WireError> {
        Self::finish(self, events)
    }
}

/// A decoder of a dialect whose events are told apart by `F`.
pub(crate) struct Decoder<F, T> {
    framing: F,
    translate: T,
    failed: Option<WireError>,
}

/// A decoder of a dialect that streams server-sent events.
pub(crate) type SseDecoder<T> = Decoder<SseReader, T>;

impl<T: Translate> SseDecoder<T> {
    /// A decoder of server-sent events.
    pub(crate) fn of_sse(translate: T) -> Self {
        Self::new(SseReader::default(), translate)
    }
}

impl<F: Framing, T: Translate> Decoder<F, T> {
    pub(crate) const fn new(framing: F, translate: T) -> Self {
        Self {
            framing,
            translate,
            failed: None,
        }
    }

    fn run(
        &mut self,
        step: impl FnOnce(&mut Self, &mut Vec<ChatEvent>) -> Result<(), WireError>,
    ) -> Result<Vec<ChatEvent>, WireError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let mut out = Vec::new();
        match step(self, &mut out) {
            Ok(()) => Ok(out),
            Err(error) => {
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }
}

impl<F: Framing, T: Translate> StreamDecoder for Decoder<F, T> {
    fn push(&mut self, bytes: &[u8]) -> Result<Vec<ChatEvent>, WireError> {
        self.run(|this, out| {
            let mut events = Vec::new();
            this.framing.push(bytes, &mut events)?;
            events
                .iter()
                .try_for_each(|event| this.translate.event(event, out))
        })
    }

    fn finish(&mut self) -> Result<Vec<ChatEvent>, WireError> {
        self.run(|this, out| {
            let mut events = Vec::new();
            this.framing.finish(&mut events)?;
            events
                .iter()
                .try_for_each(|event| this.translate.event(event, out))?;
            this.translate.end(out)
        })
    }
}

/// Which block of a choice is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    Text,
    Reasoning,
    Refusal,
    /// A tool call, by the number the upstream gave it.
    Tool(u64),
}

/// The blocks of one choice: numbered, one open at a time, each ended.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    choice: u32,
    next: u32,
    open: Option<Open>,
}

impl Blocks {
    pub(crate) fn new(choice: u32) -> Self {
        Self {
            choice,
            next: 0,
            open: None,
        }
    }

    pub(crate) const fn open(&self) -> Option<Open> {
        self.open
    }

    /// Starts a block, ending the one before it.
    pub(crate) fn start(&mut self, open: Open, kind: BlockKind, out: &mut Vec<ChatEvent>) {
        self.close(out);
        out.push(ChatEvent::BlockStart {
            choice: self.choice,
            block: self.next,
            kind,
        });
        self.next += 1;
        self.open = Some(open);
    }

    /// Adds to the open block.
    pub(crate) fn delta(&self, delta: BlockDelta, out: &mut Vec<ChatEvent>) {
        if self.open.is_some() {
            out.push(ChatEvent::BlockDelta {
                choice: self.choice,
                block: self.next - 1,
                delta,
            });
        }
    }

    /// Adds text to the open block if it is of this kind, else to a new one.
    pub(crate) fn text(&mut self, open: Open, text: &str, out: &mut Vec<ChatEvent>) {
        if text.is_empty() {
            return;
        }
        self.ensure(open, out);
        self.delta(BlockDelta::Text(text.to_owned()), out);
    }

    /// Makes sure that a text-like block is open.
    pub(crate) fn ensure(&mut self, open: Open, out: &mut Vec<ChatEvent>) {
        if self.open != Some(open) {
            let kind = match open {
                Open::Reasoning => BlockKind::Reasoning,
                Open::Refusal => BlockKind::Refusal,
                Open::Text | Open::Tool(_) => BlockKind::Text,
            };
            self.start(open, kind, out);
        }
    }

    /// Adds a block that is complete at its start.
    pub(crate) fn whole(&mut self, kind: BlockKind, out: &mut Vec<ChatEvent>) {
        self.start(Open::Text, kind, out);
        self.close(out);
    }

    /// Ends the open block.
    pub(crate) fn close(&mut self, out: &mut Vec<ChatEvent>) {
        if self.open.take().is_some() {
            out.push(ChatEvent::BlockEnd {
                choice: self.choice,
                block: self.next - 1,
            });
        }
    }
}

/// Follows the nesting of a JSON text that arrives in pieces, in constant memory.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct JsonNesting {
    depth: usize,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl JsonNesting {
    /// Takes the next byte; true when it closes the outermost object or array.
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        if self.in_string {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.in_string = false;
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.begun = true;
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }

    /// The text so far is one whole object or array.
    pub(crate) const fn is_complete(self) -> bool {
        self.begun && self.depth == 0
    }
}
