//! What was used, told apart by key, user, model, provider or tier.

use leptos::prelude::*;
use relay_api::{Grain, Usage as Used, UsageBy, UsagePoint};

use crate::app::use_session;
use crate::browser;
use crate::chart::{Chart, Shape, Unit};
use crate::format;
use crate::navigation::{Link, Query};
use crate::remote::Remote;
use crate::report::{self, DAY_MS, Frame, Range};
use crate::route::Route;
use crate::ui::{
    Cells, Empty, Icon, PageHeader, cell, column, days, number, segmented, table_panel,
};

const BY: [(&str, &str); 5] = [
    ("model", "Model"),
    ("key", "Relay key"),
    ("user", "User"),
    ("provider", "Provider"),
    ("tier", "Tier"),
];
const GRAINS: [(&str, &str); 2] = [("hour", "Hours"), ("day", "Days")];
const MEASURES: [(&str, &str); 3] = [
    ("requests", "Requests"),
    ("tokens", "Tokens"),
    ("spend", "Spend"),
];

/// The most steps the server tells at once.
const MOST_STEPS: i64 = 750;

/// A day of a date field, as an instant; days are UTC.
fn day(text: &str) -> Option<i64> {
    (text.len() == 10)
        .then(|| browser::instant_ms(text))
        .flatten()
}

/// The usage screen.
#[component]
#[expect(
    clippy::too_many_lines,
    reason = "one signal after the other, from the address to the chart"
)]
pub(crate) fn Usage() -> impl IntoView {
    let query = Query::current();
    let one_of = move |name: &'static str, words: &'static [(&str, &str)]| {
        Memo::new(move |_| {
            let given = query.get(name);
            let known = words.iter().find(|(word, _)| *word == given);
            known.map_or(words[0].0, |(word, _)| word).to_owned()
        })
    };
    let (by, measure) = (one_of("by", &BY), one_of("show", &MEASURES));
    let (from, to) = (query.watch("from"), query.watch("to"));
    let range = Memo::new(move |_| {
        if day(&from.get()).is_some() {
            return String::new();
        }
        let given = query.get("range");
        Range::parse(if given.is_empty() { "30d" } else { &given })
            .word()
            .to_owned()
    });
    let grain = Memo::new(move |_| match query.get("grain").as_str() {
        "hour" => Grain::Hour,
        "" if range.get() == "24h" => Grain::Hour,
        _ => Grain::Day,
    });
    let grain_word = Signal::derive(move || {
        if grain.get() == Grain::Hour {
            "hour"
        } else {
            "day"
        }
        .to_owned()
    });
    let frame = Memo::new(move |_| {
        let now = browser::now_ms();
        let (start, end) = if let Some(start) = day(&from.get()) {
            (start, day(&to.get()).map_or(now, |last| last + DAY_MS))
        } else {
            let frame = Range::parse(&range.get()).frame(now);
            (frame.from, frame.to())
        };
        let step = if grain.get() == Grain::Hour {
            report::HOUR_MS
        } else {
            DAY_MS
        };
        // What is too long for the server to tell begins later, and says so in the field.
        let start = start.max(end - (MOST_STEPS - 1) * step).min(end - 1);
        Frame::between(start, end, grain.get())
    });
    let usage = Remote::<Used>::remembered(use_session(), move || {
        format!("/v1/usage?{}&by={}", frame.get().query(), by.get())
    });
    let measured = move || -> (fn(&UsagePoint) -> u64, Unit) {
        match measure.get().as_str() {
            "tokens" => (report::tokens, Unit::Count),
            "spend" => (|point| point.cost_nanodollars, Unit::Money),
            _ => (|point| point.requests, Unit::Count),
        }
    };
    let bars = Signal::derive(move || {
        let (measure, unit) = measured();
        usage.value.with(|usage| {
            let (usage, frame) = (usage.as_ref()?, frame.get());
            Some(report::bars(
                usage,
                frame,
                &frame.steps(),
                measure,
                unit,
                browser::instant_ms,
            ))
        })
    });
    let total = Signal::derive(move || {
        let (measure, unit) = measured();
        let read =
            |usage: &Option<Used>| usage.as_ref().map(|usage| unit.text(measure(&usage.total)));
        usage.value.with(read).unwrap_or_default()
    });
    let chart = move || {
        let (_, unit) = measured();
        let title = match measure.get().as_str() {
            "tokens" => "Tokens",
            "spend" => "Spend",
            _ => "Requests",
        };
        view! { <Chart title=title unit=unit shape=Shape::Bars data=bars total=total /> }.into_any()
    };
    view! {
        <PageHeader title=Route::Usage.title() about="What was called, by whom, and what it cost.">
            {move || exports(frame.get())}
        </PageHeader>
        <div class="filters">
            {segmented("Told apart by", &BY, by.into(), move |word| query.push(&[("by", word)]))}
            {segmented("Steps", &GRAINS, grain_word, move |word| query.push(&[("grain", word)]))}
            {segmented("Time", &Range::CHOICES, range.into(), move |word| {
                query.push(&[("range", word), ("from", ""), ("to", ""), ("grain", "")]);
            })}
            {days(query)}
        </div>
        <div class="chart-wide">
            <div class="chart-switch chart-switch-low">
                {segmented("Show", &MEASURES, measure.into(), move |word| query.push(&[("show", word)]))}
            </div>
            {chart}
        </div>
        <div class="below" aria-busy=move || usage.busy.get().to_string()>
            {usage.view(move |used| values(&used, frame.get_untracked()))}
        </div>
        <p class="small-print">
            "Days are UTC. Cost counts the calls whose price is known; calls of models without one are in “Unpriced”."
        </p>
    }
}

/// Where the calls of this time can be had as a file.
fn exports(frame: Frame) -> AnyView {
    let link = |format: &'static str, text: &'static str| {
        let from = browser::iso(frame.from);
        let to = browser::iso(frame.to());
        let href = format!("/v1/requests/export?format={format}&from={from}&to={to}");
        view! {
            <a class="btn" href=href download="" aria-label=format!("Export the requests of this time as {text}")>
                {Icon::Download.view()}
                {text}
            </a>
        }
        .into_any()
    };
    [link("csv", "CSV"), link("ndjson", "NDJSON")].into_any()
}

/// Which filter of the requests screen shows a value's calls.
fn filter_of(by: Option<UsageBy>) -> &'static str {
    match by {
        Some(UsageBy::Key) => "key",
        Some(UsageBy::User) => "user",
        Some(UsageBy::Model) => "model",
        Some(UsageBy::Provider) => "provider",
        Some(UsageBy::Tier) | None => "",
    }
}

/// What calls cost, where the price of any is known.
fn cost(point: &UsagePoint) -> String {
    if point.cost_nanodollars == 0 && point.unpriced > 0 {
        return "–".to_owned();
    }
    format::money(point.cost_nanodollars)
}

fn values(used: &Used, frame: Frame) -> AnyView {
    if used.total.requests == 0 {
        return view! {
            <div class="panel">
                <Empty
                    icon=Icon::List
                    title="Nothing was used in this time"
                    text="Calls are summed here within seconds. Choose a longer time, or make a first call."
                >
                    <Link to=Route::GetStarted class="btn">
                        "See how to make one"
                    </Link>
                </Empty>
            </div>
        }
        .into_any();
    }
    let columns = [
        column(match used.by {
            Some(UsageBy::Key) => "Relay key",
            Some(UsageBy::User) => "User",
            Some(UsageBy::Provider) => "Provider",
            Some(UsageBy::Tier) => "Tier",
            _ => "Model",
        }),
        number("Requests"),
        number("Failed"),
        number("Input"),
        number("Cached"),
        number("Output"),
        number("Reasoning"),
        number("Unpriced"),
        number("Cost"),
    ];
    let filter = filter_of(used.by);
    let from = browser::iso(frame.from);
    let to = browser::iso(frame.to());
    let name = |point: &UsagePoint| {
        let name = report::name_of(point, used.by);
        if filter.is_empty() || point.other {
            return cell(name);
        }
        let changes = [(filter, point.value.as_str()), ("from", &from), ("to", &to)];
        let query = crate::route::query_with("", &changes);
        view! { <Link to=Route::Requests query=query class="link break">{name}</Link> }.into_any()
    };
    let row = |name: AnyView, point: &UsagePoint| {
        let cells = vec![
            name,
            cell(format::thousands(point.requests)),
            cell(format!(
                "{} ({})",
                format::thousands(point.failed),
                format::percent(point.failed, point.requests)
            )),
            cell(format::thousands(point.input_tokens)),
            cell(format::thousands(point.cached_read_tokens)),
            cell(format::thousands(point.output_tokens)),
            cell(format::thousands(point.reasoning_tokens)),
            cell(format::thousands(point.unpriced)),
            cell(cost(point)),
        ];
        Cells::from(cells)
    };
    let mut rows: Vec<Cells> = used
        .values
        .iter()
        .map(|point| row(name(point), point))
        .collect();
    rows.push(row(cell("All calls"), &used.total).class("row-total"));
    table_panel(
        "Usage by value, the greatest first",
        "table-dense",
        &columns,
        rows,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_that_is_not_known_is_no_zero() {
        let point = |cost_nanodollars, unpriced| UsagePoint {
            cost_nanodollars,
            unpriced,
            ..UsagePoint::default()
        };
        assert_eq!(cost(&point(0, 2)), "–");
        assert_eq!(cost(&point(0, 0)), "$0");
        assert_eq!(cost(&point(2_000_000_000, 1)), "$2.00");
    }
}
