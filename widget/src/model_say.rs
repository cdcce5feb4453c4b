//! What the model says: sentences with the names of now filled in.

use crate::failure::Failure;
use crate::key::Hint;
use crate::model::{Model, Screen};
use crate::session::{Connected, Health, Use};
use crate::words::{Word, fill, joined};

impl Model {
    /// A sentence as it is written.
    pub(crate) fn word(&self, word: Word) -> &str {
        self.options.words.get(word)
    }

    /// A sentence about the chosen provider.
    pub(crate) fn say(&self, word: Word) -> String {
        self.say_at(word, self.chosen)
    }

    /// A sentence about one provider of the list.
    pub(crate) fn say_at(&self, word: Word, place: usize) -> String {
        let app = self.session.as_ref().map_or("", |session| &session.app);
        fill(self.word(word), app, self.name(place), self.last4(place))
    }

    /// A provider's name.
    pub(crate) fn name(&self, place: usize) -> &str {
        self.providers()
            .get(place)
            .map_or("", |provider| &provider.name)
    }

    /// The end of the key a sentence is about: one that waits to be sent again, or the one that is connected.
    pub(crate) fn last4(&self, place: usize) -> &str {
        if !self.held.is_empty() && !self.busy {
            return &self.held;
        }
        self.existing(place).map_or("", |key| &key.last4)
    }

    /// The form's title.
    pub(crate) fn form_title(&self) -> String {
        self.say(if self.replaces {
            Word::ReplaceNamed
        } else if self.is_locked() {
            Word::TitleLocked
        } else {
            Word::Title
        })
    }

    /// Where the chosen provider hands out keys; empty when that is nowhere on the web.
    pub(crate) fn key_page(&self) -> &str {
        on_the_web(self.chosen_provider().map_or("", |one| &one.key_url))
    }

    /// The tenant's page about privacy; empty when there is none.
    pub(crate) fn privacy_page(&self) -> &str {
        on_the_web(self.session.as_ref().map_or("", |one| &one.privacy_url))
    }

    /// What the empty field shows: a key that is on its way or at hand, or how one begins.
    pub(crate) fn placeholder(&self) -> String {
        let hint = self.chosen_provider().map_or("", |one| &one.key_hint);
        if !self.held.is_empty() {
            joined(&["•••• ", &self.held])
        } else if hint.is_empty() {
            self.word(Word::Placeholder).to_owned()
        } else {
            joined(&[hint, "…"])
        }
    }

    /// The provider knows the key but refused to have it checked.
    pub(crate) fn is_limited(&self) -> bool {
        let limited = |key: &Connected| key.health == Health::Limited;
        self.connected.as_ref().is_some_and(limited)
    }

    /// What the hint says.
    pub(crate) fn hint_text(&self) -> String {
        match self.hint {
            Some(Hint::Other(place)) => self.say_at(Word::LooksLike, place),
            Some(Hint::RelayKey) => self.say(Word::RelayKey),
            None => String::new(),
        }
    }

    /// Where the hint's button leads, if it has one.
    pub(crate) fn hint_place(&self) -> Option<usize> {
        match self.hint {
            Some(Hint::Other(place)) if !self.is_single() => Some(place),
            _ => None,
        }
    }

    /// What stands below the field when nothing is wrong.
    pub(crate) fn note(&self) -> String {
        if self.slow {
            self.say(Word::Slow)
        } else if self.busy || self.hint.is_some() {
            String::new()
        } else if !self.held.is_empty() {
            self.say(Word::Held)
        } else if self.problem.is_none() && self.existing(self.chosen).is_some() {
            self.say(Word::Replaces)
        } else {
            String::new()
        }
    }

    /// What went wrong last, in words; empty when nothing did.
    pub(crate) fn problem_text(&self) -> String {
        let sentence = |failure: &Failure| self.say(failure.code.sentence());
        self.problem.as_ref().map_or_else(String::new, sentence)
    }

    /// How a connected key does.
    pub(crate) fn health(&self, place: usize) -> Health {
        self.existing(place)
            .map_or(Health::Active, |key| key.health)
    }

    /// The same in a word.
    pub(crate) fn health_text(&self, place: usize) -> String {
        self.say(match self.health(place) {
            Health::Active => Word::Working,
            Health::Limited => Word::Narrowed,
            Health::Broken => Word::Refused,
        })
    }

    /// What there is to say about that.
    pub(crate) fn health_note(&self, place: usize) -> String {
        match self.health(place) {
            Health::Active => String::new(),
            Health::Limited => self.say_at(Word::Limited, place),
            Health::Broken => self.say_at(Word::RefusedNote, place),
        }
    }

    /// When a key was connected.
    pub(crate) fn since(&self, place: usize) -> String {
        let since = self.existing(place).map_or("", |key| &key.since);
        (self.options.format.0)("date", since)
    }

    /// When it was used last.
    pub(crate) fn used(&self, place: usize) -> String {
        let used = self.existing(place).map_or("", |key| &key.used);
        if used.is_empty() {
            self.word(Word::Never).to_owned()
        } else {
            (self.options.format.0)("ago", used)
        }
    }

    /// What it was used for this month, one figure of it; empty where there is none to tell.
    pub(crate) fn figure(&self, place: usize, kind: &str, of: fn(Use) -> Option<u64>) -> String {
        let used = self.existing(place).and_then(|key| key.use_of_month);
        let value = used.and_then(of);
        value.map_or_else(String::new, |value| {
            (self.options.format.0)(kind, &value.to_string())
        })
    }

    /// What has just been done, over the list.
    pub(crate) fn news_text(&self) -> String {
        let sentence = |(word, place)| self.say_at(word, place);
        self.news.map_or_else(String::new, sentence)
    }

    /// What a screen reader is told without moving to it. Problems and notes speak for themselves.
    pub(crate) fn announcement(&self) -> String {
        match self.screen {
            Screen::Loading => self.say(Word::Loading),
            Screen::Form if self.slow => self.say(Word::Slow),
            Screen::Form if self.busy => self.say(Word::Checking),
            Screen::Form if self.switched => self.say(Word::Switched),
            Screen::Confirm if self.busy => self.say(Word::Disconnecting),
            Screen::Form | Screen::Confirm | Screen::Blocked => String::new(),
            Screen::List => self.news_text(),
            Screen::Done => self.say(Word::DoneTitle),
        }
    }
}

/// The address, if it is one to follow.
fn on_the_web(address: &str) -> &str {
    if address.starts_with("https://") {
        address
    } else {
        ""
    }
}
