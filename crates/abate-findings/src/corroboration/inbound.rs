//! Services of ours that answer strangers.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use abate_model::flows::{flow_key, is_private};
use abate_model::rows::{Direction, FlowAction};
use abate_model::{Body, Cite, Filter, Table, Text, TimeWindow};
use jiff::Timestamp;

use super::question::{Question, Sign, reaching};

/// Services by the words that notices use for them, with their ports.
/// Source: names of reported vulnerabilities in notices, of Shadowserver's reports, and IANA's registry of ports.
const SERVICES: [(&str, &[u16]); 34] = [
    ("chargen", &[19]),
    ("docker", &[2375, 2376]),
    ("dns", &[53]),
    ("elasticsearch", &[9200]),
    ("etcd", &[2379]),
    ("ftp", &[21]),
    ("ipmi", &[623]),
    ("jupyter", &[8888]),
    ("kibana", &[5601]),
    ("kubelet", &[10_250]),
    ("ldap", &[389]),
    ("mdns", &[5353]),
    ("memcache", &[11_211]),
    ("mongo", &[27_017]),
    ("mssql", &[1433, 1434]),
    ("mysql", &[3306]),
    ("netbios", &[137]),
    ("ntp", &[123]),
    ("portmap", &[111]),
    ("postgres", &[5432]),
    ("qotd", &[17]),
    ("rdp", &[3389]),
    ("redis", &[6379]),
    ("resolver", &[53]),
    ("rpcbind", &[111]),
    ("rsync", &[873]),
    ("smb", &[445]),
    ("snmp", &[161]),
    ("squid", &[3128]),
    ("ssdp", &[1900]),
    ("telnet", &[23]),
    ("tftp", &[69]),
    ("vnc", &[5900]),
    ("yarn", &[8088]),
];

/// The ports of ours that the report is about: named, or those of the service that it names.
pub(crate) fn ports(question: &Question<'_>) -> BTreeSet<u16> {
    let named = question.ports();
    if !named.is_empty() {
        return named;
    }
    let text = question.reported.text.to_ascii_lowercase();
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let says = |word: &str| if word.len() < 5 { words.contains(word) } else { text.contains(word) };
    SERVICES.iter().filter(|(word, _)| says(word)).flat_map(|(_, ports)| ports.iter().copied()).collect()
}

/// Answers of one service of ours.
#[derive(Default)]
struct Service {
    asked: u64,
    answered: u64,
    packets: u64,
    strangers: BTreeSet<IpAddr>,
    cites: Vec<(Timestamp, Cite)>,
}

/// What is asked of a service.
pub(crate) struct Wanted<'p> {
    pub(crate) ports: &'p BTreeSet<u16>,
    /// 17 or 6 where only one counts
    pub(crate) protocol: Option<u8>,
    /// so many strangers must have been answered
    pub(crate) strangers: usize,
}

/// Services of ours on some ports that answered strangers within a window: with more than the one packet of a refusal for TCP, with any
/// answer for UDP.
pub(crate) fn answered(question: &Question<'_>, window: TimeWindow, wanted: &Wanted<'_>) -> Vec<Sign> {
    let mut services: BTreeMap<(IpAddr, u8, u16), Service> = BTreeMap::new();
    if wanted.ports.is_empty() {
        return Vec::new();
    }
    question.context.evidence.each(&Filter::table(Table::NetworkActivity).within(reaching(window)), &mut |row| {
        let (Body::Net(net), Some(at)) = (&row.body, row.at) else { return };
        let Some((key, remote)) = flow_key(at, net) else { return };
        let ours = key.reply == (key.direction == Direction::Egress) && wanted.ports.contains(&key.port) && !is_private(remote);
        if !ours
            || wanted.protocol.is_some_and(|p| p != key.protocol)
            || net.action == Some(FlowAction::Reject)
            || question.is_other(key.local)
        {
            return;
        }
        let service = services.entry((key.local, key.protocol, key.port)).or_default();
        if key.direction == Direction::Ingress {
            service.asked = service.asked.saturating_add(net.bytes);
            return;
        }
        service.answered = service.answered.saturating_add(net.bytes);
        service.packets = service.packets.saturating_add(net.packets);
        if service.strangers.len() < 5000 {
            service.strangers.insert(remote);
        }
        if service.cites.len() < 12 {
            service.cites.push((at, question.context.evidence.cite(row)));
        }
    });
    let says_more = |protocol: u8, s: &Service| if protocol == 6 { s.packets >= 4 } else { s.packets >= 1 };
    services
        .into_iter()
        .filter(|((_, protocol, _), s)| s.asked > 0 && says_more(*protocol, s) && s.strangers.len() >= wanted.strangers)
        .filter_map(|((local, _, port), service)| sign(local, port, &service))
        .collect()
}

fn sign(local: IpAddr, port: u16, service: &Service) -> Option<Sign> {
    let (first, rest) = service.cites.split_first()?;
    let text = Text::new(
        format!(
            "{local} port {port} answered {}: {} bytes to {} bytes asked",
            abate_model::text::count(service.strangers.len(), "stranger"),
            service.answered,
            service.asked
        ),
        format!(
            "{local} のポート {port} が外部の {} 台に応答した（問い合わせ {} バイトに対し応答 {} バイト）",
            service.strangers.len(),
            service.asked,
            service.answered
        ),
    );
    let mut sign = Sign::new(text, Some(first.0), first.1.clone());
    rest.iter().for_each(|(at, cite)| sign.add(Some(*at), cite.clone()));
    Some(sign)
}
