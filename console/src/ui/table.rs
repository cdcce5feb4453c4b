//! Tables from columns and cells. On a narrow window a row becomes a card: what was a heading stands
//! before its value.

use std::borrow::Cow;

use leptos::prelude::*;

/// A column.
#[derive(Clone)]
pub(crate) struct Column {
    /// Its heading.
    pub(crate) name: Cow<'static, str>,
    /// How its cells are set.
    pub(crate) class: &'static str,
}

/// A column of words.
pub(crate) const fn column(name: &'static str) -> Column {
    Column {
        name: Cow::Borrowed(name),
        class: "",
    }
}

/// A column of numbers.
pub(crate) const fn number(name: &'static str) -> Column {
    Column {
        name: Cow::Borrowed(name),
        class: "number nowrap",
    }
}

/// A column of buttons; only screen readers hear its name.
pub(crate) const fn actions() -> Column {
    Column {
        name: Cow::Borrowed("Actions"),
        class: "actions",
    }
}

/// A row.
pub(crate) struct Cells {
    cells: Vec<AnyView>,
    class: &'static str,
}

impl Cells {
    /// The row with classes, `row-off` for what does not work.
    pub(crate) fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }
}

impl From<Vec<AnyView>> for Cells {
    fn from(cells: Vec<AnyView>) -> Self {
        Self { cells, class: "" }
    }
}

/// A cell of text.
pub(crate) fn cell(text: impl Into<String>) -> AnyView {
    text.into().into_any()
}

/// A cell of text that may be absent, cut where it is long.
pub(crate) fn or_dash(text: Option<String>) -> AnyView {
    match text.filter(|text| !text.is_empty()) {
        Some(text) => {
            view! { <span class="clip" title=text.clone()>{text.clone()}</span> }.into_any()
        }
        None => view! { <span class="muted">"–"</span> }.into_any(),
    }
}

/// A cell with something small below; nothing where that is empty.
pub(crate) fn with_sub(main: AnyView, sub: impl Into<String>) -> AnyView {
    let sub = sub.into();
    view! {
        <div>
            {main}
            {(!sub.is_empty()).then(|| view! { <span class="sub">{sub}</span> })}
        </div>
    }
    .into_any()
}

/// A table.
pub(crate) fn table(caption: &str, class: &str, columns: &[Column], rows: Vec<Cells>) -> AnyView {
    let head = columns
        .iter()
        .map(|column| {
            let name = column.name.clone();
            let hidden = column.class == "actions";
            view! {
                <th scope="col" class=column.class>
                    <span class:visually-hidden=hidden>{name}</span>
                </th>
            }
        })
        .collect_view();
    let rows = rows
        .into_iter()
        .map(|row| {
            let cells = row
                .cells
                .into_iter()
                .zip(columns)
                .map(|(cell, column)| {
                    view! {
                        <td class=column.class data-label=column.name.clone()>{cell}</td>
                    }
                })
                .collect_view();
            view! { <tr class=row.class>{cells}</tr> }
        })
        .collect_view();
    view! {
        <table class=format!("table {class}")>
            <caption class="visually-hidden">{caption.to_owned()}</caption>
            <thead>
                <tr>{head}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// A table in a panel of its own.
pub(crate) fn table_panel(
    caption: &str,
    class: &str,
    columns: &[Column],
    rows: Vec<Cells>,
) -> AnyView {
    let table = table(caption, class, columns, rows);
    view! { <div class="panel panel-scroll">{table}</div> }.into_any()
}

/// Facts about one thing, each a name and a value.
pub(crate) fn facts(facts: Vec<(&'static str, AnyView)>) -> AnyView {
    let facts = facts
        .into_iter()
        .map(|(term, fact)| view! { <div><dt>{term}</dt><dd>{fact}</dd></div> })
        .collect_view();
    view! { <dl class="facts">{facts}</dl> }.into_any()
}
