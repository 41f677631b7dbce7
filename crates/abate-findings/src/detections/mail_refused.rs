//! Receivers turn our mail away: many bounces or complaints, or refusals that name a list of spammers.

use std::collections::BTreeMap;

use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Heap, Words};
use crate::examples::{mail, mailed};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "mail-refused",
    title: Text::fixed("Receivers turn our mail away", "送信メールの大量の不達・苦情"),
    claims: &[Claim::MailAbuse],
    techniques: &["T1496"],
    tactic: Tactic::Impact,
    severity: Severity::Low,
    needs: &[Table::EmailActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "most of 100 mails of a day bounce",
            "1 日 100 通の大半が不達になる",
            || {
                (0..100)
                    .map(|n| mailed(n, mail(n, if n < 70 { "bounced" } else { "sent" }, "news@example.com", &format!("a{n}@example.org"))))
                    .collect()
            },
            &[Claim::MailAbuse],
        ),
        Example::miss("three of 100 bounce", "100 通のうち 3 通が不達になる", || {
            (0..100)
                .map(|n| mailed(n, mail(n, if n < 3 { "bounced" } else { "sent" }, "news@example.com", &format!("a{n}@example.org"))))
                .collect()
        }),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "A list of old addresses bounces, too; above 10 percent bounces or 0.5 percent complaints Amazon SES may stop sending.",
    "古い宛先リストでも不達は増える。Amazon SES は不達率 10%、苦情率 0.5% を超えると送信を停止することがある。",
);
static WORDS: Words = Words {
    title: Text::fixed("many mails from {h} were turned away: {t}", "{h}からのメールが多数拒否された: {t}"),
    innocent: INNOCENT,
};

/// Mails turned away on one day, and their share, that are no slip. The shares are those at which Amazon SES may pause an account.
const BOUNCES: u64 = 50;
const COMPLAINTS: u64 = 5;
/// Servers and days told apart.
const MAX_DAYS: usize = 5000;

#[derive(Default)]
struct Day {
    sent: u64,
    bounced: u64,
    complaints: u64,
    listed: u64,
}

impl Day {
    fn is_bad(&self) -> bool {
        let all = self.sent + self.bounced;
        (self.bounced >= BOUNCES && self.bounced * 10 > all)
            || (self.complaints >= COMPLAINTS && self.complaints * 200 > all)
            || self.listed >= BOUNCES
    }
}

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    let mut days: BTreeMap<(String, i64), Day> = BTreeMap::new();
    let server =
        |mail: &abate_model::rows::EmailActivity<'_>| mail.host.as_deref().or(mail.account.as_deref()).unwrap_or_default().to_owned();
    ctx.evidence.each(&Filter::table(Table::EmailActivity), &mut |row| {
        let (Body::Email(mail), Some(at)) = (&row.body, row.at) else { return };
        let key = (server(mail), super::account::day(at));
        if days.len() >= MAX_DAYS && !days.contains_key(&key) {
            return;
        }
        let day = days.entry(key).or_default();
        match &*mail.status {
            "sent" | "delivered" => day.sent += 1,
            "bounced" => day.bounced += 1,
            "complaint" => day.complaints += 1,
            _ => return,
        }
        day.listed += u64::from(mail.reason.as_deref().is_some_and(names_list));
    });
    days.retain(|_, day| day.is_bad());
    if days.is_empty() {
        return Vec::new();
    }
    let mut heaps: BTreeMap<String, Heap> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::EmailActivity), &mut |row| {
        let (Body::Email(mail), Some(at)) = (&row.body, row.at) else { return };
        let server = server(mail);
        if matches!(&*mail.status, "bounced" | "complaint") && days.contains_key(&(server.clone(), super::account::day(at))) {
            let from = mail.from.as_deref().unwrap_or_default();
            let heap = heaps.entry(server.clone()).or_default();
            heap.host = Some(server).filter(|s| !s.is_empty());
            heap.add(ctx, row, Act::new("refused", Severity::Low, from).naming(EntityKind::User, Some(from)));
        }
    });
    heaps.values().filter_map(|heap| heap.finding(Claim::MailAbuse, "T1496", &WORDS)).collect()
}

/// A refusal that names a list of senders of spam.
fn names_list(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["spamhaus", "barracuda", "spamcop", "blocked using", "blocklist", "blacklist", "poor reputation"]
        .iter()
        .any(|part| reason.contains(part))
}
