//! What is typed, chosen and ticked in a form.

use leptos::prelude::*;

/// What a field is called, and what helps to fill it in.
#[derive(Clone, Default)]
pub(crate) struct Field {
    /// The label.
    pub(crate) label: &'static str,
    /// Unique on the page.
    pub(crate) id: String,
    /// Help below it.
    pub(crate) hint: &'static str,
    /// An example inside it.
    pub(crate) placeholder: &'static str,
    /// The input's type; `text` when empty.
    pub(crate) kind: &'static str,
    /// What is wrong with it, instead of the hint.
    pub(crate) error: Option<Signal<Option<String>>>,
}

impl Field {
    /// A field.
    pub(crate) fn new(label: &'static str, id: impl Into<String>) -> Self {
        Self {
            label,
            id: id.into(),
            ..Self::default()
        }
    }

    /// With help below.
    pub(crate) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// With an example inside.
    pub(crate) fn placeholder(mut self, placeholder: &'static str) -> Self {
        self.placeholder = placeholder;
        self
    }

    /// Of another type than text.
    pub(crate) fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    /// With what is wrong with it.
    pub(crate) fn error(mut self, error: impl Into<Signal<Option<String>>>) -> Self {
        self.error = Some(error.into());
        self
    }

    fn frame(self, control: AnyView) -> AnyView {
        let Self {
            label,
            id,
            hint,
            error,
            ..
        } = self;
        let wrong = move || error.and_then(|error| error.get());
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                {control}
                <p
                    id=format!("{id}-note")
                    class="field-note"
                    class:field-error=move || wrong().is_some()
                    aria-live="polite"
                >
                    {move || wrong().unwrap_or_else(|| hint.to_owned())}
                </p>
            </div>
        }
        .into_any()
    }

    fn is_invalid(&self) -> impl Fn() -> String + Send + Sync + 'static {
        let error = self.error;
        move || {
            error
                .is_some_and(|error| error.with(Option::is_some))
                .to_string()
        }
    }

    /// One line of text.
    pub(crate) fn line(self, value: RwSignal<String>) -> AnyView {
        let control = view! {
            <input
                id=self.id.clone()
                type=if self.kind.is_empty() { "text" } else { self.kind }
                autocomplete="off"
                spellcheck="false"
                placeholder=self.placeholder
                inputmode=(self.kind == "number").then_some("decimal")
                aria-invalid=self.is_invalid()
                aria-describedby=format!("{}-note", self.id)
                bind:value=value
            />
        }
        .into_any();
        self.frame(control)
    }

    /// Some lines of text.
    pub(crate) fn lines(self, value: RwSignal<String>) -> AnyView {
        let control = view! {
            <textarea
                id=self.id.clone()
                rows="3"
                spellcheck="false"
                placeholder=self.placeholder
                aria-invalid=self.is_invalid()
                aria-describedby=format!("{}-note", self.id)
                bind:value=value
            ></textarea>
        }
        .into_any();
        self.frame(control)
    }

    /// One of several; their words and what people read. May change while it is shown.
    pub(crate) fn select(
        self,
        value: RwSignal<String>,
        options: impl Into<Signal<Vec<(String, String)>>>,
    ) -> AnyView {
        let options = options.into();
        let choices = move || {
            options
                .get()
                .into_iter()
                .map(|(word, text)| {
                    let selected = {
                        let word = word.clone();
                        move || value.with(|value| *value == word)
                    };
                    view! {
                        <option value=word prop:selected=selected>{text}</option>
                    }
                })
                .collect_view()
        };
        let control = view! {
            <select
                id=self.id.clone()
                aria-describedby=format!("{}-note", self.id)
                prop:value=move || value.get()
                on:change=move |event| value.set(event_target_value(&event))
            >
                {choices}
            </select>
        }
        .into_any();
        self.frame(control)
    }

    /// One of a few that are always the same.
    pub(crate) fn choice(
        self,
        value: RwSignal<String>,
        options: &[(&'static str, &'static str)],
    ) -> AnyView {
        self.select(value, Signal::stored(owned(options)))
    }
}

/// Choices as [`Field::select`] takes them.
pub(crate) fn owned(options: &[(&str, &str)]) -> Vec<(String, String)> {
    options
        .iter()
        .map(|(word, text)| ((*word).to_owned(), (*text).to_owned()))
        .collect()
}

/// Something to tick, with what it means below.
pub(crate) fn tick(
    id: impl Into<String>,
    label: &'static str,
    note: &'static str,
    value: RwSignal<bool>,
) -> AnyView {
    let id = id.into();
    let note_id = format!("{id}-note");
    view! {
        <div class="choice">
            <input type="checkbox" id=id.clone() aria-describedby=note_id.clone() bind:checked=value />
            <div>
                <label for=id>{label}</label>
                <p id=note_id>{note}</p>
            </div>
        </div>
    }
    .into_any()
}

/// One of a few, each with what it means: its word, its name and a sentence.
pub(crate) fn radios(
    name: &'static str,
    value: RwSignal<String>,
    options: &[(&'static str, &'static str, &'static str)],
) -> AnyView {
    let choices = options
        .iter()
        .map(|(word, label, note)| {
            let (word, id) = (*word, format!("{name}-{word}"));
            let note_id = format!("{id}-note");
            view! {
                <div class="choice">
                    <input
                        type="radio"
                        name=name
                        id=id.clone()
                        aria-describedby=note_id.clone()
                        prop:checked=move || value.with(|value| value == word)
                        on:change=move |_| value.set(word.to_owned())
                    />
                    <div>
                        <label for=id>{*label}</label>
                        <p id=note_id>{*note}</p>
                    </div>
                </div>
            }
        })
        .collect_view();
    view! { <div class="choices">{choices}</div> }.into_any()
}

/// A group of fields under one name.
pub(crate) fn group(legend: &'static str, content: AnyView) -> AnyView {
    view! {
        <fieldset class="field">
            <legend>{legend}</legend>
            {content}
        </fieldset>
    }
    .into_any()
}

/// Fields that few need, folded away.
pub(crate) fn folded(summary: &'static str, content: AnyView) -> AnyView {
    view! {
        <details class="more">
            <summary>{summary}</summary>
            <div class="form">{content}</div>
        </details>
    }
    .into_any()
}

/// A button.
pub(crate) fn button(
    class: &'static str,
    text: &'static str,
    label: impl Into<String>,
    press: impl Fn() + 'static,
) -> AnyView {
    let label = Some(label.into()).filter(|label| !label.is_empty());
    view! {
        <button type="button" class=class aria-label=label on:click=move |_| press()>
            {text}
        </button>
    }
    .into_any()
}

/// The lines of a text, without what is blank; commas part them too.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    text.split(['\n', ','])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_commas_part_words() {
        assert_eq!(
            words_of(" gpt-5*\n\nclaude-*, o3 ,"),
            ["gpt-5*", "claude-*", "o3"]
        );
        assert!(words_of(" \n").is_empty());
    }
}
