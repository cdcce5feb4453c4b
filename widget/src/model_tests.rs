use relay_api::SealingKey;

use super::*;

fn provider(id: &str, name: &str, key_hint: &str) -> Provider {
    Provider {
        id: id.into(),
        name: name.into(),
        key_hint: key_hint.into(),
        key_url: String::new(),
    }
}

fn credential(provider: &str, last4: &str, status: CredentialStatus) -> Credential {
    Credential {
        id: "c".into(),
        provider: provider.into(),
        name: "default".into(),
        last4: last4.into(),
        fingerprint: String::new(),
        status,
        base_url: None,
        connected_at: String::new(),
        last_used_at: None,
        ..Credential::default()
    }
}

fn session() -> WidgetSession {
    WidgetSession {
        tenant_name: "Acme".into(),
        tenant_id: "t".into(),
        token_id: "k".into(),
        provider: None,
        providers: vec![
            provider("openai", "OpenAI", "sk-"),
            provider("anthropic", "Anthropic", "sk-ant-"),
        ],
        credentials: vec![credential("anthropic", "1111", CredentialStatus::Active)],
        sealing_key: SealingKey {
            id: "v1".into(),
            public_key: "abc".into(),
        },
        expires_at: String::new(),
    }
}

fn open() -> Model {
    open_with(session())
}

fn open_with(session: WidgetSession) -> Model {
    let mut model = Model::new(Options::default());
    let round = model.begin();
    assert!(model.opened(round, Ok(session)));
    model
}

#[test]
fn a_key_goes_from_the_field_to_success() {
    let mut model = open();
    model.typed("sk-proj-1");
    let submission = model.submit("sk-proj-1").expect("it is sent");
    assert_eq!(submission.provider, "openai");
    assert!(model.busy);
    assert_eq!(model.announcement(), "Checking with OpenAI…");

    let answer = credential("openai", "4242", CredentialStatus::Limited);
    assert!(model.answered(submission.round, Ok(answer)));
    assert_eq!(
        (model.screen, model.busy, model.is_limited()),
        (Screen::Done, false, true)
    );
    assert_eq!(model.announcement(), "OpenAI connected");
    assert_eq!(model.say("{last4}"), "4242");
}

#[test]
fn a_second_submit_while_one_is_under_way_does_nothing() {
    let mut model = open();
    assert!(model.submit("sk-1").is_some());
    assert!(model.submit("sk-1").is_none());
    model.choose(1, "sk-1");
    assert_eq!(model.chosen, 0);
    let refused = Failure {
        code: Code::KeyRefused,
        request_id: String::new(),
    };
    assert!(model.answered(1, Err(refused)));
    assert!(model.submit("sk-1").is_some());
}

#[test]
fn an_empty_field_or_a_key_no_header_carries_is_not_sent() {
    let mut model = open();
    assert!(model.submit("").is_none());
    assert_eq!(model.problem_text(), "Paste your OpenAI key first.");
    assert!(model.submit("키").is_none());
    assert_eq!(
        model.problem.as_ref().map(|problem| problem.code),
        Some(Code::KeyMalformed)
    );
    model.typed("sk-1");
    assert_eq!(model.problem, None);
}

#[test]
fn a_pasted_key_chooses_its_provider_until_the_person_has() {
    let mut model = open();
    model.typed("sk-ant-1");
    assert_eq!((model.chosen, model.hint), (1, None));
    assert_eq!(
        model.announcement(),
        "Switched to Anthropic to match your key."
    );

    model.choose(0, "sk-ant-1");
    assert_eq!((model.chosen, model.hint), (0, Some(Hint::Other(1))));
    assert_eq!(model.hint_text(), "This looks like a key from Anthropic.");
    assert_eq!(model.hint_place(), Some(1));
    model.typed("sk-ant-12");
    assert_eq!(model.chosen, 0);
    assert!(model.submit("sk-ant-12").is_some(), "a hint never blocks");
}

#[test]
fn a_locked_form_hints_but_offers_no_switch() {
    let mut model = open_with(WidgetSession {
        provider: Some("anthropic".into()),
        ..session()
    });
    assert!(model.is_locked());
    assert_eq!(
        model.chosen_provider().map(|one| one.id.as_str()),
        Some("anthropic")
    );
    model.typed("sk-proj-1");
    assert_eq!((model.chosen, model.hint_place()), (1, None));
    assert_eq!(model.hint_text(), "This looks like a key from OpenAI.");
}

#[test]
fn a_fault_of_the_token_ends_the_form_and_a_fault_of_the_key_does_not() {
    for code in Code::ALL {
        let mut model = open();
        model.submit("sk-1");
        assert!(model.answered(1, Err(code.into())));
        let expected = if code.is_final() {
            Screen::Blocked
        } else {
            Screen::Form
        };
        assert_eq!(model.screen, expected, "{}", code.as_str());
        assert!(!model.problem_text().contains('{') && !model.problem_text().is_empty());
    }
}

#[test]
fn without_a_session_the_card_says_why() {
    let mut model = Model::new(Options::default());
    let round = model.begin();
    assert_eq!(model.announcement(), "Loading…");
    assert!(model.opened(round, Err(Code::TokenExpired.into())));
    assert_eq!(model.screen, Screen::Blocked);
    assert!(model.submit("sk-1").is_none());
}

#[test]
fn answers_to_what_was_asked_before_a_new_token_are_dropped() {
    let mut model = open();
    let old = model.submit("sk-1").expect("it is sent").round;
    let new = model.begin();
    assert_eq!((model.screen, model.busy), (Screen::Loading, false));
    assert!(!model.answered(
        old,
        Ok(credential("openai", "4242", CredentialStatus::Active))
    ));
    assert!(!model.opened(old, Err(Code::Network.into())));
    assert!(model.opened(new, Ok(session())));
    assert_eq!(model.screen, Screen::Form);
}

#[test]
fn a_connected_key_is_named_where_it_would_be_replaced() {
    let mut model = open();
    assert_eq!(model.existing(0), None);
    model.choose(1, "");
    assert_eq!(
        model.say(model.words().replaces),
        "Replaces your key ending in 1111."
    );
}
