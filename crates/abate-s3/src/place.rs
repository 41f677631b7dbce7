//! Places in S3 as people write them, `s3://bucket/key`, and which keys can be asked for.

use abate_app::ports::SCHEME;
use abate_model::Text;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is not encoded in the path of a request, as the signature wants it.
const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/');
/// What is not encoded in a query.
const KEPT_IN_QUERY: AsciiSet = KEPT.add(b'/');

/// A bucket, and a key or the beginning of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place<'p> {
    pub bucket: &'p str,
    /// everything behind the bucket's slash, as it is: nothing in it is decoded
    pub key: &'p str,
}

impl<'p> Place<'p> {
    /// Reads `s3://bucket` or `s3://bucket/key`.
    pub fn parse(place: &'p str) -> Result<Self, Text> {
        let rest = place.strip_prefix(SCHEME).unwrap_or(place);
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if bucket.starts_with("arn:") {
            return Err(Text::fixed(
                "the ARN of an access point is not read: name the access point's alias (…-s3alias) in place of the bucket",
                "アクセスポイントの ARN は読み取れません。バケットの代わりにアクセスポイントのエイリアス（…-s3alias）を指定してください",
            ));
        }
        if bucket.ends_with("--x-s3") {
            return Err(Text::fixed(
                "directory buckets (S3 Express One Zone) are not read: copy the objects to a folder or to another bucket",
                "ディレクトリバケット（S3 Express One Zone）は読み取れません。オブジェクトをフォルダーまたは別のバケットに複製してください",
            ));
        }
        if !(3..=255).contains(&bucket.len()) || !bucket.chars().all(allowed) || bucket.starts_with('.') || bucket.contains("..") {
            return Err(Text::fixed(
                "it must be s3://BUCKET/PREFIX/ or s3://BUCKET/KEY",
                "s3://バケット/プレフィックス/ または s3://バケット/キー の形で指定してください",
            ));
        }
        Ok(Self { bucket, key })
    }
}

/// Whether a key can be put into a URL so that nothing between here and S3 takes it for another.
pub(crate) fn can_be_asked(key: &str) -> bool {
    !key.split('/').any(|part| part == "." || part == "..")
}

/// A key in the path of a request.
pub(crate) fn in_path(key: &str) -> String {
    utf8_percent_encode(key, &KEPT).to_string()
}

/// A value in a query.
pub(crate) fn in_query(value: &str) -> String {
    utf8_percent_encode(value, &KEPT_IN_QUERY).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let parsed = |place| Place::parse(place).map(|p| (p.bucket, p.key)).ok();
        assert_eq!(parsed("s3://logs"), Some(("logs", "")));
        assert_eq!(parsed("s3://logs/"), Some(("logs", "")));
        assert_eq!(parsed("s3://my.logs-1/a//b c%20/"), Some(("my.logs-1", "a//b c%20/")));
        for bad in
            ["s3://", "s3:///key", "s3://a b/c", "s3://logs?x/", "s3://a", "s3://.hidden/x", "s3://us--x-s3/x", "s3://arn:aws:s3:::logs/x"]
        {
            assert_eq!(parsed(bad), None, "{bad}");
        }
    }

    #[test]
    fn keys_in_urls() {
        assert_eq!(in_path("a b/ü%/+?#\n/x~.json.gz"), "a%20b/%C3%BC%25/%2B%3F%23%0A/x~.json.gz");
        assert_eq!(in_query("a/b=c&d"), "a%2Fb%3Dc%26d");
        assert!(
            can_be_asked("a//b/..c/...") && can_be_asked("/a/") && !can_be_asked("a/../b") && !can_be_asked("./a") && !can_be_asked("a/..")
        );
    }
}
