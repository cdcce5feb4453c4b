//! Everything the widget knows, and how it changes. Pure: the views only read it and report events, so
//! what a person sees is decided here, and is tested without a browser.
//!
//! The key itself is not here. It stays in the input field until it is sealed.

use relay_api::{Credential, CredentialStatus, Provider, WidgetSession};

use crate::colour::{Rgb, Theme};
use crate::failure::{Code, Failure};
use crate::key::{self, Flaw, Hint};
use crate::words::{Locale, Words, fill};

/// What the page asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Options {
    /// The registration token; empty when the page gave none.
    pub(crate) token: String,
    /// Light or dark.
    pub(crate) theme: Theme,
    /// The page's accent colour.
    pub(crate) accent: Option<Rgb>,
    /// The language.
    pub(crate) locale: Locale,
}

/// Which screen is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// Waiting for the session.
    Loading,
    /// The form.
    Form,
    /// A failure that takes the whole card.
    Blocked,
    /// The key is connected.
    Done,
}

/// The widget's state.
#[derive(Debug)]
pub(crate) struct Model {
    /// What the page asked for.
    pub(crate) options: Options,
    /// The screen.
    pub(crate) screen: Screen,
    /// Counts the sessions asked for, so that an answer to an earlier one is dropped.
    round: u32,
    /// What the server said about the token.
    session: Option<WidgetSession>,
    /// The chosen provider's place in the session's list.
    pub(crate) chosen: usize,
    /// The person chose it, so a pasted key no longer does.
    picked: bool,
    /// The last paste chose it.
    switched: bool,
    /// The key can be read on the screen.
    pub(crate) shown: bool,
    /// A key is on its way.
    pub(crate) busy: bool,
    /// What the text looks like, if not like the chosen provider's key.
    pub(crate) hint: Option<Hint>,
    /// What went wrong last.
    pub(crate) problem: Option<Failure>,
    /// What was connected.
    pub(crate) connected: Option<Credential>,
}

/// What a submission needs besides the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Submission {
    /// To pass back with the answer.
    pub(crate) round: u32,
    /// The token to send it with.
    pub(crate) token: String,
    /// What to bind into the seal.
    pub(crate) session: WidgetSession,
    /// The provider's id.
    pub(crate) provider: String,
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
            hint: None,
            problem: None,
            connected: None,
        }
    }

    /// Starts over: the round to pass to [`opened`](Self::opened).
    pub(crate) fn begin(&mut self) -> u32 {
        let round = self.round + 1;
        *self = Self {
            round,
            ..Self::new(std::mem::take(&mut self.options))
        };
        round
    }

    /// The session's answer. False when nobody waits for it any more.
    pub(crate) fn opened(&mut self, round: u32, answer: Result<WidgetSession, Failure>) -> bool {
        if round != self.round {
            return false;
        }
        match answer {
            Ok(session) => {
                let locked = session.provider.as_deref();
                let place = session
                    .providers
                    .iter()
                    .position(|one| Some(one.id.as_str()) == locked);
                self.chosen = place.unwrap_or(0);
                self.session = Some(session);
                self.screen = Screen::Form;
            }
            Err(failure) => {
                self.problem = Some(failure);
                self.screen = Screen::Blocked;
            }
        }
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
        self.hint = key::guess(key, self.providers(), self.chosen);
        if let Some(Hint::Other(place)) = self.hint
            && !self.picked
            && !self.is_locked()
        {
            (self.chosen, self.hint, self.switched) = (place, None, true);
        }
    }

    /// The person wants to connect. `None` when a submission is under way already, or the key cannot be
    /// one; then the problem is set.
    pub(crate) fn submit(&mut self, key: &str) -> Option<Submission> {
        let session = self
            .session
            .as_ref()
            .filter(|_| !self.busy && self.screen == Screen::Form)?;
        if let Err(flaw) = key::check(key) {
            let code = match flaw {
                Flaw::Missing => Code::KeyMissing,
                Flaw::Malformed => Code::KeyMalformed,
            };
            self.problem = Some(code.into());
            return None;
        }
        let submission = Submission {
            round: self.round,
            token: self.options.token.clone(),
            session: session.clone(),
            provider: self.chosen_provider().map(|one| one.id.clone())?,
        };
        (self.busy, self.shown, self.problem, self.switched) = (true, false, None, false);
        Some(submission)
    }

    /// The submission's answer. False when nobody waits for it any more.
    pub(crate) fn answered(&mut self, round: u32, answer: Result<Credential, Failure>) -> bool {
        if round != self.round {
            return false;
        }
        self.busy = false;
        match answer {
            Ok(credential) => {
                self.connected = Some(credential);
                self.hint = None;
                self.screen = Screen::Done;
            }
            Err(failure) => {
                if failure.code.is_final() {
                    self.screen = Screen::Blocked;
                }
                self.problem = Some(failure);
            }
        }
        true
    }

    /// What can be connected.
    pub(crate) fn providers(&self) -> &[Provider] {
        self.session
            .as_ref()
            .map_or(&[], |session| &session.providers)
    }

    /// There is nothing to choose.
    pub(crate) fn is_locked(&self) -> bool {
        let locked = self
            .session
            .as_ref()
            .is_some_and(|session| session.provider.is_some());
        locked || self.providers().len() == 1
    }

    /// The provider the key will be sent to.
    pub(crate) fn chosen_provider(&self) -> Option<&Provider> {
        self.providers().get(self.chosen)
    }

    /// Where the chosen provider hands out keys; empty when that is nowhere on the web.
    pub(crate) fn key_page(&self) -> &str {
        let page = self
            .chosen_provider()
            .map_or("", |provider| &provider.key_url);
        if page.starts_with("https://") {
            page
        } else {
            ""
        }
    }

    /// The key that is connected for a provider of the list.
    pub(crate) fn existing(&self, place: usize) -> Option<&Credential> {
        let provider = self.providers().get(place)?;
        let mut credentials = self.session.iter().flat_map(|session| &session.credentials);
        credentials.find(|credential| credential.provider == provider.id)
    }

    /// The provider knows the key but refused to have it checked.
    pub(crate) fn is_limited(&self) -> bool {
        let limited = |credential: &Credential| credential.status == CredentialStatus::Limited;
        self.connected.as_ref().is_some_and(limited)
    }

    /// The words of the chosen language.
    pub(crate) fn words(&self) -> &'static Words {
        self.options.locale.words()
    }

    /// A sentence with the names of now filled in.
    pub(crate) fn say(&self, sentence: &str) -> String {
        let provider = self.chosen_provider().map_or("", |provider| &provider.name);
        self.say_of(sentence, provider)
    }

    fn say_of(&self, sentence: &str, provider: &str) -> String {
        let app = self
            .session
            .as_ref()
            .map_or("", |session| &session.tenant_name);
        let key = self
            .connected
            .as_ref()
            .or_else(|| self.existing(self.chosen));
        fill(
            sentence,
            app,
            provider,
            key.map_or("", |credential| &credential.last4),
        )
    }

    /// What the hint says.
    pub(crate) fn hint_text(&self) -> String {
        match self.hint {
            Some(Hint::Other(place)) => self.say_at(self.words().looks_like, place),
            Some(Hint::RelayKey) => self.say(self.words().relay_key),
            None => String::new(),
        }
    }

    /// Where the hint's button leads, if it has one.
    pub(crate) fn hint_place(&self) -> Option<usize> {
        match self.hint {
            Some(Hint::Other(place)) if !self.is_locked() => Some(place),
            _ => None,
        }
    }

    /// A sentence about one provider of the list.
    pub(crate) fn say_at(&self, sentence: &str, place: usize) -> String {
        self.say_of(
            sentence,
            self.providers()
                .get(place)
                .map_or("", |provider| &provider.name),
        )
    }

    /// What went wrong last, in words; empty when nothing did.
    pub(crate) fn problem_text(&self) -> String {
        let sentence = |failure: &Failure| self.say((self.words().failure)(failure.code));
        self.problem.as_ref().map_or_else(String::new, sentence)
    }

    /// What a screen reader is told without moving to it. Problems speak for themselves.
    pub(crate) fn announcement(&self) -> String {
        let words = self.words();
        match self.screen {
            Screen::Loading => words.loading.to_owned(),
            Screen::Form if self.busy => self.say(words.checking),
            Screen::Form if self.switched => self.say(words.switched),
            Screen::Form | Screen::Blocked => String::new(),
            Screen::Done => self.say(words.done_title),
        }
    }
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
