//! The rules by route, and which of them are worth a try on an event.
//!
//! Nearly every rule for CloudTrail names the calls that it is about, or their service, or who made them, and nearly every record is of
//! another call. Such rules are filed under these values and tried on no other record. Rules for lines and requests are filed under the words that
//! they look for (`literals`). The rest is the engine's, which has an index of its own.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use rsigma_eval::compiler::eval_condition;
use rsigma_eval::{CompiledRule, Engine, EvalError, Event, EventValue, compile_rule};
use rsigma_parser::{ConditionExpr, Detection, DetectionItem, Detections, Modifier, Quantifier, SigmaRule, SigmaValue};

use super::literals::{Texts, Worded};
use super::route::Route;

/// All rules. See the module.
pub(super) struct Pools {
    by_route: BTreeMap<Route, Pool>,
    lines: Worded,
    requests: Worded,
    /// how many rules for lines look for no words
    wordless: usize,
}

impl Default for Pools {
    fn default() -> Self {
        Self {
            by_route: BTreeMap::new(),
            lines: Worded::new(Texts { not: &["src_ip"], address: true }),
            requests: Worded::new(Texts { not: &["sc-status", "sc-bytes"], address: false }),
            wordless: 0,
        }
    }
}

impl Pools {
    /// Adds a rule.
    pub fn add(&mut self, route: &Route, rule: &SigmaRule) -> Result<(), EvalError> {
        let is_line = matches!(route, Route::Linux | Route::LinuxService(_) | Route::LinuxProcess | Route::LinuxFile);
        let worded = match route {
            Route::Web => Some(&mut self.requests),
            _ if is_line => Some(&mut self.lines),
            _ => None,
        };
        let compiled = compile_rule(rule)?;
        let rest = match worded {
            Some(worded) => worded.add(route, compiled),
            None => Some(compiled),
        };
        if let Some(compiled) = rest {
            self.wordless += usize::from(is_line);
            self.by_route.entry(route.clone()).or_insert_with(|| Pool::of(route)).add(rule, compiled);
        }
        Ok(())
    }

    /// Rules for lines of logs that look for words.
    pub fn lines(&self) -> &Worded {
        &self.lines
    }

    /// Rules for requests that look for words.
    pub fn requests(&self) -> &Worded {
        &self.requests
    }

    /// How many rules for lines look for no words.
    pub fn wordless_lines(&self) -> usize {
        self.wordless
    }

    /// Whether there are rules on these routes that are tried on every record.
    pub fn has(&self, routes: &[Route]) -> bool {
        routes.iter().any(|route| self.by_route.contains_key(route))
    }

    /// The ids of the rules on these routes that match an event, but for those that look for words.
    pub fn matching(&self, routes: &[Route], event: &impl Event) -> Vec<Cow<'_, str>> {
        routes.iter().filter_map(|route| self.by_route.get(route)).flat_map(|pool| pool.matching(event)).collect()
    }
}

impl Pools {
    /// The ids of all rules on these routes that match an event, of which no word was looked for.
    pub fn matching_any(&self, routes: &[Route], event: &impl Event) -> Vec<Cow<'_, str>> {
        let mut ids = self.matching(routes, event);
        let worded = self.lines.on(routes).chain(self.requests.on(routes));
        ids.extend(worded.filter_map(|rule| id_of_match(rule, event)).map(Cow::Borrowed));
        ids
    }
}

/// The id of a rule that matches an event. What else the engine says of a match is of no interest here, and takes several times as long to put together.
pub(super) fn id_of_match<'r>(rule: &'r CompiledRule, event: &impl Event) -> Option<&'r str> {
    let mut selections = Vec::new();
    let matches = rule.conditions.iter().any(|condition| eval_condition(condition, &rule.detections, event, &mut selections));
    rule.id.as_deref().filter(|_| matches)
}

/// The rules on one route.
#[derive(Default)]
struct Pool {
    /// fields that say what an event is about, the most telling first, with the rules of each by its lower-case value
    subjects: Vec<(&'static str, HashMap<String, Vec<CompiledRule>>)>,
    engine: Engine,
}

impl Pool {
    /// Without rules yet.
    fn of(route: &Route) -> Self {
        let fields: &[&str] = match route {
            Route::CloudTrail => &["eventName", "eventSource", "userIdentity.type", "userAgent"],
            _ => &[],
        };
        Self { subjects: fields.iter().map(|field| (*field, HashMap::new())).collect(), engine: Engine::new() }
    }

    /// Adds a rule.
    fn add(&mut self, rule: &SigmaRule, compiled: CompiledRule) {
        for (field, rules) in &mut self.subjects {
            if let Some(values) = values(&rule.detection, field) {
                for value in values {
                    rules.entry(value).or_default().push(compiled.clone());
                }
                return;
            }
        }
        self.engine.add_compiled_rule(compiled);
    }

    /// The ids of the rules that match an event.
    fn matching(&self, event: &impl Event) -> Vec<Cow<'_, str>> {
        let mut ids: Vec<Cow<'_, str>> = Vec::new();
        if self.engine.rule_count() > 0 {
            ids.extend(self.engine.evaluate(event).into_iter().filter_map(|result| result.header.rule_id.map(Cow::Owned)));
        }
        for (field, rules) in self.subjects.iter().filter(|(_, rules)| !rules.is_empty()) {
            match event.get_field(field) {
                None => {}
                Some(EventValue::Str(value)) if value.is_ascii() => {
                    let lower = if value.bytes().any(|b| b.is_ascii_uppercase()) { value.to_ascii_lowercase().into() } else { value };
                    ids.extend(rules.get(&*lower).into_iter().flatten().filter_map(|rule| id_of_match(rule, event)).map(Cow::Borrowed));
                }
                // A list, a number or another script: what is equal to what is for the engine to say.
                Some(_) => ids.extend(rules.values().flatten().filter_map(|rule| id_of_match(rule, event)).map(Cow::Borrowed)),
            }
        }
        // A rule stands under each of its values.
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// The values, in lower case, of which a field must have one wherever the detections match; `None` where that does not follow.
fn values(detections: &Detections, field: &str) -> Option<BTreeSet<String>> {
    either(detections.conditions.iter().map(|condition| of_condition(condition, detections, field)))
}

fn of_condition(condition: &ConditionExpr, within: &Detections, field: &str) -> Option<BTreeSet<String>> {
    let of_name = |name: &String| within.named.get(name).and_then(|detection| of_detection(detection, field));
    match condition {
        ConditionExpr::And(parts) => parts.iter().find_map(|part| of_condition(part, within, field)),
        ConditionExpr::Or(parts) => either(parts.iter().map(|part| of_condition(part, within, field))),
        ConditionExpr::Not(_) => None,
        ConditionExpr::Identifier(name) => of_name(name),
        ConditionExpr::Selector { quantifier, pattern } => {
            let mut meant = within.named.keys().filter(|name| pattern.matches_detection_name(name)).map(of_name);
            match quantifier {
                Quantifier::All => meant.find_map(|names| names),
                Quantifier::Any | Quantifier::Count(1..) => either(meant),
                Quantifier::Count(0) => None,
            }
        }
    }
}

fn of_detection(detection: &Detection, field: &str) -> Option<BTreeSet<String>> {
    match detection {
        Detection::AllOf(items) => items.iter().find_map(|item| of_item(item, field)),
        Detection::And(parts) => parts.iter().find_map(|part| of_detection(part, field)),
        Detection::AnyOf(parts) => either(parts.iter().map(|part| of_detection(part, field))),
        Detection::Keywords(_) | Detection::ArrayMatch { .. } | Detection::Conditional { .. } => None,
    }
}

fn of_item(item: &DetectionItem, field: &str) -> Option<BTreeSet<String>> {
    let about = item.field.name.as_deref() == Some(field) && item.field.modifiers.iter().all(|modifier| *modifier == Modifier::Cased);
    let plain = |value: &SigmaValue| match value {
        SigmaValue::String(text) => text.as_plain().filter(|text| text.is_ascii()).map(|text| BTreeSet::from([text.to_ascii_lowercase()])),
        _ => None,
    };
    if about { either(item.values.iter().map(plain)) } else { None }
}

/// All values that one of several parts allows, if each limits them; of nothing nothing follows.
fn either(parts: impl Iterator<Item = Option<BTreeSet<String>>>) -> Option<BTreeSet<String>> {
    let parts: Option<Vec<BTreeSet<String>>> = parts.collect();
    let parts = parts.filter(|parts| !parts.is_empty())?;
    Some(parts.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use rsigma_eval::JsonEvent;
    use rsigma_parser::parse_sigma_yaml;
    use serde_json::{Value, json};

    use super::*;

    fn rule(detection: &str) -> SigmaRule {
        let text = format!("title: T\nid: r\nlogsource:\n  product: aws\n  service: cloudtrail\ndetection:\n{detection}");
        parse_sigma_yaml(&text).unwrap().rules.remove(0)
    }

    fn names(detection: &str) -> Option<Vec<String>> {
        values(&rule(detection).detection, "eventName").map(|names| names.into_iter().collect())
    }

    #[test]
    fn what_a_rule_is_about_follows_from_its_condition() {
        let two = "  a:\n    eventName: [RunInstances, StopLogging]\n    eventSource: ec2.amazonaws.com\n  b:\n    errorCode: Denied\n";
        let both = Some(vec!["runinstances".to_owned(), "stoplogging".to_owned()]);
        for (condition, expected) in [
            ("a", &both),
            ("a and b", &both),
            ("b and a and not b", &both),
            ("all of them", &both),
            ("1 of a*", &both),
            ("a or b", &None),
            ("not a", &None),
            ("1 of them", &None),
            ("b", &None),
        ] {
            assert_eq!(names(&format!("{two}  condition: {condition}\n")), *expected, "{condition}");
        }
        assert_eq!(names("  a:\n    eventName|startswith: Run\n  condition: a\n"), None);
        assert_eq!(names("  a:\n    eventName: Run*\n  condition: a\n"), None);
        assert_eq!(names("  a:\n    eventName: null\n  condition: a\n"), None);
        assert_eq!(names("  a:\n    - eventName: A\n    - eventName: B\n  condition: a\n"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(names("  a:\n    - eventName: A\n    - errorCode: B\n  condition: a\n"), None);
        assert_eq!(names("  a:\n    - word\n  condition: a\n"), None);
    }

    /// A rule matches here what it matches in the engine alone.
    #[test]
    fn what_is_filed_under_names_matches_as_ever() {
        let detections = [
            "  a:\n    eventName: [RunInstances, stoplogging]\n  condition: a\n",
            "  a:\n    eventName|cased: StopLogging\n  f:\n    errorCode: Denied\n  condition: a and not f\n",
            "  a:\n    eventName: ''\n  condition: a\n",
            "  a:\n    eventName: '7'\n  condition: a\n",
            "  a:\n    eventName: StopLogging\n  b:\n    errorCode: Denied\n  condition: a or b\n",
            "  a:\n    eventSource: ec2.amazonaws.com\n    eventName|startswith: Run\n  condition: a\n",
            "  a:\n    userIdentity.type: Root\n  condition: a and not 1 of f*\n  f:\n    eventName: Run*\n",
        ];
        let events = [
            json!({"eventName": "RunInstances"}),
            json!({"eventName": "RunInstances", "eventSource": "EC2.amazonaws.com", "userIdentity": {"type": "root"}}),
            json!({"eventName": "Other", "eventSource": ["a", "ec2.amazonaws.com"], "userIdentity": [{"type": "Root"}, {"type": "x"}]}),
            json!({"eventName": "STOPLOGGING"}),
            json!({"eventName": "StopLogging", "errorCode": "Denied"}),
            json!({"eventName": "Ｓtoplogging"}),
            json!({"eventName": ["a", "RunInstances"]}),
            json!({"eventName": 7}),
            json!({"eventName": ""}),
            json!({"eventName": null, "errorCode": "Denied"}),
            json!({}),
            Value::Null,
        ];
        let mut hits = 0;
        for detection in detections {
            let rule = rule(detection);
            let (mut pool, mut engine) = (Pool::of(&Route::CloudTrail), Engine::new());
            pool.add(&rule, compile_rule(&rule).unwrap());
            engine.add_rule(&rule).unwrap();
            for event in &events {
                let event = JsonEvent::borrow(event);
                let found = pool.matching(&event).len();
                hits += found;
                assert_eq!(found, engine.evaluate(&event).len(), "{detection} on {event:?}");
            }
        }
        assert!(hits > 5);
    }
}
