//! DKIM: what became of each signature, now and when the mail was sent, and what it covers.
//!
//! A key that is gone, and a time that is over, are kept apart from a signature that does not fit: old notices lose their keys.

use abate_model::{Dkim, DnsKind, DnsReply, Outcome, SignatureFault};
use jiff::Timestamp;
use mail_auth::common::crypto::{Algorithm, CryptoError};
use mail_auth::common::headers::Header;
use mail_auth::common::verify::{DomainKey, VerifySignature};
use mail_auth::dkim::{DkimError, Signature};
use mail_auth::{AuthenticatedMessage, DkimOutput, DkimResult, DnsError, Error, MessageAuthenticator};

use crate::headers::count;
use crate::message::{MAX_SIGNATURES, Mail};
use crate::rounds::Views;
use crate::table::{Table, parsed};

/// Headers that a reader sees or that decide how the body is shown.
const SEEN: [&str; 6] = ["from", "subject", "date", "to", "reply-to", "content-type"];
/// The fewest bits of an RSA key (RFC 8301, 3.2).
const MIN_BITS: usize = 1024;

/// An outcome with its reason.
pub(crate) type Judged = (Outcome, Option<SignatureFault>, String);

/// The signatures, and what DMARC may rest on.
pub(crate) async fn check<'m>(
    verifier: &MessageAuthenticator,
    mail: &'m Mail<'_>,
    views: &Views<'_>,
    table: &Table,
    date: Option<Timestamp>,
    now: Timestamp,
) -> (Vec<Dkim>, Vec<DkimOutput<'m>>) {
    let message = &mail.message;
    let outputs = verifier.verify_dkim(views.over(message)).await;
    let (mut found, mut for_dmarc) = (Vec::new(), Vec::new());
    for (n, (header, output)) in message.dkim_headers.iter().zip(&outputs).enumerate() {
        let signature = &header.header;
        let judged = judge(output.result(), signature, table);
        for_dmarc.extend(match judged.0 {
            Outcome::Pass => Some(DkimOutput::pass().with_signature(signature)),
            Outcome::TempError | Outcome::NotChecked => {
                let error = Error::Dns(DnsError::Resolver(judged.2.clone()));
                Some(DkimOutput::temp_err(error).with_signature(signature))
            }
            _ => None,
        });
        let expires = mail.expires.get(n).copied().unwrap_or(0);
        let dkim = described(message, header, judged, mail.beyond.get(n).copied().unwrap_or(0));
        let dkim = with_times(dkim, signature, expires, date, now);
        if dkim.outcome_at_date == Outcome::PermError && dkim.fault == Some(SignatureFault::SignatureExpired) {
            for_dmarc.retain(|o| !o.signature().is_some_and(|s| std::ptr::eq(s, signature)));
        }
        found.push(dkim);
    }
    found.extend(
        mail.unreadable
            .iter()
            .map(|why| bare("", "", Outcome::PermError, SignatureFault::Malformed, format!("the header cannot be read: {why}"))),
    );
    found.extend(mail.excess.iter().take(MAX_SIGNATURES).map(|(domain, selector)| {
        bare(
            domain,
            selector,
            Outcome::NotChecked,
            SignatureFault::Limit,
            format!("only {MAX_SIGNATURES} signatures of sensible size are checked"),
        )
    }));
    (found, for_dmarc)
}

fn bare(domain: &str, selector: &str, outcome: Outcome, fault: SignatureFault, detail: String) -> Dkim {
    Dkim {
        domain: domain.to_ascii_lowercase(),
        selector: selector.to_owned(),
        outcome,
        outcome_at_date: outcome,
        fault: Some(fault),
        detail,
        covers_from_subject_body: false,
        uncovered: Vec::new(),
        signed_at: None,
        expires: None,
    }
}

fn described(message: &AuthenticatedMessage<'_>, header: &Header<'_, Signature>, judged: Judged, beyond: u64) -> Dkim {
    let signature = &header.header;
    let mut uncovered: Vec<String> = SEEN.iter().filter(|name| !covers(message, signature, name)).map(|n| (*n).to_owned()).collect();
    let essential = uncovered.iter().any(|n| n == "from" || n == "subject");
    if beyond > 0 {
        uncovered.push(format!("body after {} bytes", signature.l));
    }
    Dkim {
        domain: signature.d.to_ascii_lowercase(),
        selector: signature.s.clone(),
        outcome: judged.0,
        outcome_at_date: judged.0,
        fault: judged.1,
        detail: judged.2,
        covers_from_subject_body: !essential && beyond == 0,
        uncovered,
        signed_at: instant(signature.t),
        expires: None,
    }
}

/// Whether each occurrence of a header is signed. One more than is signed may have been added on the way.
fn covers(message: &AuthenticatedMessage<'_>, signature: &Signature, name: &str) -> bool {
    signature.h.iter().filter(|h| h.trim().eq_ignore_ascii_case(name)).count() >= count(message, name)
}

/// Judges `x=`, at `now` and at the mail's Date if that is signed, else at `t=`.
fn with_times(mut dkim: Dkim, signature: &Signature, expires: u64, date: Option<Timestamp>, now: Timestamp) -> Dkim {
    if expires == 0 {
        return dkim;
    }
    dkim.expires = instant(expires);
    if dkim.outcome != Outcome::Pass {
        return dkim;
    }
    let is_signed = signature.h.iter().any(|h| h.trim().eq_ignore_ascii_case("date"));
    let sent = date.filter(|_| is_signed).or(dkim.signed_at);
    let usable = expires > signature.t;
    let over = |at: Timestamp| dkim.expires.is_none_or(|end| end <= at);
    let then = usable && sent.is_some_and(|at| !over(at));
    if usable && !over(now) {
        return dkim;
    }
    dkim.outcome = Outcome::PermError;
    dkim.outcome_at_date = if then { Outcome::Pass } else { Outcome::PermError };
    dkim.fault = Some(SignatureFault::SignatureExpired);
    let end = dkim.expires.map_or_else(|| "an impossible time".to_owned(), |t| t.to_string());
    dkim.detail = if then {
        format!("the signature is right and held when the mail was sent; it expired at {end}")
    } else {
        format!("the signature is right, but had expired at {end} before the mail's date")
    };
    dkim
}

fn instant(seconds: u64) -> Option<Timestamp> {
    (seconds > 0).then(|| i64::try_from(seconds).ok().and_then(|s| Timestamp::from_second(s).ok())).flatten()
}

fn judge(result: &DkimResult, signature: &Signature, table: &Table) -> Judged {
    let name = signature.domain_key().to_lowercase();
    match result {
        DkimResult::Pass => weakness(signature, table, &name).unwrap_or_else(|| (Outcome::Pass, None, "the signature holds".to_owned())),
        DkimResult::None => (Outcome::None, None, "there is no signature".to_owned()),
        DkimResult::Neutral(error) | DkimResult::Fail(error) | DkimResult::PermError(error) | DkimResult::TempError(error) => {
            failure(error, &name, table)
        }
    }
}

/// What an error of `mail-auth` means for a signature whose key has this name.
pub(crate) fn failure(error: &Error, key: &str, table: &Table) -> Judged {
    use SignatureFault as F;
    let of = |outcome, fault, detail: String| (outcome, Some(fault), detail);
    match error {
        Error::Dkim(DkimError::FailedBodyHashMatch) => {
            of(Outcome::Fail, F::BodyHashMismatch, "the body is not the one that was signed".to_owned())
        }
        Error::Dkim(DkimError::FailedAuidMatch) => {
            of(Outcome::Fail, F::IdentityMismatch, "the signer named in i= is not in the signing domain".to_owned())
        }
        Error::Crypto(CryptoError::IncompatibleAlgorithms) => {
            of(Outcome::PermError, F::KeyUnusable, format!("the key at {key} is of another kind than the signature"))
        }
        Error::Crypto(CryptoError::FailedVerification) => of(
            Outcome::Fail,
            F::SignatureMismatch,
            format!(
                "the body is unchanged, but the key at {key} does not fit: a signed header was changed, the key was replaced, or the signature is made up"
            ),
        ),
        Error::Dns(DnsError::RecordNotFound(_)) => {
            of(Outcome::PermError, F::KeyMissing, format!("there is no key at {key}: it was rotated away, or never existed"))
        }
        Error::Dkim(DkimError::RevokedPublicKey) => of(Outcome::PermError, F::KeyRevoked, format!("the key at {key} was revoked")),
        Error::Dns(DnsError::Resolver(_)) => no_answer(table, DnsKind::Txt, Some(key)),
        Error::Dkim(DkimError::UnsupportedVersion | DkimError::UnsupportedAlgorithm | DkimError::UnsupportedCanonicalization) => {
            of(Outcome::PermError, F::Malformed, format!("the header cannot be read: {error}"))
        }
        other => of(Outcome::PermError, F::KeyUnusable, format!("what stands at {key} is no key that can be used: {other}")),
    }
}

/// What it means that an answer is missing: not asked, or asked in vain.
pub(crate) fn no_answer(table: &Table, kind: DnsKind, name: Option<&str>) -> Judged {
    let failed = name.map_or(table.any_failed(), |n| matches!(table.reply(kind, n), Some(DnsReply::Failed(_))));
    if !failed && let Some(why) = table.why_unasked(name) {
        return (Outcome::NotChecked, Some(SignatureFault::NotAsked), format!("not checked: {why}"));
    }
    let what = name.map_or_else(String::new, |n| format!(" for {n}"));
    let why = match name.and_then(|n| table.reply(kind, n)) {
        Some(DnsReply::Failed(why)) => format!(" ({why})"),
        _ => String::new(),
    };
    (Outcome::TempError, Some(SignatureFault::NoAnswer), format!("DNS gave no answer{what}{why}"))
}

/// A signature that holds but does not count any more (RFC 8301).
fn weakness(signature: &Signature, table: &Table, key: &str) -> Option<Judged> {
    let weak = |why: String| {
        Some((Outcome::PermError, Some(SignatureFault::Weak), format!("the signature is right, but {why} no longer counts (RFC 8301)")))
    };
    if signature.a == Algorithm::RsaSha1 {
        return weak("SHA-1".to_owned());
    }
    let Some(DnsReply::Records(records)) = table.reply(DnsKind::Txt, key) else { return None };
    let bits = parsed::<DomainKey>(records).ok()?.p.public_key_bits();
    if bits < MIN_BITS { weak(format!("a key of {bits} bits")) } else { None }
}
