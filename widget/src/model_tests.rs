//! The model's tests, in one file because they walk one machine with the same few steps.

use super::*;
use crate::session::Health;
use crate::words::Word;
use crate::words::tests::words;

fn provider(id: &str, name: &str, key_hint: &str) -> Provider {
    Provider {
        id: id.into(),
        name: name.into(),
        key_hint: key_hint.into(),
        key_url: String::new(),
    }
}

fn key(provider: &str, last4: &str, health: Health) -> Connected {
    Connected {
        provider: provider.into(),
        last4: last4.into(),
        health,
        ..Connected::default()
    }
}

fn session() -> Session {
    Session {
        app: "Acme".into(),
        tenant_id: "t".into(),
        token_id: "k".into(),
        providers: vec![
            provider("openai", "OpenAI", "sk-"),
            provider("anthropic", "Anthropic", "sk-ant-"),
        ],
        connected: vec![key("anthropic", "1111", Health::Active)],
        seal_id: "v1".into(),
        seal_key: "abc".into(),
        ..Session::default()
    }
}

fn options() -> Options {
    Options {
        words: words("en"),
        ..Options::default()
    }
}

fn open() -> Model {
    open_with(options(), session())
}

fn open_with(options: Options, session: Session) -> Model {
    let mut model = Model::new(options);
    let round = model.begin();
    assert!(model.opened(round, Ok(session)));
    model
}

fn managing() -> Model {
    let options = Options {
        manage: true,
        ..options()
    };
    let session = Session {
        manages: true,
        ..session()
    };
    open_with(options, session)
}

fn code(model: &Model) -> Option<Code> {
    model.problem.as_ref().map(|problem| problem.code)
}

#[test]
fn a_key_goes_from_the_field_to_success() {
    let mut model = open();
    model.typed("sk-proj-1");
    assert!(!model.empty);
    let round = model.submit("sk-proj-1").expect("it is sent");
    assert_eq!(model.chosen_provider().map(|one| &*one.id), Some("openai"));
    assert!(model.busy && model.empty);
    assert_eq!(model.announcement(), "Checking with OpenAI…");

    assert!(model.answered(round, Ok(key("openai", "4242", Health::Limited))));
    assert_eq!(
        (model.screen, model.busy, model.is_limited()),
        (Screen::Done, false, true)
    );
    assert_eq!(model.announcement(), "OpenAI connected");
    assert_eq!(model.last4(0), "4242");
}

#[test]
fn a_second_submit_while_one_is_under_way_does_nothing() {
    let mut model = open();
    let round = model.submit("sk-1").expect("it is sent");
    assert!(model.submit("sk-1").is_none());
    model.choose(1, "sk-1");
    assert_eq!(model.chosen, 0);
    assert!(model.answered(round, Err(Code::KeyRefused.into())));
    assert!(model.submit("sk-1").is_some());
}

#[test]
fn an_answer_comes_once() {
    let mut model = open();
    let first = model.submit("sk-1").expect("it is sent");
    assert!(model.answered(first, Err(Code::KeyRefused.into())));
    let second = model.submit("sk-2").expect("it is sent");
    assert!(!model.answered(first, Ok(key("openai", "4242", Health::Active))));
    assert!(model.busy);
    assert!(model.answered(second, Ok(key("openai", "4242", Health::Active))));
}

#[test]
fn an_empty_field_or_a_key_no_header_carries_is_not_sent() {
    let mut model = open();
    assert!(model.submit("").is_none());
    assert_eq!(model.problem_text(), "Paste your OpenAI key first.");
    assert!(model.submit("키").is_none());
    assert_eq!(code(&model), Some(Code::KeyMalformed));
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
fn a_key_that_was_not_judged_can_be_sent_again_and_one_that_was_refused_cannot() {
    for &code in Code::ALL {
        let mut model = open();
        let round = model.submit("sk-proj-4242").expect("it is sent");
        assert_eq!(model.placeholder(), "•••• 4242");
        assert!(model.answered(round, Err(code.into())));
        let is_held = !model.held.is_empty();
        assert_eq!(is_held, code.may_pass(), "{}", code.as_str());
        if is_held {
            let note = "Your key ending in 4242 is still here. Try again, or paste another.";
            assert_eq!(model.note(), note);
            model.typed("sk");
            assert_eq!(model.note(), "");
        }
    }
}

#[test]
fn a_slow_provider_is_spoken_of_while_it_is_waited_for_and_no_longer() {
    let mut model = open();
    let first = model.submit("sk-1").expect("it is sent");
    model.slowed(first);
    assert!(model.note().starts_with("OpenAI is taking longer"));
    assert_eq!(model.announcement(), model.note());
    model.answered(first, Err(Code::KeyRefused.into()));
    assert_eq!(model.note(), "");
    model.submit("sk-2").expect("it is sent");
    model.slowed(first);
    assert!(!model.slow, "that was another key");
}

#[test]
fn a_locked_form_hints_but_offers_no_switch() {
    let mut locked = session();
    locked.locked = "anthropic".into();
    locked.providers.remove(0);
    let mut model = open_with(options(), locked);
    assert!(model.is_locked());
    assert_eq!(model.form_title(), "Connect Anthropic");
    model.typed("rly-1");
    assert_eq!(model.hint_place(), None);
    assert!(model.hint_text().starts_with("This is a Relay key."));
}

#[test]
fn the_page_can_ask_for_one_provider_of_those_the_token_allows() {
    let only = |provider: &str| Options {
        provider: provider.into(),
        ..options()
    };
    let model = open_with(only("anthropic"), session());
    assert_eq!(model.form_title(), "Connect Anthropic");
    assert_eq!(model.providers().len(), 1);
    let model = open_with(only("groq"), session());
    assert_eq!(
        (model.screen, code(&model)),
        (Screen::Blocked, Some(Code::ProviderUnavailable))
    );
}

#[test]
fn a_fault_of_the_token_ends_the_form_and_a_fault_of_the_key_does_not() {
    for &code in Code::ALL {
        let mut model = open();
        let round = model.submit("sk-1").expect("it is sent");
        assert!(model.answered(round, Err(code.into())));
        let expected = if code.is_final() {
            Screen::Blocked
        } else {
            Screen::Form
        };
        assert_eq!(model.screen, expected, "{}", code.as_str());
        assert!(!model.problem_text().contains('{') && !model.problem_text().is_empty());
        assert!(!model.word(code.title()).is_empty());
    }
}

#[test]
fn without_a_session_the_card_says_why_and_offers_what_can_help() {
    let cases = [
        (Code::TokenExpired, false, false),
        (Code::TokenExpired, true, true),
        (Code::TokenUsed, true, true),
        (Code::TokenInvalid, true, false),
        (Code::Network, false, true),
        (Code::TokenUnavailable, true, true),
    ];
    for (code, renewable, may_retry) in cases {
        let mut model = Model::new(Options {
            renewable,
            ..options()
        });
        let round = model.begin();
        assert_eq!(model.announcement(), "Loading…");
        assert!(model.opened(round, Err(code.into())));
        assert_eq!(model.screen, Screen::Blocked);
        assert_eq!(model.may_retry(), may_retry, "{}", code.as_str());
        assert!(model.submit("sk-1").is_none());
    }
}

#[test]
fn answers_to_what_was_asked_before_a_new_token_are_dropped() {
    let mut model = open();
    let old = model.submit("sk-1").expect("it is sent");
    let new = model.begin();
    assert_eq!((model.screen, model.busy), (Screen::Loading, false));
    assert!(!model.answered(old, Ok(key("openai", "4242", Health::Active))));
    assert!(!model.opened(old, Err(Code::Network.into())));
    assert!(model.opened(new, Ok(session())));
    assert_eq!(model.screen, Screen::Form);
}

#[test]
fn a_key_on_its_way_goes_on_with_another_token_for_the_same_provider() {
    let mut model = open();
    model.choose(1, "");
    let round = model.submit("sk-ant-1").expect("it is sent");
    let mut other = session();
    other.token_id = "k2".into();
    other.providers.reverse();
    assert!(model.renewed(round, other));
    assert_eq!(
        model.chosen_provider().map(|one| &*one.id),
        Some("anthropic")
    );
    assert_eq!(model.session.as_ref().map(|one| &*one.token_id), Some("k2"));

    let mut without = session();
    without.providers.pop();
    assert!(!model.renewed(round, without), "the provider is gone");
    assert!(!model.renewed(round + 1, session()), "nobody waits");
}

#[test]
fn a_connected_key_is_named_where_it_would_be_replaced() {
    let mut model = open();
    assert_eq!(model.existing(0), None);
    model.choose(1, "");
    assert_eq!(model.note(), "Replaces your key ending in 1111.");
}

#[test]
fn another_key_is_offered_only_where_the_page_gives_another_token() {
    assert!(!open().may_connect_another());
    let renewable = Options {
        renewable: true,
        ..options()
    };
    assert!(open_with(renewable, session()).may_connect_another());
}

#[test]
fn managing_begins_with_what_is_connected() {
    let model = managing();
    assert_eq!(model.screen, Screen::List);
    assert!(model.existing(1).is_some() && model.existing(0).is_none());
    assert!(model.may_add());
    assert_eq!(model.health_text(1), "Working");
    assert_eq!(model.used(1), "Not yet");
}

#[test]
fn managing_needs_a_token_that_may() {
    let options = Options {
        manage: true,
        ..options()
    };
    let model = open_with(options, session());
    assert_eq!(
        (model.screen, code(&model)),
        (Screen::Blocked, Some(Code::TokenScope))
    );
    assert!(!model.may_retry());
}

#[test]
fn a_figure_is_told_where_the_session_has_one() {
    let mut model = managing();
    let requests = |model: &Model| model.figure(1, "number", |used| Some(used.requests));
    assert_eq!(requests(&model), "");
    let session = model.session.as_mut().expect("it is open");
    session.connected[0].use_of_month = Some(crate::session::Use {
        requests: 0,
        ..Default::default()
    });
    assert_eq!(requests(&model), "0");
}

#[test]
fn a_key_is_replaced_from_the_list_and_the_list_says_so() {
    let mut model = managing();
    model.open_form(Some(1));
    assert_eq!(model.form_title(), "Replace the Anthropic key");
    assert!(model.is_single());
    model.typed("sk-proj-1");
    assert_eq!(model.chosen, 1, "it stays the key that is replaced");
    let round = model.submit("sk-ant-2").expect("it is sent");
    assert!(model.answered(round, Ok(key("anthropic", "2222", Health::Active))));
    assert_eq!(model.screen, Screen::List);
    assert_eq!(model.last4(1), "2222");
    assert_eq!(model.announcement(), "Anthropic connected");
}

#[test]
fn one_more_is_connected_from_the_list() {
    let mut model = managing();
    model.open_form(None);
    assert_eq!((model.chosen, model.is_single()), (0, false));
    model.back();
    assert_eq!(model.screen, Screen::List);
}

#[test]
fn a_key_is_disconnected_only_when_that_is_confirmed() {
    let mut model = managing();
    assert!(model.disconnect().is_none(), "nobody was asked");
    model.ask(1);
    assert_eq!(model.screen, Screen::Confirm);
    assert_eq!(model.say(Word::DisconnectTitle), "Disconnect Anthropic?");
    model.back();
    assert_eq!((model.screen, model.last4(1)), (Screen::List, "1111"));

    model.ask(1);
    let (round, provider) = model.disconnect().expect("it is confirmed");
    assert_eq!(provider, "anthropic");
    assert!(model.disconnect().is_none(), "it is under way");
    model.back();
    assert_eq!(model.screen, Screen::Confirm, "it cannot be left now");
    assert!(model.disconnected(round, Ok(())));
    assert_eq!(model.screen, Screen::List);
    assert_eq!(model.existing(1), None);
    assert_eq!(model.announcement(), "Anthropic disconnected");
}

#[test]
fn a_key_that_could_not_be_disconnected_stays_and_it_is_said() {
    let mut model = managing();
    model.ask(1);
    let (round, _) = model.disconnect().expect("it is confirmed");
    assert!(model.disconnected(round, Err(Code::Network.into())));
    assert_eq!(model.screen, Screen::Confirm);
    assert!(!model.problem_text().is_empty() && model.existing(1).is_some());
    let (round, _) = model.disconnect().expect("it can be tried again");
    assert!(model.disconnected(round, Err(Code::TokenExpired.into())));
    assert_eq!(model.screen, Screen::Blocked);
}

#[test]
fn a_screen_is_drawn_anew_when_it_is_another_and_not_while_somebody_types() {
    let mut model = open();
    let before = model.edition;
    model.typed("sk-1");
    model.choose(1, "sk-1");
    let round = model.submit("sk-1").expect("it is sent");
    model.answered(round, Err(Code::KeyRefused.into()));
    assert_eq!(model.edition, before);
    let round = model.submit("sk-1").expect("it is sent");
    model.answered(round, Ok(key("anthropic", "2222", Health::Active)));
    assert!(model.edition > before);
}
