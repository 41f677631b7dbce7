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

#[cfg(test)]
mod tests {
    use super::*;
    use abate_model::signatures::{Dkim, Dmarc, DmarcPolicy};

    fn notice() -> Notice {
        let mail = "From: AWS Trust and Safety <trustandsafety@support.aws.com>\nMessage-ID: <a@example.com>\nDate: Wed, 04 Mar 2026 10:00:00 +0000\n\n\
                    AWS ID: 111122223333    Region: us-west-2    EC2 Instance Id: i-0123456789abcdef0\nhas been implicated in Port Scanning.\n";
        crate::read(mail.as_bytes(), &crate::ReadContext { received_at: "2026-03-05T00:00:00Z".parse().unwrap() }).unwrap()
    }

    fn signature(domain: &str, outcome: Outcome, fault: Option<SignatureFault>) -> Dkim {
        Dkim {
            domain: domain.to_owned(),
            selector: "s1".to_owned(),
            outcome,
            outcome_at_date: outcome,
            fault,
            detail: "detail".to_owned(),
            covers_from_subject_body: true,
            uncovered: vec![],
            signed_at: None,
            expires: None,
        }
    }

    fn signatures(dkim: Vec<Dkim>, dmarc: Outcome) -> Signatures {
        let dmarc = Dmarc {
            domain: "support.aws.com".to_owned(),
            policy: Some(DmarcPolicy::Reject),
            aligned_dkim: dmarc,
            aligned_spf: Outcome::NotChecked,
            outcome: dmarc,
            detail: String::new(),
        };
        Signatures {
            checked_at: "2026-03-05T00:00:00Z".parse().unwrap(),
            dkim,
            spf: None,
            dmarc: Some(dmarc),
            arc: None,
            answers: vec![],
            notes: vec![],
        }
    }

    fn verdict(dkim: Vec<Dkim>, dmarc: Outcome) -> Verdict {
        with_signatures(notice(), signatures(dkim, dmarc)).authenticity.verdict
    }

    #[test]
    fn a_pass_is_no_proof_and_a_failure_is_a_forgery() {
        let pass = || signature("support.aws.com", Outcome::Pass, None);
        assert_eq!(verdict(vec![pass()], Outcome::Pass), Verdict::Plausible);
        assert_eq!(
            verdict(vec![signature("support.aws.com", Outcome::Fail, Some(SignatureFault::BodyHashMismatch))], Outcome::Fail),
            Verdict::Forged
        );
        assert_eq!(verdict(vec![signature("example.net", Outcome::Pass, None)], Outcome::Fail), Verdict::Forged);
        let partial = Dkim { covers_from_subject_body: false, ..pass() };
        assert_eq!(verdict(vec![partial], Outcome::Pass), Verdict::Suspicious);
    }

    #[test]
    fn what_could_not_be_checked_speaks_neither_way() {
        let gone = signature("support.aws.com", Outcome::PermError, Some(SignatureFault::KeyMissing));
        assert_eq!(verdict(vec![gone], Outcome::PermError), Verdict::Plausible);
        assert_eq!(
            verdict(vec![signature("support.aws.com", Outcome::TempError, Some(SignatureFault::NoAnswer))], Outcome::TempError),
            Verdict::Plausible
        );
        assert_eq!(verdict(vec![], Outcome::NotChecked), Verdict::Plausible);
        assert_eq!(verdict(vec![], Outcome::None), Verdict::Suspicious);
    }

    #[test]
    fn a_pass_does_not_wash_away_what_the_text_says() {
        let mut lured = notice();
        lured.authenticity.verdict = Verdict::Suspicious;
        let judged = with_signatures(lured, signatures(vec![signature("support.aws.com", Outcome::Pass, None)], Outcome::Pass));
        assert_eq!(judged.authenticity.verdict, Verdict::Suspicious);
        assert!(judged.authenticity.reasons.iter().any(|r| r.en.contains("DKIM passes")));
        assert!(judged.authenticity.signatures.is_some());
    }
}
