//! Elements, and what keeps them in step with the model.
//!
//! This is all the rendering the widget needs on top of Leptos' signals. Leptos' own renderer makes a type
//! of every mix of tag, attributes and children, each with its own copy of the code: 20 KB more to download.

use reactive_graph::effect::RenderEffect;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::{Element, Event, HtmlInputElement};

/// An element on the page. Dropping it stops its following and listening.
pub(crate) struct Part {
    element: Element,
    following: Vec<RenderEffect<()>>,
    listening: Vec<Closure<dyn FnMut(Event)>>,
}

/// An HTML element, with a class unless that is empty.
pub(super) fn part(tag: &str, class: &str) -> Part {
    made("http://www.w3.org/1999/xhtml", tag, class)
}

/// An SVG element.
pub(super) fn drawing(tag: &str, class: &str) -> Part {
    made("http://www.w3.org/2000/svg", tag, class)
}

fn made(namespace: &str, tag: &str, class: &str) -> Part {
    let document = web_sys::window().and_then(|window| window.document());
    // There is a document, or nobody would have called; and every tag is a good name.
    let element = document.and_then(|it| it.create_element_ns(Some(namespace), tag).ok());
    let element = element.unwrap_throw();
    let part = Part {
        element,
        following: Vec::new(),
        listening: Vec::new(),
    };
    if class.is_empty() {
        part
    } else {
        part.set("class", class)
    }
}

impl Part {
    /// The element itself.
    pub(crate) fn element(&self) -> &Element {
        &self.element
    }

    /// Sets an attribute for good.
    pub(super) fn set(self, name: &str, value: &str) -> Self {
        set(&self.element, name, value);
        self
    }

    /// Sets an attribute that follows the model.
    pub(super) fn text(self, name: &'static str, read: impl Fn() -> String + 'static) -> Self {
        self.follow(read, move |element, value| set(element, name, value))
    }

    /// Sets an attribute that is there or not, as the model says.
    pub(super) fn flag(self, name: &'static str, read: impl Fn() -> bool + 'static) -> Self {
        self.follow(read, move |element, value| {
            // Fails only for a malformed name.
            _ = element.toggle_attribute_with_force(name, *value);
        })
    }

    /// Sets a radio button's `checked` property: once touched, its attribute no longer governs it.
    pub(super) fn checked(self, read: impl Fn() -> bool + 'static) -> Self {
        self.follow(read, |element, value| {
            element
                .unchecked_ref::<HtmlInputElement>()
                .set_checked(*value);
        })
    }

    /// Fills the element with text that follows the model; it has no children besides.
    pub(super) fn say(self, read: impl Fn() -> String + 'static) -> Self {
        self.follow(read, |element, value| element.set_text_content(Some(value)))
    }

    /// Listens for an event.
    pub(super) fn on(mut self, name: &str, handler: Box<dyn FnMut(Event)>) -> Self {
        let handler = Closure::wrap(handler);
        let function = handler.as_ref().unchecked_ref();
        // Fails for no name and no function.
        _ = self
            .element
            .add_event_listener_with_callback(name, function);
        self.listening.push(handler);
        self
    }

    /// Adds a child.
    pub(super) fn child(mut self, child: Self) -> Self {
        // Fails only if the child held its parent.
        _ = self.element.append_child(&child.element);
        self.following.extend(child.following);
        self.listening.extend(child.listening);
        self
    }

    /// Runs `effect` now, and again whenever a signal it read has changed.
    pub(super) fn keep(mut self, mut effect: impl FnMut(&Element) + 'static) -> Self {
        let element = self.element.clone();
        self.following
            .push(RenderEffect::new(move |_| effect(&element)));
        self
    }

    /// Applies what `read` gives whenever that is another value than before.
    fn follow<T: PartialEq + 'static>(
        self,
        read: impl Fn() -> T + 'static,
        apply: impl Fn(&Element, &T) + 'static,
    ) -> Self {
        let mut last = None;
        self.keep(move |element| {
            let value = Some(read());
            if let Some(changed) = value.as_ref().filter(|_| value != last) {
                apply(element, changed);
                last = value;
            }
        })
    }
}

fn set(element: &Element, name: &str, value: &str) {
    // Fails only for a malformed name.
    _ = element.set_attribute(name, value);
}
