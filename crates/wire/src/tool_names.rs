//! What a client calls its tools, where an upstream has plainer names for them.

use std::collections::BTreeMap;

/// How a client names and calls the tools that the upstream knows as plain functions. The request
/// tells it ([`ChatRequest::tool_names`](crate::ChatRequest::tool_names)), the answer's encoder
/// needs it: [`StreamOptions::tool_names`](crate::StreamOptions::tool_names),
/// [`ChatResponse::tool_names`](crate::ChatResponse::tool_names). Empty for most requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolNames(BTreeMap<String, ClientTool>);

/// A tool as its client knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClientTool {
    /// The group it stands in.
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
    /// It takes free text, not arguments.
    pub(crate) is_custom: bool,
}

/// The longest name that every upstream takes.
const MAX_LEN: usize = 64;

impl ToolNames {
    /// Gives a tool its plain name: one that no other tool has.
    pub(crate) fn insert(&mut self, tool: ClientTool, is_taken: impl Fn(&str) -> bool) -> String {
        let wish = plain(tool.namespace.as_deref(), &tool.name);
        let mut name = wish.clone();
        let mut number = 1;
        while is_taken(&name) || self.0.contains_key(&name) {
            number += 1;
            let end = format!("_{number}");
            let kept = wish.len().min(MAX_LEN - end.len());
            name = format!("{}{end}", &wish[..kept]);
        }
        self.0.insert(name.clone(), tool);
        name
    }

    /// The plain name of a tool, also of one that is not on offer any more.
    pub(crate) fn plain(&self, namespace: Option<&str>, name: &str) -> String {
        let mut known = self.0.iter();
        let known =
            known.find(|(_, tool)| tool.namespace.as_deref() == namespace && tool.name == name);
        known.map_or_else(|| plain(namespace, name), |(plain, _)| plain.clone())
    }

    /// What the client calls it, where that is not its plain name.
    pub(crate) fn of_client(&self, plain: &str) -> Option<&ClientTool> {
        self.0.get(plain)
    }
}

/// `group__name` in the alphabet of every upstream. What is too long keeps its beginning, and a
/// number made of the whole.
fn plain(namespace: Option<&str>, name: &str) -> String {
    let whole = match namespace {
        Some(group) if group.ends_with("__") => format!("{group}{name}"),
        Some(group) => format!("{group}__{name}"),
        None => name.to_owned(),
    };
    let clean: String = whole
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => c,
            _ => '_',
        })
        .collect();
    if clean.len() <= MAX_LEN {
        return clean;
    }
    let end = format!("_{:08x}", fnv1a(whole.as_bytes()));
    format!("{}{end}", &clean[..MAX_LEN - end.len()])
}

/// FNV-1a: short, and the same in every build, since names come back in later requests.
fn fnv1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::{ClientTool, MAX_LEN, ToolNames};

    fn tool(namespace: Option<&str>, name: &str) -> ClientTool {
        ClientTool {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            is_custom: false,
        }
    }

    #[test]
    fn every_tool_gets_a_plain_name_of_its_own_and_keeps_it() {
        let long = "n".repeat(80);
        let tools = [
            (Some("agents"), "close", "agents__close"),
            (Some("mcp__files__"), "read", "mcp__files__read"),
            (Some("a"), "b__c", "a__b__c"),
            (Some("a__b"), "c", "a__b__c_2"),
            (None, "plain", "plain_2"),
            (Some("도구"), "x.y", "____x_y"),
        ];
        let mut names = ToolNames::default();
        for (namespace, name, expected) in tools {
            let given = names.insert(tool(namespace, name), |taken| taken == "plain");
            assert_eq!(given, expected);
            assert_eq!(names.plain(namespace, name), given);
            let client = names.of_client(&given).expect("known");
            assert_eq!(
                (client.namespace.as_deref(), client.name.as_str()),
                (namespace, name)
            );
        }
        let first = names.insert(tool(Some("g"), &long), |_| false);
        let second = names.insert(tool(Some("h"), &long), |_| false);
        assert_ne!(first, second);
        assert!(first.len() <= MAX_LEN && second.len() <= MAX_LEN);
        assert_eq!(ToolNames::default().plain(Some("g"), &long), first);
    }
}
