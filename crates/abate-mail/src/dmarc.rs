//! DMARC: whether what holds is of the From domain, and what that domain asks for.
//!
//! The policy is today's; which one stood when the mail was sent is not known.

use abate_model::{Dmarc, DmarcPolicy, DnsKind, DnsReply, Outcome};
use mail_auth::dmarc::Policy;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::{AuthenticatedMessage, DkimOutput, DmarcOutput, DmarcResult, MessageAuthenticator, SpfOutput};

use crate::dkim::no_answer;
use crate::rounds::Views;
use crate::table::{Table, parsed};

/// Judges DMARC from what DKIM and SPF found.
pub(crate) async fn check(
    verifier: &MessageAuthenticator,
    message: &AuthenticatedMessage<'_>,
    dkim: &[DkimOutput<'_>],
    spf: &SpfOutput,
    views: &Views<'_>,
    table: &Table,
) -> Dmarc {
    let params =
        DmarcParameters { message, dkim_output: dkim, dkim2_output: None, rfc5321_mail_from_domain: spf.domain(), spf_output: spf };
    let output = verifier.verify_dmarc(views.over(params)).await;
    let domain = output.domain().to_owned();
    let policy = policy(&output, table);
    let (outcome, detail) = match output.result() {
        DmarcResult::Pass => (Outcome::Pass, format!("the mail is of {domain}")),
        DmarcResult::Fail(_) => (Outcome::Fail, format!("nothing that holds in the mail is of {domain}")),
        DmarcResult::TempError(_) => {
            let (outcome, _, detail) = no_answer(table, DnsKind::Txt, None);
            (outcome, detail)
        }
        DmarcResult::PermError(error) => (Outcome::PermError, format!("the DMARC record of {domain} cannot be read: {error}")),
        DmarcResult::None if domain.is_empty() => {
            (Outcome::PermError, "the mail has no From, or several of different domains; DMARC cannot be judged".to_owned())
        }
        DmarcResult::None => (Outcome::None, format!("{domain} has no DMARC policy")),
    };
    let aligned = |result: &DmarcResult| match result {
        DmarcResult::Pass => Outcome::Pass,
        DmarcResult::Fail(_) => Outcome::Fail,
        DmarcResult::TempError(_) => no_answer(table, DnsKind::Txt, None).0,
        DmarcResult::PermError(_) => Outcome::PermError,
        DmarcResult::None => Outcome::None,
    };
    Dmarc { policy, aligned_dkim: aligned(output.dkim_result()), aligned_spf: aligned(output.spf_result()), outcome, detail, domain }
}

/// The policy that applies. `np=` is for names that do not exist, which the table knows and `mail-auth`, asking it, does not.
fn policy(output: &DmarcOutput, table: &Table) -> Option<DmarcPolicy> {
    let record = output.dmarc_record()?;
    let own = table.reply(DnsKind::Txt, &format!("_dmarc.{}.", output.domain()));
    let is_own = matches!(own, Some(DnsReply::Records(r)) if parsed::<mail_auth::dmarc::Dmarc>(r).is_ok());
    let is_missing = matches!(table.reply(DnsKind::A, &format!("{}.", output.domain())), Some(DnsReply::NoName));
    let stated = if !is_own && is_missing && !record.t { record.np } else { output.policy() };
    Some(match stated {
        Policy::Reject => DmarcPolicy::Reject,
        Policy::Quarantine => DmarcPolicy::Quarantine,
        Policy::None | Policy::Unspecified => DmarcPolicy::None,
    })
}
