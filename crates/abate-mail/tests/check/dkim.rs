//! DKIM: what each kind of change, loss or trick becomes.

use abate_model::{DnsKind, DnsReply, Outcome, SignatureFault};
use jiff::{Timestamp, ToSpan};
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::{Canonicalization, DkimSigner};

use crate::support::*;

const FROM: &str = "no-reply@support.aws.example";
const DOMAIN: &str = "support.aws.example";
const KEY: &str = "s1._domainkey.support.aws.example";

fn server() -> DnsServer {
    DnsServer::serve(&[(KEY, txt(ed_record())), ("rsa._domainkey.support.aws.example", txt(rsa_record()))])
}

#[test]
fn valid_signatures_hold() {
    let (now, _) = times();
    let server = server();
    for raw in [signed(&ed_signer(DOMAIN, "s1"), &mail(FROM, now)), signed_rsa(DOMAIN, "rsa", &mail(FROM, now))] {
        let result = server.check(&raw, now);
        let dkim = only(&result);
        assert_eq!((dkim.outcome, dkim.outcome_at_date, dkim.fault), (Outcome::Pass, Outcome::Pass, None), "{result:#?}");
        assert_eq!((dkim.domain.as_str(), dkim.covers_from_subject_body), (DOMAIN, true));
        assert_eq!(dkim.uncovered, Vec::<String>::new());
        assert!(dkim.signed_at.is_some() && dkim.expires.is_none());
        // As saved on a Unix machine, in an mbox, with blank lines at its end.
        let saved = format!("From x@example.com Mon Jan  1 00:00:00 2024\n{} \n\t\n\n", raw.replace("\r\n", "\n"));
        assert_eq!(only(&server.check(&saved, now)).outcome, Outcome::Pass);
    }
}

#[test]
fn simple_canonicalization_survives_bare_line_feeds() {
    let (now, _) = times();
    let signer = ed_signer(DOMAIN, "s1").header_canonicalization(Canonicalization::Simple).body_canonicalization(Canonicalization::Simple);
    let raw = signed(&signer, &mail(FROM, now));
    assert_eq!(only(&server().check(&raw.replace("\r\n", "\n"), now)).outcome, Outcome::Pass);
    assert_eq!(only(&server().check(&format!("{raw} \r\n"), now)).fault, Some(SignatureFault::BodyHashMismatch));
}

#[test]
fn changes_are_failures() {
    let (now, _) = times();
    let server = server();
    let raw = signed(&ed_signer(DOMAIN, "s1"), &mail(FROM, now));
    for (from, to, fault) in [
        ("i-0123456789abcdef0", "i-0fedcba9876543210", SignatureFault::BodyHashMismatch),
        ("Subject: Your", "Subject: Our", SignatureFault::SignatureMismatch),
        ("To: admin", "To: other", SignatureFault::SignatureMismatch),
    ] {
        assert!(raw.contains(from));
        let result = server.check(&raw.replace(from, to), now);
        let dkim = only(&result);
        assert_eq!((dkim.outcome, dkim.outcome_at_date, dkim.fault), (Outcome::Fail, Outcome::Fail, Some(fault)), "{from}: {result:#?}");
    }
    let unsigned = raw.replace("Message-ID: <1@", "Message-ID: <2@");
    assert_eq!(only(&server.check(&unsigned, now)).outcome, Outcome::Pass, "not a signed header");
}

#[test]
fn a_key_that_is_gone_is_no_forgery() {
    let (now, _) = times();
    let raw = signed(&ed_signer(DOMAIN, "s1"), &mail(FROM, now));
    let gone = DnsServer::serve(&[]);
    let revoked = DnsServer::serve(&[(KEY, txt("v=DKIM1; k=ed25519; p="))]);
    let garbage = DnsServer::serve(&[(KEY, txt("v=DKIM1; k=ed25519; p=AAAA"))]);
    let no_txt = DnsServer::serve(&[(KEY, Served::A("192.0.2.1"))]);
    for (server, fault) in [
        (&gone, SignatureFault::KeyMissing),
        (&no_txt, SignatureFault::KeyMissing),
        (&revoked, SignatureFault::KeyRevoked),
        (&garbage, SignatureFault::KeyUnusable),
    ] {
        let result = server.check(&raw, now);
        assert_eq!((only(&result).outcome, only(&result).fault), (Outcome::PermError, Some(fault)), "{result:#?}");
    }
    let answers = gone.check(&raw, now).answers;
    let key = answers.iter().find(|a| a.name == format!("{KEY}.")).expect("the key was asked for");
    assert_eq!((key.kind, &key.reply, key.at), (DnsKind::Txt, &DnsReply::NoName, now));
}

#[test]
fn a_wrong_key_does_not_fit() {
    let (now, _) = times();
    let raw = signed(&ed_signer(DOMAIN, "s1"), &mail(FROM, now));
    let server = DnsServer::serve(&[(KEY, txt(other_record()))]);
    let result = server.check(&raw, now);
    assert_eq!((only(&result).outcome, only(&result).fault), (Outcome::Fail, Some(SignatureFault::SignatureMismatch)), "{result:#?}");
    let server = DnsServer::serve(&[(KEY, txt(rsa_record()))]);
    assert_eq!(only(&server.check(&raw, now)).fault, Some(SignatureFault::KeyUnusable), "a key of another kind");
}

#[test]
fn an_expired_signature_held_when_it_was_sent() {
    let (now, tomorrow) = times();
    let server = server();
    let signer = ed_signer(DOMAIN, "s1").expiration(3600);
    let raw = signed(&signer, &mail(FROM, now));
    let fresh = server.check(&raw, now);
    assert_eq!((only(&fresh).outcome, only(&fresh).fault), (Outcome::Pass, None), "{fresh:#?}");
    assert!(only(&fresh).expires.is_some());
    let old = server.check(&raw, tomorrow);
    let dkim = only(&old);
    assert_eq!((dkim.outcome, dkim.outcome_at_date), (Outcome::PermError, Outcome::Pass), "{old:#?}");
    assert_eq!(dkim.fault, Some(SignatureFault::SignatureExpired));
    assert!(old.notes.iter().any(|n| n.contains("expired")), "{:?}", old.notes);
    // A changed body is a changed body, expired or not.
    let changed = server.check(&raw.replace("Hello", "Hallo"), tomorrow);
    assert_eq!((only(&changed).outcome, only(&changed).fault), (Outcome::Fail, Some(SignatureFault::BodyHashMismatch)));
    let changed = server.check(&raw.replace("Subject: Your", "Subject: Our"), tomorrow);
    assert_eq!((only(&changed).outcome, only(&changed).fault), (Outcome::Fail, Some(SignatureFault::SignatureMismatch)));
}

#[test]
fn a_signature_that_had_expired_when_it_was_sent() {
    let (now, tomorrow) = times();
    let raw = signed(&ed_signer(DOMAIN, "s1").expiration(3600), &mail(FROM, now + 12.hours()));
    let result = server().check(&raw, tomorrow);
    let dkim = only(&result);
    assert_eq!((dkim.outcome, dkim.outcome_at_date), (Outcome::PermError, Outcome::PermError), "{result:#?}");
}

#[test]
fn an_unsigned_date_proves_nothing() {
    let (now, tomorrow) = times();
    let signer = DkimSigner::from_key(ed()).domain(DOMAIN).selector("s1").headers(["From", "Subject"]).expiration(3600);
    let raw = signed(&signer, &mail(FROM, now + 12.hours()));
    let dkim = server().check(&raw, tomorrow).dkim.remove(0);
    assert_eq!(dkim.outcome_at_date, Outcome::Pass, "judged by t=, which is signed");
    assert_eq!(dkim.uncovered, ["date", "to", "content-type"]);
    assert!(dkim.covers_from_subject_body);
}

#[test]
fn a_partial_body_is_said() {
    let (now, _) = times();
    let server = server();
    // mail-auth's signer counts bytes as they are, not in canonical form; simple has no difference between the two.
    let signer = ed_signer(DOMAIN, "s1").body_canonicalization(Canonicalization::Simple).body_length(true);
    let raw = signed(&signer, &mail(FROM, now));
    let whole = server.check(&raw, now);
    assert_eq!((only(&whole).outcome, only(&whole).covers_from_subject_body), (Outcome::Pass, true), "{whole:#?}");
    let longer = server.check(&format!("{raw}Click https://evil.example/\r\n"), now);
    let dkim = only(&longer);
    assert_eq!((dkim.outcome, dkim.covers_from_subject_body), (Outcome::Pass, false), "{longer:#?}");
    assert!(dkim.uncovered.iter().any(|u| u.starts_with("body after")), "{:?}", dkim.uncovered);
    let shorter = server.check(&raw.replace("implicated in activity.\r\n", ""), now);
    assert_eq!(only(&shorter).fault, Some(SignatureFault::BodyHashMismatch));
}

#[test]
fn an_added_or_unsigned_header_is_said() {
    let (now, _) = times();
    let server = server();
    let raw = signed(&ed_signer(DOMAIN, "s1"), &mail(FROM, now));
    let added = server.check(&format!("Subject: Act now\r\n{raw}"), now);
    let dkim = only(&added);
    assert_eq!((dkim.outcome, dkim.covers_from_subject_body), (Outcome::Pass, false), "{added:#?}");
    assert_eq!(dkim.uncovered, ["subject"]);
    let signer = DkimSigner::from_key(ed()).domain(DOMAIN).selector("s1").headers(["To", "Date"]);
    let bare = server.check(&signed(&signer, &mail(FROM, now)), now);
    assert_eq!((only(&bare).outcome, only(&bare).covers_from_subject_body), (Outcome::Pass, false));
    assert_eq!(only(&bare).uncovered, ["from", "subject", "content-type"]);
}

#[test]
fn two_signatures_are_judged_apart() {
    let (now, _) = times();
    let mail = mail(FROM, now);
    let bad = signed(&ed_signer("relay.example", "s1"), &mail.replace("Hello", "Hallo"));
    let bad = &bad[..bad.find("From:").expect("the header ends")];
    let raw = format!("{bad}{}", signed_rsa(DOMAIN, "rsa", &mail));
    let result = server().check(&raw, now);
    let outcomes: Vec<_> = result.dkim.iter().map(|d| (d.domain.as_str(), d.outcome, d.fault)).collect();
    assert_eq!(
        outcomes,
        [("relay.example", Outcome::Fail, Some(SignatureFault::BodyHashMismatch)), (DOMAIN, Outcome::Pass, None)],
        "{result:#?}"
    );
}

#[test]
fn malformed_and_too_many_signatures_are_said() {
    let (now, _) = times();
    let one = signed(&ed_signer(DOMAIN, "s1"), &mail(FROM, now));
    let raw = format!("DKIM-Signature: v=1; a=rsa-sha256; d=x.example\r\nDKIM-Signature: v=1; a=none; d=y.example; s=s\r\n{one}");
    let result = server().check(&raw, now);
    let outcomes: Vec<_> = result.dkim.iter().map(|d| (d.outcome, d.fault)).collect();
    let malformed = (Outcome::PermError, Some(SignatureFault::Malformed));
    assert_eq!(outcomes, [(Outcome::Pass, None), malformed, malformed], "{result:#?}");

    let header = &one[..one.find("From:").expect("the header ends")];
    let result = server().check(&format!("{}{one}", header.repeat(11)), now);
    assert_eq!(result.dkim.iter().filter(|d| d.outcome == Outcome::Pass).count(), 10, "{result:#?}");
    assert_eq!(result.dkim.iter().filter(|d| d.fault == Some(SignatureFault::Limit)).count(), 2);
}

#[test]
fn many_lengths_do_not_hash_the_body_many_times() {
    let now = Timestamp::now();
    let header = |l: usize| {
        format!("DKIM-Signature: v=1; a=ed25519-sha256; s=s1; d={DOMAIN}; c=relaxed/relaxed; h=from; l={l}; bh=AAAA; b=AAAA\r\n")
    };
    let headers: String = (1..1500).map(header).collect();
    let raw = format!("{headers}{}{}", mail(FROM, now), "a line of a long body\r\n".repeat(200_000));
    let start = std::time::Instant::now();
    let result = server().check(&raw, now);
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(result.dkim.iter().all(|d| d.outcome != Outcome::Pass));
}

#[test]
fn the_signer_named_in_i_must_be_of_the_domain() {
    let (now, _) = times();
    let signer = ed_signer(DOMAIN, "s1").agent_user_identifier("someone@elsewhere.example");
    let result = server().check(&signed(&signer, &mail(FROM, now)), now);
    assert_eq!((only(&result).outcome, only(&result).fault), (Outcome::Fail, Some(SignatureFault::IdentityMismatch)));
}

#[test]
fn a_short_key_no_longer_counts() {
    use mail_auth::common::crypto::{RsaKey, Sha256};
    use mail_auth::dkim::generate::DkimKeyPair;
    let (now, _) = times();
    let pair = DkimKeyPair::generate_rsa(768).expect("a key");
    let der = rustls_pki_types::PrivateKeyDer::Pkcs1(rustls_pki_types::PrivatePkcs1KeyDer::from(pair.private_key().to_vec()));
    let key = RsaKey::<Sha256>::from_key_der(der).expect("the key");
    let signer = DkimSigner::from_key(key).domain(DOMAIN).selector("s1").headers(SIGNED);
    let mail = mail(FROM, now);
    let raw = format!("{}{mail}", signer.sign(mail.as_bytes()).expect("a signature").to_header());
    let server = DnsServer::serve(&[(KEY, txt(format!("v=DKIM1; p={}", pair.encoded_public_key())))]);
    let result = server.check(&raw, now);
    assert_eq!((only(&result).outcome, only(&result).fault), (Outcome::PermError, Some(SignatureFault::Weak)), "{result:#?}");
}
