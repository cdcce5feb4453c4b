//! What a test tells the simulated provider to do with one of its next requests.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use tokio::sync::watch;

use crate::answer::Call;

/// A scripted reply, used once (unless [`times`](Self::times) or [`always`](Self::always)) for the
/// provider's next request with an accepted key.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) content: Content,
    pub(crate) thought: Option<String>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) only_on: Option<String>,
    pub(crate) only_with: Option<String>,
    pub(crate) uses: usize,
    pub(crate) delay: Duration,
    pub(crate) pace: Duration,
    pub(crate) ending: Option<(usize, Ending)>,
    pub(crate) gate: Option<Gate>,
}

/// What the reply says.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// What would be answered without a script.
    Usual,
    Text(String),
    Calls(Vec<Call>),
    Error(String),
    Raw(Bytes),
    /// An error that says when to come back, in this many seconds.
    RateLimited(u64),
    /// No response at all: the connection is reset or closed, or nothing ever comes.
    Reset,
    Close,
    Hang,
}

/// How a reply breaks off before its natural end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Cut,
    Reset,
    Hang,
    Error,
}

impl Reply {
    fn of(content: Content) -> Self {
        Self {
            content,
            thought: None,
            status: 200,
            headers: Vec::new(),
            only_on: None,
            only_with: None,
            uses: 1,
            delay: Duration::ZERO,
            pace: Duration::ZERO,
            ending: None,
            gate: None,
        }
    }

    /// What would be answered without a script; to be delayed, held or broken off.
    pub fn usual() -> Self {
        Self::of(Content::Usual)
    }

    /// The assistant says this text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Content::Text(text.into()))
    }

    /// The assistant calls one tool with these arguments (a JSON object).
    pub fn tool_call(name: impl Into<String>, arguments: Value) -> Self {
        Self::tool_calls([(name.into(), arguments)])
    }

    /// The assistant calls several tools at once.
    pub fn tool_calls(calls: impl IntoIterator<Item = (String, Value)>) -> Self {
        let calls = calls
            .into_iter()
            .map(|(name, arguments)| Call { name, arguments });
        Self::of(Content::Calls(calls.collect()))
    }

    /// An error with this status, in the provider's own shape.
    pub fn error(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            ..Self::of(Content::Error(message.into()))
        }
    }

    /// Exactly this body, as `application/json` unless a header says otherwise.
    pub fn raw(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            ..Self::of(Content::Raw(body.into()))
        }
    }

    /// The connection is reset (TCP RST) before any byte of a response.
    pub fn reset() -> Self {
        Self::of(Content::Reset)
    }

    /// The connection is closed in good order before any byte of a response.
    pub fn close() -> Self {
        Self::of(Content::Close)
    }

    /// A 429 as the provider sends it: its rate-limit headers say that nothing is left, and it
    /// tells in how many seconds to come back, in `Retry-After` or, as Google does, in the body.
    pub fn rate_limited(seconds: u64) -> Self {
        Self {
            status: 429,
            ..Self::of(Content::RateLimited(seconds))
        }
    }

    /// Nothing is ever answered; the connection stays open.
    pub fn hang() -> Self {
        Self::of(Content::Hang)
    }

    /// The model thinks this before it speaks or calls a tool. A caller that asked to see it is
    /// shown it, signed; from then on the provider checks, as the real one does, that thoughts
    /// come back whole, and refuses a conversation about the called tools in which they do not.
    #[must_use]
    pub fn thinking(mut self, thought: impl Into<String>) -> Self {
        self.thought = Some(thought.into());
        self
    }

    /// Adds a response header (in place of the usual one of that name).
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Waits for a request whose path contains this text, e.g. `"/models"`; others pass it by.
    #[must_use]
    pub fn on(mut self, part_of_path: impl Into<String>) -> Self {
        self.only_on = Some(part_of_path.into());
        self
    }

    /// Waits for a request with this key; others pass it by.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.only_with = Some(key.into());
        self
    }

    /// Is used this many times.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.uses = times;
        self
    }

    /// Is used until the script is cleared.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    /// Waits before the response begins. Tests prefer [`hold`](Self::hold); this is for the demo
    /// and for benchmarks.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Waits between two events of a stream.
    #[must_use]
    pub fn pace(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// Ends the response after this many events as if all had been said: no closing events, but a
    /// proper end of the HTTP body. A response that is no stream counts as two events (halves).
    #[must_use]
    pub fn cut_after(self, events: usize) -> Self {
        self.ending(events, Ending::Cut)
    }

    /// Resets the connection (TCP RST) after this many events.
    #[must_use]
    pub fn reset_after(self, events: usize) -> Self {
        self.ending(events, Ending::Reset)
    }

    /// Falls silent after this many events, connection open.
    #[must_use]
    pub fn hang_after(self, events: usize) -> Self {
        self.ending(events, Ending::Hang)
    }

    /// Sends the provider's in-stream error event after this many events, then ends.
    #[must_use]
    pub fn error_after(self, events: usize) -> Self {
        self.ending(events, Ending::Error)
    }

    fn ending(mut self, events: usize, ending: Ending) -> Self {
        self.ending = Some((events, ending));
        self
    }

    /// Holds the response back, status line included, until the handle is released (or dropped).
    pub fn hold(self) -> (Self, Hold) {
        self.gated(None)
    }

    /// Sends this many events, then holds the rest back until the handle is released (or dropped).
    pub fn hold_after(self, events: usize) -> (Self, Hold) {
        self.gated(Some(events))
    }

    fn gated(mut self, after_events: Option<usize>) -> (Self, Hold) {
        let (release, released) = watch::channel(false);
        let (reach, reached) = watch::channel(false);
        self.gate = Some(Gate {
            after_events,
            released,
            reach: Arc::new(reach),
        });
        (self, Hold { release, reached })
    }
}

/// The test's side of a held reply. Dropping it releases the reply.
#[derive(Debug)]
pub struct Hold {
    release: watch::Sender<bool>,
    reached: watch::Receiver<bool>,
}

impl Hold {
    /// Waits until a request has arrived at the point where it is held.
    ///
    /// # Panics
    /// When the reply was thrown away unused, so that the test fails instead of waiting forever.
    pub async fn reached(&mut self) {
        let outcome = self.reached.wait_for(|reached| *reached).await;
        assert!(
            outcome.is_ok(),
            "the held reply was thrown away before a request used it"
        );
    }

    /// Waits until nobody is held any more because the caller has hung up.
    pub async fn abandoned(&self) {
        self.release.closed().await;
    }

    /// Lets the response go on.
    pub fn release(self) {
        self.release.send_replace(true);
    }
}

/// The provider's side of a held reply.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    /// `None`: before the response begins.
    pub(crate) after_events: Option<usize>,
    released: watch::Receiver<bool>,
    reach: Arc<watch::Sender<bool>>,
}

impl Gate {
    /// Says that the point is reached, and waits for the release.
    pub(crate) async fn pass(&mut self) {
        self.reach.send_replace(true);
        // An error means that the handle was dropped, which releases as well.
        let _ = self.released.wait_for(|released| *released).await;
    }
}
