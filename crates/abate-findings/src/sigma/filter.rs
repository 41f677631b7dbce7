//! Sigma filters: what a user takes out of rules of others without changing their files. A filter's condition is joined to the rule's by `and`.

use rsigma_parser::{ConditionExpr, Detections, FilterRule, FilterRuleTarget, LogSource, SelectorPattern, SigmaRule};

/// Whether a filter is about a rule: it names the rule's id or name, or all, and its logsource is the rule's or wider.
pub(super) fn is_about(filter: &FilterRule, rule: &SigmaRule) -> bool {
    let named = |given: &Option<String>, wanted: &str| given.as_deref().is_some_and(|given| given.eq_ignore_ascii_case(wanted));
    let named = match &filter.rules {
        FilterRuleTarget::Any => true,
        FilterRuleTarget::Specific(list) => list.iter().any(|wanted| named(&rule.id, wanted) || named(&rule.name, wanted)),
    };
    named && filter.logsource.as_ref().is_none_or(|wanted| is_within(&rule.logsource, wanted))
}

fn is_within(of: &LogSource, wanted: &LogSource) -> bool {
    let part = |of: &Option<String>, wanted: &Option<String>| match wanted {
        None => true,
        Some(wanted) => of.as_deref().is_some_and(|of| of.eq_ignore_ascii_case(wanted)),
    };
    part(&of.category, &wanted.category) && part(&of.product, &wanted.product) && part(&of.service, &wanted.service)
}

/// Joins the `n`th filter to a rule. Names of the filter's detections get a prefix, so that they are not taken for the rule's.
pub(super) fn apply(filter: &FilterRule, n: usize, rule: &mut SigmaRule) {
    let prefix = format!("__filter_{n}_");
    // The rule's selectors must not see the filter's detections: `them` leaves out names that begin with `_`, but a pattern need not.
    let theirs: Vec<String> = rule.detection.named.keys().cloned().collect();
    let own: Vec<String> = filter.detection.named.keys().cloned().collect();
    for condition in &mut rule.detection.conditions {
        *condition = spelled_out(condition, &theirs, "");
    }
    for (name, detection) in &filter.detection.named {
        rule.detection.named.insert(format!("{prefix}{name}"), detection.clone());
    }
    let joined = filter.detection.conditions.iter().map(|condition| spelled_out(condition, &own, &prefix));
    let Detections { conditions, .. } = &mut rule.detection;
    for wanted in joined {
        for condition in conditions.iter_mut() {
            *condition = ConditionExpr::And(vec![condition.clone(), wanted.clone()]);
        }
    }
}

/// A condition that names detections only, each with a prefix.
fn spelled_out(condition: &ConditionExpr, names: &[String], prefix: &str) -> ConditionExpr {
    use rsigma_parser::Quantifier;
    let all = |parts: &[ConditionExpr]| parts.iter().map(|part| spelled_out(part, names, prefix)).collect();
    match condition {
        ConditionExpr::And(parts) => ConditionExpr::And(all(parts)),
        ConditionExpr::Or(parts) => ConditionExpr::Or(all(parts)),
        ConditionExpr::Not(part) => ConditionExpr::Not(Box::new(spelled_out(part, names, prefix))),
        ConditionExpr::Identifier(name) => ConditionExpr::Identifier(format!("{prefix}{name}")),
        ConditionExpr::Selector { quantifier, pattern } => {
            let mut meant: Vec<&String> = names.iter().filter(|name| pattern.matches_detection_name(name)).collect();
            meant.sort();
            let named: Vec<ConditionExpr> = meant.iter().map(|name| ConditionExpr::Identifier(format!("{prefix}{name}"))).collect();
            match quantifier {
                _ if named.is_empty() => ConditionExpr::Selector { quantifier: quantifier.clone(), pattern: renamed(pattern, prefix) },
                Quantifier::All => ConditionExpr::And(named),
                Quantifier::Any | Quantifier::Count(1) => ConditionExpr::Or(named),
                // So many of a set cannot be spelled out in short; a rule keeps its own selector, whose pattern sees no prefix.
                Quantifier::Count(_) => ConditionExpr::Selector { quantifier: quantifier.clone(), pattern: renamed(pattern, prefix) },
            }
        }
    }
}

fn renamed(pattern: &SelectorPattern, prefix: &str) -> SelectorPattern {
    match pattern {
        SelectorPattern::Pattern(pattern) => SelectorPattern::Pattern(format!("{prefix}{pattern}")),
        SelectorPattern::Them if prefix.is_empty() => SelectorPattern::Them,
        SelectorPattern::Them => SelectorPattern::Pattern(format!("{prefix}*")),
    }
}
