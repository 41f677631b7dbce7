//! SPF of a stored mail: from the peer in the topmost Received header that names a public one, and Return-Path.
//!
//! Both headers are the word of whoever delivered the mail; the header used is named, so that a reader can judge that word.

use std::net::IpAddr;

use abate_model::{DnsKind, Outcome, Spf};
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{AuthenticatedMessage, MessageAuthenticator, SpfOutput, SpfResult};

use crate::dkim::no_answer;
use crate::headers::{hop, is_public, shortened, values};
use crate::rounds::Views;
use crate::table::Table;

/// How many Received headers are looked at: the recipient's own servers are at the top.
const MAX_HOPS: usize = 12;

/// Where a mail came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// the address that delivered it
    pub peer: IpAddr,
    /// what it called itself
    helo: String,
    /// the server that took it in
    by: String,
    /// the address in Return-Path; empty for a bounce
    sender: String,
    /// the Received header, shortened
    header: String,
}

impl Origin {
    /// The domain that SPF is evaluated for.
    fn domain(&self) -> &str {
        self.sender.rsplit_once('@').map_or(self.helo.as_str(), |(_, domain)| domain)
    }
}

/// Reads both headers, or says why not.
pub(crate) fn origin(message: &AuthenticatedMessage<'_>) -> Result<Origin, String> {
    let mut paths = values(message, "return-path");
    let path = paths.next().ok_or("the mail has no Return-Path")?;
    if paths.next().is_some() {
        return Err("the mail has more than one Return-Path".to_owned());
    }
    let sender = path.trim().trim_start_matches('<').trim_end_matches('>').trim().to_ascii_lowercase();
    let (header, found) = values(message, "received")
        .take(MAX_HOPS)
        .find_map(|text| hop(&text).filter(|h| is_public(h.peer)).map(|h| (text, h)))
        .ok_or("no Received header names the public address that delivered the mail")?;
    Ok(Origin { peer: found.peer, helo: found.helo, by: found.by, sender, header: shortened(&header) })
}

/// Evaluates SPF; its output is for DMARC.
pub(crate) async fn check(
    verifier: &MessageAuthenticator,
    origin: &Result<Origin, String>,
    views: &Views<'_>,
    table: &Table,
) -> (Spf, SpfOutput) {
    let origin = match origin {
        Ok(origin) => origin,
        Err(why) => {
            let detail = format!("not checked: {why}");
            let spf = Spf { outcome: Outcome::NotChecked, result: None, domain: String::new(), peer: None, taken_from: None, detail };
            return (spf, SpfOutput::new(String::new()).with_result(SpfResult::None));
        }
    };
    let domain = origin.domain().to_owned();
    let params = SpfParameters::verify_mail_from(origin.peer, &origin.helo, &origin.by, &origin.sender);
    let output = verifier.check_host(views.over(params)).await;
    let peer = origin.peer;
    let plain = |outcome, detail: String| (outcome, detail);
    let (outcome, detail) = match output.result() {
        SpfResult::Pass => plain(Outcome::Pass, format!("{domain} lets {peer} send")),
        SpfResult::Fail => plain(Outcome::Fail, format!("{domain} does not let {peer} send")),
        SpfResult::SoftFail => plain(Outcome::Fail, format!("{domain} probably does not let {peer} send")),
        SpfResult::Neutral => plain(Outcome::None, format!("{domain} says nothing about {peer}")),
        SpfResult::None => plain(Outcome::None, format!("{domain} has no SPF record")),
        SpfResult::PermError => plain(Outcome::PermError, format!("the SPF record of {domain} cannot be evaluated")),
        SpfResult::TempError if !table.any_failed() && table.why_unasked(None).is_none() => plain(
            Outcome::NotChecked,
            format!("not checked: the record of {domain} uses `exists` in a way that is not evaluated for {peer}"),
        ),
        SpfResult::TempError => {
            let (outcome, _, detail) = no_answer(table, DnsKind::Txt, None);
            (outcome, detail)
        }
    };
    let result = (outcome != Outcome::NotChecked).then(|| output.result().to_string().to_ascii_lowercase());
    (Spf { outcome, result, domain, peer: Some(peer), taken_from: Some(origin.header.clone()), detail }, output)
}
