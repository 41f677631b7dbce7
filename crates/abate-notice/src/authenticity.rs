//! Whether a mail can be from AWS, as far as its own text tells. Signatures need DNS and are checked elsewhere; so the best
//! verdict here is `plausible`, never `genuine`.

use abate_model::{Authenticity, AuthenticityVerdict, Text};

use crate::incoming::{Incoming, Origin};
use crate::links;
use crate::text::{normal, sentences};

/// Domains that AWS sends from. Hosts below `amazonaws.com` belong to customers; below the others, to AWS.
const SENDERS: &[&str] = &["amazon.com", "amazonaws.com", "aws.com", "support.aws.com", "aws.amazon.com", "signin.aws", "marketplace.aws"];

const CONFIRM: Text = Text::fixed(
    "confirm the matter in AWS Health (service ABUSE) or the Support Center before acting on links or requests in it",
    "リンクや依頼に応じる前に、AWS Health（サービス ABUSE）またはサポートセンターで同じ件を確認してください",
);

/// Whether an address lies in a domain that AWS sends from, by whole labels.
pub(crate) fn is_aws_address(address: &str) -> bool {
    let Some((_, domain)) = address.trim().rsplit_once('@') else { return false };
    is_aws_domain(domain)
}

/// Whether AWS sends from a domain.
pub(crate) fn is_aws_domain(domain: &str) -> bool {
    let domain = domain.trim_matches(['>', '.', ' ']).to_ascii_lowercase();
    SENDERS.iter().any(|sender| domain == *sender || (*sender != "amazonaws.com" && links::within(&domain, sender)))
}

/// The verdict, from what came in and AWS's part of it. `reported` are URLs that are reported, not offered.
pub(crate) fn judge(incoming: &Incoming, aws_text: &str, reported: &[String]) -> Authenticity {
    match &incoming.origin {
        Origin::Mail => of_mail(incoming, aws_text, reported),
        Origin::Forwarded { by } => {
            let by = by.as_deref().unwrap_or("someone");
            let mut reasons = vec![
                Text::new(
                    format!("the notice was passed on by {by}; what AWS's mail servers signed is no longer there to be checked"),
                    format!("この通知は {by} から転送されたもので、AWS のメールサーバーの署名は残っておらず、検証できません"),
                ),
                CONFIRM,
            ];
            reasons.extend(remarks(incoming, aws_text, reported));
            verdict(AuthenticityVerdict::NotChecked, reasons)
        }
        Origin::Pasted => {
            let mut reasons = vec![
                Text::fixed(
                    "the notice is pasted text, which has no sender to check",
                    "貼り付けられたテキストのため、送信者を検証できません",
                ),
                CONFIRM,
            ];
            reasons.extend(remarks(incoming, aws_text, reported));
            verdict(AuthenticityVerdict::NotChecked, reasons)
        }
        Origin::Health => verdict(
            AuthenticityVerdict::NotChecked,
            vec![Text::fixed(
                "the event came as a file; only AWS Health itself, read in the account, proves it",
                "イベントはファイルで渡されました。証明になるのは、対象アカウントの AWS Health で直接確認した場合だけです",
            )],
        ),
        Origin::Xarf => {
            let own = Text::fixed(
                "this is a reporter's own XARF report, not a notice from AWS",
                "これは通報者自身の XARF レポートで、AWS からの通知ではありません",
            );
            verdict(AuthenticityVerdict::NotChecked, vec![own])
        }
        Origin::Own => {
            let own = Text::fixed(
                "this is the customer's own finding, not a notice from AWS",
                "これはお客様自身の検知で、AWS からの通知ではありません",
            );
            verdict(AuthenticityVerdict::NotChecked, vec![own])
        }
    }
}

fn of_mail(incoming: &Incoming, aws_text: &str, reported: &[String]) -> Authenticity {
    let from = incoming.from.as_deref().unwrap_or_default();
    if !is_aws_address(from) {
        return not_from_aws(incoming, aws_text, from);
    }
    let results = incoming.auth_results.join(" ").to_ascii_lowercase();
    // The receiving server writes its line on top; a line below it may have come with the mail, so that only its failures count.
    let topmost = incoming.auth_results.first().map(|r| r.to_ascii_lowercase()).unwrap_or_default();
    if says(&results, "dmarc", &["fail"]) {
        let reasons = vec![
            Text::new(
                format!("Authentication-Results says dmarc=fail although From is {from}: the sender is not who it claims to be"),
                format!("差出人は {from} ですが、Authentication-Results は dmarc=fail です。送信者を偽っています"),
            ),
            CONFIRM,
        ];
        return verdict(AuthenticityVerdict::Forged, reasons);
    }
    let mut against = remarks(incoming, aws_text, reported);
    let passed = says(&topmost, "dmarc", &["pass"]);
    for method in ["dkim", "spf"] {
        // One of the two may fail on the way without harm as long as DMARC passes.
        if !passed && says(&results, method, &["fail", "permerror"]) {
            against.push(Text::new(
                format!("Authentication-Results says {method}=fail"),
                format!("Authentication-Results は {method}=fail です"),
            ));
        }
    }
    if incoming.from_all.len() > 1 {
        against.push(Text::fixed("the mail has more than one From address", "差出人（From）が複数あります"));
    }
    if let Some(reply) = incoming.reply_to.iter().find(|a| !is_aws_address(a)) {
        against.push(Text::new(
            format!("answers would go to {reply}, which is not AWS's"),
            format!("返信先が AWS 以外の {reply} になっています"),
        ));
    }
    if !against.is_empty() {
        against.push(CONFIRM);
        return verdict(AuthenticityVerdict::Suspicious, against);
    }
    let mut reasons = vec![Text::new(
        format!("From is {from}, a domain that AWS sends from, and nothing in the mail speaks against it"),
        format!("差出人は AWS が使うドメイン（{from}）で、不審な点は見当たりません"),
    )];
    if passed {
        let server = topmost.split([';', ' ']).next().unwrap_or_default();
        reasons.push(Text::new(
            format!("Authentication-Results of {server} says dmarc=pass; trust it if that is your own mail server; a pass alone does not prove a notice"),
            format!("{server} の Authentication-Results は dmarc=pass です。自社のメールサーバーであれば信頼できますが、pass だけでは通知の証明になりません"),
        ));
    }
    reasons.push(Text::fixed(
        "the DKIM signature is not verified here, and a valid one alone would be no proof either",
        "DKIM 署名は検証していません。署名が正しくても、それだけでは証明になりません",
    ));
    reasons.push(CONFIRM);
    verdict(AuthenticityVerdict::Plausible, reasons)
}

fn not_from_aws(incoming: &Incoming, aws_text: &str, from: &str) -> Authenticity {
    let domain = from.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let name = incoming.from_name.as_deref().unwrap_or_default().to_ascii_lowercase();
    let plain = normal(aws_text);
    let claims = ["aws trust & safety", "aws trust and safety", "aws abuse team", "amazon ec2 abuse", "amazon web services"]
        .iter()
        .any(|c| plain.contains(c));
    let imitates = domain.split(['.', '-']).any(|label| {
        label.contains("amazon")
            || label.contains("aws")
            || label.starts_with("xn--")
            || label.contains("arnazon")
            || label.contains("amaz0n")
    });
    if imitates || claims || name.contains("amazon") || name.contains("aws") {
        let mut reasons = vec![Text::new(
            format!("the mail speaks as AWS, but {domain} is no domain that AWS sends from"),
            format!("AWS を名乗っていますが、{domain} は AWS が使うドメインではありません"),
        )];
        reasons.extend(remarks(incoming, aws_text, &[]));
        reasons.push(CONFIRM);
        return verdict(AuthenticityVerdict::Suspicious, reasons);
    }
    let sender = if from.is_empty() { "an unknown sender" } else { from };
    let other = Text::new(
        format!("the mail is from {sender}, not from AWS, and does not claim to be"),
        format!("差出人は {sender} で、AWS からのメールではなく、AWS を名乗ってもいません"),
    );
    verdict(AuthenticityVerdict::NotChecked, vec![other])
}

/// What speaks against a text whoever sent it.
fn remarks(incoming: &Incoming, aws_text: &str, reported: &[String]) -> Vec<Text> {
    let mut found: Vec<Text> = links::outside(aws_text, &incoming.links, reported)
        .into_iter()
        .take(5)
        .map(|host| Text::new(format!("a link leads outside AWS, to {host}"), format!("AWS 以外（{host}）へのリンクがあります")))
        .collect();
    if let Some(sentence) = asks_for_secret(aws_text) {
        found.push(Text::new(
            format!("it asks for a secret, which AWS never does by mail: \"{sentence}\""),
            format!("秘密情報を求めています（AWS がメールで求めることはありません）:「{sentence}」"),
        ));
    }
    found
}

fn asks_for_secret(text: &str) -> Option<String> {
    const VERBS: [&str; 9] =
        ["provide", "send us", "reply with", "enter", "submit", "tell us", "confirm your password", "verify your password", "include your"];
    const SECRETS: [&str; 9] = [
        "password",
        "secret access key",
        "secret key",
        "mfa code",
        "verification code",
        "one-time code",
        "credit card",
        "private key",
        "pin code",
    ];
    const HARMLESS: [&str; 8] = ["never", "do not", "don't", "will not", "change", "rotate", "reset", "without"];
    sentences(text).into_iter().map(|s| s.text).find(|sentence| {
        let plain = normal(sentence);
        let any = |words: &[&str]| words.iter().any(|w| plain.contains(w));
        any(&VERBS) && any(&SECRETS) && !any(&HARMLESS)
    })
}

/// Whether a method has one of these results (`dmarc=fail`, `dmarc = fail (p=reject)`).
fn says(results: &str, method: &str, wanted: &[&str]) -> bool {
    results.split([';', ' ', ',']).any(|token| {
        token.strip_prefix(method).and_then(|r| r.strip_prefix('=')).is_some_and(|result| wanted.iter().any(|w| result.starts_with(w)))
    }) || wanted.iter().any(|w| results.contains(&format!("{method} = {w}")))
}

fn verdict(verdict: AuthenticityVerdict, reasons: Vec<Text>) -> Authenticity {
    Authenticity { verdict, reasons, signatures: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AuthenticityVerdict::*;

    fn mail(from: &str, results: &str, text: &str) -> AuthenticityVerdict {
        let mut incoming = Incoming::text(Origin::Mail, text.to_owned());
        incoming.from = Some(from.to_owned());
        incoming.from_all = vec![from.to_owned()];
        incoming.auth_results = vec![results.to_owned()];
        judge(&incoming, text, &[]).verdict
    }

    #[test]
    fn senders_by_whole_label() {
        for address in
            ["trustandsafety@support.aws.com", "ec2-abuse@amazon.com", "no-reply@amazonaws.com", "health@aws.com", "x@bounces.amazon.com"]
        {
            assert!(is_aws_address(address), "{address}");
        }
        for address in [
            "a@notamazon.com",
            "a@amazon.com.example.net",
            "root@ec2-203-0-113-9.compute.amazonaws.com",
            "a@amazon-aws.com",
            "amazon.com",
            "",
        ] {
            assert!(!is_aws_address(address), "{address}");
        }
    }

    #[test]
    fn verdicts() {
        let aws = "trustandsafety@support.aws.com";
        for (from, results, text, expected) in [
            (aws, "", "See https://aws.amazon.com/aup/", Plausible),
            (aws, "mx.example.com; dkim=pass; spf=fail; dmarc=pass", "Hello", Plausible),
            (aws, "mx.example.com; dmarc=fail (p=REJECT) header.from=support.aws.com", "Hello", Forged),
            (aws, "mx.example.com; dkim=fail", "Hello", Suspicious),
            (aws, "", "Sign in at https://aws-console.example.net/", Suspicious),
            (aws, "", "Please reply with your password to restore access.", Suspicious),
            (aws, "", "AWS will never ask you to provide your password.", Plausible),
            ("abuse@aws-amazon-support.com", "", "Hello", Suspicious),
            ("a@example.com", "", "Regards,\nAWS Trust & Safety", Suspicious),
            ("reports@example.net", "", "Your host 203.0.113.7 attacked us", NotChecked),
        ] {
            assert_eq!(mail(from, results, text), expected, "{from} {results} {text}");
        }
    }

    #[test]
    fn answers_must_go_to_aws() {
        let mut incoming = Incoming::text(Origin::Mail, String::new());
        incoming.from = Some("ec2-abuse@amazon.com".to_owned());
        incoming.reply_to = vec!["help@example.net".to_owned()];
        assert_eq!(judge(&incoming, "", &[]).verdict, Suspicious);
    }
}
