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

/// Object, hash and signature of the digest before.
type Named = (Option<String>, Option<String>, Option<String>);

fn object(stamp: &str, end: &str) -> String {
    let name = format!("111122223333_CloudTrail-Digest_us-east-1_my_trail_us-east-1_{stamp}0000Z{end}.json.gz");
    format!("AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/20/{name}")
}

/// A digest of an hour and its signature.
fn signed_digest(object: &str, hour: usize, before: &Named, listed: &[serde_json::Value]) -> (Made, String) {
    let end = format!("2026-11-20T{:02}:00:00Z", hour + 1);
    let digest = serde_json::json!({
        "awsAccountId": "111122223333", "digestStartTime": format!("2026-11-20T{hour:02}:00:00Z"), "digestEndTime": end,
        "digestS3Bucket": "b", "digestS3Object": object, "digestPublicKeyFingerprint": PRINT, "digestSignatureAlgorithm": "SHA256withRSA",
        "previousDigestS3Bucket": before.0.as_ref().map(|_| "b"), "previousDigestS3Object": before.0, "previousDigestHashValue": before.1,
        "previousDigestSignature": before.2, "logFiles": listed,
    });
    let bytes = digest.to_string().into_bytes();
    let text = format!("{end}\nb/{object}\n{}\n{}", sha256_hex(&bytes), before.2.as_deref().unwrap_or("null"));
    let signature = data_encoding::HEXLOWER.encode(&signer().0.sign(text.as_bytes()).to_bytes());
    (Made { path: format!("digests/{}", object.rsplit('/').next().unwrap()), bytes }, signature)
}

/// Log files that came late, and the digests that were written later for these hours, in this order, each naming the one before if `linked`; with
/// their signatures.
fn late(hours: &[usize], linked: bool) -> (Vec<Made>, Vec<Made>, Vec<String>) {
    let (mut digests, mut logs, mut signatures) = (Vec::new(), Vec::new(), Vec::new());
    let mut before: Named = (None, None, None);
    for hour in hours {
        let name = format!("111122223333_CloudTrail_us-east-1_20261120T{hour:02}30Z_Late{hour:012}.json.gz");
        let log = Made { path: format!("logs/{name}"), bytes: format!("{{\"Records\":[\"late {hour}\"]}}").into_bytes() };
        let listed = serde_json::json!({
            "s3Bucket": "b", "s3Object": format!("AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/{name}"),
            "hashValue": sha256_hex(&log.bytes), "hashAlgorithm": "SHA-256",
        });
        let object = object(&format!("20261120T{:02}", hour + 1), "_backfill");
        let (digest, signature) = signed_digest(&object, *hour, &before, &[listed]);
        if linked {
            before = (Some(object), Some(sha256_hex(&digest.bytes)), Some(signature.clone()));
        }
        digests.push(digest);
        logs.push(log);
        signatures.push(signature);
    }
    (digests, logs, signatures)
}

/// What `aws s3api head-object` prints of a digest.
fn head_of(signature: &str, algorithm: &str) -> Vec<u8> {
    let head = serde_json::json!({
        "AcceptRanges": "bytes", "ContentLength": 812, "ETag": "\"0\"", "ContentType": "application/json", "ServerSideEncryption": "AES256",
        "Metadata": { "signature": signature, "signature-algorithm": algorithm },
    });
    serde_json::to_vec_pretty(&head).unwrap()
}

/// The signature of the newest digest of a trail: what the next one would carry.
fn newest_signature(digests: &[Made]) -> String {
    let newest: serde_json::Value = serde_json::from_slice(&digests.last().unwrap().bytes).unwrap();
    let said = |field: &str| newest[field].as_str().unwrap_or("null").to_owned();
    let hash = sha256_hex(&digests.last().unwrap().bytes);
    let text = format!("{}\nb/{}\n{hash}\n{}", said("digestEndTime"), said("digestS3Object"), said("previousDigestSignature"));
    data_encoding::HEXLOWER.encode(&signer().0.sign(text.as_bytes()).to_bytes())
}

/// Digests and log files of so many hours, as CloudTrail writes them.
fn trail(hours: usize) -> (Vec<Made>, Vec<Made>) {
    let (mut digests, mut logs): (Vec<Made>, Vec<Made>) = (Vec::new(), Vec::new());
    let mut before: Named = (None, None, None);
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
        let object = object(&stamp, "");
        let (digest, signature) = signed_digest(&object, hour, &before, &listed);
        let bytes = digest.bytes.clone();
        before = (Some(object.clone()), Some(sha256_hex(&bytes)), Some(signature));
        digests.push(digest);
    }
    (digests, logs)
}

fn chains(digests: &[Made], logs: &[Made], keys: &Keys) -> Vec<Chain> {
    let found = checked(digests, logs, keys, &Signatures::default());
    assert_eq!(found.unread, []);
    found.chains
}

fn checked(digests: &[Made], logs: &[Made], keys: &Keys, signatures: &Signatures) -> Verified {
    let hash = |made: &[Made]| made.iter().map(|m| sha256_hex(&m.bytes)).collect::<Vec<_>>();
    let (digest_hashes, log_hashes) = (hash(digests), hash(logs));
    let held = digests.iter().zip(&digest_hashes);
    let digests: Vec<DigestFile<'_>> =
        held.map(|(m, sha256)| DigestFile { file: File { path: &m.path, sha256 }, json: &m.bytes }).collect();
    let logs: Vec<File<'_>> = logs.iter().zip(&log_hashes).map(|(m, sha256)| File { path: &m.path, sha256 }).collect();
    verify(&digests, &logs, keys, signatures)
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
fn a_chain_begun_anew_leaves_a_hole() {
    let (mut digests, logs) = trail(6);
    // Validation was off for two hours: the digest behind it begins anew.
    let mut value: serde_json::Value = serde_json::from_slice(&digests[4].bytes).unwrap();
    for field in ["previousDigestS3Object", "previousDigestHashValue", "previousDigestSignature"] {
        value[field] = serde_json::Value::Null;
    }
    digests[4].bytes = value.to_string().into_bytes();
    digests.drain(2..4);
    let found = chains(&digests, &logs, &keys());
    assert_eq!(found[0].digests[2].before, Before::Begins);
    assert_eq!(found[0].missing.iter().map(|m| (m.hours, m.last.clone())).collect::<Vec<_>>(), [(2, None)]);
}

#[test]
fn digests_written_later_vouch_for_log_files_and_break_no_chain() {
    for linked in [true, false] {
        let (mut digests, mut logs) = trail(8);
        let (later, late_logs, _) = late(&[5, 2, 3], linked);
        logs.extend(late_logs.iter().cloned());
        assert_eq!(chains(&digests, &logs, &keys())[0].unlisted.len(), 3, "without them these log files would be nobody's");
        digests.extend(later);
        let found = chains(&digests, &logs, &keys());
        let [chain, backfill] = found.as_slice() else { panic!("{found:#?}") };
        assert!(chain.is_sound() && !chain.backfill, "{chain:#?}");
        assert!(backfill.is_sound() && backfill.backfill && backfill.missing.is_empty(), "{backfill:#?}");
        assert_eq!(backfill.digests.iter().map(|d| d.unchanged).sum::<u64>(), 3);
        // In the order of their hours: that of hour 5 was written first, then that of 2, then that of 3.
        let signatures: Vec<Signature> = backfill.digests.iter().map(|d| d.signature).collect();
        let (valid, open) = (Signature::Valid, Signature::NotAtHand);
        assert_eq!(signatures, if linked { [valid, open, valid] } else { [open; 3] });
        // They vouch for these bytes and no others.
        let at = logs.len() - 1;
        logs[at].bytes.push(b' ');
        let found = chains(&digests, &logs, &keys());
        assert_eq!((found[0].is_sound(), found[1].is_sound()), (true, false));
        assert_eq!(found[1].digests[1].altered, [late_logs[2].path.as_str()]);
    }
}

#[test]
fn digests_written_later_that_are_removed_or_altered_are_seen() {
    let (mut digests, mut logs) = trail(8);
    let (later, late_logs, _) = late(&[2, 3, 5], true);
    logs.extend(late_logs);
    digests.extend(later);
    let mut removed = digests.clone();
    removed.remove(9);
    let found = chains(&removed, &logs, &keys());
    assert_eq!(found[1].missing.iter().map(|m| m.hours).collect::<Vec<_>>(), [0]);
    assert!(found[1].missing[0].last.as_ref().is_some_and(|name| name.ends_with("T040000Z_backfill.json.gz")), "{found:#?}");
    assert!(!found[1].is_sound());
    let mut altered = digests;
    let text = String::from_utf8(altered[9].bytes.clone()).unwrap();
    altered[9].bytes = text.replace("2026-11-20T03:00:00Z", "2026-11-20T03:00:01Z").into_bytes();
    let found = chains(&altered, &logs, &keys());
    assert_eq!((found[1].digests[1].signature, found[1].digests[2].before), (Signature::Wrong, Before::Altered));
    assert!(found[0].is_sound() && !found[1].is_sound());
}

#[test]
fn the_newest_digest_is_checked_by_the_metadata_of_its_object() {
    let (digests, logs) = trail(4);
    let (later, late_logs, late_signatures) = late(&[1, 2], false);
    let (digests, logs) = ([digests, later].concat(), [logs, late_logs].concat());
    let newest = newest_signature(&digests[..4]);
    let name = digests[3].path.trim_start_matches("digests/");
    let all = |found: &Verified| found.chains.iter().flat_map(|c| &c.digests).map(|d| d.signature).collect::<Vec<_>>();
    // By the name of the file, by none at all, several in one file, and as S3 gives it.
    let one = |path: &str, signature: &str| {
        let mut signatures = Signatures::default();
        assert_eq!(signatures.add(path, &head_of(signature, "SHA256withRSA")), Ok(1));
        signatures
    };
    let metadata = |signature: &str| {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        BTreeMap::from([pair("signature", signature), pair("signature-algorithm", "SHA256withRSA")])
    };
    let mut from_s3 = Signatures::default();
    assert_eq!(from_s3.add_metadata(&format!("s3://b/{name}"), &metadata(&newest)), Ok(()));
    for signatures in [one(&format!("heads/{name}.head.json"), &newest), one("head.json", &newest), from_s3] {
        let found = checked(&digests, &logs, &keys(), &signatures);
        assert_eq!(found.chains[0].digests[3].signature, Signature::Valid);
        assert_eq!(found.left_over, 0);
    }
    let mut several = Signatures::default();
    let heads: Vec<u8> =
        [&late_signatures[1], &newest, &late_signatures[0]].iter().flat_map(|signature| head_of(signature, "SHA256withRSA")).collect();
    assert_eq!(several.add("heads.json", &heads), Ok(3));
    let found = checked(&digests, &logs, &keys(), &several);
    assert_eq!((all(&found), found.left_over), (vec![Signature::Valid; 6], 0));
    // What was signed is not what is at hand.
    let mut altered = digests.clone();
    altered[3].bytes.push(b'\n');
    let found = checked(&altered, &logs, &keys(), &one(&format!("{name}.json"), &newest));
    assert_eq!(found.chains[0].digests[3].signature, Signature::Wrong);
    assert!(!found.chains[0].is_sound());
    // Without a name nobody knows whose it was: it stays open, and is said.
    let found = checked(&altered, &logs, &keys(), &one("head.json", &newest));
    assert_eq!((found.chains[0].digests[3].signature, found.left_over), (Signature::NotAtHand, 1));
    // A signature of another digest is none of this one.
    let found = checked(&digests, &logs, &keys(), &one("head.json", &newest_signature(&digests[..3])));
    assert_eq!((found.chains[0].digests[3].signature, found.left_over), (Signature::NotAtHand, 1));
}

#[test]
fn metadata_that_is_none_of_a_digest() {
    let mut signatures = Signatures::default();
    for (json, why) in [
        (&b""[..], "empty"),
        (b"{", "head-object"),
        (br#"{"Metadata":{}}"#, "signature"),
        (br#"{"ContentLength":1}"#, "Metadata"),
        (br#"{"Metadata":{"signature":"00","signature-algorithm":"MD5"}}"#, "MD5"),
    ] {
        let error = signatures.add("head.json", json).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
    assert!(signatures.add_metadata("s3://b/x", &BTreeMap::new()).is_err_and(|why| why.contains("no signature")));
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
    let found = verify(&[given], &[], &keys, &Signatures::default());
    assert_eq!((found.chains.len(), found.unread.len()), (0, 1));
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
        let found = checked(&digests, &logs, &keys(), &Signatures::default());
        // What is no digest any more is named as such.
        prop_assert!(!found.unread.is_empty() || !found.chains.iter().all(Chain::is_sound), "{found:#?}");
    }
}
