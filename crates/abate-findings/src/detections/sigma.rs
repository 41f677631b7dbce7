//! Matches of Sigma rules, one finding per rule. The rule's author is kept and shown, as its licence asks.

use std::collections::BTreeMap;

use abate_model::{Cite, Claim, Finding, Locator, RuleInfo, Severity, SigmaMatch, Text};

use super::account::clip;
use crate::examples::{after_quiet, time};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "sigma",
    title: Text::fixed("Sigma rule matched", "Sigma ルールの一致"),
    claims: &[Claim::Sigma],
    techniques: &[],
    tactic: Tactic::Context,
    severity: Severity::Medium,
    needs: &[],
    innocent: Text::fixed(
        "A rule says what to look at, not that something is wrong; see its description for what else can match.",
        "ルールの一致は確認すべき点を示すもので、異常そのものではありません。ほかに一致し得る例は、ルールの説明を参照してください。",
    ),
    examples: &[
        Example::hit("a rule matched", "ルールが一致する", Vec::new, &[Claim::Sigma]).matched(|| vec![matched()]),
        Example::miss("no rule matched", "どのルールも一致しない", || after_quiet([])),
    ],
    run,
};

/// Groups of a correlation that are named in its finding.
const MAX_GROUPS: usize = 5;

/// A match of a made-up rule.
fn matched() -> SigmaMatch {
    let rule = RuleInfo {
        id: "00000000-0000-4000-8000-000000000000".into(),
        title: "Example rule".into(),
        author: Some("Jane Doe".into()),
        level: Severity::Medium,
        tags: vec!["attack.t1098.001".into()],
    };
    let cite = Cite { source: "a.json".into(), locator: Locator::Record { n: 1 } };
    SigmaMatch { rule, at: Some(time("20T10:00:00")), cite, entities: Vec::new(), values: Vec::new(), together: None }
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    ctx.evidence.sigma(&mut |hit| {
        found.entry(hit.rule.id.clone()).or_insert_with(|| Found::new(hit)).add(hit);
    });
    found.into_values().map(Found::finish).collect()
}

struct Found {
    finding: Finding,
    /// of a correlation: how many groups, and the first of them with their records
    groups: u64,
    named: Vec<(String, u64)>,
}

impl Found {
    fn new(hit: &SigmaMatch) -> Self {
        let rule = titled(&hit.rule);
        let title = if hit.together.is_some() {
            Text::new(format!("The Sigma correlation rule {} matched", rule.en), format!("Sigma 相関ルール{}に一致しました", rule.ja))
        } else {
            Text::new(format!("The Sigma rule {} matched", rule.en), format!("Sigma ルール{}に一致しました", rule.ja))
        };
        let mut finding = Finding::new(Claim::Sigma, hit.rule.level, title, DETECTION.innocent.clone(), hit.cite.clone());
        finding.count = 0;
        finding.technique = hit.rule.tags.iter().find_map(|tag| technique(tag));
        finding.rule = Some(hit.rule.clone());
        Self { finding, groups: 0, named: Vec::new() }
    }

    fn add(&mut self, hit: &SigmaMatch) {
        let finding = &mut self.finding;
        finding.also(hit.cite.clone());
        finding.seen(hit.at);
        for entity in &hit.entities {
            finding.names(entity.kind, entity.value.clone());
        }
        let Some(together) = &hit.together else {
            finding.count = finding.count.saturating_add(1);
            return;
        };
        finding.count = finding.count.saturating_add(together.count);
        finding.seen(together.last);
        together.cites.iter().for_each(|cite| finding.also(cite.clone()));
        self.groups += 1;
        if self.named.len() < MAX_GROUPS && !hit.values.is_empty() {
            let values: Vec<String> = hit.values.iter().map(|(field, value)| format!("{}={}", clip(field), clip(value))).collect();
            self.named.push((values.join(" "), together.count));
        }
    }

    fn finish(self) -> Finding {
        let Self { mut finding, groups, named } = self;
        if named.is_empty() {
            return finding;
        }
        let listed: Vec<String> = named.iter().map(|(group, count)| format!("{group} ({count})")).collect();
        let more = groups.saturating_sub(u64::try_from(named.len()).unwrap_or(u64::MAX));
        let (more_en, more_ja) =
            if more > 0 { (format!(" and {more} more"), format!("、ほか {more} 組")) } else { (String::new(), String::new()) };
        let Text { en, ja } = &finding.detail;
        finding.detail = Text::new(
            format!("Records belonging together, with their number: {}{more_en}. {en}", listed.join("; ")),
            format!("まとまりごとの記録数: {}{more_ja}。{ja}", listed.join("、")),
        );
        finding
    }
}

/// A rule's title with its author, in both languages.
fn titled(rule: &RuleInfo) -> Text {
    let title = clip(&rule.title);
    match rule.author.as_deref().filter(|author| !author.trim().is_empty()).map(clip) {
        Some(author) => Text::new(format!("\"{title}\" ({author})"), format!("「{title}」（{author}）")),
        None => Text::new(format!("\"{title}\""), format!("「{title}」")),
    }
}

/// `attack.t1110.001` -> `T1110.001`.
fn technique(tag: &str) -> Option<String> {
    let id = tag.to_ascii_lowercase();
    let id = id.strip_prefix("attack.t")?;
    let is_id = id.starts_with(|c: char| c.is_ascii_digit()) && id.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    is_id.then(|| format!("T{id}"))
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::notice;
    use super::*;
    use abate_model::memory::{FormatFacts, Memory};
    use abate_model::port::Together;
    use abate_model::{AccountProfile, Entity, EntityKind};

    fn hit(rule: &str, n: u64) -> SigmaMatch {
        SigmaMatch {
            rule: RuleInfo {
                id: rule.into(),
                title: format!("Rule {rule}"),
                author: Some("Jane Doe".into()),
                level: Severity::Medium,
                tags: vec!["attack.persistence".into(), "attack.t1098.001".into()],
            },
            at: Some(time("20T10:00:00")),
            cite: Cite { source: "a.json".into(), locator: Locator::Record { n } },
            entities: vec![Entity::new(EntityKind::Principal, format!("p{n}"))],
            values: Vec::new(),
            together: None,
        }
    }

    fn found(hits: Vec<SigmaMatch>) -> Vec<Finding> {
        let memory = Memory::new(Vec::new(), Vec::new(), hits, &|_| FormatFacts::default());
        let (notice, profile) = (notice(), AccountProfile::default());
        (DETECTION.run)(&Context { notice: &notice, evidence: &memory, profile: &profile })
    }

    #[test]
    fn matches_are_grouped_by_rule_and_keep_the_author() {
        let found = found(vec![hit("a", 1), hit("b", 2), hit("a", 3)]);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].count, found[0].evidence.len(), found[0].technique.as_deref()), (2, 2, Some("T1098.001")));
        assert_eq!(found[0].title.en, "The Sigma rule \"Rule a\" (Jane Doe) matched");
        assert_eq!(found[0].title.ja, "Sigma ルール「Rule a」（Jane Doe）に一致しました");
        assert_eq!(found[0].rule.as_ref().and_then(|r| r.author.as_deref()), Some("Jane Doe"));
        assert_eq!(found[0].of(EntityKind::Principal).count(), 2);
    }

    #[test]
    fn groups_of_a_correlation_are_one_finding_that_names_them() {
        let group = |n: u64, count| SigmaMatch {
            values: vec![("sourceIPAddress".into(), format!("203.0.113.{n}"))],
            together: Some(Together { last: Some(time("20T11:00:00")), count, cites: vec![hit("c", n).cite, hit("c", n + 50).cite] }),
            ..hit("c", n)
        };
        let found = found((1..=7).map(|n| group(n, n + 4)).collect());
        assert_eq!((found.len(), found[0].count, found[0].evidence.len()), (1, 56, 14));
        assert_eq!(found[0].last, Some(time("20T11:00:00")));
        assert!(found[0].title.en.starts_with("The Sigma correlation rule"));
        assert!(found[0].detail.en.contains("sourceIPAddress=203.0.113.1 (5); "), "{}", found[0].detail.en);
        assert!(found[0].detail.en.contains(" and 2 more. "));
    }

    #[test]
    fn without_matches_there_is_nothing() {
        assert!(found(Vec::new()).is_empty());
        assert_eq!(technique("attack.t"), None);
        assert_eq!(technique("attack.ta0001"), None);
    }
}
