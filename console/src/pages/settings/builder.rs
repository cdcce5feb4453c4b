//! The widget builder: options beside the real widget, and the code that mounts it so.

use js_sys::{Object, Promise, Reflect};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use relay_api::{RegistrationToken, Role, TenantSettings};
use serde_json::json;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;

use super::widget_code::{self, WidgetLook};
use super::{colour_field, wrong_colour};
use crate::api::{Method, Session};
use crate::app::use_session;
use crate::browser;
use crate::problem::Problem;
use crate::remote::Remote;
use crate::ui::{Field, ProblemNote, Sample, Samples, not_offered, segmented};

/// For whom the previewed widget connects keys, should someone really enter one.
const PREVIEW_USER: &str = "widget-preview";

const THEMES: [(&str, &str); 3] = [("auto", "System"), ("light", "Light"), ("dark", "Dark")];
const LAYOUTS: [(&str, &str); 2] = [("default", "Card"), ("compact", "Compact")];
const MODES: [(&str, &str); 2] = [("connect", "Connect"), ("manage", "Manage")];
const ISOLATIONS: [(&str, &str); 2] = [("shadow", "In the page"), ("iframe", "In a frame")];
const LOCALES: [(&str, &str); 8] = [
    ("auto", "The page's, then the browser's"),
    ("en", "English"),
    ("ko", "한국어"),
    ("ja", "日本語"),
    ("zh", "中文"),
    ("es", "Español"),
    ("de", "Deutsch"),
    ("fr", "Français"),
];

/// What is being chosen.
#[derive(Clone, Copy)]
struct Choices {
    theme: RwSignal<String>,
    layout: RwSignal<String>,
    mode: RwSignal<String>,
    isolation: RwSignal<String>,
    locale: RwSignal<String>,
    accent: RwSignal<String>,
}

impl Choices {
    fn new() -> Self {
        let first = |options: &[(&str, &str)]| RwSignal::new(options[0].0.to_owned());
        Self {
            theme: first(&THEMES),
            layout: first(&LAYOUTS),
            mode: first(&MODES),
            isolation: first(&ISOLATIONS),
            locale: first(&LOCALES),
            accent: RwSignal::new(String::new()),
        }
    }

    /// What was chosen, without what cannot be meant. Tracks.
    fn look(self) -> WidgetLook {
        let accent = self.accent.get().trim().to_owned();
        WidgetLook {
            theme: self.theme.get(),
            compact: self.layout.with(|layout| layout == "compact"),
            manage: self.mode.with(|mode| mode == "manage"),
            frame: self.isolation.with(|isolation| isolation == "iframe"),
            locale: self.locale.get(),
            accent: if wrong_colour(&accent).is_none() {
                accent
            } else {
                String::new()
            },
        }
    }
}

/// The builder.
pub(super) fn builder(settings: Remote<TenantSettings>) -> AnyView {
    let session = use_session();
    let choices = Choices::new();
    let look = Memo::new(move |_| choices.look());
    let url = StoredValue::new(session.me().public_url.clone());
    let sample = move |name, write: fn(&str, &WidgetLook) -> String| Sample {
        name,
        code: Signal::derive(move || url.with_value(|url| look.with(|look| write(url, look)))),
    };
    let samples = vec![
        sample("HTML", widget_code::builder_html),
        sample("React", widget_code::builder_react),
    ];
    let stage = if session.may(Role::Developer) {
        preview(look, settings)
    } else {
        not_offered("The preview issues a registration token, which takes a developer.")
    };
    view! {
        <div class="builder">
            {controls(choices)}
            {stage}
            <Samples what="mount the widget" id="builder-code" samples=samples />
        </div>
    }
    .into_any()
}

fn controls(choices: Choices) -> AnyView {
    let one_of = |label, options: &'static [(&str, &str)], value: RwSignal<String>| {
        let chosen = Signal::derive(move || value.get());
        view! {
            <div class="builder-choice">
                <span class="builder-label" aria-hidden="true">{label}</span>
                {segmented(label, options, chosen, move |word| value.set(word.to_owned()))}
            </div>
        }
    };
    let accent_error = Signal::derive(move || choices.accent.with(|text| wrong_colour(text)));
    view! {
        <div class="builder-choices">
            {one_of("Theme", &THEMES, choices.theme)}
            {one_of("Layout", &LAYOUTS, choices.layout)}
            {one_of("Mode", &MODES, choices.mode)}
            {one_of("Isolation", &ISOLATIONS, choices.isolation)}
            {Field::new("Language", "builder-locale").choice(choices.locale, &LOCALES)}
            {colour_field("builder-accent", "Accent colour", choices.accent, accent_error)}
        </div>
    }
    .into_any()
}

/// The real widget, mounted as a page would; it follows the choices.
fn preview(look: Memo<WidgetLook>, settings: Remote<TenantSettings>) -> AnyView {
    let session = StoredValue::new(use_session());
    let place = NodeRef::<html::Div>::new();
    let problem = RwSignal::new(None::<Problem>);
    let mounted = StoredValue::new_local(None::<Mounted>);
    // Another mode needs another token, another branding another session, and a frame is not moved.
    let anew = Memo::new(move |_| {
        let branding = settings
            .value
            .with(|settings| settings.as_ref().map(|all| all.branding.clone()));
        let (manage, frame) = look.with(|look| (look.manage, look.frame));
        (manage, frame, branding)
    });
    Effect::new(move || {
        let (.., branding) = anew.get();
        let (Some(place), Some(_)) = (place.get(), branding) else {
            return;
        };
        mounted.set_value(None);
        spawn_local(async move {
            let made = Mounted::new(&place, session.get_value(), &look.get_untracked()).await;
            match made {
                Ok(made) => {
                    // The screen may be gone by now: then the widget goes with what was made.
                    mounted.try_set_value(Some(made));
                    problem.try_set(None);
                }
                Err(failed) => {
                    problem.try_set(Some(failed));
                }
            }
        });
    });
    Effect::new(move || {
        let look = look.get();
        mounted.with_value(|mounted| {
            if let Some(mounted) = mounted {
                mounted.update(&look);
            }
        });
    });
    on_cleanup(move || {
        mounted.try_set_value(None);
    });
    view! {
        <div class="builder-stage" data-theme=move || look.with(|look| look.theme.clone())>
            <ProblemNote problem=problem />
            <div class="builder-place" node_ref=place></div>
            <p class="small-print">
                "This is the real widget, for a user named “" {PREVIEW_USER} "”."
            </p>
        </div>
    }
    .into_any()
}

/// A widget in the page; dropped, it leaves.
struct Mounted {
    handle: JsValue,
    /// Asked by the widget for tokens as long as it lives.
    _token: Closure<dyn FnMut() -> Promise>,
}

impl Mounted {
    async fn new(
        place: &web_sys::HtmlElement,
        session: Session,
        look: &WidgetLook,
    ) -> Result<Self, Problem> {
        let manage = look.manage;
        let failed = |_| Problem::load_failed("the widget");
        let relay = browser::widget_script().await.map_err(failed)?;
        let token = Closure::new(move || {
            let session = session.clone();
            future_to_promise(preview_token(session, manage))
        });
        let options = options(look);
        let set = |name: &str, value: &JsValue| {
            // Setting a plain property of a fresh object cannot fail.
            let _ = Reflect::set(&options, &name.into(), value);
        };
        set("registrationToken", token.as_ref());
        set(
            "isolation",
            &if look.frame { "iframe" } else { "shadow" }.into(),
        );
        set("mode", &if manage { "manage" } else { "connect" }.into());
        let mount: js_sys::Function = Reflect::get(&relay, &"mount".into())
            .and_then(JsCast::dyn_into)
            .map_err(failed)?;
        let handle = mount.call2(&relay, place, &options).map_err(failed)?;
        Ok(Self {
            handle,
            _token: token,
        })
    }

    fn update(&self, look: &WidgetLook) {
        self.call("update", &options(look));
    }

    fn call(&self, name: &str, argument: &JsValue) {
        let method = Reflect::get(&self.handle, &name.into());
        if let Ok(Ok(method)) = method.map(JsCast::dyn_into::<js_sys::Function>) {
            // A preview that does not follow is seen; there is nobody else to tell.
            let _ = method.call1(&self.handle, argument);
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.call("unmount", &JsValue::UNDEFINED);
    }
}

/// The options that may change while the widget is there.
fn options(look: &WidgetLook) -> Object {
    let options = Object::new();
    let appearance = Object::new();
    let layout = if look.compact { "compact" } else { "default" };
    let accent = if look.accent.is_empty() {
        JsValue::UNDEFINED
    } else {
        look.accent.as_str().into()
    };
    // Setting a plain property of a fresh object cannot fail.
    let _ = Reflect::set(&appearance, &"layout".into(), &layout.into());
    for (name, value) in [
        ("theme", look.theme.as_str().into()),
        ("locale", look.locale.as_str().into()),
        ("accentColor", accent),
        ("appearance", appearance.into()),
    ] {
        let _ = Reflect::set(&options, &name.into(), &value);
    }
    options
}

async fn preview_token(session: Session, manage: bool) -> Result<JsValue, JsValue> {
    // The page is Relay's own, whatever origins the tenant allows.
    let origin = leptos::prelude::window().location().origin()?;
    let mut asked = json!({ "endUserLabel": PREVIEW_USER, "allowedOrigins": [origin] });
    if manage {
        asked["scope"] = "manage".into();
    }
    let token: Result<RegistrationToken, Problem> = session
        .send(Method::Post, "/v1/registration-tokens", &asked)
        .await;
    match token {
        Ok(token) => Ok(token.registration_token.into()),
        Err(problem) => Err(js_sys::Error::new(&problem.message).into()),
    }
}
