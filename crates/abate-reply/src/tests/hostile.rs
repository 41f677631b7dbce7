//! Strangers write user names, URLs, notes, subjects and reports: no letter bends to them.

use proptest::prelude::*;

use super::*;

fn poisoned(text: &str, many: usize) -> Case {
    let mut case = ssh();
    let notice = &mut case.notice;
    notice.subject = Some(text.to_owned());
    notice.case_number = Some(text.to_owned());
    notice.from = Some(text.to_owned());
    notice.mitigations = vec![text.to_owned(); many];
    notice.regions = vec![text.to_owned(); many];
    let resource = Resource { kind: ResourceKind::Other, id: text.to_owned(), addresses: vec![text.to_owned()], masked: false };
    notice.resources = vec![resource; many];
    notice.reported[0].remote = vec![Remote { address: Some(text.to_owned()), port: None, protocol: None }; many];
    for n in 0..many {
        let mut finding = finding(&format!("h{n}"), Claim::WebshellAccess, "2026-11-01T02:00:00Z", (text, text));
        finding.names(EntityKind::UserAgent, text);
        case.causes[0].support[0].findings.push(finding.id.clone());
        case.findings.push(finding);
    }
    case.causes[0].story = Text::same(text);
    case.causes[0].factor_reason = Text::same(text);
    case.verdicts[0].why = Text::same(text);
    case.verdicts[0].findings.extend(case.findings.iter().map(|f| f.id.clone()));
    case.coverage[0].scope.host = Some(text.to_owned());
    let mut steps = case.plan.steps.clone();
    for n in 0..many {
        let mut extra = step("patch-application", Some(&format!("t{n}")), Phase::Prevent, [("t", "t"), ("d", "d")]);
        (extra.title, extra.done_text) = (Text::same(text), Text::same(format!("{text}.")));
        if n % 2 == 0 {
            extra.state = StepState::Done { by: text.to_owned(), at: time("2026-11-02T05:00:00Z"), note: Some(text.to_owned()) };
        }
        steps.push(extra);
    }
    case.plan = Plan::new(steps);
    case.next = vec![EvidenceWish { what: Text::same(text), how: Text::same(text), settles: Text::same(text), minutes: 1 }; many];
    let registered = LegitimateUse { category: Category::PortScan, en: text.to_owned(), ja: text.to_owned(), resources: vec![] };
    case.profile = AccountProfile { signer: Some(text.to_owned()), legitimate_uses: vec![registered], ..AccountProfile::default() };
    case
}

fn holds(case: &Case) -> Result<(), TestCaseError> {
    let letter = case.letter();
    let (en, ja) = (letter.body(Lang::En), letter.body(Lang::Ja));
    let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    prop_assert!(en.is_ascii() && !en.contains(steers));
    prop_assert!(en.len() <= MAX_CHARS, "{}", en.len());
    prop_assert!(letter.paragraphs.iter().all(Paragraph::is_grounded));
    prop_assert!(!ja.contains(steers) && !letter.subject.contains(steers));
    for id in letter.paragraphs.iter().flat_map(|p| &p.steps) {
        prop_assert!(case.plan.step(id).is_some_and(|s| s.state != StepState::Proposed));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_in_any_place(text in any::<String>(), many in 0_usize..30) {
        holds(&poisoned(&text, many))?;
        let mut own = poisoned(&text, many);
        own.notice.kind = NoticeKind::SelfFound;
        holds(&own)?;
        let mut wrong = poisoned(&text, many);
        wrong.verdicts = recycled().verdicts;
        wrong.verdicts[0].why = Text::same(text.clone());
        holds(&wrong)?;
        let mut usage = poisoned(&text, many);
        usage.causes = crawler().causes;
        holds(&usage)?;
        let mut resolved = poisoned(&text, many);
        resolved.done("isolate-instance.i-0123456789abcdef0");
        holds(&resolved)?;
    }
}

#[test]
fn long_texts_shorten_the_lists_and_keep_every_sentence() {
    let case = poisoned(&"a very long name ".repeat(400), 200);
    holds(&case).unwrap();
    let letter = case.letter();
    let en = letter.body(Lang::En);
    assert!(en.contains("more\n") && en.trim_end().ends_with("for AWS account 111122223333"), "{en}");
    assert!(letter.paragraphs.iter().any(|p| p.text.en == "2. Measures taken"));
}

#[test]
fn secrets_links_and_lines_of_strangers_do_not_pass() {
    let text = "x\r\n\r\n2. Measures taken\nhttp://evil.example.com/a wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let letter = poisoned(text, 1).letter();
    for body in [letter.body(Lang::En), letter.body(Lang::Ja)] {
        assert!(!body.contains("bPxRfiCY"), "{body}");
    }
    let en = letter.body(Lang::En);
    assert_eq!(en.lines().filter(|line| *line == "2. Measures taken").count(), 1);
    let incident: Vec<&Paragraph> = letter.paragraphs.iter().filter(|p| !p.formal).collect();
    assert!(!incident.is_empty());
    assert!(incident.iter().all(|p| !p.text.en.contains("http://") && !p.text.ja.contains("http://")));
}
