//! How one request went, as bars along its time: every phase, and every candidate that was tried or
//! skipped.

use leptos::prelude::*;
use relay_api::{Attempt, PhaseName, Trace};

use super::outcome;
use crate::format;
use crate::provider;
use crate::ui::{Badge, Cells, Tone, column, number, table, with_sub};

/// A line of the waterfall.
struct Line {
    name: String,
    /// What is said below the name.
    note: String,
    badge: Option<(Tone, &'static str)>,
    class: &'static str,
    from: u64,
    /// Nothing for what took no time of its own.
    ms: Option<u64>,
}

/// The waterfall of a trace.
pub(super) fn waterfall(trace: &Trace, duration_ms: u64) -> AnyView {
    let lines = lines(trace);
    let ends = lines
        .iter()
        .map(|line| line.from + line.ms.unwrap_or_default());
    let whole = ends.chain([duration_ms, 1]).max().unwrap_or(1);
    let rows = lines.into_iter().map(|line| row(line, whole)).collect();
    let columns = [
        column("Step"),
        column("Outcome"),
        column("Along its time"),
        number("From"),
        number("Took"),
    ];
    let table = table(
        "How the request went, step by step",
        "waterfall",
        &columns,
        rows,
    );
    view! { <div class="panel panel-scroll">{table}</div> }.into_any()
}

fn row(line: Line, whole: u64) -> Cells {
    let Line {
        name,
        note,
        badge,
        class,
        from,
        ms,
    } = line;
    let share = |part: u64| format!("{}%", part * 100 / whole);
    let took = ms.unwrap_or_default();
    let bar = view! {
        <span class="fall" aria-hidden="true">
            <span class=format!("fall-bar {class}") style:left=share(from) style:width=share(took)></span>
        </span>
    }
    .into_any();
    let name = view! { <span class="break">{name}</span> }.into_any();
    let badge = match badge {
        Some((tone, word)) => view! { <Badge tone=tone text=word /> }.into_any(),
        None => ().into_any(),
    };
    let cells = vec![
        with_sub(name, note),
        badge,
        bar,
        format::duration(from).into_any(),
        ms.map_or_else(|| "–".to_owned(), format::duration)
            .into_any(),
    ];
    Cells::from(cells).class(class)
}

/// Phases become spans between their instants; attempts stand where they began.
fn lines(trace: &Trace) -> Vec<Line> {
    let at = |wanted: PhaseName| {
        trace
            .phases
            .iter()
            .find(|phase| phase.phase == wanted)
            .map(|phase| phase.at_ms)
    };
    let span = |name: &str, note: &str, class, from: Option<u64>, to: Option<u64>| {
        let (from, to) = from.zip(to)?;
        Some(Line {
            name: name.to_owned(),
            note: note.to_owned(),
            badge: None,
            class,
            from,
            ms: Some(to.saturating_sub(from)),
        })
    };
    let phase = "fall-phase";
    let (accepted, admitted) = (at(PhaseName::Accepted), at(PhaseName::Admitted));
    let (first, completed) = (at(PhaseName::FirstToken), at(PhaseName::Completed));
    let before = [
        span(
            "Key found",
            "The relay key may be used",
            phase,
            Some(0),
            accepted,
        ),
        span("Limits", "They had room", phase, accepted, admitted),
        span(
            "Routing",
            "The candidates were known",
            phase,
            admitted,
            at(PhaseName::Routed),
        ),
    ];
    let answer = "fall-answer";
    let after = [
        span(
            "Waiting",
            "Until the first byte of the answer",
            answer,
            at(PhaseName::Answered),
            first,
        ),
        span(
            "Answer",
            "From its first byte to its last",
            answer,
            first,
            completed,
        ),
        span(
            "Settling",
            "Limits and quotas, after the answer",
            phase,
            completed,
            at(PhaseName::Settled),
        ),
    ];
    let attempts = trace.attempts.iter().map(attempt);
    before
        .into_iter()
        .flatten()
        .chain(attempts)
        .chain(after.into_iter().flatten())
        .collect()
}

fn attempt(attempt: &Attempt) -> Line {
    let provider = provider::name(&attempt.provider);
    let key = attempt.last4.as_ref().map(|last4| {
        let name = attempt.credential.as_deref().unwrap_or_default();
        format!("key {name} •••• {last4}")
    });
    let status = attempt.status.map(|status| format!("status {status}"));
    let notes: Vec<String> = key
        .into_iter()
        .chain(status)
        .chain(attempt.reason.clone())
        .collect();
    let class = match attempt.outcome {
        relay_api::Outcome::Success => "fall-good",
        relay_api::Outcome::Skipped => "fall-skipped",
        _ => "fall-bad",
    };
    Line {
        name: format!("{provider} · {}", attempt.model),
        note: notes.join(" · "),
        badge: Some(outcome::attempt(attempt.outcome)),
        class,
        from: attempt.at_ms,
        ms: attempt.ms,
    }
}

#[cfg(test)]
mod tests {
    use relay_api::{Outcome, Phase};

    use super::*;

    #[test]
    fn phases_become_spans_and_attempts_stand_between_routing_and_answer() {
        let phase = |phase, at_ms| Phase { phase, at_ms };
        let trace = Trace {
            phases: vec![
                phase(PhaseName::Accepted, 1),
                phase(PhaseName::Admitted, 3),
                phase(PhaseName::Routed, 4),
                phase(PhaseName::Answered, 60),
                phase(PhaseName::FirstToken, 80),
                phase(PhaseName::Completed, 200),
            ],
            attempts: vec![Attempt {
                provider: "openai".to_owned(),
                model: "gpt-5".to_owned(),
                credential_id: None,
                credential: Some("eu".to_owned()),
                last4: Some("abcd".to_owned()),
                outcome: Outcome::RateLimit,
                status: Some(429),
                reason: Some("rate_limited".to_owned()),
                at_ms: 4,
                ms: Some(20),
            }],
        };
        let lines = lines(&trace);
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.name.as_str(), line.from, line.ms))
            .collect();
        assert_eq!(
            told,
            [
                ("Key found", 0, Some(1)),
                ("Limits", 1, Some(2)),
                ("Routing", 3, Some(1)),
                ("OpenAI · gpt-5", 4, Some(20)),
                ("Waiting", 60, Some(20)),
                ("Answer", 80, Some(120)),
            ]
        );
        assert_eq!(
            lines[3].note,
            "key eu •••• abcd · status 429 · rate_limited"
        );
    }
}
