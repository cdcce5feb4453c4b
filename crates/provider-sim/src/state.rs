//! What the listener's requests and the test's handle share.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::openai::Responses;
use crate::reply::Hold;
use crate::thoughts::Thoughts;
use crate::vertex::TOKEN_PATH;
use crate::{Provider, Received, Reply};

/// The simulated providers' memory: accepted keys, scripts, and what was received. Clones share it.
#[derive(Debug, Clone)]
pub struct Shared {
    inner: Arc<Mutex<Inner>>,
    arrivals: Arc<watch::Sender<usize>>,
}

#[derive(Debug, Default)]
struct Inner {
    keys: HashSet<(Provider, String)>,
    scripts: HashMap<Provider, VecDeque<Reply>>,
    received: Vec<Received>,
    holds: HashMap<String, Hold>,
    answers: u64,
    responses: Responses,
    thoughts: Thoughts,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            inner: Arc::default(),
            arrivals: Arc::new(watch::channel(0).0),
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panicking test must not hide its own message behind a poisoned lock.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Accepts a key from now on.
    pub fn allow_key(&self, provider: Provider, key: &str) {
        self.lock().keys.insert((provider, key.to_owned()));
    }

    /// Refuses a key from now on.
    pub fn refuse_key(&self, provider: Provider, key: &str) {
        self.lock().keys.remove(&(provider, key.to_owned()));
    }

    /// Whether a key is accepted.
    pub(crate) fn accepts(&self, provider: Provider, key: &str) -> bool {
        self.lock().keys.contains(&(provider, key.to_owned()))
    }

    /// Adds a reply to the end of a provider's script.
    pub fn script(&self, provider: Provider, reply: Reply) {
        self.lock()
            .scripts
            .entry(provider)
            .or_default()
            .push_back(reply);
    }

    /// Throws all scripts away.
    pub fn clear_scripts(&self) {
        let mut inner = self.lock();
        inner.scripts.clear();
        inner.holds.clear();
    }

    /// Takes the first scripted reply that waits for such a path and key.
    pub(crate) fn next_reply(&self, provider: Provider, path: &str, key: &str) -> Option<Reply> {
        let mut inner = self.lock();
        let queue = inner.scripts.get_mut(&provider)?;
        let fits = |reply: &Reply| {
            // A token is fetched on the way to what a script is about.
            let usually = !path.ends_with(TOKEN_PATH);
            let part = reply.only_on.as_ref();
            let with_key = reply.only_with.as_ref().is_none_or(|only| only == key);
            with_key && part.map_or(usually, |part| path.contains(part))
        };
        let index = queue.iter().position(fits)?;
        if queue[index].uses <= 1 {
            return queue.remove(index);
        }
        queue[index].uses -= 1;
        Some(queue[index].clone())
    }

    /// Keeps a hold under a name, to be released over the control endpoint.
    pub(crate) fn keep_hold(&self, name: String, hold: Hold) {
        self.lock().holds.insert(name, hold);
    }

    /// Takes a hold by its name.
    pub(crate) fn take_hold(&self, name: &str) -> Option<Hold> {
        self.lock().holds.remove(name)
    }

    /// Notes a request.
    pub(crate) fn record(&self, request: Received) {
        let count = {
            let mut inner = self.lock();
            inner.received.push(request);
            inner.received.len()
        };
        self.arrivals.send_replace(count);
    }

    /// Everything received so far, oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.lock().received.clone()
    }

    /// Forgets everything received so far.
    pub fn clear_received(&self) {
        self.lock().received.clear();
        self.arrivals.send_replace(0);
    }

    /// Waits until at least this many requests have been received.
    pub async fn wait_for_requests(&self, count: usize) {
        let mut arrivals = self.arrivals.subscribe();
        // Never an error: `self` keeps the sender alive.
        let _ = arrivals.wait_for(|seen| *seen >= count).await;
    }

    /// Reads or changes what OpenAI keeps of responses.
    pub(crate) fn with_responses<T>(&self, act: impl FnOnce(&mut Responses) -> T) -> T {
        act(&mut self.lock().responses)
    }

    /// Reads what OpenAI keeps beside the thoughts that were handed out.
    pub(crate) fn with_openai<T>(&self, read: impl FnOnce(&Responses, &Thoughts) -> T) -> T {
        let inner = self.lock();
        read(&inner.responses, &inner.thoughts)
    }

    /// Reads or adds to the thoughts that were handed out.
    pub(crate) fn with_thoughts<T>(&self, act: impl FnOnce(&mut Thoughts) -> T) -> T {
        act(&mut self.lock().thoughts)
    }

    /// The next number for ids, so that no two answers of one simulation share one.
    pub(crate) fn next_number(&self) -> u64 {
        let mut inner = self.lock();
        inner.answers += 1;
        inner.answers
    }
}
