//! Adding and changing a webhook.

use leptos::prelude::*;
use relay_api::{ChangedWebhook, NewWebhook, Webhook, WebhookEvent, WebhookWithSecret};

use crate::api::{Method, segment};
use crate::app::use_session;
use crate::checks::{self, Tried};
use crate::ui::{Field, Form, Secret, group, sending, tick};

/// What the form is for, and who hears of the outcome.
#[derive(Clone)]
pub(super) enum WebhookForm {
    /// A new one, answered with its secret.
    New(Callback<WebhookWithSecret>),
    /// One that is there.
    Change(Box<Webhook>, Callback<Webhook>),
}

/// When an event is sent.
const fn meaning(event: WebhookEvent) -> &'static str {
    match event {
        WebhookEvent::CredentialConnected => "A user, or you, connected or replaced a key.",
        WebhookEvent::CredentialBroken => "A provider refuses a key that it took before.",
        WebhookEvent::CredentialDisconnected => "A key was removed, by itself or with its user.",
        WebhookEvent::QuotaThreshold => "A relay key has used 80 % or all of a monthly quota.",
        WebhookEvent::KeyExpiring => "A relay key expires in seven days, or in one.",
    }
}

fn address(text: &str) -> Option<String> {
    let text = text.trim();
    checks::missing(text, "the address").or_else(|| {
        let web = text.starts_with("https://") || text.starts_with("http://");
        (!web).then(|| "Begin with https://.".to_owned())
    })
}

/// The secret of a webhook, as it is shown the only time.
pub(super) fn secret_of(secret: String) -> Secret {
    Secret {
        title: "Copy the signing secret",
        about: "This is the only time it is shown. Your backend checks every call with it: see “Verify” on the webhook's page.".to_owned(),
        label: "Signing secret",
        text: secret,
    }
}

/// The form.
pub(super) fn webhook_form(purpose: WebhookForm) -> Form {
    let session = StoredValue::new(use_session());
    let known = match &purpose {
        WebhookForm::New(_) => None,
        WebhookForm::Change(webhook, _) => Some((**webhook).clone()),
    };
    let text = |get: fn(&Webhook) -> &String| {
        RwSignal::new(
            known
                .as_ref()
                .map(|webhook| get(webhook).clone())
                .unwrap_or_default(),
        )
    };
    let url = text(|webhook| &webhook.url);
    let description = text(|webhook| &webhook.description);
    let events = WebhookEvent::ALL.map(|event| {
        let on = known
            .as_ref()
            .is_none_or(|webhook| webhook.events.contains(&event));
        (event, RwSignal::new(on))
    });
    let tried = Tried::new();
    let url_error = tried.check(url, address);
    let none_chosen = RwSignal::new(false);
    let choices = events
        .iter()
        .map(|(event, on)| {
            tick(
                format!("event-{}", event.as_str()),
                event.as_str(),
                meaning(*event),
                *on,
            )
        })
        .collect_view();
    let body = view! {
        {Field::new("Address", "webhook-url")
            .kind("url")
            .placeholder("https://api.example.com/relay-events")
            .hint("It is called by POST, over https, at a public address.")
            .error(url_error)
            .line(url)}
        {group(
            "Events",
            view! {
                <div class="choices">{choices}</div>
                <p class="field-note field-error" aria-live="polite">
                    {move || none_chosen.get().then_some("Choose at least one event.")}
                </p>
            }
                .into_any(),
        )}
        {Field::new("Description", "webhook-description")
            .hint("For your team. May stay empty.")
            .line(description)}
    };
    let submit = move || {
        let chosen: Vec<_> = events
            .iter()
            .filter(|(_, on)| on.get_untracked())
            .map(|(event, _)| *event)
            .collect();
        none_chosen.set(chosen.is_empty());
        if !tried.passes(&[url_error]) || chosen.is_empty() {
            return None;
        }
        let url = url.get_untracked().trim().to_owned();
        let description = Some(description.get_untracked().trim().to_owned());
        let session = session.get_value();
        match purpose.clone() {
            WebhookForm::New(made) => sending(async move {
                let body = NewWebhook {
                    url,
                    events: chosen,
                    description,
                };
                made.run(session.send(Method::Post, "/v1/webhooks", &body).await?);
                Ok(())
            }),
            WebhookForm::Change(webhook, changed) => sending(async move {
                let body = ChangedWebhook {
                    url: Some(url),
                    events: Some(chosen),
                    description,
                    enabled: None,
                };
                let path = format!("/v1/webhooks/{}", segment(&webhook.id)?);
                changed.run(session.send(Method::Patch, &path, &body).await?);
                Ok(())
            }),
        }
    };
    Form::new(body.into_any(), submit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_certainly_no_address_is_refused() {
        assert_eq!(address(" https://a.example/x "), None);
        assert!(address("").is_some());
        assert!(address("a.example").is_some());
        assert!(address("ftp://a.example").is_some());
    }
}
