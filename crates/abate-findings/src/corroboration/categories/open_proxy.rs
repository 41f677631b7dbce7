//! An open proxy or relay: strangers come in, and their traffic goes out.

use abate_model::{Claim, Table, Text, TimeWindow};

use super::{Corroboration, When, agree};
use crate::corroboration::inbound::{Wanted, answered, ports};
use crate::corroboration::question::{Question, Sign};

/// Strangers that make a proxy open.
const STRANGERS: usize = 2;

pub(super) static OPEN_PROXY: Corroboration = Corroboration {
    claims: &[Claim::ProxyForwarding],
    guardduty: &[],
    tables: &[Table::NetworkActivity, Table::HttpActivity],
    expects: Text::fixed(
        "strangers whose requests our proxy answered, and traffic going out on their behalf",
        "外部の第三者のリクエストに自社のプロキシが応答し、その分の通信が外へ出ている記録",
    ),
    agrees: agree::always,
    look,
    scope: None,
    outward: false,
    when: When::ThatTime,
};

fn look(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    let mut ports = ports(question);
    // A web server answers strangers by its nature.
    ports.retain(|port| ![80, 443].contains(port));
    answered(question, window, &Wanted { ports: &ports, protocol: Some(6), strangers: STRANGERS })
}
