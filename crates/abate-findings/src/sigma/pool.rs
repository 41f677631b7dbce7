//! The rules on one route, and which of them are worth a try on an event.
//!
//! Nearly every rule for CloudTrail names the calls that it is about, or their service, or who made them, and nearly every record is of
//! another call. Such rules are filed under these values and tried on no other record; the rest is the engine's, which has an index of its own.

use std::collections::{BTreeSet, HashMap};

use rsigma_eval::{CompiledRule, Engine, EvalError, Event, EventValue, compile_rule, evaluate_rule};
use rsigma_parser::{ConditionExpr, Detection, DetectionItem, Detections, Modifier, Quantifier, SigmaRule, SigmaValue};

use super::route::Route;

/// See the module.
#[derive(Default)]
pub(super) struct Pool {
    /// fields that say what an event is about, the most telling first, with the rules of each by its lower-case value
    subjects: Vec<(&'static str, HashMap<String, Vec<CompiledRule>>)>,
    engine: Engine,
}

impl Pool {
    /// Without rules yet.
    pub fn of(route: &Route) -> Self {
        let fields: &[&str] = match route {
            Route::CloudTrail => &["eventName", "eventSource", "userIdentity.type", "userAgent"],
            _ => &[],
        };
        Self { subjects: fields.iter().map(|field| (*field, HashMap::new())).collect(), engine: Engine::new() }
    }

    /// Adds a rule.
    pub fn add(&mut self, rule: &SigmaRule) -> Result<(), EvalError> {
        let compiled = compile_rule(rule)?;
        for (field, rules) in &mut self.subjects {
            if let Some(values) = values(&rule.detection, field) {
                for value in values {
                    rules.entry(value).or_default().push(compiled.clone());
                }
                return Ok(());
            }
        }
        self.engine.add_compiled_rule(compiled);
        Ok(())
    }

    /// The ids of the rules that match an event.
    pub fn matching(&self, event: &impl Event) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        if self.engine.rule_count() > 0 {
            ids.extend(self.engine.evaluate(event).into_iter().filter_map(|result| result.header.rule_id));
        }
        let mut check = |rule: &CompiledRule| ids.extend(evaluate_rule(rule, event).and_then(|result| result.header.rule_id));
        for (field, rules) in self.subjects.iter().filter(|(_, rules)| !rules.is_empty()) {
            match event.get_field(field) {
                None => {}
                Some(EventValue::Str(value)) if value.is_ascii() => {
                    let lower = if value.bytes().any(|b| b.is_ascii_uppercase()) { value.to_ascii_lowercase().into() } else { value };
                    rules.get(&*lower).into_iter().flatten().for_each(&mut check);
                }
                // A list, a number or another script: what is equal to what is for the engine to say.
                Some(_) => rules.values().flatten().for_each(&mut check),
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
            pool.add(&rule).unwrap();
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
