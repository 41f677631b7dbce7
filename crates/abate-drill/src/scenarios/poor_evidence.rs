//! Hardly any evidence was kept. The right answer is that nothing can be said, and what would have been needed.

use abate_model::{Category, CauseKind, Factor, Text, Verdict};

use super::Scenario;
use crate::background::Calls;
use crate::clock::{self, HOUR, Second};
use crate::folder::Frame;
use crate::mail::{self, Notice};
use crate::rng::Rng;
use crate::stage::{Outcome, Stage};
use crate::syslog::Days;
use crate::world::World;

pub(super) static SCENARIO: Scenario = Scenario {
    id: "poor-evidence",
    title: Text::fixed("Report without usable evidence", "証拠がほとんど残っていない通報"),
    summary: Text::fixed(
        "There are only the event history of the console, with nothing unusual, and a login log that begins after the reported time. Neither a verdict nor a cause can be given.",
        "あるのは、異常の見られないコンソールのイベント履歴と、通報の時刻より後に始まるログイン記録だけです。事実の有無も原因も判断できません。",
    ),
    build,
};

fn build(stage: &mut Stage) -> Outcome {
    let (reported, span) = (stage.world.incident, super::trail_span(&stage.world));
    let calls = Calls { count: 300_u32.saturating_mul(stage.scales.trail), span, people: true, builds: (0, span) };
    stage.log("evidence/event_history.json", Frame::RECORDS, Some(Box::new(calls)), Vec::new());
    let span = (reported + HOUR, reported + 10 * HOUR);
    let days = Days { guesses: (120_u32.saturating_mul(stage.scales.hosts), span), logins: (0, span) };
    stage.log("evidence/auth.log", Frame::LINES, Some(Box::new(days)), Vec::new());
    let notice = notice(&stage.world, &mut stage.attack, reported);
    Outcome::new(Category::Intrusion, CauseKind::Undetermined, Factor::Unknown, Verdict::NotChecked, notice)
}

fn notice(world: &World, rng: &mut Rng, at: Second) -> Vec<u8> {
    let (source, target) = (&world.web.public, rng.stranger());
    let excerpt = (0..3).map(|n| format!("{}  {source} -> {target}:443  POST /login  401", clock::iso(at + n)));
    let notice = Notice {
        sent: at + rng.range(3 * HOUR, 10 * HOUR),
        report: vec![
            "We've received a report(s) that your AWS resource(s)".to_owned(),
            String::new(),
            super::resource_line(world, &world.web),
            String::new(),
            "has been implicated in activity which resembles attempts to access remote hosts on the internet without authorization."
                .to_owned(),
            String::new(),
            "Reported Activity: Intrusion Attempts".to_owned(),
            format!("Abuse Time: {}", clock::notice(at)),
        ],
        excerpt: std::iter::once("Repeated wrong passwords against our site. Times are UTC.".to_owned()).chain(excerpt).collect(),
    };
    mail::write(world, rng, &notice)
}
