//! Between the model and the page: events go in, effects come out.

mod tell;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, HtmlElement, HtmlInputElement};
use zeroize::Zeroizing;

use self::tell::Change;
use crate::failure::{Code, Failure};
use crate::host::Host;
use crate::key;
use crate::model::{Model, Screen};
use crate::options::Options;
use crate::session::Connected;
use crate::transport;
use crate::view::Card;

/// After how many milliseconds a provider is slow.
const SLOW: u32 = 8_000;

/// What a person can do.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    /// Send the key.
    Submit,
    /// Change the field.
    Type,
    /// Show or hide what was typed.
    Toggle,
    /// Choose a provider.
    Choose(usize),
    /// Follow the hint to the other provider.
    FollowHint,
    /// Start over, with the same token if it is good.
    Retry,
    /// Start over with another token.
    Another,
    /// Be done.
    Leave,
    /// Open the form, to connect one more.
    Add,
    /// Open the form, to replace a key.
    Replace(usize),
    /// Want to disconnect.
    Ask(usize),
    /// Confirm that.
    Disconnect,
    /// Go back to the list.
    Back,
}

/// What every part of the widget shares. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scene {
    outside: Rc<Outside>,
}

/// What the scene holds.
struct Outside {
    model: RefCell<Model>,
    root: HtmlElement,
    /// What is drawn; nothing while it is being drawn, nor after the end.
    card: RefCell<Option<Card>>,
    /// It will be drawn, when those who change the model now are done.
    queued: Cell<bool>,
    host: Host,
    /// The key that is on its way, or waits to be sent again. Nowhere else once the field is empty.
    held: RefCell<Zeroizing<String>>,
    /// What the page was last told of.
    told: RefCell<Change>,
}

impl Scene {
    /// The scene before anything was asked.
    pub(crate) fn new(root: HtmlElement, host: Host) -> Self {
        let model = Model::new(Options::default());
        let told = RefCell::new(Change::of(&model));
        let card = Card::on(&root);
        let outside = Outside {
            model: RefCell::new(model),
            root,
            card: RefCell::new(Some(card)),
            queued: Cell::new(false),
            host,
            held: RefCell::default(),
            told,
        };
        Self {
            outside: Rc::new(outside),
        }
    }

    /// Reads the model.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Model) -> T) -> T {
        read(&self.outside.model.borrow())
    }

    /// Changes the model and has it drawn again.
    fn change<T>(&self, change: impl FnOnce(&mut Model) -> T) -> T {
        let result = change(&mut self.outside.model.borrow_mut());
        self.changed();
        result
    }

    fn changed(&self) {
        self.tell_change();
        if self.outside.queued.replace(true) {
            return;
        }
        let scene = self.clone();
        spawn_local(async move {
            scene.outside.queued.set(false);
            // Taken out: the page may be called meanwhile, and may end it all.
            let Some(mut card) = scene.outside.card.take() else {
                return;
            };
            card.draw(&scene);
            if scene.outside.root.has_child_nodes() {
                scene.outside.card.replace(Some(card));
            }
        });
    }

    /// What a person does.
    pub(crate) fn act(&self, action: Action, event: &Event) {
        match action {
            Action::Submit => {
                event.prevent_default();
                self.submit();
            }
            Action::Type => self.typed(),
            Action::Toggle => self.change(|model| model.shown = !model.shown),
            Action::Choose(place) => self.choose(place),
            Action::FollowHint => {
                if let Some(place) = self.read(Model::hint_place) {
                    self.choose(place);
                    self.focus(".key");
                }
            }
            Action::Retry => self.load(false),
            Action::Another => self.load(true),
            Action::Leave => self.leave(),
            Action::Add => self.turn(|model| model.open_form(None)),
            Action::Replace(place) => self.turn(|model| model.open_form(Some(place))),
            Action::Ask(place) => self.turn(|model| model.ask(place)),
            Action::Disconnect => self.disconnect(),
            Action::Back => self.turn(Model::back),
        }
    }

    /// Fetches the session, from the beginning; with another token when `fresh`, or when this one is spent.
    pub(crate) fn load(&self, fresh: bool) {
        self.forget();
        let round = self.change(Model::begin);
        let scene = self.clone();
        spawn_local(async move {
            let host = &scene.outside.host;
            let mut answer = transport::session(host, fresh).await;
            if !fresh && scene.may_renew(answer.as_ref().err()) {
                answer = transport::session(host, true).await;
            }
            if !scene.change(|model| model.opened(round, answer)) {
                return;
            }
            if scene.read(|model| model.screen) == Screen::Blocked {
                scene.emit_problem();
            } else {
                scene.emit("ready", &[]);
                // While the key is looked for. If it cannot be had now, it is asked for again with the key.
                _ = transport::sealer().await;
            }
        });
    }

    fn may_renew(&self, failure: Option<&Failure>) -> bool {
        let is_spent = failure.is_some_and(|failure| failure.code.is_spent());
        is_spent && self.read(|model| model.options.renewable)
    }

    /// Drops every answer still on its way.
    pub(crate) fn close(&self) {
        self.forget();
        self.outside.model.borrow_mut().begin();
        self.outside.card.take();
        self.outside.root.set_text_content(None);
    }

    /// Takes new options; `anew` when they ask for another session.
    pub(crate) fn configure(&self, options: Options, anew: bool) {
        self.change(|model| model.options = options);
        self.dress();
        if anew {
            self.load(false);
        }
    }

    /// The page is left and may be come back to.
    pub(crate) fn pause(&self) {
        self.forget();
        self.change(Model::left);
    }

    /// The page was come back to, or is on line again: then only what that had broken is mended.
    pub(crate) fn resume(&self, on_line: bool) {
        let (screen, problem) = self.read(|model| (model.screen, model.problem.clone()));
        let cut_off = problem.is_some_and(|problem| problem.code == Code::Network);
        let again = if on_line {
            screen == Screen::Blocked && cut_off
        } else {
            screen != Screen::Done
        };
        if again {
            self.load(false);
        }
    }

    /// Chooses a provider.
    fn choose(&self, place: usize) {
        let key = self.typed_key();
        self.change(|model| model.choose(place, &key));
    }

    /// The field changed: cleans it, and looks at what is left.
    fn typed(&self) {
        let Some(field) = self.field() else { return };
        let raw = Zeroizing::new(field.value());
        let key = Zeroizing::new(key::clean(&raw));
        if *raw != *key {
            field.set_value(&key);
        }
        self.outside.held.take();
        self.change(|model| model.typed(&key));
    }

    /// Empties the field and forgets the key.
    fn forget(&self) {
        self.outside.held.take();
        if let Some(field) = self.field() {
            field.set_value("");
        }
    }

    /// Seals and sends the key.
    fn submit(&self) {
        let mut key = self.typed_key();
        if key.is_empty() {
            key = self.outside.held.take();
        }
        let Some(round) = self.change(|model| model.submit(&key)) else {
            self.focus_problem();
            return;
        };
        self.forget();
        self.outside.held.replace(key);
        self.watch_clock(round);
        let scene = self.clone();
        spawn_local(async move {
            let answer = scene.connect(round).await;
            let keep = answer
                .as_ref()
                .is_err_and(|failure| failure.code.may_pass());
            if !scene.change(|model| model.answered(round, answer)) {
                return;
            }
            if !keep {
                scene.forget();
            }
            if scene.read(|model| model.problem.is_some()) {
                scene.emit_problem();
                scene.focus_problem();
            } else {
                scene.emit_success();
                scene.focus("h2");
            }
        });
    }

    /// Connects the key; once more with another token, where this one is spent and the page can give one.
    async fn connect(&self, round: u32) -> Result<Connected, Failure> {
        let answer = self.send().await;
        if !self.may_renew(answer.as_ref().err()) {
            return answer;
        }
        let session = transport::session(&self.outside.host, true).await?;
        if self.change(|model| model.renewed(round, session)) {
            self.send().await
        } else {
            answer
        }
    }

    async fn send(&self) -> Result<Connected, Failure> {
        let seal = transport::sealer().await?;
        let body = self.read(|model| {
            let key = self.outside.held.borrow();
            let parts = model.session.as_ref().zip(model.chosen_provider());
            // Without a key nobody waits any more.
            let parts = parts.filter(|_| !key.is_empty());
            let (session, provider) = parts.ok_or(Code::Unexpected)?;
            seal(session, &provider.id, &key)
        })?;
        transport::connect(&self.outside.host, &body).await
    }

    /// Says so when an answer takes long.
    fn watch_clock(&self, round: u32) {
        let scene = self.clone();
        spawn_local(async move {
            _ = JsFuture::from(scene.outside.host.wait(SLOW)).await;
            scene.change(|model| model.slowed(round));
        });
    }

    fn disconnect(&self) {
        let Some((round, provider)) = self.change(Model::disconnect) else {
            return;
        };
        let scene = self.clone();
        spawn_local(async move {
            let answer = transport::disconnect(&scene.outside.host, &provider).await;
            if !scene.change(|model| model.disconnected(round, answer)) {
                return;
            }
            if scene.read(|model| model.problem.is_some()) {
                scene.emit_problem();
            } else {
                let details = [
                    ("provider", provider.into()),
                    ("status", "disconnected".into()),
                ];
                scene.emit("success", &details);
            }
            scene.focus("h2");
        });
    }

    /// Another screen, at the person's wish.
    fn turn(&self, turn: impl FnOnce(&mut Model)) {
        self.forget();
        self.change(turn);
        self.focus("h2");
    }

    fn leave(&self) {
        let done = self.read(|model| matches!(model.screen, Screen::Done | Screen::List));
        let reason = if done { "done" } else { "cancelled" };
        self.emit("exit", &[("reason", reason.into())]);
    }

    fn typed_key(&self) -> Zeroizing<String> {
        let raw = Zeroizing::new(self.field().map(|field| field.value()).unwrap_or_default());
        Zeroizing::new(key::clean(&raw))
    }

    fn field(&self) -> Option<HtmlInputElement> {
        let found = self.outside.root.query_selector(".key").ok().flatten();
        found.map(JsCast::unchecked_into)
    }

    /// Moves the focus to where the problem is: the field, or the title of the card.
    fn focus_problem(&self) {
        let in_form = self.read(|model| model.screen == Screen::Form);
        self.focus(if in_form { ".key" } else { "h2" });
    }

    fn focus(&self, selector: &'static str) {
        let root = self.outside.root.clone();
        spawn_local(async move {
            // Rendering is queued like this task; after two turns it has been done.
            for _ in 0..2 {
                _ = JsFuture::from(Promise::resolve(&JsValue::NULL)).await;
            }
            if let Ok(Some(element)) = root.query_selector(selector) {
                _ = element.unchecked_into::<HtmlElement>().focus();
            }
        });
    }
}
