//! Denial of service: volume towards the victim. A few packets to it are none.

use std::collections::BTreeMap;
use std::net::IpAddr;

use abate_model::rows::Direction;
use abate_model::{Body, Claim, Filter, Table, Text, TimeWindow};

use super::{Corroboration, When, agree};
use crate::corroboration::contact::{self, Contact, contacts};
use crate::corroboration::question::{Question, Sign, reaching};

/// Packets, or bytes, towards the named victim within the window that no ordinary exchange has while next to nothing comes back.
const PACKETS: u64 = 5_000;
const BYTES: u64 = 20_000_000;
/// How many times as many packets go out as come back.
const ONE_SIDED: u64 = 5;

pub(super) static DOS: Corroboration = Corroboration {
    claims: &[Claim::OutboundFlood, Claim::OutboundAmplification],
    guardduty: &["Backdoor:EC2/DenialOfService"],
    tables: &[Table::NetworkActivity],
    expects: Text::fixed(
        "thousands of packets from our address to the named destination, with few or none coming back",
        "当方のアドレスから記載された宛先への大量のパケット（戻りはほとんどない）",
    ),
    agrees: agree::by_remote,
    look,
    scope: None,
    outward: true,
    when: When::ThatTime,
};

fn look(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    let mut by_remote: BTreeMap<IpAddr, Vec<Contact>> = BTreeMap::new();
    for contact in contacts(question, window) {
        by_remote.entry(contact.remote).or_default().push(contact);
    }
    by_remote.into_iter().filter_map(|(remote, sent)| flood(question, window, remote, &sent)).collect()
}

fn flood(question: &Question<'_>, window: TimeWindow, remote: IpAddr, sent: &[Contact]) -> Option<Sign> {
    let (packets, bytes) = sent.iter().fold((0_u64, 0_u64), |(p, b), c| (p.saturating_add(c.packets), b.saturating_add(c.bytes)));
    let mut back = 0_u64;
    let filter = Filter::table(Table::NetworkActivity).within(reaching(window)).naming(remote);
    question.context.evidence.each(&filter, &mut |row| {
        if let Body::Net(net) = &row.body
            && net.direction == Some(Direction::Ingress)
        {
            back = back.saturating_add(net.packets);
        }
    });
    if packets < PACKETS && bytes < BYTES || back.saturating_mul(ONE_SIDED) > packets {
        return None;
    }
    let sign = contact::sign(sent)?;
    let local = sent.first()?.local;
    let text = Text::new(
        format!("{local} sent {packets} packets ({bytes} bytes) to {remote}, and {back} came back"),
        format!("{local} が {remote} に {packets} パケット（{bytes} バイト）を送信し、戻りは {back} パケットだった"),
    );
    Some(Sign { text, ..sign })
}
