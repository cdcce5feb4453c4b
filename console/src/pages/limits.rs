//! Limits as people set them: what is counted, how much of it, and in how long. Used by policies, relay
//! keys and the keys of a pool.

use leptos::prelude::*;
use relay_api::{Algorithm, Limit, LimitOn, Metric};

use crate::format;
use crate::ui::{Field, button, owned};

const METRICS: [(Metric, &str, &str); 3] = [
    (Metric::Requests, "requests", "Calls"),
    (Metric::Tokens, "tokens", "Tokens"),
    (Metric::Concurrency, "concurrency", "Calls at once"),
];
const PERIODS: [(&str, &str); 4] = [
    ("minute", "a minute"),
    ("hour", "an hour"),
    ("day", "a day"),
    ("5h", "5 hours"),
];
const ON: [(LimitOn, &str, &str); 5] = [
    (LimitOn::All, "all", "All calls together"),
    (LimitOn::Key, "key", "Each relay key"),
    (LimitOn::User, "user", "Each end user"),
    (LimitOn::FreeTier, "free-tier", "The free tier together"),
    (LimitOn::FreeUser, "free-user", "Each free end user"),
];
const ALGORITHMS: [(Algorithm, &str, &str); 4] = [
    (
        Algorithm::TokenBucket,
        "token-bucket",
        "Bursts, then a steady rate",
    ),
    (
        Algorithm::SlidingWindow,
        "sliding-window",
        "Never more in any such time",
    ),
    (
        Algorithm::FixedWindow,
        "fixed-window",
        "Anew with each full period",
    ),
    (
        Algorithm::SessionWindow,
        "session-window",
        "From the first call on",
    ),
];

/// What a word stands for: the first, where it stands for nothing.
fn read<T: Copy>(choices: &[(T, &str, &str)], word: &str) -> T {
    let named = choices.iter().find(|(_, known, _)| *known == word);
    named.unwrap_or(&choices[0]).0
}

/// The word of a choice.
fn word<T: PartialEq>(choices: &[(T, &str, &str)], value: &T) -> String {
    let named = choices.iter().find(|(known, ..)| known == value);
    named.map_or("", |(_, word, _)| word).to_owned()
}

/// Choices by their words.
fn words<T>(choices: &[(T, &'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    choices
        .iter()
        .map(|(_, word, text)| (*word, *text))
        .collect()
}

/// One limit while it is edited.
#[derive(Clone, Copy)]
struct Row {
    id: u32,
    metric: RwSignal<String>,
    amount: RwSignal<String>,
    per: RwSignal<String>,
    on: RwSignal<String>,
    algorithm: RwSignal<String>,
}

impl Row {
    fn new(id: u32, limit: &Limit) -> Self {
        Self {
            id,
            metric: RwSignal::new(word(&METRICS, &limit.metric)),
            amount: RwSignal::new(if limit.amount == 0 {
                String::new()
            } else {
                limit.amount.to_string()
            }),
            per: RwSignal::new(limit.per.clone().unwrap_or_else(|| "minute".to_owned())),
            on: RwSignal::new(word(&ON, &limit.on)),
            algorithm: RwSignal::new(word(&ALGORITHMS, &limit.algorithm)),
        }
    }

    fn limit(self) -> Option<Limit> {
        let metric = read(&METRICS, &self.metric.get_untracked());
        let amount = self.amount.with_untracked(|amount| whole(amount))?;
        Some(Limit {
            on: read(&ON, &self.on.get_untracked()),
            metric,
            per: (metric != Metric::Concurrency).then(|| self.per.get_untracked()),
            amount,
            algorithm: read(&ALGORITHMS, &self.algorithm.get_untracked()),
        })
    }
}

/// A whole number of at least one, with or without thousands' commas.
pub(super) fn whole(text: &str) -> Option<u64> {
    let digits = text.trim().replace([',', ' '], "");
    digits.parse().ok().filter(|number| *number > 0)
}

/// The limits of a form. Copies share one state.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    rows: RwSignal<Vec<Row>>,
    next: StoredValue<u32>,
    tried: RwSignal<bool>,
    /// Whether they tell apart whose calls they count; a pool's key has only its own.
    tells_apart: bool,
}

impl Limits {
    /// The limits there are.
    pub(super) fn new(limits: &[Limit], tells_apart: bool) -> Self {
        let rows: Vec<Row> = (0..)
            .zip(limits)
            .map(|(id, limit)| Row::new(id, limit))
            .collect();
        Self {
            next: StoredValue::new(u32::try_from(rows.len()).unwrap_or_default()),
            rows: RwSignal::new(rows),
            tried: RwSignal::new(false),
            tells_apart,
        }
    }

    /// What was entered; nothing, with a word at the field, where an amount is missing.
    pub(super) fn read(self) -> Option<Vec<Limit>> {
        self.tried.set(true);
        self.rows
            .with_untracked(|rows| rows.iter().map(|row| row.limit()).collect())
    }

    fn add(self) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        let blank = Limit {
            on: LimitOn::All,
            metric: Metric::Requests,
            per: None,
            amount: 0,
            algorithm: Algorithm::TokenBucket,
        };
        self.rows.update(|rows| rows.push(Row::new(id, &blank)));
    }

    /// The fields.
    pub(super) fn view(self) -> AnyView {
        view! {
            <div class="limits">
                <For each=move || self.rows.get() key=|row| row.id let:row>
                    {self.row(row)}
                </For>
                {button("btn btn-small", "Add a limit", "", move || self.add())}
            </div>
        }
        .into_any()
    }

    fn row(self, row: Row) -> AnyView {
        let id = move |name: &str| format!("limit-{name}-{}", row.id);
        let wrong = Signal::derive(move || {
            let missing = self.tried.get() && row.amount.with(|amount| whole(amount).is_none());
            missing.then(|| "A whole number, at least 1".to_owned())
        });
        let has_period = move || row.metric.with(|metric| metric != "concurrency");
        let mut periods = owned(&PERIODS);
        let given = row.per.get_untracked();
        if periods.iter().all(|(word, _)| *word != given) {
            // A span that was set by the API stays choosable.
            periods.push((given.clone(), given));
        }
        let periods = Signal::stored(periods);
        view! {
            <div class="limit" role="group" aria-label="Limit">
                {Field::new("What", id("metric")).choice(row.metric, &words(&METRICS))}
                {Field::new("How much", id("amount")).placeholder("100").error(wrong).line(row.amount)}
                <Show when=has_period fallback=|| view! { <span></span> }>
                    {Field::new("In", id("per")).select(row.per, periods)}
                </Show>
                {button(
                    "btn btn-small btn-plain btn-plain-danger",
                    "Remove",
                    "Remove limit",
                    move || self.rows.update(|rows| rows.retain(|other| other.id != row.id)),
                )}
                {self.tells_apart.then(|| Field::new("Whose", id("on")).choice(row.on, &words(&ON)))}
                <Show when=has_period>
                    {Field::new("How", id("algorithm")).choice(row.algorithm, &words(&ALGORITHMS))}
                </Show>
            </div>
        }
        .into_any()
    }
}

/// A limit as a sentence: `100 calls a minute, each end user`.
pub(super) fn said(limit: &Limit) -> String {
    let what = match limit.metric {
        Metric::Requests => "calls",
        Metric::Tokens => "tokens",
        Metric::Concurrency => "calls at once",
    };
    let mut said = format!("{} {what}", format::thousands(limit.amount));
    if let Some(per) = &limit.per {
        let period = PERIODS.iter().find(|(word, _)| word == per);
        said.push_str(&period.map_or_else(
            || format!(" in {per}"),
            |(word, text)| match *word {
                "5h" => format!(" in {text}"),
                _ => format!(" {text}"),
            },
        ));
    }
    said.push_str(match limit.on {
        LimitOn::All => "",
        LimitOn::Key => ", each relay key",
        LimitOn::User => ", each end user",
        LimitOn::FreeTier => ", the free tier together",
        LimitOn::FreeUser => ", each free end user",
    });
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_reads_as_a_sentence() {
        let limit = |metric, per: Option<&str>, on| Limit {
            on,
            metric,
            per: per.map(str::to_owned),
            amount: 1_500,
            algorithm: Algorithm::default(),
        };
        assert_eq!(
            said(&limit(Metric::Requests, Some("minute"), LimitOn::All)),
            "1,500 calls a minute"
        );
        assert_eq!(
            said(&limit(Metric::Tokens, Some("5h"), LimitOn::User)),
            "1,500 tokens in 5 hours, each end user"
        );
        assert_eq!(
            said(&limit(Metric::Tokens, Some("90s"), LimitOn::All)),
            "1,500 tokens in 90s"
        );
        assert_eq!(
            said(&limit(Metric::Concurrency, None, LimitOn::Key)),
            "1,500 calls at once, each relay key"
        );
    }

    #[test]
    fn amounts_are_whole_and_at_least_one() {
        assert_eq!(whole(" 1,500 "), Some(1_500));
        assert_eq!(
            (whole("0"), whole("-1"), whole("1.5"), whole("")),
            (None, None, None, None)
        );
    }

    #[test]
    fn every_choice_has_the_word_of_the_wire() {
        fn matches<T: serde::Serialize>(choices: &[(T, &str, &str)]) -> bool {
            let same = |(value, word, _): &(T, &str, &str)| {
                serde_json::to_value(value).is_ok_and(|value| value == *word)
            };
            choices.iter().all(same)
        }
        assert!(matches(&METRICS) && matches(&ON) && matches(&ALGORITHMS));
    }
}
