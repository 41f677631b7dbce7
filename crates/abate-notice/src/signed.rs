//! What the signatures of a raw mail say about its sender, graded. A failure can expose a forgery; a pass is one sign among
//! several, never proof: mails that AWS's own services send for anybody pass as well (an SNS subscription with a scam in the
//! topic's name). What proves a notice is the same matter in AWS Health or in Support Center.

use abate_model::signatures::{Outcome, SignatureFault};
use abate_model::{AuthenticityVerdict as Verdict, Channel, Notice, Signatures, Text};

use crate::authenticity::{is_aws_address, is_aws_domain};

/// The notice with the verdict on its sender revised by what the signatures of its raw mail showed. A notice that is no raw mail
/// from AWS stays as it is.
#[must_use]
pub fn with_signatures(mut notice: Notice, signatures: Signatures) -> Notice {
    let from_aws = notice.from.as_deref().is_some_and(is_aws_address);
    if notice.channel == Channel::Mail && from_aws {
        let (verdict, mut reasons) = judge(&signatures);
        // What speaks against the text is not washed away by a pass.
        notice.authenticity.verdict = worse(notice.authenticity.verdict, verdict);
        notice.authenticity.reasons.retain(|r| !r.en.starts_with("the DKIM signature is not verified here"));
        let at = notice.authenticity.reasons.len().saturating_sub(1);
        reasons.reverse();
        reasons.into_iter().for_each(|reason| notice.authenticity.reasons.insert(at, reason));
    }
    notice.authenticity.signatures = Some(signatures);
    notice
}

fn worse(a: Verdict, b: Verdict) -> Verdict {
    let rank = |v: Verdict| match v {
        Verdict::Forged => 0,
        Verdict::Suspicious => 1,
        Verdict::NotChecked => 2,
        Verdict::Plausible => 3,
        Verdict::Genuine => 4,
    };
    if rank(a) <= rank(b) { a } else { b }
}

fn judge(signatures: &Signatures) -> (Verdict, Vec<Text>) {
    let mut reasons = Vec::new();
    let ours: Vec<_> = signatures.dkim.iter().filter(|d| is_aws_domain(&d.domain) || is_ses(&d.domain)).collect();
    let passed = ours.iter().find(|d| d.outcome == Outcome::Pass || d.outcome_at_date == Outcome::Pass);
    let altered = ours.iter().find(|d| d.outcome == Outcome::Fail);
    let dmarc = signatures.dmarc.as_ref().map_or(Outcome::NotChecked, |d| d.outcome);
    let carried = signatures.arc.as_ref().is_some_and(|a| a.outcome == Outcome::Pass);
    for signature in &signatures.dkim {
        reasons.push(dkim(signature));
    }
    if let Some(d) = &signatures.dmarc {
        reasons.push(outcome_of("DMARC", &d.domain, d.outcome, &d.detail));
    }
    let verdict = if dmarc == Outcome::Fail || (dmarc != Outcome::Pass && altered.is_some() && passed.is_none()) {
        if carried {
            reasons.push(Text::fixed(
                "a forwarder changed the mail on its way and sealed it (ARC passes): the failure may be the forwarder's, so the mail is only doubtful",
                "転送者が経路上でメールを変更し、封印しています（ARC は pass）。失敗は転送によるものかもしれないため、疑わしいにとどめます",
            ));
            Verdict::Suspicious
        } else {
            Verdict::Forged
        }
    } else if passed.is_some_and(|d| !d.covers_from_subject_body) && dmarc != Outcome::Fail {
        reasons.push(Text::fixed(
            "the signature does not cover sender, subject and the whole text: what it leaves open may have been added by anyone",
            "署名が差出人・件名・本文全体を対象にしていません。対象外の部分は誰でも付け加えられます",
        ));
        Verdict::Suspicious
    } else if passed.is_some() {
        reasons.push(Text::fixed(
            "a valid signature shows that AWS's mail systems sent it, not that Trust & Safety wrote it; a pass alone is no proof",
            "有効な署名は AWS のメールシステムから送られたことを示しますが、Trust & Safety が書いたことの証明にはなりません",
        ));
        Verdict::Plausible
    } else if signatures.dkim.is_empty() && signatures.spf.as_ref().is_none_or(|s| s.outcome != Outcome::Pass) && known(dmarc) {
        reasons.push(Text::fixed(
            "the mail bears no signature of AWS and its way does not speak for it either",
            "AWS の署名がなく、配送経路からも AWS のものと確認できません",
        ));
        Verdict::Suspicious
    } else {
        reasons.push(Text::fixed(
            "the signatures could not be checked to the end; that is no sign for or against the mail",
            "署名を最後まで検証できませんでした。真偽どちらの根拠にもなりません",
        ));
        Verdict::Plausible
    };
    (verdict, reasons)
}

fn known(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::NotChecked | Outcome::TempError)
}

/// Amazon SES signs for itself beside its customer's domain.
fn is_ses(domain: &str) -> bool {
    domain.eq_ignore_ascii_case("amazonses.com")
}

fn dkim(d: &abate_model::signatures::Dkim) -> Text {
    let place = format!("{} ({})", d.domain, d.selector);
    match (d.outcome, d.fault) {
        (Outcome::Pass, _) => Text::new(format!("DKIM passes for {place}"), format!("DKIM は pass です（{place}）")),
        (_, Some(SignatureFault::KeyMissing | SignatureFault::KeyRevoked)) => Text::new(
            format!("DKIM of {place} cannot be verified any more: its key is gone from DNS, as keys of old mails are"),
            format!("DKIM（{place}）は鍵が DNS から消えているため検証できません（古いメールではよくあることです）"),
        ),
        (_, Some(SignatureFault::SignatureExpired)) if d.outcome_at_date == Outcome::Pass => Text::new(
            format!("DKIM of {place} has expired since; it was valid when the mail was sent"),
            format!("DKIM（{place}）は現在期限切れですが、送信時点では有効でした"),
        ),
        (Outcome::Fail, _) => Text::new(
            format!("DKIM fails for {place}: {}; the mail was altered or is forged", d.detail),
            format!("DKIM は fail です（{place}）。改変または偽造されています"),
        ),
        _ => Text::new(format!("DKIM of {place} could not be verified: {}", d.detail), format!("DKIM（{place}）は検証できませんでした")),
    }
}

fn outcome_of(what: &str, domain: &str, outcome: Outcome, detail: &str) -> Text {
    let word = match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::TempError => "temperror",
        Outcome::PermError => "permerror",
        Outcome::None => "none",
        Outcome::NotChecked => "not checked",
    };
    let detail = if outcome == Outcome::Pass || detail.is_empty() { String::new() } else { format!(": {detail}") };
    Text::new(format!("{what} for {domain}: {word}{detail}"), format!("{what}（{domain}）: {word}"))
}
