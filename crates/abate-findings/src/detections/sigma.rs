//! Matches of Sigma rules, one finding per rule. The rule's author is kept, as its licence asks.

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
        Example::hit("a rule matched", "ルールが一致する", || Vec::new(), &[Claim::Sigma]).matched(|| vec![matched()]),
        Example::miss("no rule matched", "どのルールも一致しない", || after_quiet([])),
    ],
    run,
};

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
    SigmaMatch { rule, at: Some(time("20T10:00:00")), cite, entities: Vec::new() }
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<String, Finding> = BTreeMap::new();
    ctx.evidence.sigma(&mut |hit| {
        let finding = found.entry(hit.rule.id.clone()).or_insert_with(|| first(hit));
        finding.count += 1;
        finding.also(hit.cite.clone());
        finding.seen(hit.at);
        for entity in &hit.entities {
            finding.names(entity.kind, entity.value.clone());
        }
    });
    found.into_values().collect()
}

fn first(hit: &SigmaMatch) -> Finding {
    let rule = clip(&hit.rule.title);
    let (by_en, by_ja) = match hit.rule.author.as_deref().map(clip) {
        Some(author) => (format!("Rule by {author}. "), format!("ルールの作成者: {author}。")),
        None => (String::new(), String::new()),
    };
    let title = Text::new(format!("The Sigma rule \"{rule}\" matched"), format!("Sigma ルール「{rule}」に一致しました"));
    let detail = Text::new(format!("{by_en}{}", DETECTION.innocent.en), format!("{by_ja}{}", DETECTION.innocent.ja));
    let mut finding = Finding::new(Claim::Sigma, hit.rule.level, title, detail, hit.cite.clone());
    finding.count = 0;
    finding.technique = hit.rule.tags.iter().find_map(|tag| technique(tag));
    finding.rule = Some(hit.rule.clone());
    finding
}

/// `attack.t1110.001` -> `T1110.001`.
fn technique(tag: &str) -> Option<String> {
    let id = tag.to_ascii_lowercase();
    let id = id.strip_prefix("attack.t")?;
    id.bytes().all(|b| b.is_ascii_digit() || b == b'.').then(|| format!("T{id}"))
}

#[cfg(test)]
mod tests {
    use super::super::account::fixture::{notice, time};
    use super::*;
    use abate_model::memory::{FormatFacts, Memory};
    use abate_model::{AccountProfile, Cite, Entity, EntityKind, Locator, RuleInfo, Severity};

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
        }
    }

    #[test]
    fn matches_are_grouped_by_rule_and_keep_the_author() {
        let memory = Memory::new(Vec::new(), Vec::new(), vec![hit("a", 1), hit("b", 2), hit("a", 3)], &|_| FormatFacts::default());
        let (notice, profile) = (notice(), AccountProfile::default());
        let found = (DETECTION.run)(&Context { notice: &notice, evidence: &memory, profile: &profile });
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].count, found[0].evidence.len(), found[0].technique.as_deref()), (2, 2, Some("T1098.001")));
        assert!(found[0].detail.en.contains("Jane Doe"));
        assert_eq!(found[0].rule.as_ref().and_then(|r| r.author.as_deref()), Some("Jane Doe"));
        assert_eq!(found[0].of(EntityKind::Principal).count(), 2);
    }

    #[test]
    fn without_matches_there_is_nothing() {
        let memory = Memory::of_rows(Vec::new());
        let (notice, profile) = (notice(), AccountProfile::default());
        assert!((DETECTION.run)(&Context { notice: &notice, evidence: &memory, profile: &profile }).is_empty());
    }
}
