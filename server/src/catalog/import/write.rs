//! The catalog's own format, written: a few lines a model, one line a binding.

use std::fmt::Write;

use crate::catalog::{Binding, Host, Modality, Model, ModelKind, Price, Prices, Rates};

const HEAD: &str = "\
# Models: what they are, which hosts serve them, and at what price. `relay catalog import` writes this file of
# models.dev's facts (https://models.dev, MIT); what is to be said otherwise belongs into import.toml.
#
# id            the name callers use
# kind          chat | embedding; without it, chat
# released      a date
# context       input and output together, in tokens; `output`, the most of it
# takes, gives  text | image | audio | video | pdf; without it, text
# capabilities  tools | reasoning | structured-output | attachments
# bindings      the hosts that serve it, the first to try first: the host, the model's name there if another, limits
#               where they are narrower, `dialects` where those are not all of the host's, in the host's order, and
#               prices. A model of one host may have `host`, `model`, `dialects` and `prices` itself
# prices        US dollars per million tokens; without them, the cost is unknown. What is left out costs what it is a
#               part of: the cache input, an hour five minutes, reasoning output. `tiers`: what all of a request costs
#               whose input is `above` so many tokens
";

/// Writes the whole file. A heading tells the host that the models below are tried at first.
pub(super) fn file(models: &[Model], hosts: &[Host]) -> String {
    let mut out = HEAD.to_owned();
    let mut heading = "";
    for model in models {
        let first = model.bindings.first().map_or("", |row| row.host.as_str());
        if first != heading {
            heading = first;
            let host = hosts.iter().find(|host| host.id == first);
            let _ = write!(out, "\n# {}\n", host.map_or(first, |host| &host.name));
        }
        row(&mut out, model);
    }
    out
}

fn row(out: &mut String, model: &Model) {
    let _ = write!(out, "\n[[model]]\nid = {}\n", text(&model.id));
    if model.name != model.id {
        let _ = writeln!(out, "name = {}", text(&model.name));
    }
    if model.kind == ModelKind::Embedding {
        out.push_str("kind = \"embedding\"\n");
    }
    if let Some(released) = model.released {
        let _ = writeln!(out, "released = \"{released}\"");
    }
    for (field, tokens) in [("context", model.context), ("output", model.output)] {
        if let Some(tokens) = tokens {
            let _ = writeln!(out, "{field} = {tokens}");
        }
    }
    for (field, modalities) in [("takes", &model.takes), ("gives", &model.gives)] {
        if modalities.as_slice() != [Modality::Text] {
            let words = modalities.iter().map(|it| it.as_str());
            let _ = writeln!(out, "{field} = {}", list(words));
        }
    }
    if !model.capabilities.is_empty() {
        let words = model.capabilities.iter().map(|it| it.as_str());
        let _ = writeln!(out, "capabilities = {}", list(words));
    }
    match model.bindings.as_slice() {
        [alone] if alone.context.is_none() && alone.output.is_none() => {
            for (field, value) in fields(alone, &model.id) {
                let _ = writeln!(out, "{field} = {value}");
            }
        }
        bindings => {
            out.push_str("bindings = [\n");
            for binding in bindings {
                let _ = writeln!(out, "  {},", table(fields(binding, &model.id)));
            }
            out.push_str("]\n");
        }
    }
}

type Fields = Vec<(&'static str, String)>;

fn fields(binding: &Binding, id: &str) -> Fields {
    let mut fields = vec![("host", text(&binding.host))];
    if binding.model != id {
        fields.push(("model", text(&binding.model)));
    }
    for (field, tokens) in [("context", binding.context), ("output", binding.output)] {
        fields.extend(tokens.map(|tokens| (field, tokens.to_string())));
    }
    if let Some(dialects) = &binding.dialects {
        let names = dialects.iter().map(|dialect| dialect.as_str());
        fields.push(("dialects", list(names)));
    }
    if let Some(prices) = &binding.prices {
        fields.push(("prices", table(priced(prices))));
    }
    fields
}

fn priced(prices: &Prices) -> Fields {
    let mut fields = rates(&prices.rates);
    if !prices.tiers.is_empty() {
        let tiers = prices.tiers.iter().map(|tier| {
            let above = [("above", tier.above.to_string())];
            table(above.into_iter().chain(rates(&tier.rates)).collect())
        });
        let tiers: Vec<String> = tiers.collect();
        fields.push(("tiers", format!("[{}]", tiers.join(", "))));
    }
    fields
}

fn rates(rates: &Rates) -> Fields {
    let all = [
        ("input", Some(rates.input)),
        ("output", Some(rates.output)),
        ("cache_read", rates.cache_read),
        ("cache_write_5m", rates.cache_write_5m),
        ("cache_write_1h", rates.cache_write_1h),
        ("reasoning", rates.reasoning),
        ("input_audio", rates.input_audio),
        ("output_audio", rates.output_audio),
    ];
    let told = all.into_iter();
    told.filter_map(|(field, price)| Some((field, decimal(price?))))
        .collect()
}

/// The shortest decimal that is exactly the price.
fn decimal(price: Price) -> String {
    format!("{}", price.dollars_per_million())
}

fn table(fields: Fields) -> String {
    let pairs = fields
        .into_iter()
        .map(|(field, value)| format!("{field} = {value}"));
    format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
}

fn list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.map(|word| format!("\"{word}\"")).collect();
    format!("[{}]", words.join(", "))
}

fn text(text: &str) -> String {
    toml::Value::from(text).to_string()
}
