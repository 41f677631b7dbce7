//! Runs the four checks over the table of answers, asks for what they missed, and runs them again until nothing is missed.
//!
//! Bounded in time and number of questions; what is not asked any more is given up, with the reason. Nothing is judged here.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use abate_model::{DnsAnswer, DnsReply, Signatures};
use jiff::Timestamp;
use mail_auth::hickory_resolver::TokioResolver;
use mail_auth::{MX, MessageAuthenticator, Parameters, RecordSet, Txt};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::dns::{Source, ask};
use crate::message::Mail;
use crate::table::{MxView, PtrView, Question, Table, TxtView, V4View, V6View};
use crate::{arc, dkim, dmarc, headers, spf};

/// How long one question may take.
pub const TIME_PER_QUESTION: Duration = Duration::from_secs(5);
/// How long all questions of one mail may take together.
pub const TIME_IN_ALL: Duration = Duration::from_secs(15);
/// The most questions that are asked for one mail.
pub const MAX_QUESTIONS: usize = 80;
/// The most rounds; each further one follows an include, a redirect or a label.
const MAX_ROUNDS: usize = 40;

/// The caches that the checks are run with.
pub(crate) struct Views<'t> {
    txt: TxtView<'t>,
    mx: MxView<'t>,
    v4: V4View<'t>,
    v6: V6View<'t>,
    ptr: PtrView<'t>,
}

/// `mail-auth`'s parameters, over our table.
pub(crate) type Over<'v, P> = Parameters<'v, P, TxtView<'v>, MxView<'v>, V4View<'v>, V6View<'v>, PtrView<'v>>;

// The caches hold what `mail-auth` asks for; a change of its types shows here first.
const _: fn() = || {
    fn holds<K, V, C: mail_auth::ResolverCache<K, V>>() {}
    holds::<Box<str>, Txt, TxtView<'static>>();
    holds::<Box<str>, RecordSet<MX>, MxView<'static>>();
    holds::<Box<str>, RecordSet<Ipv4Addr>, V4View<'static>>();
    holds::<Box<str>, RecordSet<Ipv6Addr>, V6View<'static>>();
    holds::<IpAddr, RecordSet<Box<str>>, PtrView<'static>>();
};

impl<'t> Views<'t> {
    fn new(table: &'t Table) -> Self {
        Self { txt: TxtView(table), mx: MxView(table), v4: V4View(table), v6: V6View(table), ptr: PtrView(table) }
    }

    /// An input together with the caches.
    pub(crate) fn over<'v, P>(&'v self, input: P) -> Over<'v, P>
    where
        't: 'v,
    {
        Parameters {
            params: input,
            cache_txt: Some(&self.txt),
            cache_mx: Some(&self.mx),
            cache_ptr: Some(&self.ptr),
            cache_ipv4: Some(&self.v4),
            cache_ipv6: Some(&self.v6),
        }
    }
}

/// All checks of one mail.
pub(crate) async fn run(verifier: &MessageAuthenticator, source: &Source, mail: &Mail<'_>, now: Timestamp) -> Signatures {
    let origin = spf::origin(&mail.message);
    let mut table = Table::new(origin.as_ref().ok().map(|o| o.peer));
    let deadline = Instant::now() + TIME_IN_ALL;
    if let Source::Recorded(answers) = source {
        answers.iter().for_each(|a| table.put(a.clone()));
    }
    let (mut asked, mut round) = (0, 0);
    loop {
        let result = once(verifier, mail, &origin, &table, now).await;
        let wanted = table.take_wanted();
        if wanted.is_empty() {
            return result;
        }
        round += 1;
        let (wanted, refused) = within_limits(wanted, &mut asked, round);
        for question in refused {
            table.give_up(question, "too many questions to DNS for one mail");
        }
        match source {
            Source::Off => give_up(&mut table, wanted, "DNS is off"),
            Source::Recorded(_) => give_up(&mut table, wanted, "the recorded answers do not include it"),
            Source::Live(resolver) => ask_all(resolver, &mut table, wanted, deadline, now).await,
        }
    }
}

fn within_limits(wanted: BTreeSet<Question>, asked: &mut usize, round: usize) -> (Vec<Question>, Vec<Question>) {
    let left = if round > MAX_ROUNDS { 0 } else { MAX_QUESTIONS.saturating_sub(*asked) };
    let mut questions: Vec<Question> = wanted.into_iter().collect();
    let refused = questions.split_off(left.min(questions.len()));
    *asked += questions.len();
    (questions, refused)
}

fn give_up(table: &mut Table, questions: Vec<Question>, why: &str) {
    for question in questions {
        table.give_up(question, why);
    }
}

/// Asks all questions at once.
async fn ask_all(resolver: &TokioResolver, table: &mut Table, questions: Vec<Question>, deadline: Instant, now: Timestamp) {
    let until = deadline.min(Instant::now() + TIME_PER_QUESTION);
    let mut running = JoinSet::new();
    for (kind, name) in questions {
        let resolver = resolver.clone();
        running.spawn(async move {
            let reply = timeout_at(until, ask(resolver, name.clone(), kind)).await;
            let reply = reply.unwrap_or_else(|_| DnsReply::Failed("no answer in time".to_owned()));
            DnsAnswer { name, kind, at: now, reply }
        });
    }
    while let Some(answer) = running.join_next().await {
        if let Ok(answer) = answer {
            table.put(answer);
        }
    }
}

/// One run over the answers so far.
async fn once(
    verifier: &MessageAuthenticator,
    mail: &Mail<'_>,
    origin: &Result<spf::Origin, String>,
    table: &Table,
    now: Timestamp,
) -> Signatures {
    let views = Views::new(table);
    let message = &mail.message;
    let date = headers::date(message);
    let (found, for_dmarc) = dkim::check(verifier, mail, &views, table, date, now).await;
    let (spf, spf_output) = spf::check(verifier, origin, &views, table).await;
    let dmarc = dmarc::check(verifier, message, &for_dmarc, &spf_output, &views, table).await;
    let arc = arc::check(verifier, mail, &views, table, now).await;
    let mut notes = Vec::new();
    if date.is_none() {
        notes.push("the mail has no single Date that can be read".to_owned());
    }
    if found.iter().any(|d| d.outcome != d.outcome_at_date) {
        notes.push("a signature has expired since the mail was sent; DMARC is judged as of then".to_owned());
    }
    Signatures { checked_at: now, dkim: found, spf: Some(spf), dmarc: Some(dmarc), arc, answers: table.used(), notes }
}
