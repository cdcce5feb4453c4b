//! How the gateway is doing: calls, tokens, spend, errors and times of the last hours or days.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use relay_api::{Latency, Usage, UsagePoint};

use crate::app::use_session;
use crate::browser;
use crate::chart::{Chart, Data, Shape, Step, Unit};
use crate::format;
use crate::navigation::{Link, Query};
use crate::remote::Remote;
use crate::report::{self, Frame, Range};
use crate::route::Route;
use crate::ui::{Empty, Icon, PageHeader, ProblemNote, segmented};

/// How often the page looks again while someone looks at it.
const LOOK_EVERY: Duration = Duration::from_mins(1);

const BY: [(&str, &str); 2] = [("model", "By model"), ("tier", "By tier")];
const PART: [(&str, &str); 2] = [("first", "First byte"), ("whole", "Whole answer")];

/// The numbers of the page, and where they are in time.
#[derive(Clone, Copy)]
struct Numbers {
    frame: Memo<Frame>,
    steps: Memo<Arc<Vec<Step>>>,
    usage: Remote<Usage>,
    before: Remote<Usage>,
    latency: Remote<Latency>,
}

impl Numbers {
    fn load(range: Memo<String>, by: Memo<String>) -> Self {
        let session = use_session();
        let now = RwSignal::new(browser::now_ms());
        if let Ok(ticking) = set_interval_with_handle(
            move || {
                if browser::is_visible() {
                    now.try_set(browser::now_ms());
                }
            },
            LOOK_EVERY,
        ) {
            on_cleanup(move || ticking.clear());
        }
        let frame = Memo::new(move |_| Range::parse(&range.get()).frame(now.get()));
        let usage = Remote::remembered(session.clone(), move || {
            // Each look, not each new frame: the last bar grows.
            now.track();
            let by = if by.get() == "tier" { "tier" } else { "model" };
            format!("/v1/usage?{}&by={by}", frame.get().query())
        });
        let before = Remote::remembered(session.clone(), move || {
            format!("/v1/usage?{}", frame.get().before().query())
        });
        let latency = Remote::remembered(session, move || {
            now.track();
            format!("/v1/usage/latency?{}", frame.get().query())
        });
        Self {
            frame,
            steps: Memo::new(move |_| frame.get().steps()),
            usage,
            before,
            latency,
        }
    }

    /// Bars of one measure, once there are numbers.
    fn bars(self, measure: fn(&UsagePoint) -> u64, unit: Unit) -> Signal<Option<Data>> {
        Signal::derive(move || {
            self.usage.value.with(|usage| {
                let usage = usage.as_ref()?;
                let (frame, steps) = (self.frame.get(), self.steps.get());
                Some(report::bars(
                    usage,
                    frame,
                    &steps,
                    measure,
                    unit,
                    browser::instant_ms,
                ))
            })
        })
    }

    /// One number of the whole stretch.
    fn total(self, read: fn(&UsagePoint) -> String) -> Signal<String> {
        Signal::derive(move || {
            self.usage
                .value
                .with(|usage| usage.as_ref().map(|usage| read(&usage.total)))
                .unwrap_or_default()
        })
    }

    /// How it was in the stretch before.
    fn change(self, measure: fn(&UsagePoint) -> u64) -> Signal<String> {
        let read = move |usage: &Option<Usage>| usage.as_ref().map(|usage| measure(&usage.total));
        Signal::derive(move || {
            let (now, before) = (self.usage.value.with(read), self.before.value.with(read));
            now.zip(before)
                .and_then(|(now, before)| report::change(now, before))
                .unwrap_or_default()
        })
    }
}

/// The overview screen.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let query = Query::current();
    let range = Memo::new(move |_| Range::parse(&query.get("range")).word().to_owned());
    let by = Memo::new(move |_| match query.get("by").as_str() {
        "tier" => "tier".to_owned(),
        _ => "model".to_owned(),
    });
    let numbers = Numbers::load(range, by);
    let is_idle = Memo::new(move |_| {
        let none = |usage: &Option<Usage>| {
            usage
                .as_ref()
                .is_some_and(|usage| usage.total.requests == 0)
        };
        numbers.usage.value.with(none) && numbers.before.value.with(none)
    });
    view! {
        <PageHeader title=Route::Overview.title() about="How your gateway is doing.">
            {segmented("Told apart", &BY, by.into(), move |word| query.push(&[("by", word)]))}
            {segmented("Time", &Range::CHOICES, range.into(), move |word| query.push(&[("range", word)]))}
        </PageHeader>
        <ProblemNote problem=numbers.usage.problem />
        <Show when=move || !is_idle.get() fallback=idle>
            {tiles(numbers)}
            {charts(numbers)}
        </Show>
        <p class="small-print">
            "Hours are in your time zone, days in UTC. Percentiles are of answers that arrived whole: 90 of 100 took no longer than the second line. Spend counts the calls whose price is known."
        </p>
    }
}

fn idle() -> AnyView {
    view! {
        <div class="panel">
            <Empty
                icon=Icon::List
                title="No calls in this time"
                text="Once an app calls a model through Relay, its tokens, cost, errors and times are drawn here, hour by hour."
            >
                <Link to=Route::GetStarted class="btn">
                    "See how to make the first call"
                </Link>
            </Empty>
        </div>
    }
    .into_any()
}

fn tiles(numbers: Numbers) -> AnyView {
    let median = Signal::derive(move || {
        let read = |latency: &Latency| Some(latency.total.first_byte?.p50);
        numbers.latency.value.with(|latency| match latency {
            None => String::new(),
            Some(latency) => read(latency).map_or_else(|| "–".to_owned(), format::duration),
        })
    });
    let nothing = Signal::stored(String::new());
    let tiles = [
        ("Requests", numbers.total(|all| format::compact(all.requests)), numbers.change(|all| all.requests)),
        ("Tokens", numbers.total(|all| format::compact(report::tokens(all))), numbers.change(report::tokens)),
        ("Spend", numbers.total(|all| format::money(all.cost_nanodollars)), numbers.change(|all| all.cost_nanodollars)),
        ("Failed", numbers.total(|all| format::percent(all.failed, all.requests)), nothing),
        ("First byte, median", median, nothing),
    ]
    .into_iter()
    .map(|(name, value, change)| {
        view! {
            <div class="tile">
                <dt>{name}</dt>
                <dd>{value}</dd>
                <dd class="sub">
                    {move || {
                        let change = change.get();
                        (!change.is_empty())
                            .then(|| view! { <span title="Than in as long a time before">{change}</span> })
                    }}
                </dd>
            </div>
        }
    })
    .collect_view();
    view! { <dl class="panel tiles">{tiles}</dl> }.into_any()
}

fn charts(numbers: Numbers) -> AnyView {
    let part = RwSignal::new("first".to_owned());
    let times = Signal::derive(move || {
        numbers.latency.value.with(|latency| {
            let latency = latency.as_ref()?;
            let fine = numbers.frame.get().fine();
            let steps = if fine == numbers.frame.get() {
                numbers.steps.get()
            } else {
                fine.steps()
            };
            let whole = part.with(|part| part == "whole");
            Some(report::lines(
                latency,
                fine,
                &steps,
                whole,
                browser::instant_ms,
            ))
        })
    });
    let bars = |title, unit, measure, total| {
        view! { <Chart title=title unit=unit shape=Shape::Bars data=numbers.bars(measure, unit) total=total /> }
            .into_any()
    };
    let failed = numbers.total(|all| format::thousands(all.failed));
    view! {
        <div class="charts">
            {bars("Requests", Unit::Count, |point| point.requests, numbers.total(|all| format::thousands(all.requests)))}
            {bars("Spend", Unit::Money, |point| point.cost_nanodollars, numbers.total(|all| format::money(all.cost_nanodollars)))}
            {bars("Tokens", Unit::Count, report::tokens, numbers.total(|all| format::thousands(report::tokens(all))))}
            {bars("Errors", Unit::Count, |point| point.failed, failed)}
            <div class="chart-wide">
                <div class="chart-switch">
                    {segmented("Until", &PART, part.into(), move |word| part.set(word.to_owned()))}
                </div>
                <Chart title="Latency" unit=Unit::Millis shape=Shape::Lines data=times total=Signal::stored(String::new()) />
            </div>
        </div>
    }
    .into_any()
}
