//! Crawling: many requests to web servers of others.

use abate_model::{Claim, Table, Text, TimeWindow};

use super::{Corroboration, When, agree};
use crate::corroboration::contact::{self, contacts};
use crate::corroboration::question::{Question, Sign};

/// Ports of web servers.
const WEB: [u16; 5] = [80, 443, 8000, 8080, 8443];

pub(super) static CRAWLING: Corroboration = Corroboration {
    claims: &[Claim::OutboundHttpFanOut, Claim::OutboundToReportedRemote],
    guardduty: &[],
    tables: &[Table::NetworkActivity],
    expects: Text::fixed(
        "connections from our address to the named web server, or to many web servers",
        "当方のアドレスから、記載されたウェブサーバー、または多数のウェブサーバーへの接続",
    ),
    agrees: agree::by_port,
    look,
    scope: None,
    outward: true,
    when: When::ThatTime,
};

fn look(question: &Question<'_>, window: TimeWindow) -> Vec<Sign> {
    let named = question.ports();
    let mut contacts = contacts(question, window);
    contacts.retain(|contact| WEB.contains(&contact.port) || named.contains(&contact.port));
    contact::sign(&contacts).into_iter().collect()
}
