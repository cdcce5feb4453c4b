//! A chart on the page.

use std::fmt::Write as _;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::plot::Plot;
use super::scale::labelled;
use super::{Data, Shape, Unit};
use crate::browser::WidthWatch;
use crate::ui::{Cells, Column, cell, column, number, table};

/// As high as the page keeps free for it, so that nothing jumps.
const HEIGHT: u32 = 190;

/// One chart with its heading, legend, readout and table.
#[component]
pub(crate) fn Chart(
    /// What it shows.
    title: &'static str,
    /// What it counts.
    unit: Unit,
    /// How it is drawn.
    shape: Shape,
    /// The numbers; none while they are on their way.
    #[prop(into)]
    data: Signal<Option<Data>>,
    /// The whole stretch in one number, beside the heading.
    #[prop(into)]
    total: Signal<String>,
) -> impl IntoView {
    let box_node = NodeRef::<html::Div>::new();
    let width = RwSignal::new(0_u32);
    let watch = StoredValue::new_local(None::<WidthWatch>);
    Effect::new(move || {
        let told = move |wide| {
            width.try_set(wide);
        };
        watch.set_value(box_node.get().and_then(|node| WidthWatch::new(&node, told)));
    });
    on_cleanup(move || {
        watch.try_set_value(None);
    });

    let cursor = RwSignal::new(None::<usize>);
    let spoken = RwSignal::new(String::new());
    let plot = Memo::new(move |_| {
        let tick = match unit {
            Unit::Count => |value| Unit::Count.tick(value).chars().count(),
            Unit::Money => |value| Unit::Money.tick(value).chars().count(),
            Unit::Millis => |value| Unit::Millis.tick(value).chars().count(),
        };
        let width = width.get();
        data.with(|data| {
            let data = data.as_ref().filter(|_| width > 0)?;
            Some(Plot::new(data, shape, width, HEIGHT, tick, unit.one()))
        })
    });
    let on_move = move |event: ev::PointerEvent| {
        let left = box_node
            .get_untracked()
            .map_or(0.0, |element| element.get_bounding_client_rect().left());
        #[allow(clippy::cast_possible_truncation, reason = "a place on a screen")]
        let x = event.client_x() - left as i32;
        cursor.set(plot.with_untracked(|plot| plot.as_ref().map(|plot| plot.step_at(x))));
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let steps = data.with_untracked(|data| data.as_ref().map_or(0, |data| data.steps.len()));
        let last = steps.saturating_sub(1);
        let at = cursor.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => at.map_or(0, |at| (at + 1).min(last)),
            "ArrowLeft" => at.map_or(last, |at| at.saturating_sub(1)),
            "Home" => 0,
            "End" => last,
            "Escape" => {
                cursor.set(None);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if steps > 0 {
            cursor.set(Some(next));
            spoken.set(said(data, unit, next));
        }
    };
    let drawing = move || {
        data.with(|data| match (data, plot.get()) {
            (Some(data), Some(plot)) => draw(data, &plot, shape, unit),
            (Some(_), None) => ().into_any(),
            (None, _) => view! { <span class="chart-wait"></span> }.into_any(),
        })
    };
    view! {
        <section class="panel chart" aria-busy=move || data.with(Option::is_none).to_string()>
            <header class="chart-head">
                <h2>{title}</h2>
                <span class="chart-total">{total}</span>
            </header>
            <div
                node_ref=box_node
                class="chart-box"
                tabindex="0"
                role="group"
                aria-label=format!("{title} over time. Arrow keys read the numbers.")
                on:pointermove=on_move
                on:pointerdown=on_move
                on:pointerleave=move |_| cursor.set(None)
                on:focusout=move |_| cursor.set(None)
                on:keydown=on_key
            >
                {drawing}
                {move || readout(data, plot, cursor, shape, unit)}
                <p class="visually-hidden" role="status">{spoken}</p>
            </div>
            {move || legend(data, shape)}
            <Numbers title=title unit=unit data=data />
        </section>
    }
}

/// The step under the cursor as a sentence.
fn said(data: Signal<Option<Data>>, unit: Unit, step: usize) -> String {
    data.with_untracked(|data| {
        let Some(data) = data else {
            return String::new();
        };
        let mut words = data
            .steps
            .get(step)
            .map(|step| step.full.clone())
            .unwrap_or_default();
        for series in &data.series {
            if let Some(value) = series.values.get(step).copied().flatten() {
                words.push_str(", ");
                words.push_str(&series.name);
                words.push(' ');
                words.push_str(&unit.text(value));
            }
        }
        words
    })
}

fn draw(data: &Data, plot: &Plot, shape: Shape, unit: Unit) -> AnyView {
    let mut grid = String::new();
    let ticks = plot
        .scale
        .ticks()
        .map(|tick| {
            let y = plot.y(tick);
            // Writing to a String cannot fail.
            let _ = write!(grid, "M{} {y}H{}", plot.left, plot.right);
            view! {
                <text class="chart-tick" x=plot.left - 8 y=y + 4>
                    {unit.tick(tick)}
                </text>
            }
        })
        .collect_view();
    let labels = labelled(data.steps.len(), plot.labels())
        .map(|step| {
            view! {
                <text class="chart-label" x=plot.x(step) y=HEIGHT - 4>
                    {data.steps[step].short.clone()}
                </text>
            }
        })
        .collect_view();
    let class = match shape {
        Shape::Bars => "chart-bars",
        Shape::Lines => "chart-lines",
    };
    let paths = plot
        .paths(data, shape)
        .into_iter()
        .enumerate()
        .map(|(index, path)| view! { <path class=colour(index, data) d=path></path> })
        .collect_view();
    view! {
        <svg class=class width=plot.right height=HEIGHT aria-hidden="true" focusable="false">
            <path class="chart-grid" d=grid></path>
            {ticks}
            {labels}
            {paths}
        </svg>
        {data.is_blank().then(|| view! { <p class="chart-blank">"Nothing in this time"</p> })}
    }
    .into_any()
}

/// The colour of a series; the rest has none.
fn colour(index: usize, data: &Data) -> String {
    if data.series.get(index).is_some_and(|series| series.is_rest) {
        return "series series-rest".to_owned();
    }
    format!("series series-{}", index + 1)
}

/// The numbers of the step under the cursor, beside it.
fn readout(
    data: Signal<Option<Data>>,
    plot: Memo<Option<Plot>>,
    cursor: RwSignal<Option<usize>>,
    shape: Shape,
    unit: Unit,
) -> Option<AnyView> {
    let step = cursor.get()?;
    data.with(|data| {
        let data = data.as_ref()?;
        let plot = plot.get()?;
        let full = data.steps.get(step)?.full.clone();
        let middle = plot.middle(step);
        let is_right = middle > u32::midpoint(plot.left, plot.right);
        // Beside the step, on the side where there is room: CSS cannot know where the step is.
        let (side, place) = if is_right {
            ("right", plot.right - plot.x(step) + 8)
        } else {
            ("left", plot.x(step + 1) + 8)
        };
        let values: Vec<_> = data
            .series
            .iter()
            .enumerate()
            .filter_map(|(index, series)| {
                let value = series.values.get(step).copied().flatten()?;
                (value > 0 || shape == Shape::Lines).then_some((index, series.name.clone(), value))
            })
            .collect();
        let sum: u64 = values.iter().map(|(_, _, value)| value).sum();
        let summed = shape == Shape::Bars && values.len() != 1;
        let rows = values
            .into_iter()
            .rev()
            .map(|(index, name, value)| {
                view! {
                    <p class="chart-value">
                        <span class=format!("swatch {}", colour(index, data))></span>
                        <span class="chart-name">{name}</span>
                        <span>{unit.text(value)}</span>
                    </p>
                }
            })
            .collect_view();
        let band = view! {
            <span
                class="chart-band"
                style:left=format!("{}px", plot.x(step))
                style:width=format!("{}px", plot.x(step + 1) - plot.x(step))
            ></span>
        };
        let readout = view! {
            <div class="chart-readout" aria-hidden="true" style=(side, format!("{place}px"))>
                <p class="strong">{full}</p>
                {rows}
                {summed
                    .then(|| {
                        view! {
                            <p class="chart-value chart-sum">
                                <span class="chart-name">"Together"</span>
                                <span>{unit.text(sum)}</span>
                            </p>
                        }
                    })}
            </div>
        };
        Some((band, readout).into_any())
    })
}

/// What the colours stand for, with each one's sum. Keeps its height while there is nothing.
fn legend(data: Signal<Option<Data>>, shape: Shape) -> AnyView {
    let rows = data.with(|data| {
        let data = data.as_ref()?;
        let rows = data
            .series
            .iter()
            .enumerate()
            // What has nothing in this time needs no explanation.
            .filter(|(_, series)| shape == Shape::Lines || series.values.iter().flatten().any(|value| *value > 0))
            .map(|(index, series)| {
                let kind = match shape {
                    Shape::Bars => "swatch",
                    Shape::Lines => "swatch swatch-line",
                };
                view! {
                    <li>
                        <span class=format!("{kind} {}", colour(index, data))></span>
                        <span class="chart-name" title=series.name.clone()>{series.name.clone()}</span>
                        <span class="muted">{series.total.clone()}</span>
                    </li>
                }
            })
            .collect_view();
        Some(rows)
    });
    view! { <ul class="chart-legend">{rows}</ul> }.into_any()
}

/// The same numbers as a table, made when it is opened.
#[component]
fn Numbers(title: &'static str, unit: Unit, data: Signal<Option<Data>>) -> impl IntoView {
    let open = RwSignal::new(false);
    let content = move || {
        let data = data.get().filter(|_| open.get())?;
        let mut columns = vec![column("Time")];
        columns.extend(data.series.iter().map(|series| Column {
            name: series.name.clone().into(),
            ..number("")
        }));
        let rows = data
            .steps
            .iter()
            .enumerate()
            .map(|(step, words)| {
                let mut cells: Vec<AnyView> = vec![cell(words.full.clone())];
                cells.extend(data.series.iter().map(|series| {
                    let value = series.values.get(step).copied().flatten();
                    cell(value.map_or_else(|| "–".to_owned(), |value| unit.text(value)))
                }));
                Cells::from(cells)
            })
            .collect();
        Some(view! {
            <div class="chart-numbers" tabindex="0" role="region" aria-label=format!("{title}, as a table")>
                {table(title, "table-dense", &columns, rows)}
            </div>
        })
    };
    let on_toggle = move |event: ev::Event| {
        let element: web_sys::Element = event_target(&event);
        open.set(element.has_attribute("open"));
    };
    view! {
        <details class="chart-table" on:toggle=on_toggle>
            <summary>
                "As a table"
                <span class="visually-hidden">{format!(": {title}")}</span>
            </summary>
            {content}
        </details>
    }
}
