//! Trails of our own making, signed with a key of our own: untouched, and with every kind of change.

use proptest::prelude::*;
use rsa::pkcs1::EncodeRsaPublicKey;
use rsa::signature::{SignatureEncoding, Signer};

use abate_model::ids::sha256_hex;

use super::*;

const PRINT: &str = "0123456789abcdef0123456789abcdef";

/// A signer as CloudTrail has one, and its key as `list-public-keys` gives it. One for all tests: making a key takes its time.
fn signer() -> &'static (pkcs1v15::SigningKey<Sha256>, String) {
    static SIGNER: std::sync::OnceLock<(pkcs1v15::SigningKey<Sha256>, String)> = std::sync::OnceLock::new();
    SIGNER.get_or_init(|| {
        let private = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).unwrap();
        let der = private.to_public_key().to_pkcs1_der().unwrap();
        let keys =
            serde_json::json!({ "PublicKeyList": [{ "Value": data_encoding::BASE64.encode(der.as_bytes()), "Fingerprint": PRINT }] });
        (pkcs1v15::SigningKey::new(private), keys.to_string())
    })
}

fn keys() -> Keys {
    let mut keys = Keys::default();
    assert_eq!(keys.add(signer().1.as_bytes()), Ok(1));
    keys
}

#[derive(Clone)]
struct Made {
    path: String,
    bytes: Vec<u8>,
}

/// Digests and log files of so many hours, as CloudTrail writes them.
fn trail(hours: usize) -> (Vec<Made>, Vec<Made>) {
    let (mut digests, mut logs): (Vec<Made>, Vec<Made>) = (Vec::new(), Vec::new());
    let mut before: (Option<String>, Option<String>, Option<String>) = (None, None, None);
    for hour in 0..hours {
        let stamp = format!("20261120T{:02}", hour + 1);
        let listed: Vec<serde_json::Value> = (0..2)
            .map(|n| {
                let name = format!("111122223333_CloudTrail_us-east-1_20261120T{hour:02}{}0Z_{hour:016}.json.gz", n + 1);
                let log = Made { path: format!("logs/{name}"), bytes: format!("{{\"Records\":[{hour}{n}]}}").into_bytes() };
                let listed = serde_json::json!({
                    "s3Bucket": "b", "s3Object": format!("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/{name}"),
                    "hashValue": sha256_hex(&log.bytes), "hashAlgorithm": "SHA-256",
                });
                logs.push(log);
                listed
            })
            .collect();
        let object = format!(
            "AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/20/111122223333_CloudTrail-Digest_us-east-1_my_trail_us-east-1_{stamp}0000Z.json.gz"
        );
        let end = format!("2026-11-20T{:02}:00:00Z", hour + 1);
        let digest = serde_json::json!({
            "awsAccountId": "111122223333", "digestStartTime": format!("2026-11-20T{hour:02}:00:00Z"), "digestEndTime": end,
            "digestS3Bucket": "b", "digestS3Object": object, "digestPublicKeyFingerprint": PRINT, "digestSignatureAlgorithm": "SHA256withRSA",
            "previousDigestS3Bucket": "b", "previousDigestS3Object": before.0, "previousDigestHashValue": before.1,
            "previousDigestSignature": before.2, "logFiles": listed,
        });
        let bytes = digest.to_string().into_bytes();
        let text = format!("{end}\nb/{object}\n{}\n{}", sha256_hex(&bytes), before.2.as_deref().unwrap_or("null"));
        let signature = data_encoding::HEXLOWER.encode(&signer().0.sign(text.as_bytes()).to_bytes());
        before = (Some(object.clone()), Some(sha256_hex(&bytes)), Some(signature));
        digests.push(Made { path: format!("digests/{}", object.rsplit('/').next().unwrap()), bytes });
    }
    (digests, logs)
}

fn chains(digests: &[Made], logs: &[Made], keys: &Keys) -> Vec<Chain> {
    let (chains, unread) = checked(digests, logs, keys);
    assert_eq!(unread, []);
    chains
}

fn checked(digests: &[Made], logs: &[Made], keys: &Keys) -> (Vec<Chain>, Vec<(String, String)>) {
    let hash = |made: &[Made]| made.iter().map(|m| sha256_hex(&m.bytes)).collect::<Vec<_>>();
    let (digest_hashes, log_hashes) = (hash(digests), hash(logs));
    let held = digests.iter().zip(&digest_hashes);
    let digests: Vec<DigestFile<'_>> =
        held.map(|(m, sha256)| DigestFile { file: File { path: &m.path, sha256 }, json: &m.bytes }).collect();
    let logs: Vec<File<'_>> = logs.iter().zip(&log_hashes).map(|(m, sha256)| File { path: &m.path, sha256 }).collect();
    verify(&digests, &logs, keys)
}

#[test]
fn an_untouched_trail_is_sound() {
    let (digests, logs) = trail(5);
    let found = chains(&digests, &logs, &keys());
    let [chain] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((chain.region.as_deref(), chain.trail.as_deref()), (Some("us-east-1"), Some("my_trail")));
    assert!(chain.is_sound(), "{chain:#?}");
    assert!(chain.digests[..4].iter().all(|d| d.signature == Signature::Valid && d.unchanged == 2), "{chain:#?}");
    // The newest stays open.
    assert_eq!(chain.digests[4].signature, Signature::NotAtHand);
    assert_eq!(chain.digests.iter().map(|d| d.before).collect::<Vec<_>>()[..2], [Before::Begins, Before::Follows]);
    // Without keys all do.
    let found = chains(&digests, &logs, &Keys::default());
    assert_eq!(found[0].digests[0].signature, Signature::NoKey);
    assert!(!found[0].is_sound());
}

#[test]
fn runs_of_removed_digests_are_seen() {
    let (digests, logs) = trail(8);
    for (first, count) in [(3, 1), (3, 2), (2, 4), (1, 6)] {
        let mut left = digests.clone();
        left.drain(first..first + count);
        let found = chains(&left, &logs, &keys());
        let [missing] = found[0].missing.as_slice() else { panic!("{found:#?}") };
        assert_eq!(missing.hours, count as i64);
        assert_eq!(missing.from.to_string(), format!("2026-11-20T{first:02}:00:00Z"));
        assert!(missing.last.as_ref().is_some_and(|name| digests[first + count - 1].path.ends_with(name.rsplit('/').next().unwrap())));
        assert!(!found[0].is_sound());
    }
}

#[test]
fn chains_begun_anew_and_digests_written_later_are_told_apart() {
    let (mut digests, logs) = trail(6);
    // Validation was off for two hours: the digest behind it begins anew.
    let text = String::from_utf8(digests[4].bytes.clone()).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for field in ["previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature"] {
        value[field] = serde_json::Value::Null;
    }
    digests[4].bytes = value.to_string().into_bytes();
    digests.drain(2..4);
    value["digestS3Object"] = value["digestS3Object"].as_str().unwrap().replace(".json.gz", "_backfill.json.gz").into();
    digests.push(Made { path: "digests/x_backfill.json.gz".to_owned(), bytes: value.to_string().into_bytes() });
    let found = chains(&digests, &logs, &keys());
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].digests[2].before, Before::Begins);
    assert_eq!(found[0].missing.iter().map(|m| (m.hours, m.last.clone())).collect::<Vec<_>>(), [(2, None)]);
    assert_eq!((found[1].digests[0].backfill, found[1].digests[0].signature), (true, Signature::NotChecked));
}

#[test]
fn what_no_digest_lists_is_named() {
    let (digests, mut logs) = trail(6);
    let forged = "logs/111122223333_CloudTrail_us-east-1_20261120T0230Z_Forged0000000000.json.gz";
    let other = "logs/111122223333_CloudTrail_eu-west-1_20261120T0230Z_Other00000000000.json.gz";
    for path in [forged, other] {
        logs.push(Made { path: path.to_owned(), bytes: path.as_bytes().to_vec() });
    }
    assert_eq!(chains(&digests, &logs, &keys())[0].unlisted, [forged]);
}

#[test]
fn keys_and_digests_that_are_none() {
    let mut keys = Keys::default();
    assert!(keys.add(b"{}").is_err());
    assert!(keys.add(br#"{"PublicKeyList":[{"Value":"AAAA","Fingerprint":"x"}]}"#).is_err_and(|e| e.contains("no RSA key")));
    let given = DigestFile { file: File { path: "d", sha256: "" }, json: b"{\"digestS3Bucket\":1}" };
    let (chains, unread) = verify(&[given], &[], &keys);
    assert_eq!((chains.len(), unread.len()), (0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is removed from the middle, edited or swapped: something is found.
    #[test]
    fn no_change_goes_unseen(which in 0_usize..6, at in 1_usize..7, what in 0..5, byte in 0_usize..10_000) {
        let (mut digests, mut logs) = trail(8);
        match what {
            0 => drop(digests.remove(at)),
            1 => {
                let bytes = &mut digests[at].bytes;
                let place = byte % bytes.len();
                bytes[place] ^= 1;
            }
            2 => drop(logs.remove(at * 2)),
            3 => logs[at * 2].bytes.push(b' '),
            _ => {
                let other = (at + 1 + which) % 8;
                prop_assume!(other != at);
                let moved = digests[at].bytes.clone();
                digests[at].bytes = std::mem::replace(&mut digests[other].bytes, moved);
                // Names of files do not count: the digests themselves are all there.
                let found = chains(&digests, &logs, &keys());
                prop_assert!(found.iter().all(Chain::is_sound));
                return Ok(());
            }
        }
        let (found, unread) = checked(&digests, &logs, &keys());
        // What is no digest any more is named as such.
        prop_assert!(!unread.is_empty() || !found.iter().all(Chain::is_sound), "{found:#?}");
    }
}
