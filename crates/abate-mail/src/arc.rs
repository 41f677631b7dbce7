//! ARC: whether a forwarder's chain is whole, and what its servers say they saw.
//!
//! A whole chain proves who forwarded, not that what they say is true: whom to believe is judged elsewhere.

use abate_model::{ArcChain, ArcSet, DnsKind, Outcome, SignatureFault};
use jiff::Timestamp;
use mail_auth::arc::ArcError;
use mail_auth::{DkimResult, Error, MessageAuthenticator};

use crate::dkim::{Judged, failure, no_answer};
use crate::headers::{shortened, unfolded};
use crate::message::Mail;
use crate::rounds::Views;
use crate::table::Table;

/// Verifies the chain, if there is one.
pub(crate) async fn check(
    verifier: &MessageAuthenticator,
    mail: &Mail<'_>,
    views: &Views<'_>,
    table: &Table,
    now: Timestamp,
) -> Option<ArcChain> {
    if let Some(why) = &mail.arc_excess {
        let detail = why.clone();
        return Some(ArcChain { outcome: Outcome::NotChecked, fault: Some(SignatureFault::Limit), detail, sets: Vec::new() });
    }
    let output = verifier.verify_arc(views.over(&mail.message)).await;
    let (outcome, fault, detail) = match output.result() {
        DkimResult::None => return None,
        DkimResult::Pass => passed(mail, now),
        DkimResult::Neutral(e) | DkimResult::Fail(e) | DkimResult::PermError(e) | DkimResult::TempError(e) => of_error(e, table),
    };
    let sets = output
        .sets()
        .iter()
        .map(|set| ArcSet { domain: set.seal.header.d.to_ascii_lowercase(), results: shortened(&unfolded(set.results.value)) })
        .collect();
    Some(ArcChain { outcome, fault, detail, sets })
}

fn passed(mail: &Mail<'_>, now: Timestamp) -> Judged {
    let end = i64::try_from(mail.arc_expires).ok().and_then(|s| Timestamp::from_second(s).ok());
    if mail.arc_expires > 0 && end.is_none_or(|end| end <= now) {
        return (
            Outcome::PermError,
            Some(SignatureFault::SignatureExpired),
            "the chain is whole, but its newest signature has expired".to_owned(),
        );
    }
    if mail.message.ams_headers.iter().any(|h| h.header.l > 0) {
        return (Outcome::PermError, Some(SignatureFault::Weak), "the chain is whole, but signs only the beginning of the body".to_owned());
    }
    (Outcome::Pass, None, "the chain is whole".to_owned())
}

fn of_error(error: &Error, table: &Table) -> Judged {
    match error {
        Error::Arc(ArcError::FailedBodyHashMatch) => {
            (Outcome::Fail, Some(SignatureFault::BodyHashMismatch), "the body is not the one that the last forwarder signed".to_owned())
        }
        Error::Arc(_) => (Outcome::Fail, Some(SignatureFault::BrokenChain), format!("the chain is broken: {error}")),
        mail_auth::Error::Dns(mail_auth::DnsError::Resolver(_)) => no_answer(table, DnsKind::Txt, None),
        other => failure(other, "a forwarder's domain", table),
    }
}
