//! Mail that left our hosts, as mail servers and Amazon SES log it.

use abate_model::rows::EmailActivity;
use abate_model::{Body, Filter, Table, Text, TimeWindow};

use super::question::{Question, Sign};

/// Messages within the window that nobody writes by hand.
const MANY: u64 = 50;
/// How many times as many as in an equal time before make a burst.
const TIMES: u64 = 10;

/// Mail handed to a named server, or a burst of mail far beyond what was usual.
pub(crate) fn sent(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    let remotes = question.remotes();
    let (mut named, mut burst): (Option<Sign>, Option<Sign>) = (None, None);
    let (mut before, mut begin) = (0_u64, None);
    question.context.evidence.each(&Filter::table(Table::EmailActivity), &mut |row| {
        let (Body::Email(mail), Some(at)) = (&row.body, row.at) else { return };
        begin = begin.or(Some(at));
        if !is_outward(mail) || at > window.to {
            return;
        }
        if at < window.from {
            before += 1;
            return;
        }
        let cite = question.context.evidence.cite(row);
        let to_named = mail.relay_address.is_some_and(|a| remotes.iter().any(|(remote, ..)| *remote == a.to_canonical()));
        let add = |sign: &mut Option<Sign>, text: Text| match sign {
            Some(sign) => sign.add(row.at, cite.clone()),
            None => *sign = Some(Sign::new(text, row.at, cite.clone())),
        };
        if to_named {
            add(&mut named, Text::fixed("mail was handed to a server that the notice names", "通知に記載されたサーバーにメールが渡された"));
        }
        add(&mut burst, Text::fixed("", ""));
    });
    let seconds = |from: jiff::Timestamp, to: jiff::Timestamp| u64::try_from(to.duration_since(from).as_secs()).unwrap_or(0).max(1);
    let burst = burst.filter(|sign| {
        // Without a time before, what is usual is not known.
        let earlier = begin.map_or(0, |begin: jiff::Timestamp| seconds(begin.min(window.from), window.from));
        let length = seconds(window.from, window.to);
        let usual = before.saturating_mul(length) / earlier.max(1);
        sign.count >= MANY && earlier > length && sign.count >= usual.saturating_mul(TIMES).max(1)
    });
    let burst = burst.map(|sign| Sign {
        text: Text::new(
            format!("{} messages left our mail server, ten times the usual or more", sign.count),
            format!("自社のメールサーバーから {} 通が送信された（通常の 10 倍以上）", sign.count),
        ),
        ..sign
    });
    named.into_iter().chain(burst).collect()
}

fn is_outward(mail: &EmailActivity<'_>) -> bool {
    let inside = |relay: &str| {
        let relay = relay.to_ascii_lowercase();
        relay.starts_with("local")
            || relay.contains("127.0.0.1")
            || relay.contains("dovecot")
            || relay.contains("virtual")
            || relay == "none"
    };
    matches!(&*mail.status, "sent" | "deferred" | "bounced" | "complaint" | "delivered")
        && mail.relay.as_deref().is_none_or(|relay| !inside(relay))
        && mail.relay_address.is_none_or(|a| !abate_model::flows::is_private(a))
}
