//! CloudTrail digest files: which log files were delivered within an hour, with their hashes. Each becomes one line of text that
//! says what it covers; whether the log files are those that were signed is not checked here.

use std::borrow::Cow;
use std::io::{self, BufRead};

use abate_model::rows::TimedText;
use abate_model::{Body, Row, Table, Text, ZoneCertainty};
use serde::Deserialize;

use crate::json::{self, Refusal};
use crate::shape::{Field, Shape};
use crate::{Head, ReadContext, Reader, Sink, time};

/// See the module.
pub(super) static READER: Reader = Reader {
    id: "cloudtrail-digest",
    title: Text::fixed("AWS CloudTrail digest file", "AWS CloudTrail ダイジェストファイル"),
    tables: &[Table::TimedText],
    continuous: false,
    never_contains: &[Text::fixed(
        "the events themselves: it lists log files and their hashes",
        "イベントそのもの（ログファイルの一覧とハッシュ値のみ）",
    )],
    sniff,
    read,
};

fn sniff(head: &Head<'_>) -> Option<String> {
    let shape = Shape::of(head)?;
    let found = shape.under(&["", "[]."], &["digestStartTime", "digestS3Bucket"])?;
    Some(format!("JSON keys {found}digestStartTime, {found}digestS3Bucket"))
}

fn read(input: &mut dyn BufRead, ctx: &ReadContext, sink: &mut dyn Sink) -> io::Result<()> {
    json::records(input, &[], sink, &mut |place, sink| {
        let text = place.text();
        let digest: Digest<'_> =
            serde_json::from_str(&text).map_err(|_| Refusal::malformed("a digest file is no valid CloudTrail digest JSON"))?;
        let (Some(from), Some(to)) = (digest.digest_start_time.0.as_deref(), digest.digest_end_time.0.as_deref()) else {
            return Err(Refusal::malformed("no CloudTrail digest: its start or its end is missing"));
        };
        let stated = time::iso(to, &ctx.zone);
        let (at, zone) = stated.map_or((None, ZoneCertainty::Unknown), |(at, zone)| (Some(at), zone));
        let said = |field: &Field<'_>| field.0.as_deref().unwrap_or("-").to_owned();
        let files = digest.log_files.unwrap_or_default();
        let message = format!(
            "CloudTrail digest of account {}, {from} to {to}: {} log files delivered to {}; events from {} to {}; the digest before it: {}",
            said(&digest.aws_account_id),
            files.len(),
            said(&digest.digest_s3_bucket),
            said(&digest.oldest_event_time),
            said(&digest.newest_event_time),
            said(&digest.previous_digest_s3_object),
        );
        let body = TimedText { program: Some(Cow::Borrowed("cloudtrail-digest")), message: Cow::Owned(message), ..TimedText::default() };
        sink.row(Row { at, zone, source: 0, locator: place.locator(), body: Body::Text(body) }, place.bytes);
        Ok(())
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Digest<'a> {
    #[serde(borrow)]
    aws_account_id: Field<'a>,
    #[serde(borrow)]
    digest_start_time: Field<'a>,
    #[serde(borrow)]
    digest_end_time: Field<'a>,
    #[serde(borrow, rename = "digestS3Bucket")]
    digest_s3_bucket: Field<'a>,
    #[serde(borrow)]
    oldest_event_time: Field<'a>,
    #[serde(borrow)]
    newest_event_time: Field<'a>,
    #[serde(borrow, rename = "previousDigestS3Object")]
    previous_digest_s3_object: Field<'a>,
    log_files: Option<Vec<serde::de::IgnoredAny>>,
}
