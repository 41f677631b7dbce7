//! Mail in bulk through a mail server of ours: by one account, by a script on the server itself, or for strangers.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use abate_model::flows::is_private;
use abate_model::rows::EmailActivity;
use abate_model::{Body, Claim, EntityKind, Filter, Finding, Severity, Table, Text};

use super::acts::{Act, Heap, Words};
use crate::examples::{mail, mailed};
use crate::{Context, Detection, Example, Tactic};

/// See the module.
pub static DETECTION: Detection = Detection {
    id: "mail-in-bulk",
    title: Text::fixed("Mail in bulk by an account, a script or strangers", "アカウント・スクリプト・第三者による大量送信"),
    claims: &[Claim::MailAbuse],
    techniques: &["T1078", "T1505.003", "T1090"],
    tactic: Tactic::Impact,
    severity: Severity::High,
    needs: &[Table::EmailActivity],
    innocent: INNOCENT,
    examples: &[
        Example::hit(
            "one account sends to 200 addresses within an hour",
            "1 つのアカウントが 1 時間に 200 のアドレスへ送る",
            || (0..200).flat_map(|n| by_account(n, "info@example.com")).collect(),
            &[Claim::MailAbuse],
        ),
        Example::hit(
            "a script of the web server's hands in 200 mails",
            "ウェブサーバーのスクリプトが 200 通を投入する",
            || (0..200).flat_map(by_script).collect(),
            &[Claim::MailAbuse],
        ),
        Example::hit(
            "a stranger's mails for others are passed on",
            "第三者から他者宛てのメールを中継する",
            || (0..200).flat_map(for_stranger).collect(),
            &[Claim::MailAbuse],
        ),
        Example::miss(
            "an account that writes now and then, and mail that comes in",
            "ときどき送るアカウントと、受信するメール",
            || (0..20).flat_map(|n| by_account(n * 600, "sato@example.com")).chain((0..200).map(coming_in)).collect(),
        ),
    ],
    run,
};

const INNOCENT: Text = Text::fixed(
    "Newsletters and notices of an application of one's own look the same; compare with what is usual, and look at the subjects.",
    "自社のニュースレターやアプリケーションの通知も同様になる。通常の量と比べ、件名を確認する。",
);
static ACCOUNT: Words = Words {
    title: Text::fixed("through {h}, one account sent in bulk: {t}", "{h}で 1 つのアカウントから大量に送信された: {t}"),
    innocent: INNOCENT,
};
static SCRIPT: Words = Words {
    title: Text::fixed("on {h}, a program handed in mail in bulk as user {t}", "{h}でプログラムがメールを大量に投入した（ユーザー {t}）"),
    innocent: INNOCENT,
};
static STRANGER: Words = Words {
    title: Text::fixed("{h} passed on mail in bulk for a stranger: {t}", "{h}が第三者のメールを大量に中継した: {t}"),
    innocent: INNOCENT,
};

/// Recipients within an hour that no person writes to.
const RECIPIENTS: usize = 100;
/// Mails whose way is followed at a time; the oldest are forgotten.
const MAX_MAILS: usize = 50_000;
/// Senders told apart.
const MAX_SENDERS: usize = 5000;

#[derive(Default)]
struct Sender {
    hour: i64,
    recipients: HashSet<u64>,
    most: usize,
    heap: Heap,
}

type Key = (Option<String>, &'static str, String);

fn run(ctx: &Context<'_>) -> Vec<Finding> {
    // How a mail came is said in one line, to whom it went in another; its number in the queue joins them.
    let mut came: HashMap<(String, String), (&'static str, String)> = HashMap::new();
    let mut senders: BTreeMap<Key, Sender> = BTreeMap::new();
    ctx.evidence.each(&Filter::table(Table::EmailActivity), &mut |row| {
        let (Body::Email(mail), Some(at)) = (&row.body, row.at) else { return };
        let host = mail.host.as_deref().unwrap_or_default();
        let queued = mail.queue_id.as_deref().map(|id| (host.to_owned(), id.to_owned()));
        if let (Some(way), Some(queued)) = (way_of(mail), &queued) {
            if came.len() >= MAX_MAILS {
                came.clear();
            }
            came.insert(queued.clone(), way);
        }
        if mail.status != "sent" || !goes_out(mail) {
            return;
        }
        let Some((kind, who)) = queued.and_then(|queued| came.get(&queued).cloned()).or_else(|| way_of(mail)) else { return };
        let key = (mail.host.as_deref().map(str::to_owned), kind, who.clone());
        if senders.len() >= MAX_SENDERS && !senders.contains_key(&key) {
            return;
        }
        let sender = senders.entry(key).or_default();
        let hour = at.as_second().div_euclid(3600);
        if sender.hour != hour {
            (sender.hour, sender.recipients) = (hour, HashSet::new());
        }
        let room = 10_000_usize.saturating_sub(sender.recipients.len());
        for to in mail.to.iter().take(room.min(1000)) {
            let mut hasher = DefaultHasher::new();
            to.hash(&mut hasher);
            sender.recipients.insert(hasher.finish());
        }
        sender.most = sender.most.max(sender.recipients.len());
        sender.heap.host = mail.host.as_deref().map(str::to_owned);
        let entity = if kind == "stranger" { EntityKind::RemoteAddress } else { EntityKind::User };
        sender.heap.add(ctx, row, Act::new(kind, Severity::High, &who).naming(entity, Some(&who)));
    });
    let found = senders.into_iter().filter(|(_, sender)| sender.most >= RECIPIENTS);
    found
        .filter_map(|((_, kind, _), sender)| {
            let (technique, words) = match kind {
                "account" => ("T1078", &ACCOUNT),
                "script" => ("T1505.003", &SCRIPT),
                _ => ("T1090", &STRANGER),
            };
            sender.heap.finding(Claim::MailAbuse, technique, words)
        })
        .collect()
}

/// How a mail came to the server: from an account that signed in, from a program on the server, from a stranger.
fn way_of(mail: &EmailActivity<'_>) -> Option<(&'static str, String)> {
    if let Some(user) = mail.login_user.as_deref().filter(|u| !u.is_empty()) {
        return Some(("account", user.to_owned()));
    }
    let local = mail.reason.as_deref().and_then(|reason| reason.strip_prefix("uid=")).map(|uid| uid.split(' ').next().unwrap_or(uid));
    // Root's and the system's own mails are notices to the administrator.
    if let Some(uid) = local.filter(|uid| *uid != "0") {
        return Some(("script", uid.to_owned()));
    }
    let client = mail.client.filter(|client| mail.status == "received" && !is_private(*client) && !client.is_loopback())?;
    Some(("stranger", client.to_string()))
}

/// Whether a mail left for another server, and not into a mailbox here.
fn goes_out(mail: &EmailActivity<'_>) -> bool {
    let relay = mail.relay.as_deref().unwrap_or_default();
    !matches!(relay, "local" | "virtual" | "dovecot" | "none" | "maildrop" | "lmtp")
        && !relay.starts_with("private/")
        && !relay.starts_with("127.0.0.1")
        && !mail.relay_address.is_some_and(|address| address.is_loopback())
}

/// A mail that an account hands in, and its delivery.
fn by_account(second: i64, user: &'static str) -> [abate_model::Row<'static>; 2] {
    let mut came = mail(second, "received", user, "");
    came.to.clear();
    came.login_user = Some(user.into());
    [mailed(second, came), delivered(second, user)]
}

/// A mail that a program hands in as user 33, and its delivery.
fn by_script(second: i64) -> [abate_model::Row<'static>; 2] {
    let mut came = mail(second, "received", "www-data@web1.example.com", "");
    came.to.clear();
    came.reason = Some("uid=33".into());
    [mailed(second, came), delivered(second, "www-data@web1.example.com")]
}

/// A mail that a stranger hands in, and its delivery to another server.
fn for_stranger(second: i64) -> [abate_model::Row<'static>; 2] {
    let mut came = mail(second, "received", "a@example.net", "");
    came.to.clear();
    came.client = "203.0.113.7".parse().ok();
    [mailed(second, came), delivered(second, "a@example.net")]
}

fn delivered(second: i64, from: &str) -> abate_model::Row<'static> {
    let mut sent = mail(second, "sent", from, &format!("to{second}@example.org"));
    sent.relay = Some("mx.example.org".into());
    mailed(second + 1, sent)
}

/// A mail for a mailbox of ours.
fn coming_in(second: i64) -> abate_model::Row<'static> {
    let mut sent = mail(second + 100_000, "sent", "b@example.org", "sato@example.com");
    sent.relay = Some("dovecot".into());
    mailed(second, sent)
}
