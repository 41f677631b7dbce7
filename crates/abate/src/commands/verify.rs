//! `abate evidence verify`: CloudTrail's digest chains without AWS, and hashes taken earlier against those of today.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use abate_app::ports::{Objects, object_place};
use abate_evidence::digests::{self, Before, Chain, Checked, DigestFile, File, Keys, Signature, Signatures, Verified};
use abate_model::time::utc;
use abate_model::{Lang, Source, Text};
use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

use super::evidence::{Asked, asked, ingest};
use super::{Ctx, print_json};
use crate::cli::{EvidenceOf, Format};
use crate::{Exit, Failure, screen};

/// What was found.
#[derive(Serialize)]
struct Found {
    chains: Vec<Chain>,
    unread: Vec<(String, String)>,
    /// objects whose metadata gives no signature, and why
    unsigned: Vec<(String, String)>,
    /// signatures that were given and fit no digest that lacks one
    left_over: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<Differences>,
}

/// Sources then and now.
#[derive(Default, Serialize)]
struct Differences {
    same: u64,
    altered: Vec<String>,
    gone: Vec<String>,
    new: Vec<String>,
}

impl Differences {
    fn none(&self) -> bool {
        self.altered.is_empty() && self.gone.is_empty()
    }
}

/// A file with sources: a case, or what `evidence read` printed.
#[derive(Deserialize)]
struct Earlier {
    sources: Vec<Source>,
}

/// What the evidence is held against.
pub struct By<'a> {
    /// outputs of `aws cloudtrail list-public-keys`
    pub keys: &'a [PathBuf],
    /// outputs of `aws s3api head-object`, or folders of them
    pub signatures: &'a [PathBuf],
    /// sources as they were earlier
    pub against: Option<&'a Path>,
}

/// The command.
pub fn verify(ctx: &Ctx, of: &EvidenceOf, by: &By<'_>, format: Format) -> Result<Exit, Failure> {
    let By { keys, against, .. } = by;
    let known = known(keys)?;
    let mut signatures = signatures(by.signatures)?;
    let earlier = against.map(earlier).transpose()?;
    let Asked { paths, zone, reference, .. } = asked(ctx, of)?;
    let evidence = ingest(ctx, of)?;
    // What is gone cannot be verified, whatever its rows say.
    let there: Vec<Source> = evidence.sources().iter().filter(|s| !s.gone).cloned().collect();
    let sources = there.as_slice();
    let hashes: BTreeMap<&str, &str> = sources.iter().map(|s| (s.path.as_str(), s.sha256.as_str())).collect();
    let of_format = |format: &'static str| sources.iter().filter(move |s| s.format.as_deref() == Some(format));
    let digests: Vec<&str> = of_format("cloudtrail-digest").map(|s| s.path.as_str()).collect();
    let raw = abate_lake::raw_of(&paths, &ctx.objects, &digests, reference, &zone);
    let held: Vec<DigestFile<'_>> =
        raw.iter().filter_map(|(path, json)| Some(DigestFile { file: File { path, sha256: hashes.get(path.as_str())? }, json })).collect();
    let logs: Vec<File<'_>> = of_format("cloudtrail").map(|s| File { path: &s.path, sha256: &s.sha256 }).collect();
    let mut verified = digests::verify(&held, &logs, &known, &signatures);
    let unsigned = ask(&ctx.objects, &verified, &mut signatures);
    if !unsigned.is_empty() {
        verified = digests::verify(&held, &logs, &known, &signatures);
    }
    let unsigned = unsigned.into_iter().filter_map(|(path, answer)| Some((path, answer.err()?))).collect();
    let Verified { chains, unread, left_over } = verified;
    if chains.is_empty() && unread.is_empty() && earlier.is_none() {
        let hint = Text::fixed(
            "add the trail's CloudTrail-Digest folder to the evidence, or name what was there earlier with --against",
            "証跡の CloudTrail-Digest フォルダーを証拠に加えるか、以前の内容を --against で指定してください",
        );
        return Err(Failure::input(anyhow!("there are no CloudTrail digest files to verify by"), Some(hint.get(ctx.lang).to_owned())));
    }
    let found = Found { chains, unread, unsigned, left_over, against: earlier.map(|earlier| compare(&earlier, sources)) };
    let sound = found.unread.is_empty() && found.chains.iter().all(Chain::is_sound) && found.against.as_ref().is_none_or(Differences::none);
    match format {
        Format::Json => print_json(&found)?,
        Format::Text => print(&found, sound, keys.is_empty(), ctx.lang)?,
    }
    Ok(if sound { Exit::Done } else { Exit::Incomplete })
}

fn known(files: &[PathBuf]) -> Result<Keys, Failure> {
    let mut keys = Keys::default();
    for file in files {
        let json = std::fs::read(file).with_context(|| file.display().to_string())?;
        keys.add(&json).map_err(|reason| Failure::input(anyhow!("{}: {reason}", file.display()), None))?;
    }
    Ok(keys)
}

/// Signatures out of files, and out of the files of folders.
fn signatures(places: &[PathBuf]) -> Result<Signatures, Failure> {
    let mut signatures = Signatures::default();
    for place in places {
        let files = if place.is_dir() {
            let entries =
                std::fs::read_dir(place).and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>());
            let mut files = entries.with_context(|| place.display().to_string())?;
            files.retain(|file| file.is_file());
            files.sort();
            files
        } else {
            vec![place.clone()]
        };
        for file in files {
            let json = std::fs::read(&file).with_context(|| file.display().to_string())?;
            let added = signatures.add(&file.to_string_lossy(), &json);
            added.map_err(|reason| Failure::input(anyhow!("{}: {reason}", file.display()), None))?;
        }
    }
    Ok(signatures)
}

/// Asks S3 for the signatures that are not at hand of digests that were read from there; what came of each.
fn ask(objects: &dyn Objects, verified: &Verified, signatures: &mut Signatures) -> Vec<(String, Result<(), String>)> {
    let open = verified.chains.iter().flat_map(|chain| &chain.digests).filter(|d| d.signature == Signature::NotAtHand);
    // The members of an archive in S3 are no objects.
    let places = open.map(|digest| digest.path.as_str()).filter(|path| object_place(Path::new(path)).is_some() && !path.contains("!/"));
    let mut answer = |place: &str| signatures.add_metadata(place, &objects.metadata(place)?);
    places.map(|place| (place.to_owned(), answer(place))).collect()
}

fn earlier(file: &Path) -> Result<Vec<Source>, Failure> {
    let json = std::fs::read(file).with_context(|| file.display().to_string())?;
    let earlier: Earlier = serde_json::from_slice(&json)
        .map_err(|e| Failure::input(anyhow!("{} is no case.json and no output of 'abate evidence read': {e}", file.display()), None))?;
    Ok(earlier.sources)
}

fn compare(earlier: &[Source], now: &[Source]) -> Differences {
    let today: BTreeMap<&str, &Source> = now.iter().map(|s| (s.path.as_str(), s)).collect();
    let mut found = Differences::default();
    for source in earlier {
        match today.get(source.path.as_str()) {
            None => found.gone.push(source.path.clone()),
            Some(same) if same.sha256 == source.sha256 && same.bytes == source.bytes => found.same += 1,
            Some(_) => found.altered.push(source.path.clone()),
        }
    }
    let then: BTreeMap<&str, ()> = earlier.iter().map(|s| (s.path.as_str(), ())).collect();
    found.new = now.iter().filter(|s| !then.contains_key(s.path.as_str())).map(|s| s.path.clone()).collect();
    found
}

fn print(found: &Found, sound: bool, no_keys: bool, lang: Lang) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    let t = |en: &'static str, ja: &'static str| Text::fixed(en, ja).get(lang).to_owned();
    for chain in &found.chains {
        let place = [Some(&chain.account), chain.region.as_ref(), chain.trail.as_ref()];
        let later = chain
            .backfill
            .then(|| t("(written later, for log files that were delivered late)", "（遅れて配信されたログファイルのため後から作成）"));
        let place = place.into_iter().flatten().map(|w| screen::safe(w)).chain(later).collect::<Vec<_>>().join(" ");
        screen::heading(&mut out, &place)?;
        lines(&mut out, chain, lang)?;
    }
    for (path, reason) in &found.unread {
        writeln!(out, "{} {}: {}", t("not read:", "読み取り不可:"), screen::safe(path), screen::safe(reason))?;
    }
    for (path, reason) in &found.unsigned {
        writeln!(out, "{} {}: {}", t("no signature of", "署名なし:"), screen::safe(path), screen::safe(reason))?;
    }
    if found.left_over > 0 {
        writeln!(out, "{}: {}", t("signatures that fit no digest", "どのダイジェストにも合わない署名"), found.left_over)?;
    }
    if let Some(differences) = &found.against {
        screen::heading(&mut out, &t("Against what was there earlier", "以前の内容との比較"))?;
        writeln!(out, "  {}: {}", t("the same", "同一"), differences.same)?;
        for (label, paths) in [
            (t("altered", "変更あり"), &differences.altered),
            (t("gone", "なくなったもの"), &differences.gone),
            (t("new", "新規"), &differences.new),
        ] {
            paths.iter().try_for_each(|path| writeln!(out, "  {label}: {}", screen::safe(path)))?;
        }
    }
    let verdict = if sound {
        t(
            "Nothing is altered, and nothing is missing in between. What was removed before the first digest or behind the last cannot be seen so.",
            "変更も、途中の欠落もありません。最初のダイジェストより前、または最後のダイジェストより後に削除されたものは、この方法では分かりません。",
        )
    } else {
        t("Not everything holds: see above.", "確認できない点があります。上記を参照してください。")
    };
    writeln!(out, "\n{verdict}")?;
    if no_keys && !found.chains.is_empty() {
        let hint = t(
            "Signatures were not checked: give the output of 'aws cloudtrail list-public-keys' with --keys.",
            "署名は検証していません。「aws cloudtrail list-public-keys」の出力を --keys で指定してください。",
        );
        writeln!(out, "{hint}")?;
    }
    Ok(())
}

/// What there is to say of a chain.
fn lines(out: &mut impl Write, chain: &Chain, lang: Lang) -> Result<(), Failure> {
    let t = |en: &'static str, ja: &'static str| Text::fixed(en, ja).get(lang).to_owned();
    let (Some(first), Some(last)) = (chain.digests.first(), chain.digests.last()) else { return Ok(()) };
    let valid = chain.digests.iter().filter(|d| d.signature == Signature::Valid).count();
    let unchanged: u64 = chain.digests.iter().map(|d| d.unchanged).sum();
    let sum = Text::new(
        format!(
            "{} digests from {} to {}, {valid} with a valid signature; {unchanged} log files are unchanged",
            chain.digests.len(),
            utc(first.from),
            utc(last.to)
        ),
        format!(
            "ダイジェスト {} 件（{} から {} まで）、署名が有効なもの {valid} 件。変更のないログファイル {unchanged} 件",
            chain.digests.len(),
            utc(first.from),
            utc(last.to)
        ),
    );
    writeln!(out, "  {}", sum.get(lang))?;
    for missing in &chain.missing {
        let named = missing.last.as_ref().filter(|_| missing.hours == 0).map(|name| screen::safe(name));
        if let Some(name) = named {
            writeln!(out, "  {}: {name}", t("missing, and named by another digest", "欠落（別のダイジェストに記載あり）"))?;
            continue;
        }
        let text = Text::new(
            format!("missing: no digests from {} to {} (about {})", utc(missing.from), utc(missing.to), missing.hours),
            format!("欠落: {} から {} までのダイジェストがありません（約 {} 件）", utc(missing.from), utc(missing.to), missing.hours),
        );
        writeln!(out, "  {}", text.get(lang))?;
    }
    for path in &chain.unlisted {
        writeln!(out, "  {}: {}", t("a log file that no digest lists", "どのダイジェストにも記載のないログファイル"), screen::safe(path))?;
    }
    let unkeyed = chain.digests.iter().filter(|d| d.signature == Signature::NoKey).count();
    if unkeyed > 0 {
        writeln!(out, "  {}: {unkeyed}", t("digests whose signature there is no key for", "署名を検証する鍵がないダイジェスト"))?;
    }
    let open = chain.digests.iter().filter(|d| d.signature == Signature::NotAtHand).count();
    if open > 0 {
        let text = Text::new(
            format!(
                "{open} without a signature at hand: it is in S3's metadata of the object (give the output of 'aws s3api head-object' with --signature)"
            ),
            format!(
                "署名が手元にないもの {open} 件: 署名は S3 オブジェクトのメタデータにあります（「aws s3api head-object」の出力を --signature で指定）"
            ),
        );
        writeln!(out, "  {}", text.get(lang))?;
    }
    for digest in &chain.digests {
        for what in said(digest, lang) {
            writeln!(out, "  {}: {what}", screen::safe(&digest.path))?;
        }
    }
    Ok(())
}

/// What there is to say of a digest, if anything is wrong.
fn said(digest: &Checked, lang: Lang) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut say = |text: Text| out.push(text.get(lang).to_owned());
    match digest.signature {
        Signature::Valid | Signature::NotAtHand | Signature::NoKey => {}
        Signature::Wrong => say(Text::fixed(
            "the signature does not fit: this digest was altered",
            "署名が一致しません。このダイジェストは変更されています",
        )),
    }
    if digest.before == Before::Altered {
        say(Text::fixed("the digest before it is not the one it names", "直前のダイジェストが、記載されたものと異なります"));
    }
    for path in &digest.altered {
        say(Text::new(format!("altered: {}", screen::safe(path)), format!("変更あり: {}", screen::safe(path))));
    }
    for object in &digest.absent {
        say(Text::new(format!("not at hand: {}", screen::safe(object)), format!("証拠に含まれない: {}", screen::safe(object))));
    }
    out
}
