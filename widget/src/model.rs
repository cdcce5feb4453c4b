//! Everything the widget knows, and how it changes. Pure: the views only read it and report events, so
//! what a person sees is decided here, and is tested without a browser. What it says is in `model_say.rs`.
//!
//! The key itself is not here. It stays in the input field until it is sent, and with the scene until it is answered.

use crate::failure::{Code, Failure};
use crate::key::{self, Flaw, Hint};
use crate::options::Options;
use crate::session::{Connected, Provider, Session};
use crate::words::Word;

/// Which screen is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// Waiting for the session.
    Loading,
    /// What is connected.
    List,
    /// The form.
    Form,
    /// Asking before a key is disconnected.
    Confirm,
    /// A failure that takes the whole card.
    Blocked,
    /// The key is connected.
    Done,
}

impl Screen {
    /// The word for it in `onChange`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::List => "list",
            Self::Form => "form",
            Self::Confirm => "confirm",
            Self::Blocked => "blocked",
            Self::Done => "done",
        }
    }
}

/// The widget's state.
#[derive(Debug)]
pub(crate) struct Model {
    /// What the page asked for.
    pub(crate) options: Options,
    /// The screen.
    pub(crate) screen: Screen,
    /// Counts what was asked of Relay, so that an answer that nobody waits for is dropped.
    round: u32,
    /// What the server said about the token.
    pub(crate) session: Option<Session>,
    /// The chosen provider's place in the session's list.
    pub(crate) chosen: usize,
    /// The person chose it, so a pasted key no longer does.
    picked: bool,
    /// The last paste chose it.
    pub(crate) switched: bool,
    /// The key can be read on the screen.
    pub(crate) shown: bool,
    /// Relay is at work.
    pub(crate) busy: bool,
    /// It has been for long.
    pub(crate) slow: bool,
    /// The field holds nothing.
    pub(crate) empty: bool,
    /// The last four characters of a key that was sent but not judged; empty when there is none.
    pub(crate) held: String,
    /// What the text looks like, if not like the chosen provider's key.
    pub(crate) hint: Option<Hint>,
    /// What went wrong last.
    pub(crate) problem: Option<Failure>,
    /// What was connected.
    pub(crate) connected: Option<Connected>,
    /// What the list is headed by: what has just been done, and to which provider.
    pub(crate) news: Option<(Word, usize)>,
    /// Counts the screens that were opened and what was changed in the list: a screen is drawn once for each.
    pub(crate) edition: u32,
    /// The form was opened from the list.
    pub(crate) from_list: bool,
    /// To replace the chosen provider's key.
    pub(crate) replaces: bool,
}

impl Model {
    /// The state before anything was asked.
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            screen: Screen::Loading,
            round: 0,
            session: None,
            chosen: 0,
            picked: false,
            switched: false,
            shown: false,
            busy: false,
            slow: false,
            empty: true,
            held: String::new(),
            hint: None,
            problem: None,
            connected: None,
            news: None,
            edition: 0,
            from_list: false,
            replaces: false,
        }
    }

    /// Starts over: the round to pass to [`opened`](Self::opened).
    pub(crate) fn begin(&mut self) -> u32 {
        let round = self.round + 1;
        *self = Self {
            round,
            edition: self.edition + 1,
            ..Self::new(std::mem::take(&mut self.options))
        };
        round
    }

    /// The session's answer. False when nobody waits for it any more.
    pub(crate) fn opened(&mut self, round: u32, answer: Result<Session, Failure>) -> bool {
        if round != self.round {
            return false;
        }
        self.edition += 1;
        match answer.and_then(|session| self.allowed(session)) {
            Ok(session) => {
                self.session = Some(session);
                self.screen = if self.options.manage {
                    Screen::List
                } else {
                    Screen::Form
                };
            }
            Err(failure) => self.block(failure),
        }
        true
    }

    /// The session, cut down to what the page asked for; or why it cannot serve.
    fn allowed(&self, mut session: Session) -> Result<Session, Failure> {
        if self.options.manage && !session.manages {
            return Err(Code::TokenScope.into());
        }
        let only = &self.options.provider;
        if !only.is_empty() {
            session.providers.retain(|provider| provider.id == *only);
            session.connected.retain(|key| key.provider == *only);
        }
        if session.providers.is_empty() {
            return Err(Code::ProviderUnavailable.into());
        }
        Ok(session)
    }

    fn block(&mut self, failure: Failure) {
        self.edition += 1;
        self.problem = Some(failure);
        self.screen = Screen::Blocked;
    }

    /// Another token's session, for the key that is on its way. False when nobody waits for it any more.
    pub(crate) fn renewed(&mut self, round: u32, session: Session) -> bool {
        let chosen = self.chosen_provider().map(|one| one.id.clone());
        let is_there = |one: &Provider| Some(&one.id) == chosen.as_ref();
        let Ok(session) = self.allowed(session) else {
            return false;
        };
        let place = session.providers.iter().position(is_there);
        let Some(place) = place.filter(|_| round == self.round && self.busy) else {
            return false;
        };
        (self.chosen, self.session) = (place, Some(session));
        true
    }

    /// The person chose a provider; `key` is what the field holds.
    pub(crate) fn choose(&mut self, place: usize, key: &str) {
        if self.busy || place >= self.providers().len() {
            return;
        }
        (self.chosen, self.picked, self.switched) = (place, true, false);
        self.problem = None;
        self.hint = key::guess(key, self.providers(), place);
    }

    /// The field's text changed. Until the person has chosen a provider, a key chooses its own.
    pub(crate) fn typed(&mut self, key: &str) {
        (self.problem, self.switched) = (None, false);
        self.empty = key.is_empty();
        self.held.clear();
        self.hint = key::guess(key, self.providers(), self.chosen);
        if let Some(Hint::Other(place)) = self.hint
            && !self.picked
            && !self.is_single()
        {
            (self.chosen, self.hint, self.switched) = (place, None, true);
        }
    }

    /// The person wants to connect. `None` when a submission is under way already, or the key cannot be
    /// one; then the problem is set.
    pub(crate) fn submit(&mut self, key: &str) -> Option<u32> {
        if self.busy || self.screen != Screen::Form {
            return None;
        }
        if let Err(flaw) = key::check(key) {
            let code = match flaw {
                Flaw::Missing => Code::KeyMissing,
                Flaw::Malformed => Code::KeyMalformed,
            };
            self.problem = Some(code.into());
            return None;
        }
        self.held = key::last4(key);
        (self.shown, self.empty, self.switched, self.hint) = (false, true, false, None);
        Some(self.start())
    }

    fn start(&mut self) -> u32 {
        self.round += 1;
        (self.busy, self.slow, self.problem) = (true, false, None);
        self.round
    }

    /// The submission's answer. False when nobody waits for it any more.
    pub(crate) fn answered(&mut self, round: u32, answer: Result<Connected, Failure>) -> bool {
        if round != self.round {
            return false;
        }
        (self.busy, self.slow) = (false, false);
        match answer {
            Ok(key) => {
                self.held.clear();
                self.remember(&key);
                self.connected = Some(key);
                self.edition += 1;
                self.screen = Screen::Done;
                if self.from_list {
                    self.news = Some((Word::DoneTitle, self.chosen));
                    self.screen = Screen::List;
                }
            }
            Err(failure) => {
                if !failure.code.may_pass() {
                    self.held.clear();
                }
                if failure.code.is_final() {
                    self.block(failure);
                } else {
                    self.problem = Some(failure);
                }
            }
        }
        true
    }

    /// Puts a key in the place of the one before.
    fn remember(&mut self, key: &Connected) {
        if let Some(session) = &mut self.session {
            session.connected.retain(|one| one.provider != key.provider);
            session.connected.push(key.clone());
        }
    }

    /// The wait has become long.
    pub(crate) fn slowed(&mut self, round: u32) {
        self.slow = self.busy && round == self.round;
    }

    /// Opens the form for a provider of the list, or for one that is not connected yet.
    pub(crate) fn open_form(&mut self, place: Option<usize>) {
        let free = (0..self.providers().len()).find(|place| self.existing(*place).is_none());
        self.chosen = place.or(free).unwrap_or(0);
        (self.from_list, self.replaces) = (true, place.is_some());
        self.picked = self.replaces;
        self.turn(Screen::Form);
    }

    /// Asks before disconnecting.
    pub(crate) fn ask(&mut self, place: usize) {
        self.chosen = place;
        self.turn(Screen::Confirm);
    }

    /// Back to the list.
    pub(crate) fn back(&mut self) {
        if !self.busy {
            self.turn(Screen::List);
        }
    }

    fn turn(&mut self, screen: Screen) {
        (self.problem, self.hint, self.news) = (None, None, None);
        (self.shown, self.switched, self.empty) = (false, false, true);
        self.held.clear();
        self.edition += 1;
        self.screen = screen;
    }

    /// The person confirmed: the round, and the provider to disconnect.
    pub(crate) fn disconnect(&mut self) -> Option<(u32, String)> {
        if self.busy || self.screen != Screen::Confirm {
            return None;
        }
        let provider = self.chosen_provider()?.id.clone();
        Some((self.start(), provider))
    }

    /// Whether it is disconnected. False when nobody waits for it any more.
    pub(crate) fn disconnected(&mut self, round: u32, answer: Result<(), Failure>) -> bool {
        if round != self.round {
            return false;
        }
        (self.busy, self.slow) = (false, false);
        match answer {
            Ok(()) => {
                let gone = self.chosen_provider().map(|one| one.id.clone());
                if let Some(session) = &mut self.session {
                    session
                        .connected
                        .retain(|key| Some(&key.provider) != gone.as_ref());
                }
                self.turn(Screen::List);
                self.news = Some((Word::Disconnected, self.chosen));
            }
            Err(failure) if failure.code.is_final() => self.block(failure),
            Err(failure) => self.problem = Some(failure),
        }
        true
    }

    /// The page was left, and may be come back to: nothing typed stays.
    pub(crate) fn left(&mut self) {
        (self.shown, self.empty, self.hint) = (false, true, None);
        self.held.clear();
    }

    /// What can be connected.
    pub(crate) fn providers(&self) -> &[Provider] {
        self.session
            .as_ref()
            .map_or(&[], |session| &session.providers)
    }

    /// There is nothing to choose.
    pub(crate) fn is_locked(&self) -> bool {
        let locked = |session: &Session| !session.locked.is_empty();
        self.session.as_ref().is_some_and(locked) || self.providers().len() == 1
    }

    /// The form is for one provider: there is but one, or its key is being replaced.
    pub(crate) fn is_single(&self) -> bool {
        self.replaces || self.is_locked()
    }

    /// The provider the key will be sent to.
    pub(crate) fn chosen_provider(&self) -> Option<&Provider> {
        self.providers().get(self.chosen)
    }

    /// The key that is connected for a provider of the list.
    pub(crate) fn existing(&self, place: usize) -> Option<&Connected> {
        let provider = self.providers().get(place)?;
        let mut keys = self.session.iter().flat_map(|session| &session.connected);
        keys.find(|key| key.provider == provider.id)
    }

    /// There is a provider that is not connected yet.
    pub(crate) fn may_add(&self) -> bool {
        (0..self.providers().len()).any(|place| self.existing(place).is_none())
    }

    /// One more key can be connected after this one.
    pub(crate) fn may_connect_another(&self) -> bool {
        self.options.renewable && !self.is_locked()
    }

    /// Trying again can help, with another token if need be.
    pub(crate) fn may_retry(&self) -> bool {
        let Some(Failure { code, .. }) = &self.problem else {
            return false;
        };
        !code.is_final() || (code.is_spent() && self.options.renewable)
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
