//! The table of DNS answers that `mail-auth` is run over, in the shape of its caches.
//!
//! What it looks for and does not find is noted, to be asked. The table never expires anything: an answer is of its time.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Instant;

use abate_model::{DnsAnswer, DnsKind, DnsReply};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::resolver::ToReverseName;
use mail_auth::common::verify::DomainKey;
use mail_auth::dkim::Atps;
use mail_auth::dmarc::Dmarc;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::Spf;
use mail_auth::{DnsError, DnssecStatus, Error, MX, RecordSet, ResolverCache, Txt};

/// A question to DNS.
pub(crate) type Question = (DnsKind, String);

/// All answers so far, and what is still wanted.
pub(crate) struct Table {
    answers: BTreeMap<Question, DnsAnswer>,
    /// the address that delivered the mail, for questions of its name
    peer: Option<IpAddr>,
    wanted: RefCell<BTreeSet<Question>>,
    used: RefCell<BTreeSet<Question>>,
    /// questions that will not be asked, and why
    unasked: BTreeMap<Question, String>,
}

impl Table {
    /// An empty table for the mail of one peer.
    pub(crate) fn new(peer: Option<IpAddr>) -> Self {
        Self { answers: BTreeMap::new(), peer, wanted: RefCell::default(), used: RefCell::default(), unasked: BTreeMap::new() }
    }

    /// Adds an answer.
    pub(crate) fn put(&mut self, answer: DnsAnswer) {
        self.answers.insert((answer.kind, answer.name.clone()), answer);
    }

    /// Gives a question up.
    pub(crate) fn give_up(&mut self, question: Question, why: &str) {
        self.unasked.insert(question, why.to_owned());
    }

    /// What was missed since the last call.
    pub(crate) fn take_wanted(&self) -> BTreeSet<Question> {
        self.wanted.take()
    }

    /// The answers that were looked at.
    pub(crate) fn used(&self) -> Vec<DnsAnswer> {
        let used = self.used.borrow();
        self.answers.iter().filter(|(question, _)| used.contains(question)).map(|(_, answer)| answer.clone()).collect()
    }

    /// The reply to a question, if it is known.
    pub(crate) fn reply(&self, kind: DnsKind, name: &str) -> Option<&DnsReply> {
        self.answers.get(&(kind, name.to_owned())).map(|a| &a.reply)
    }

    /// Why a question was not asked; for `None` as a name, why any was not.
    pub(crate) fn why_unasked(&self, name: Option<&str>) -> Option<&str> {
        match name {
            Some(name) => self.unasked.iter().find(|((_, n), _)| n == name).map(|(_, why)| why.as_str()),
            None => self.unasked.values().next().map(String::as_str),
        }
    }

    /// Whether some question went out and got no usable reply.
    pub(crate) fn any_failed(&self) -> bool {
        let used = self.used.borrow();
        self.answers.iter().any(|(question, a)| used.contains(question) && matches!(a.reply, DnsReply::Failed(_)))
    }

    fn look_up(&self, kind: DnsKind, name: &str) -> Option<&DnsReply> {
        let question = (kind, name.to_owned());
        if let Some(answer) = self.answers.get(&question) {
            self.used.borrow_mut().insert(question);
            return Some(&answer.reply);
        }
        if !self.unasked.contains_key(&question) {
            self.wanted.borrow_mut().insert(question);
        }
        None
    }

    /// A record set; a name without such records is an empty set. `None` sends `mail-auth` to its resolver, which fails.
    fn set<T>(&self, kind: DnsKind, name: &str, read: impl Fn(&[String]) -> Vec<T>) -> Option<RecordSet<T>> {
        let rrset: Arc<[T]> = match self.look_up(kind, name)? {
            DnsReply::Records(records) => read(records).into(),
            DnsReply::NoRecords | DnsReply::NoName => Arc::new([]),
            DnsReply::Failed(_) => return None,
        };
        Some(RecordSet { rrset, dnssec_status: DnssecStatus::Indeterminate })
    }

    fn txt(&self, name: &str) -> Option<Txt> {
        if name.starts_with("_report._domainkey.") {
            // Where to send failure reports: none are sent.
            return Some(Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain))));
        }
        Some(match self.look_up(DnsKind::Txt, name)? {
            DnsReply::Records(records) if name.starts_with("_dmarc.") => parsed::<Dmarc>(records).into(),
            DnsReply::Records(records) if name.contains("._domainkey.") => parsed::<DomainKey>(records).into(),
            DnsReply::Records(records) if name.contains("._atps.") => parsed::<Atps>(records).into(),
            DnsReply::Records(records) => {
                let v4 = self.peer.is_some_and(|p| p.is_ipv4());
                let rewritten: Vec<String> = records.iter().map(|r| if v4 { without_exists(r) } else { r.clone() }).collect();
                parsed::<Spf>(&rewritten).into()
            }
            DnsReply::NoRecords => Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NoError))),
            DnsReply::NoName => Txt::Error(Error::Dns(DnsError::RecordNotFound(ResponseCode::NXDomain))),
            DnsReply::Failed(why) => Txt::Error(Error::Dns(DnsError::Resolver(why.clone()))),
        })
    }
}

/// The first record that reads as what is wanted, as `mail-auth` does it.
pub(crate) fn parsed<T: TxtRecordParser>(records: &[String]) -> mail_auth::Result<T> {
    let mut result = Err(Error::Dns(DnsError::InvalidRecordType));
    for record in records {
        result = T::parse(record.as_bytes());
        if result.is_ok() {
            break;
        }
    }
    result
}

/// `exists:NAME` as `a:NAME/0`, which is the same for an IPv4 peer: `mail-auth` takes any cached answer for existence, even
/// that there are no records, so `exists` itself must not meet the table.
fn without_exists(record: &str) -> String {
    if !record.to_ascii_lowercase().starts_with("v=spf1") {
        return record.to_owned();
    }
    let words = record.split(' ').map(|word| {
        let (qualifier, mechanism) = word.split_at(usize::from(word.starts_with(['+', '-', '~', '?'])));
        match mechanism.get(..7).filter(|m| m.eq_ignore_ascii_case("exists:")).and_then(|m| mechanism.get(m.len()..)) {
            Some(name) if !name.contains('/') => format!("{qualifier}a:{name}/0"),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// TXT answers, as `mail-auth` wants them.
pub(crate) struct TxtView<'t>(pub &'t Table);
/// MX answers.
pub(crate) struct MxView<'t>(pub &'t Table);
/// IPv4 answers.
pub(crate) struct V4View<'t>(pub &'t Table);
/// IPv6 answers.
pub(crate) struct V6View<'t>(pub &'t Table);
/// Names of addresses.
pub(crate) struct PtrView<'t>(pub &'t Table);

impl ResolverCache<Box<str>, Txt> for TxtView<'_> {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.txt(&spelled(name)?)
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}

impl ResolverCache<Box<str>, RecordSet<MX>> for MxView<'_> {
    fn get<Q>(&self, name: &Q) -> Option<RecordSet<MX>>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.set(DnsKind::Mx, &spelled(name)?, mail_servers)
    }

    fn remove<Q>(&self, _: &Q) -> Option<RecordSet<MX>>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: RecordSet<MX>, _: Instant) {}
}

impl ResolverCache<Box<str>, RecordSet<Ipv4Addr>> for V4View<'_> {
    fn get<Q>(&self, name: &Q) -> Option<RecordSet<Ipv4Addr>>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        // For an IPv6 peer only `exists` asks for IPv4 addresses, and an empty set would count as existence.
        let set = self.0.set(DnsKind::A, &spelled(name)?, |r| r.iter().filter_map(|a| a.parse().ok()).collect())?;
        (self.0.peer.is_none_or(|p| p.is_ipv4()) || !set.rrset.is_empty()).then_some(set)
    }

    fn remove<Q>(&self, _: &Q) -> Option<RecordSet<Ipv4Addr>>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: RecordSet<Ipv4Addr>, _: Instant) {}
}

impl ResolverCache<Box<str>, RecordSet<Ipv6Addr>> for V6View<'_> {
    fn get<Q>(&self, name: &Q) -> Option<RecordSet<Ipv6Addr>>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let name = spelled(name)?;
        let set = self.0.set(DnsKind::Aaaa, &name, |r| r.iter().filter_map(|a| a.parse().ok()).collect())?;
        // A name whose IPv4 addresses were looked for just before is one of `exists`.
        let of_exists = self.0.used.borrow().contains(&(DnsKind::A, name));
        (!of_exists || !set.rrset.is_empty()).then_some(set)
    }

    fn remove<Q>(&self, _: &Q) -> Option<RecordSet<Ipv6Addr>>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: RecordSet<Ipv6Addr>, _: Instant) {}
}

impl ResolverCache<IpAddr, RecordSet<Box<str>>> for PtrView<'_> {
    fn get<Q>(&self, address: &Q) -> Option<RecordSet<Box<str>>>
    where
        IpAddr: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let peer = self.0.peer.filter(|peer| <IpAddr as Borrow<Q>>::borrow(peer) == address)?;
        let zone = if peer.is_ipv4() { "in-addr.arpa." } else { "ip6.arpa." };
        let name = format!("{}.{zone}", peer.to_reverse_name());
        self.0.set(DnsKind::Ptr, &name, |names| names.iter().map(|n| n.clone().into_boxed_str()).collect())
    }

    fn remove<Q>(&self, _: &Q) -> Option<RecordSet<Box<str>>>
    where
        IpAddr: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: IpAddr, _: RecordSet<Box<str>>, _: Instant) {}
}

/// Mail servers, grouped by preference.
fn mail_servers(records: &[String]) -> Vec<MX> {
    let mut grouped: BTreeMap<u16, Vec<Box<str>>> = BTreeMap::new();
    for record in records {
        if let Some((preference, host)) = record.split_once(' ')
            && let Ok(preference) = preference.parse()
        {
            grouped.entry(preference).or_default().push(host.into());
        }
    }
    grouped.into_iter().map(|(preference, hosts)| MX { exchanges: hosts.into_boxed_slice(), preference }).collect()
}

/// The name behind a key of unknown type. A cache is asked with "something that `Box<str>` can be borrowed as", which can be
/// hashed and compared, but not read; so its hash is listened to, and what was heard is compared.
fn spelled<Q>(key: &Q) -> Option<String>
where
    Box<str>: Borrow<Q>,
    Q: Hash + Eq + ?Sized,
{
    let mut ear = Ear(Vec::new());
    key.hash(&mut ear);
    ear.0.into_iter().filter_map(|bytes| String::from_utf8(bytes).ok()).find(|heard| {
        let boxed: Box<str> = heard.as_str().into();
        <Box<str> as Borrow<Q>>::borrow(&boxed) == key
    })
}

/// A hasher that only keeps what is written.
struct Ear(Vec<Vec<u8>>);

impl Hasher for Ear {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.push(bytes.to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_heard() {
        assert_eq!(spelled::<str>("s._domainkey.example.com."), Some("s._domainkey.example.com.".to_owned()));
        assert_eq!(spelled::<str>(""), Some(String::new()));
        assert_eq!(spelled::<Box<str>>(&"a.example.".into()), Some("a.example.".to_owned()));
    }

    #[test]
    fn what_is_missed_is_wanted_once() {
        let mut table = Table::new(None);
        assert!(TxtView(&table).get::<str>("a.example.").is_none());
        let wanted = table.take_wanted();
        assert_eq!(wanted, BTreeSet::from([(DnsKind::Txt, "a.example.".to_owned())]));
        table.give_up((DnsKind::Txt, "a.example.".to_owned()), "off");
        assert!(TxtView(&table).get::<str>("a.example.").is_none());
        assert!(table.take_wanted().is_empty());
        assert_eq!(table.why_unasked(Some("a.example.")), Some("off"));
    }

    #[test]
    fn exists_becomes_an_address_with_no_bits() {
        assert_eq!(without_exists("v=spf1 -exists:%{i}.x.example ~all"), "v=spf1 -a:%{i}.x.example/0 ~all");
        assert_eq!(without_exists("v=spf1 EXISTS:x.example -all"), "v=spf1 a:x.example/0 -all");
        assert_eq!(without_exists("v=spf1 include:exists.example -all"), "v=spf1 include:exists.example -all");
        assert_eq!(without_exists("other exists:x"), "other exists:x");
    }
}
