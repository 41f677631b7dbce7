//! CloudTrail's digest chains, checked without AWS: signatures, hashes, and what is missing.
//!
//! Every hour CloudTrail writes a digest file that lists the log files it delivered, with their SHA-256, and names the digest before it with
//! its hash and its signature. So each digest vouches for the one before; the newest's signature is only in S3's metadata, which files do not
//! carry: it is taken from what is given of that ([`Signatures`]), else it stays open. A hole in time between two digests is a run of missing
//! digests, however many were removed. What was removed in front of the first or behind the last digest at hand cannot be seen.
//!
//! Log files that were delivered late are listed in digests of their own, written later, whose names end in `_backfill`. They form chains of their
//! own, or stand alone; what is signed is the same; times without one are no holes; and they vouch for log files like any other.
//! Source: CloudTrail User Guide, "CloudTrail digest file structure" and "Custom implementations of CloudTrail log file integrity validation";
//! for digests written later also what `aws cloudtrail validate-logs` does since February 2026.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::{SignedDuration, Timestamp};
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::pkcs1v15;
use rsa::signature::Verifier;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::base64;

/// A file of the evidence.
#[derive(Clone, Debug)]
pub struct File<'a> {
    /// where it lies
    pub path: &'a str,
    /// SHA-256 of its unpacked bytes, in hexadecimal digits
    pub sha256: &'a str,
}

/// A digest file of the evidence.
#[derive(Clone, Debug)]
pub struct DigestFile<'a> {
    /// where it lies, and its hash
    pub file: File<'a>,
    /// its unpacked bytes
    pub json: &'a [u8],
}

/// CloudTrail's public keys, by fingerprint.
#[derive(Default)]
pub struct Keys(HashMap<String, pkcs1v15::VerifyingKey<Sha256>>);

impl Keys {
    /// Adds the keys of an output of `aws cloudtrail list-public-keys`; how many it holds.
    ///
    /// # Errors
    /// When it is no such output, or a key in it is no RSA key.
    pub fn add(&mut self, json: &[u8]) -> Result<usize, String> {
        let list: KeyList = serde_json::from_slice(json).map_err(|e| format!("no output of aws cloudtrail list-public-keys: {e}"))?;
        for key in &list.public_key_list {
            let der = base64::decode(&key.value).ok_or_else(|| format!("the key {} is no base64", key.fingerprint))?;
            let public = rsa::RsaPublicKey::from_pkcs1_der(&der).map_err(|e| format!("the key {} is no RSA key: {e}", key.fingerprint))?;
            self.0.insert(key.fingerprint.to_ascii_lowercase(), pkcs1v15::VerifyingKey::new(public));
        }
        Ok(list.public_key_list.len())
    }
}

/// Signatures of digests, from the metadata of their objects in S3.
#[derive(Clone, Debug, Default)]
pub struct Signatures {
    /// by the name of the digest's object, without what says how it is packed
    named: HashMap<String, String>,
    /// of objects that are not known
    loose: Vec<String>,
}

/// The one way in which CloudTrail signs: metadata `signature-algorithm`.
const ALGORITHM: &str = "SHA256withRSA";

impl Signatures {
    /// Adds what `aws s3api head-object` (or `get-object`) printed, of one object or of several, one after the other; how many it
    /// holds. Such an output does not name its object. A file of one output whose own name begins with that of a digest is taken for that
    /// one's; any other signature belongs to the digest that it fits, since what is signed contains the digest's name and hash.
    ///
    /// # Errors
    /// When it is no such output, or its object's metadata is not that of a digest.
    pub fn add(&mut self, path: &str, json: &[u8]) -> Result<usize, String> {
        let heads: Vec<Head> = serde_json::Deserializer::from_slice(json)
            .into_iter()
            .collect::<Result<_, _>>()
            .map_err(|e| format!("no output of aws s3api head-object: {e}"))?;
        for head in &heads {
            head.metadata.check()?;
        }
        let name = bare(path);
        let digest = name.find(".json").map_or(name, |end| name.get(..end).unwrap_or(name));
        match heads.as_slice() {
            [] => return Err("no output of aws s3api head-object: it is empty".to_owned()),
            [head] if digest.contains(DIGEST) => drop(self.named.insert(digest.to_owned(), head.metadata.signature.clone())),
            heads => self.loose.extend(heads.iter().map(|head| head.metadata.signature.clone())),
        }
        Ok(heads.len())
    }

    /// Adds what is in the metadata of an object, named by its place or key; `x-amz-meta-` stands in front of no name.
    ///
    /// # Errors
    /// When it is not that of a digest.
    pub fn add_metadata(&mut self, object: &str, metadata: &BTreeMap<String, String>) -> Result<(), String> {
        let value = |name: &str| metadata.get(name).cloned().ok_or_else(|| format!("its metadata has no {name}"));
        let metadata = Metadata { signature: value("signature")?, algorithm: value("signature-algorithm")? };
        metadata.check()?;
        self.named.insert(bare(object).to_owned(), metadata.signature);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Head {
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Metadata {
    signature: String,
    #[serde(rename = "signature-algorithm")]
    algorithm: String,
}

impl Metadata {
    fn check(&self) -> Result<(), String> {
        if self.algorithm == ALGORITHM {
            Ok(())
        } else {
            Err(format!("it is signed by {}, and CloudTrail signs by {ALGORITHM}", self.algorithm))
        }
    }
}

/// What was found of all digests.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// by account, Region and trail
    pub chains: Vec<Chain>,
    /// digests that cannot be read, with the reason
    pub unread: Vec<(String, String)>,
    /// signatures that were given without a name and fit no digest that lacks one
    pub left_over: usize,
}

/// The digests of one trail in one account and Region.
#[derive(Clone, Debug, Serialize)]
pub struct Chain {
    /// account whose log files it lists
    pub account: String,
    /// Region, where the object's name says it
    pub region: Option<String>,
    /// name of the trail, where the object's name says it
    pub trail: Option<String>,
    /// whether CloudTrail wrote them later, for log files that were delivered late
    pub backfill: bool,
    /// the digests, oldest first
    pub digests: Vec<Checked>,
    /// times between two digests for which there is none
    pub missing: Vec<Missing>,
    /// log files of this account and Region within the chain's time that no digest lists
    pub unlisted: Vec<String>,
}

impl Chain {
    /// Whether everything at hand was checked and nothing is altered, missing or unlisted. That there is no signature of a digest which no other
    /// carries on (the newest, and of those written later any) is not held against it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let newest = self.digests.len().saturating_sub(1);
        self.missing.is_empty()
            && self.unlisted.is_empty()
            && self.digests.iter().enumerate().all(|(n, d)| {
                let last = n == newest || self.backfill;
                let signed = d.signature == Signature::Valid || (last && d.signature == Signature::NotAtHand);
                signed && d.before != Before::Altered && d.altered.is_empty() && d.absent.is_empty()
            })
    }
}

/// What was found about a digest.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    /// where it lies
    pub path: String,
    /// begin of the time it covers
    pub from: Timestamp,
    /// end of the time it covers
    pub to: Timestamp,
    /// whether its signature holds
    pub signature: Signature,
    /// how it hangs together with the digest before it
    pub before: Before,
    /// log files it lists that are at hand, unchanged
    pub unchanged: u64,
    /// log files it lists whose content is another
    pub altered: Vec<String>,
    /// log files it lists that are not at hand
    pub absent: Vec<String>,
}

/// Whether a digest's signature holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// CloudTrail signed these bytes
    Valid,
    /// it did not sign these bytes
    Wrong,
    /// the key with its fingerprint is not at hand
    NoKey,
    /// neither the digest behind it nor its object's metadata, which would give its signature, is at hand
    NotAtHand,
}

/// How a digest hangs together with the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Before {
    /// none came before: validation was switched on, or on again
    Begins,
    /// the digest before it is the one it names
    Follows,
    /// the digest that it names has other content
    Altered,
    /// the digest that it names is not at hand
    NotAtHand,
}

/// A time without digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// end of the last digest before it
    pub from: Timestamp,
    /// begin of the first digest behind it
    pub to: Timestamp,
    /// hours, and so about as many digests
    pub hours: i64,
    /// the newest of the missing, by name
    pub last: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyList {
    public_key_list: Vec<PublicKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublicKey {
    value: String,
    fingerprint: String,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Digest {
    aws_account_id: String,
    digest_start_time: Timestamp,
    digest_end_time: String,
    #[serde(rename = "digestS3Bucket")]
    bucket: String,
    #[serde(rename = "digestS3Object")]
    object: String,
    digest_public_key_fingerprint: String,
    #[serde(rename = "previousDigestS3Object")]
    previous_object: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_signature: Option<String>,
    #[serde(default)]
    log_files: Vec<LogFile>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogFile {
    #[serde(rename = "s3Object")]
    object: String,
    hash_value: String,
}

/// A digest with where it lies.
struct Held<'a> {
    given: &'a DigestFile<'a>,
    digest: Digest,
    to: Timestamp,
}

/// What the digests of a chain have in common: account, Region, trail, and whether they were written later.
type Of = (String, Option<String>, Option<String>, bool);

/// What digests and log files are held against.
struct Known<'k> {
    hashes: HashMap<&'k str, &'k File<'k>>,
    names: HashMap<&'k str, &'k File<'k>>,
    keys: &'k Keys,
    signatures: &'k Signatures,
}

/// Checks all chains. `logs` are the CloudTrail log files at hand. Digests that cannot be read are named with the reason.
#[must_use]
pub fn verify(digests: &[DigestFile<'_>], logs: &[File<'_>], keys: &Keys, signatures: &Signatures) -> Verified {
    let mut unread = Vec::new();
    let mut chains: BTreeMap<Of, Vec<Held<'_>>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for given in digests {
        let parsed = serde_json::from_slice::<Digest>(given.json).map_err(|e| e.to_string());
        let parsed = parsed.and_then(|digest| {
            let to: Timestamp = digest.digest_end_time.parse().map_err(|e: jiff::Error| e.to_string())?;
            Ok((digest, to))
        });
        match parsed {
            Err(reason) => unread.push((given.file.path.to_owned(), reason)),
            // The same digest may be at hand twice.
            Ok((digest, _)) if !seen.insert((digest.object.clone(), given.file.sha256.to_owned())) => {}
            Ok((digest, to)) => {
                let (region, trail) = named(&digest.object);
                let key = (digest.aws_account_id.clone(), region, trail, is_backfill(&digest.object));
                chains.entry(key).or_default().push(Held { given, digest, to });
            }
        }
    }
    let hashes = logs.iter().map(|f| (f.sha256, f)).collect();
    let names = logs.iter().map(|f| (bare(f.path), f)).collect();
    let known = Known { hashes, names, keys, signatures };
    let listed: BTreeSet<String> =
        chains.values().flatten().flat_map(|h| &h.digest.log_files).map(|l| bare(&l.object).to_owned()).collect();
    let mut fitting = Fitting { left: signatures.loose.iter().collect(), tries: MOST_TRIES };
    let mut out = Vec::new();
    for ((account, region, trail, backfill), mut held) in chains {
        held.sort_by(|a, b| (a.to, &a.digest.object).cmp(&(b.to, &b.digest.object)));
        let links = Links::of(&held);
        let checked = held.iter().map(|this| check(this, &links, &known, &mut fitting)).collect();
        let missing = missing(&held, backfill);
        let unlisted = if backfill { Vec::new() } else { unlisted(&held, &missing, &account, region.as_deref(), logs, &listed) };
        out.push(Chain { account, region, trail, backfill, digests: checked, missing, unlisted });
    }
    Verified { chains: out, unread, left_over: fitting.left.len() }
}

/// How the digests of a chain hang together, by object.
struct Links<'h> {
    /// the signatures that the digests behind them carry
    carried: HashMap<&'h str, &'h str>,
    /// the hashes of what is at hand
    hashes: HashMap<&'h str, Vec<&'h str>>,
}

impl<'h> Links<'h> {
    fn of(held: &'h [Held<'_>]) -> Self {
        // Of two that carry one the older counts.
        let pair = |h: &'h Held<'_>| Some((h.digest.previous_object.as_deref()?, h.digest.previous_digest_signature.as_deref()?));
        let mut hashes: HashMap<&str, Vec<&str>> = HashMap::new();
        held.iter().for_each(|h| hashes.entry(&h.digest.object).or_default().push(h.given.file.sha256));
        Self { carried: held.iter().rev().filter_map(pair).collect(), hashes }
    }
}

/// Tries of signatures that are not known to belong to a digest, at the most: some seconds.
const MOST_TRIES: u32 = 100_000;

/// Signatures that are not known to belong to a digest.
struct Fitting<'s> {
    left: Vec<&'s String>,
    tries: u32,
}

impl Fitting<'_> {
    /// Whether one of them is that of a digest; it is used up then.
    fn signs(&mut self, held: &Held<'_>, keys: &Keys) -> bool {
        let fits = |signature: &&String| {
            let tries = self.tries.checked_sub(1);
            self.tries = tries.unwrap_or_default();
            tries.is_some() && signed(held, Some(signature), keys) == Signature::Valid
        };
        let found = self.left.iter().position(fits);
        found.map(|n| self.left.swap_remove(n)).is_some()
    }
}

fn check(this: &Held<'_>, links: &Links<'_>, known: &Known<'_>, fitting: &mut Fitting<'_>) -> Checked {
    let digest = &this.digest;
    let signature = links.carried.get(digest.object.as_str()).copied();
    // A copy may have another name than the object had.
    let noted = |name: &str| known.signatures.named.get(bare(name)).map(String::as_str);
    let signature = signature.or_else(|| noted(&digest.object)).or_else(|| noted(this.given.file.path));
    let signature = match signed(this, signature, known.keys) {
        Signature::NotAtHand if fitting.signs(this, known.keys) => Signature::Valid,
        found => found,
    };
    let hash = digest.previous_digest_hash_value.as_deref().unwrap_or_default();
    let before = match &digest.previous_object {
        None => Before::Begins,
        Some(object) => match links.hashes.get(object.as_str()) {
            None => Before::NotAtHand,
            Some(some) if some.iter().any(|sha256| sha256.eq_ignore_ascii_case(hash)) => Before::Follows,
            Some(_) => Before::Altered,
        },
    };
    let (mut unchanged, mut altered, mut absent) = (0, Vec::new(), Vec::new());
    for log in &digest.log_files {
        if known.hashes.contains_key(log.hash_value.to_ascii_lowercase().as_str()) {
            unchanged += 1;
        } else if let Some(file) = known.names.get(bare(&log.object)) {
            altered.push(file.path.to_owned());
        } else {
            absent.push(log.object.clone());
        }
    }
    Checked {
        path: this.given.file.path.to_owned(),
        from: digest.digest_start_time,
        to: this.to,
        signature,
        before,
        unchanged,
        altered,
        absent,
    }
}

/// What CloudTrail signs: the end of the time, the object's place, the hash of its bytes, and the signature before it, a line each.
fn signed(held: &Held<'_>, signature: Option<&str>, keys: &Keys) -> Signature {
    let Some(signature) = signature else { return Signature::NotAtHand };
    let digest = &held.digest;
    let Some(key) = keys.0.get(&digest.digest_public_key_fingerprint.to_ascii_lowercase()) else { return Signature::NoKey };
    let before = digest.previous_digest_signature.as_deref().unwrap_or("null");
    let text = format!("{}\n{}/{}\n{}\n{before}", digest.digest_end_time, digest.bucket, digest.object, held.given.file.sha256);
    let bytes =
        HEXLOWER_PERMISSIVE.decode(signature.as_bytes()).ok().and_then(|bytes| pkcs1v15::Signature::try_from(bytes.as_slice()).ok());
    match bytes {
        Some(bytes) if key.verify(text.as_bytes(), &bytes).is_ok() => Signature::Valid,
        _ => Signature::Wrong,
    }
}

/// Holes between digests. Where a digest begins a chain anew, the hole in front of it is a time without validation, and missing all the same.
/// Between digests that were written later only those are missing that another names.
fn missing(held: &[Held<'_>], backfill: bool) -> Vec<Missing> {
    let mut out = Vec::new();
    let objects: BTreeSet<&str> = held.iter().map(|h| h.digest.object.as_str()).collect();
    // The latest end so far: digests may overlap.
    let mut latest: Option<Timestamp> = None;
    for this in held {
        let before = latest;
        latest = latest.max(Some(this.to));
        let Some(end) = before else { continue };
        let named = this.digest.previous_object.as_ref().filter(|object| !objects.contains(object.as_str()));
        let hole = if backfill { SignedDuration::ZERO } else { this.digest.digest_start_time.duration_since(end) };
        if hole <= SignedDuration::ZERO && named.is_none() {
            continue;
        }
        let (from, to) = (end.min(this.digest.digest_start_time), this.digest.digest_start_time);
        out.push(Missing { from, to, hours: (hole.as_secs().max(0) + 1_800) / 3_600, last: named.cloned() });
    }
    out
}

/// Log files that lie within the chain's time, well away from its ends and holes, and that no digest lists.
fn unlisted(
    held: &[Held<'_>],
    missing: &[Missing],
    account: &str,
    region: Option<&str>,
    logs: &[File<'_>],
    listed: &BTreeSet<String>,
) -> Vec<String> {
    let (Some(first), Some(last), Some(region)) = (held.first(), held.last(), region) else { return Vec::new() };
    // A file may be delivered some time after the minute that its name says.
    let margin = SignedDuration::from_hours(1);
    let beginning = format!("{account}_CloudTrail_{region}_");
    let inside = |at: Timestamp| {
        at.duration_since(first.digest.digest_start_time) > margin
            && last.to.duration_since(at) > margin
            && !missing.iter().any(|m| at.duration_since(m.from) > -margin && m.to.duration_since(at) > -margin)
    };
    let within = |file: &&File<'_>| {
        let name = bare(file.path);
        name.strip_prefix(&beginning).and_then(delivered).is_some_and(inside) && !listed.contains(name)
    };
    logs.iter().filter(within).map(|file| file.path.to_owned()).collect()
}

/// `20261120T0105Z_…` as a time.
fn delivered(text: &str) -> Option<Timestamp> {
    let stamp = text.split('_').next()?;
    let at = jiff::civil::DateTime::strptime("%Y%m%dT%H%MZ", stamp).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(at).ok()
}

/// What stands in the name of every digest.
const DIGEST: &str = "_CloudTrail-Digest_";

/// How the name of a digest ends that was written later.
const BACKFILL: &str = "_backfill";

/// Region and trail, from `…/ACCOUNT_CloudTrail-Digest_REGION_TRAIL_HOMEREGION_TIME.json.gz`. A trail's name may have underscores.
fn named(object: &str) -> (Option<String>, Option<String>) {
    let name = bare(object).trim_end_matches(BACKFILL);
    let Some((_, rest)) = name.split_once(DIGEST) else { return (None, None) };
    let words: Vec<&str> = rest.split('_').collect();
    let trail = words.get(1..words.len().saturating_sub(2)).filter(|w| !w.is_empty()).map(|w| w.join("_"));
    (words.first().map(|w| (*w).to_owned()), trail)
}

fn is_backfill(object: &str) -> bool {
    bare(object).ends_with(BACKFILL)
}

/// A file's name without its folders and without what says how it is packed.
fn bare(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".gz").unwrap_or(name);
    name.strip_suffix(".json").unwrap_or(name)
}

#[cfg(test)]
#[path = "digests_tests.rs"]
mod tests;
