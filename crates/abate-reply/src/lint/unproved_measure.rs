//! `unproved-measure`: AWS must never be told of a measure that nobody recorded as done.

use abate_model::letter::LintNote;
use abate_model::{Lang, Letter, StepState, Text};

use super::{Draft, Rule, quoted, squeeze};
use crate::Input;
use crate::containment::is_done;
use crate::words::plain;

/// See the module.
pub(super) static RULE: Rule =
    Rule {
        id: "unproved-measure", title: Text::fixed("Only recorded measures are claimed", "記録のある対策だけを書いている"), check
    };

fn check(letter: &Letter, input: &Input<'_>, draft: &Draft) -> Vec<LintNote> {
    let mut notes = Vec::new();
    for id in letter.paragraphs.iter().flat_map(|p| &p.steps) {
        if !input.plan.step(id).is_some_and(is_done) {
            notes.push(claimed(id));
        }
    }
    let body = squeeze(&letter.body(Lang::En));
    for step in input.plan.steps.iter().filter(|s| !is_done(s)) {
        let claim = plain(&step.done_text.en, 200);
        // Words of a few letters would be found in any letter; another step of the same words may be done.
        let other = input.plan.done().any(|d| d.done_text.en == step.done_text.en);
        if claim.len() > 12 && !other && body.contains(&claim) {
            notes.push(claimed(&step.id));
        }
    }
    let words: Vec<String> = draft.own(|s| is_deed(s) && !is_recorded(s, input));
    if !words.is_empty() {
        let shown = quoted(&words);
        notes.push(RULE.error(Text::new(
            format!("This claims a measure that nobody has recorded: {shown}. Record it first (abate done CASE STEP --by NAME --at TIME --note WORDS)."),
            format!("記録のない対策が書かれています: {shown}。先に記録してください（abate done 案件ID 手順 --by 氏名 --at 時刻 --note 内容）。"),
        )));
    }
    notes
}

/// What one does about an incident, as it stands behind "we", "we have" and "has been".
const DEEDS: &[&str] = &[
    "rotated",
    "deleted",
    "deactivated",
    "disabled",
    "isolated",
    "terminated",
    "rebuilt",
    "reinstalled",
    "patched",
    "updated",
    "upgraded",
    "removed",
    "closed",
    "blocked",
    "enabled",
    "switched",
    "revoked",
    "reset",
    "restored",
    "cleaned",
    "stopped",
    "restricted",
    "hardened",
    "changed",
    "installed",
    "configured",
    "replaced",
    "attached",
    "detached",
    "limited",
    "locked",
    "quarantined",
    "shut",
    "scanned",
    "reviewed",
    "audited",
    "verified",
    "checked",
    "implemented",
    "deployed",
    "introduced",
    "trained",
    "notified",
    "informed",
    "filed",
    "paused",
    "took",
    "taken",
    "moved",
    "migrated",
    "applied",
    "fixed",
    "resolved",
    "remediated",
    "mitigated",
    "secured",
    "killed",
    "wiped",
    "banned",
    "rebooted",
    "restarted",
    "tightened",
    "added",
    "created",
    "set",
    "turned",
];

/// Whether a sentence says that something was done by us.
fn is_deed(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '\'')).filter(|w| !w.is_empty()).collect();
    let ours = words.iter().any(|w| matches!(*w, "we" | "we've" | "our"));
    let passive = words
        .windows(2)
        .any(|pair| matches!(pair, [be, deed] if matches!(*be, "been" | "was" | "were" | "is" | "are" | "now") && DEEDS.contains(deed)));
    let negated = words.iter().any(|w| matches!(*w, "not" | "never" | "nobody"));
    !negated && (passive || (ours && words.iter().any(|w| DEEDS.contains(w))))
}

/// Whether a step's note says it in the same words.
fn is_recorded(sentence: &str, input: &Input<'_>) -> bool {
    let wanted = squeeze(sentence).trim_end_matches('.').to_lowercase();
    input.plan.done().any(|step| match &step.state {
        StepState::Done { note: Some(note), .. } => squeeze(note).to_lowercase().contains(&wanted),
        _ => false,
    })
}

fn claimed(id: &str) -> LintNote {
    RULE.error(Text::new(
        format!("The letter claims step {id}, which nobody has recorded as done (abate done CASE {id} --by NAME --at TIME)."),
        format!("実施の記録がない対応 {id} が書かれています（abate done 案件ID {id} --by 氏名 --at 時刻 で記録）。"),
    ))
}
