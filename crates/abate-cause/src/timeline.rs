//! The timeline: the notice's own times and the findings, in order.

use abate_model::{Text, TimelineEntry};

use crate::Input;

/// How many lines it has at the most; what is left out is said in the last one.
const MAX: usize = 500;

/// All of it in order of time.
pub(crate) fn timeline(input: &Input<'_>) -> Vec<TimelineEntry> {
    let mut lines = of_notice(input);
    for finding in input.findings {
        let Some(first) = finding.first else { continue };
        lines.push(TimelineEntry {
            at: first,
            until: finding.last.filter(|last| *last != first),
            what: finding.title.clone(),
            actor: finding.entities.first().map(|e| e.value.clone()).unwrap_or_default(),
            count: finding.count,
            origin: "finding".to_owned(),
            finding: Some(finding.id.clone()),
            evidence: finding.evidence.clone(),
        });
    }
    lines.sort_by(|a, b| (a.at, &a.finding, &a.what.en).cmp(&(b.at, &b.finding, &b.what.en)));
    let left_out = lines.len().saturating_sub(MAX);
    if left_out > 0 {
        lines.truncate(MAX);
        if let Some(last) = lines.last().map(|l| l.at) {
            let what = Text::new(
                format!("{left_out} later entries are left out here; all findings are in case.json"),
                format!("以降の {left_out} 件は省略（すべての検出事項は case.json に記載）"),
            );
            lines.push(entry(last, what, left_out as u64));
        }
    }
    lines
}

fn entry(at: jiff::Timestamp, what: Text, count: u64) -> TimelineEntry {
    TimelineEntry {
        at,
        until: None,
        what,
        actor: "AWS".to_owned(),
        count,
        origin: "notice".to_owned(),
        finding: None,
        evidence: Vec::new(),
    }
}

fn of_notice(input: &Input<'_>) -> Vec<TimelineEntry> {
    let mut lines = Vec::new();
    for r in &input.notice.reported {
        if let Some(window) = r.window() {
            let title = r.category.title();
            let mut line = entry(
                window.from,
                Text::new(format!("Reported activity {}: {}", r.id, title.en), format!("報告された活動 {}: {}", r.id, title.ja)),
                1,
            );
            line.until = (window.to != window.from).then_some(window.to);
            lines.push(line);
        }
    }
    if let Some(date) = input.notice.date {
        lines.push(entry(date, Text::fixed("AWS sent the notice", "AWS が通知を送信"), 1));
    }
    lines.push(entry(input.notice.deadline.at, Text::fixed("Answer due", "回答期限"), 1));
    lines
}
