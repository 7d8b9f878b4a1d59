//! SARIF 2.1.0, the OASIS format for results of static analysis, as code scanning reads it.
//!
//! One run with a result an item. What a result is about is a rule: the class of failing language, or
//! the signal that contributed most. The place is the file that the sample names, else the log's line.

use super::escape::visible;
use super::prose::{title, why_it_matters};
use super::wire::write_line;
use super::{Output, Report, Style};
use crate::cause;
use crate::finding::{Band, Evidence, Item};
use serde_json::{Value, json};
use std::io::{self, Write};

/// `--format sarif`.
pub struct Sarif;

impl Output for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn write(&self, report: &Report<'_>, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut rules: Vec<&str> = report.items.iter().map(rule).collect();
        rules.sort_unstable();
        rules.dedup();
        let described = rules
            .iter()
            .map(|rule| json!({"id": rule, "shortDescription": {"text": rule.replace('_', " ")}}));
        let results: Vec<Value> = report
            .items
            .iter()
            .map(|item| result(item, &rules))
            .collect();
        let document = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "brainstem",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": described.collect::<Vec<_>>(),
                }},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }],
        });
        write_line(out, &document)
    }
}

fn rule(item: &Item) -> &'static str {
    let class = item
        .findings
        .iter()
        .find_map(|finding| match finding.evidence {
            Evidence::Cause { class, .. } => Some(class.name()),
            _ => None,
        });
    class
        .or_else(|| item.candidate_type().map(|signal| signal.name()))
        .unwrap_or("pattern")
}

fn result(item: &Item, rules: &[&str]) -> Value {
    let sample = item.examples.first();
    let text = sample.map_or("", |example| &example.text);
    let lines: Vec<_> = text.lines().map(visible).collect();
    let message = format!(
        "{}\n{}\n{}",
        visible(&title(item)),
        why_it_matters(item),
        lines.join("\n")
    );
    let place = match (cause::location_of_event(text), sample) {
        (Some(at), _) => Some((at.path, u64::from(at.line), at.column)),
        (None, Some(example)) => Some((&*example.source, example.line, None)),
        (None, None) => None,
    };
    let location = place.map(|(path, line, column)| {
        let mut region = json!({"startLine": line.max(1)});
        if let Some(column) = column.filter(|column| *column > 0) {
            region["startColumn"] = column.into();
        }
        json!({"physicalLocation": {"artifactLocation": {"uri": uri(path)}, "region": region}})
    });
    let rule = rule(item);
    json!({
        "ruleId": rule,
        "ruleIndex": rules.binary_search(&rule).unwrap_or_default(),
        "level": level(item.band),
        "rank": (item.score * 1000.0).round() / 10.0,
        "message": {"text": message},
        "locations": location.into_iter().collect::<Vec<_>>(),
        "occurrenceCount": item.count.max(1),
        "partialFingerprints": {"brainstemPattern/v1": item.id.to_string()},
    })
}

fn level(band: Band) -> &'static str {
    match band {
        Band::Promote | Band::Investigate => "error",
        Band::Watch => "warning",
        Band::Background | Band::IgnoreFast => "note",
    }
}

/// A path as a URI reference (RFC 3986): all but unreserved characters and slashes percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte))
            }
            b'\\' => uri.push('/'),
            byte => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing;
    use super::*;

    fn told(items: Vec<Item>) -> Value {
        let (corpus, mut out) = (testing::corpus(), Vec::new());
        let style = Style {
            columns: 78,
            colour: false,
        };
        Sarif
            .write(&testing::report(items, &corpus), &style, &mut out)
            .unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn what_the_schema_requires_is_there() {
        let mut placed = testing::item();
        placed.examples[0].text = "src/größe.c:41:7: error: no gate".into();
        let log = told(vec![testing::item(), placed]);
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["name"], "brainstem");
        for result in run["results"].as_array().unwrap() {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(
                run["tool"]["driver"]["rules"][index]["id"],
                result["ruleId"]
            );
            assert!(result["message"]["text"].is_string());
            assert!((0.0..=100.0).contains(&result["rank"].as_f64().unwrap()));
            assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        }
        let place = &run["results"][1]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "src/gr%C3%B6%C3%9Fe.c");
        assert_eq!(place["region"], json!({"startLine": 41, "startColumn": 7}));
        assert_eq!(
            run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"],
            7
        );
    }

    #[test]
    fn a_run_without_items_has_an_empty_list_of_results() {
        assert_eq!(told(vec![])["runs"][0]["results"], json!([]));
    }

    #[test]
    fn hostile_text_stays_text() {
        let mut item = testing::item();
        item.examples[0].text = "\"}]\x1b[31m\u{202e}".into();
        let text = told(vec![item])["runs"][0]["results"][0]["message"]["text"].to_string();
        assert!(text.contains("\\\\x1b[31m") && text.contains("\\\\u{202e}"));
    }
}
