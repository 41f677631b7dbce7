//! An open resolver or amplifier: it answers strangers, and with more than they ask.

use std::collections::BTreeSet;

use abate_model::{Claim, Table, Text, TimeWindow};

use super::{Corroboration, When, agree};
use crate::corroboration::inbound::{Wanted, answered, ports};
use crate::corroboration::question::{Question, Sign};

pub(super) static OPEN_RESOLVER: Corroboration = Corroboration {
    claims: &[Claim::OutboundAmplification],
    guardduty: &[],
    tables: &[Table::NetworkActivity],
    expects: Text::fixed(
        "questions of strangers to our UDP service (DNS, NTP, memcached and the like) that it answered",
        "自社の UDP サービス（DNS・NTP・memcached など）が外部からの問い合わせに応答した記録",
    ),
    agrees: agree::always,
    look,
    scope: None,
    outward: false,
    when: When::ThatTime,
};

fn look(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    let named = ports(question);
    let ports = if named.is_empty() { BTreeSet::from([53]) } else { named };
    answered(question, window, &Wanted { ports: &ports, protocol: Some(17), strangers: 1 })
}
