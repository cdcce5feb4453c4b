//! Form fields with a label, a hint and an error that assistive technology can tie together.

use leptos::prelude::*;

use super::Icon;

/// A labelled text input.
#[component]
pub(crate) fn TextField(
    /// The label.
    label: &'static str,
    /// An id, unique on the page.
    id: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// What is wrong with the text, shown below it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Help shown below the field.
    #[prop(optional, into)]
    hint: String,
    /// The input's type; `text` when left out.
    #[prop(optional, into)]
    kind: Option<&'static str>,
    /// What the browser may fill in.
    #[prop(optional, into)]
    autocomplete: Option<&'static str>,
    /// An example inside the empty field.
    #[prop(optional, into)]
    placeholder: Option<&'static str>,
    /// The longest text allowed, in characters.
    #[prop(optional, into)]
    max_length: Option<u16>,
    /// Whether the keyboard starts here.
    #[prop(optional)]
    autofocus: bool,
    /// Whether the form needs it; true when left out.
    #[prop(default = true)]
    required: bool,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                type=kind.unwrap_or("text")
                autocomplete=autocomplete.unwrap_or("off")
                placeholder=placeholder
                maxlength=max_length.map(|length| length.to_string())
                autofocus=autofocus
                aria-required=required.to_string()
                aria-invalid=move || error.with(Option::is_some).to_string()
                aria-describedby=format!("{id}-note")
                bind:value=value
            />
            <FieldNote id=id error=error hint=hint />
        </div>
    }
}

/// A labelled password or key input with a button that shows what was typed.
#[component]
pub(crate) fn PasswordField(
    /// The label.
    label: &'static str,
    /// An id, unique on the page.
    id: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// What is wrong with the text, shown below it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Help shown below the field.
    #[prop(optional, into)]
    hint: String,
    /// What the browser may fill in.
    autocomplete: &'static str,
    /// An example inside the empty field.
    #[prop(optional, into)]
    placeholder: Option<&'static str>,
    /// Whether the keyboard starts here.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let kind = move || if shown.get() { "text" } else { "password" };
    let noun = label.to_lowercase();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <div class="field-row">
                <input
                    id=id
                    type=kind
                    autocomplete=autocomplete
                    placeholder=placeholder
                    autocapitalize="off"
                    spellcheck="false"
                    autofocus=autofocus
                    aria-required="true"
                    aria-invalid=move || error.with(Option::is_some).to_string()
                    aria-describedby=format!("{id}-note")
                    bind:value=value
                />
                <button
                    type="button"
                    class="btn-icon"
                    aria-label=format!("Show {noun}")
                    aria-pressed=move || shown.get().to_string()
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {Icon::Eye.view()}
                </button>
            </div>
            <FieldNote id=id error=error hint=hint />
        </div>
    }
}

/// The code of a second factor: six figures of an app, or a recovery code.
pub(crate) fn code_field(
    id: &'static str,
    value: RwSignal<String>,
    error: Signal<Option<String>>,
) -> AnyView {
    view! {
        <TextField
            label="Code"
            id=id
            value=value
            error=error
            autocomplete="one-time-code"
            hint="The six figures of your authenticator app, or one of your recovery codes."
            max_length=32_u16
        />
    }
    .into_any()
}

/// The error of a field, or its hint while there is none.
#[component]
fn FieldNote(id: &'static str, error: Signal<Option<String>>, hint: String) -> impl IntoView {
    let hint = StoredValue::new(hint);
    view! {
        <p
            id=format!("{id}-note")
            class="field-note"
            class:field-error=move || error.with(Option::is_some)
            aria-live="polite"
        >
            {move || error.get().unwrap_or_else(|| hint.get_value())}
        </p>
    }
}

/// The button that sends a form. While busy it says so and does nothing.
#[component]
pub(crate) fn SubmitButton(
    /// What it does.
    #[prop(into)]
    text: Signal<String>,
    /// Whether the call is under way.
    #[prop(into)]
    busy: Signal<bool>,
    /// Looks dangerous.
    #[prop(optional)]
    danger: bool,
    /// As wide as the form.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class="btn"
            class:btn-primary=!danger
            class:btn-danger=danger
            class:btn-wide=wide
            class:btn-busy=busy
            aria-busy=move || busy.get().to_string()
            aria-disabled=move || busy.get().to_string()
        >
            <span class="spinner" aria-hidden="true" hidden=move || !busy.get()></span>
            {text}
        </button>
    }
}
