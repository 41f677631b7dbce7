//! Correlations, beside those of the engine.

use abate_model::memory::{FormatFacts, Memory};
use abate_model::{Cite, Entity, EntityKind, Locator, SigmaMatch};
use jiff::Timestamp;
use rsigma_eval::{CorrelationConfig, CorrelationEngine, EvaluationResult, JsonEvent, TimestampFallback};
use rsigma_parser::parse_sigma_yaml;
use serde_json::json;

use super::*;

/// A match of rule `a`, `b` … at a second by somebody, with a value.
type Hit4 = (char, i64, &'static str, &'static str);

const RULES: &str = "title: A\nid: ra\nname: a\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-method: A\n  condition: s\n---\ntitle: B\nid: rb\nname: b\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-method: B\n  condition: s\n---\ntitle: C\nid: rc\nname: c\nlogsource:\n  category: webserver\ndetection:\n  s:\n    cs-method: C\n  condition: s\n";

fn correlation(body: &str) -> String {
    format!("title: Many\nid: many\nauthor: Jane Doe\nlevel: high\ncorrelation:\n{body}")
}

fn set(body: &str) -> RuleSet {
    let files = [("rules.yml".to_owned(), RULES.to_owned()), ("many.yml".to_owned(), correlation(body))];
    let (set, problems) = RuleSet::load(files.into_iter());
    assert_eq!(problems, Vec::new());
    set
}

fn matched(n: usize, (rule, second, who, value): Hit4) -> SigmaMatch {
    let rule = RuleInfo { id: format!("r{rule}"), title: rule.to_string(), author: None, level: Severity::Low, tags: Vec::new() };
    SigmaMatch {
        rule,
        at: Timestamp::from_second(second).ok(),
        cite: Cite { source: format!("{}.log", n % 2), locator: Locator::Record { n: n as u64 } },
        entities: vec![Entity::new(EntityKind::User, value)],
        values: vec![("c-ip".to_owned(), who.to_owned()), ("cs-uri-stem".to_owned(), value.to_owned())],
        together: None,
    }
}

fn memory(hits: &[Hit4]) -> Memory {
    let hits = hits.iter().enumerate().map(|(n, hit)| matched(n, *hit)).collect();
    Memory::new(Vec::new(), Vec::new(), hits, &|_| FormatFacts::default())
}

/// The groups of the correlation that matched, each with its first second and its number of records.
fn found(set: &RuleSet, hits: &[Hit4], at_once: usize) -> Vec<(String, i64, u64)> {
    let (memory, mut found) = (memory(hits), Vec::new());
    let over = set.over(&memory).holding(at_once);
    abate_model::Evidence::sigma(&over, &mut |hit: &SigmaMatch| {
        if let Some(together) = &hit.together {
            let who = hit.values.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" ");
            assert!(!together.cites.is_empty() && together.cites[0] == hit.cite);
            found.push((who, hit.at.unwrap().as_second(), together.count));
        }
    });
    found.sort();
    found
}

const COUNT: &str = "  type: event_count\n  rules: [a]\n  group-by: [c-ip]\n  timespan: 60s\n  condition:\n    gte: 3\n";

#[test]
fn so_many_events_of_one_group_in_the_time_match() {
    let set = set(COUNT);
    let hits = [('a', 0, "x", ""), ('a', 30, "y", ""), ('a', 30, "x", ""), ('a', 60, "x", ""), ('a', 100, "y", ""), ('a', 119, "y", "")];
    assert_eq!(found(&set, &hits, 1_000), [("x".to_owned(), 0, 3)], "the bounds belong to the time, and y's three take 89 seconds");
    let more = [('a', 0, "x", ""), ('a', 30, "x", ""), ('a', 50, "x", ""), ('a', 70, "x", ""), ('a', 500, "x", "")];
    assert_eq!(found(&set, &more, 1_000), [("x".to_owned(), 0, 4)], "each record counts once");
    assert!(found(&set, &[('b', 0, "x", ""), ('b', 1, "x", ""), ('b', 2, "x", "")], 1_000).is_empty());
}

#[test]
fn distinct_values_are_counted_and_rules_put_together() {
    let values =
        set("  type: value_count\n  rules: a\n  group-by: [c-ip]\n  timespan: 1m\n  condition:\n    field: cs-uri-stem\n    gt: 2\n");
    let hits = [('a', 0, "x", "1"), ('a', 1, "x", "1"), ('a', 2, "x", "2"), ('a', 50, "x", "2"), ('a', 55, "x", "3"), ('a', 61, "x", "4")];
    assert_eq!(found(&values, &hits, 1_000), [("x".to_owned(), 1, 4)]);
    assert!(found(&values, &hits[..4], 1_000).is_empty());

    let both = set("  type: temporal\n  rules: [a, b]\n  group-by: [c-ip]\n  timespan: 1m\n");
    assert_eq!(found(&both, &[('b', 5, "x", ""), ('a', 9, "x", ""), ('a', 200, "y", "")], 1_000), [("x".to_owned(), 5, 2)]);
    assert!(found(&both, &[('b', 5, "x", ""), ('a', 66, "x", "")], 1_000).is_empty(), "one rule alone is not all of them");

    let either = set("  type: temporal\n  rules: [a, b, c]\n  group-by: [c-ip]\n  timespan: 1m\n  condition: a and (b or c)\n");
    assert_eq!(found(&either, &[('c', 5, "x", ""), ('a', 9, "x", "")], 1_000), [("x".to_owned(), 5, 2)]);
    assert!(found(&either, &[('c', 5, "x", ""), ('b', 9, "x", "")], 1_000).is_empty());

    let ordered = set("  type: temporal_ordered\n  rules: [a, b, c]\n  group-by: [c-ip]\n  timespan: 1m\n");
    let chain = [('a', 0, "x", ""), ('b', 10, "x", ""), ('a', 50, "x", ""), ('b', 70, "x", ""), ('c', 80, "x", "")];
    assert_eq!(found(&ordered, &chain, 1_000), [("x".to_owned(), 50, 3)]);
    assert!(found(&ordered, &[('b', 0, "x", ""), ('a', 10, "x", ""), ('c', 20, "x", "")], 1_000).is_empty());
    assert_eq!(
        found(&ordered, &[('c', 7, "x", ""), ('b', 7, "x", ""), ('a', 7, "x", "")], 1_000).len(),
        1,
        "of the same second in no order"
    );
}

#[test]
fn rules_that_only_serve_are_silent_and_aliases_name_their_fields() {
    let body = "  type: temporal\n  rules: [a, rb]\n  group-by: [who]\n  timespan: 1m\n  aliases:\n    who:\n      a: c-ip\n      rb: cs-uri-stem\n";
    let aliased = set(body);
    assert_eq!(found(&aliased, &[('a', 0, "x", "-"), ('b', 1, "-", "x"), ('b', 2, "x", "-")], 1_000), [("x".to_owned(), 0, 2)]);
    let shown = |set: &RuleSet| {
        let (memory, mut seen) = (memory(&[('a', 0, "x", ""), ('c', 1, "x", "")]), Vec::new());
        abate_model::Evidence::sigma(&set.over(&memory), &mut |hit: &SigmaMatch| seen.push(hit.rule.id.clone()));
        seen
    };
    assert_eq!(shown(&aliased), ["rc"]);
    let files = [("rules.yml".to_owned(), RULES.to_owned()), ("many.yml".to_owned(), format!("{}generate: true\n", correlation(body)))];
    assert_eq!(shown(&RuleSet::load(files.into_iter()).0), ["ra", "rc"]);
}

#[test]
fn what_is_kept_is_bounded_and_changes_nothing() {
    let set = set(COUNT);
    let names: Vec<&'static str> = (0..200).map(|n| &*Box::leak(format!("203.0.113.{n}").into_boxed_str())).collect();
    let hits: Vec<Hit4> = (0..1_000).map(|n| ('a', i64::from(n) / 10, names[n as usize % names.len()], "")).collect();
    let whole = found(&set, &hits, 100_000);
    assert_eq!(whole.len(), 200);
    assert_eq!(found(&set, &hits, 40), whole);
    assert_eq!(found(&set, &hits, 1), whole);
}

#[test]
fn what_is_not_supported_is_told() {
    for (body, kind) in [
        ("  type: value_sum\n  rules: [a]\n  timespan: 1m\n  condition:\n    field: x\n    gte: 3\n", ProblemKind::Correlation),
        ("  type: value_count\n  rules: [a]\n  timespan: 1m\n  condition:\n    gte: 3\n", ProblemKind::Correlation),
        ("  type: event_count\n  rules: [a]\n  timespan: 1m\n  window: tumbling\n  condition:\n    gte: 3\n", ProblemKind::Correlation),
        ("  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition:\n    gte: 3000000\n", ProblemKind::Correlation),
        ("  type: event_count\n  rules: [none]\n  timespan: 1m\n  condition:\n    gte: 3\n", ProblemKind::Reference),
        ("  type: event_count\n  rules: [a]\n  condition:\n    gte: 3\n", ProblemKind::Parse),
    ] {
        let files = [("rules.yml".to_owned(), RULES.to_owned()), ("many.yml".to_owned(), correlation(body))];
        let (set, problems) = RuleSet::load(files.into_iter());
        assert_eq!((set.len(), problems.iter().map(|p| p.kind).collect::<Vec<_>>()), (3, vec![kind]), "{body}: {problems:?}");
    }
}

/// The engine's own correlations, which recount each window at each event, say of the same matches the same groups.
#[test]
fn the_engine_says_the_same() {
    let bodies = [
        COUNT.to_owned(),
        COUNT.replace("gte: 3", "gt: 4"),
        COUNT.replace("gte: 3", "gte: 2\n    lte: 3"),
        COUNT.replace("  group-by: [c-ip]\n", ""),
        COUNT.replace("rules: [a]", "rules: [a, b]"),
        "  type: value_count\n  rules: [a, c]\n  group-by: [c-ip]\n  timespan: 20s\n  condition:\n    field: cs-uri-stem\n    gte: 3\n"
            .to_owned(),
        "  type: value_count\n  rules: [a]\n  group-by: [c-ip]\n  timespan: 20s\n  condition:\n    field: cs-uri-stem\n    eq: 2\n"
            .to_owned(),
        "  type: temporal\n  rules: [a, b, c]\n  group-by: [c-ip]\n  timespan: 9s\n  condition: a and b and not c\n".to_owned(),
        "  type: temporal_ordered\n  rules: [a, b, c]\n  group-by: [c-ip]\n  timespan: 9s\n".to_owned(),
    ];
    let mut fired = 0;
    for body in &bodies {
        let ours = set(body);
        for seed in 1..40_u64 {
            let hits = some_hits(seed);
            let theirs = of_engine(body, &hits);
            let found: BTreeSet<String> = found(&ours, &hits, 1_000).into_iter().map(|(who, ..)| who).collect();
            assert_eq!(found, theirs, "{body} seed {seed}: {hits:?}");
            fired += found.len();
        }
    }
    assert!(fired > 100, "{fired}");
}

fn some_hits(seed: u64) -> Vec<Hit4> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut second = 1_000;
    let mut hits: Vec<Hit4> = (0..40)
        .map(|_| {
            second += i64::try_from(next(8)).unwrap();
            (['a', 'b', 'c'][next(3) as usize], second, ["x", "y", "z"][next(3) as usize], ["1", "2", "3", "4"][next(4) as usize])
        })
        .collect();
    // As matches are visited.
    hits.sort_by_key(|(rule, second, ..)| (*second, *rule));
    hits
}

fn of_engine(body: &str, hits: &[Hit4]) -> BTreeSet<String> {
    let mut engine =
        CorrelationEngine::new(CorrelationConfig { timestamp_fallback: TimestampFallback::Skip, ..CorrelationConfig::default() });
    // The engine takes references by name or id, not both in one place.
    engine.add_collection(&parse_sigma_yaml(&format!("{RULES}---\n{}", correlation(body))).unwrap()).unwrap();
    let mut groups = BTreeSet::new();
    for (rule, second, who, value) in hits {
        let event = json!({"cs-method": rule.to_ascii_uppercase().to_string(), "c-ip": who, "cs-uri-stem": value});
        for result in engine.process_event_at(&JsonEvent::borrow(&event), *second) {
            if let Some(correlation) = EvaluationResult::as_correlation(&result) {
                groups.insert(correlation.group_key.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" "));
            }
        }
    }
    groups
}
