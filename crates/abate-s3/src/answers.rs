//! What S3 answers, out of its XML: a page of a listing, an error.

use abate_app::ports::{Object, SCHEME};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::trouble::{Kind, Trouble};

/// A page of a listing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Listing {
    encoding_type: Option<String>,
    is_truncated: bool,
    next_continuation_token: Option<String>,
    contents: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key: String,
    size: u64,
    #[serde(rename = "ETag", default)]
    tag: Option<String>,
    #[serde(default)]
    last_modified: Option<String>,
}

/// The objects of a page, and the token of the page that follows it, if one does.
pub(crate) fn page(xml: &[u8], bucket: &str) -> Result<(Vec<Object>, Option<String>), Trouble> {
    let odd = |why: String| Trouble::new(Kind::Answer, format!("no listing: {why}"));
    let text = std::str::from_utf8(xml).map_err(|e| odd(e.to_string()))?;
    if !text.contains("ListBucketResult") {
        return Err(odd("it has no ListBucketResult".to_owned()));
    }
    let listing: Listing = quick_xml::de::from_str(text).map_err(|e| odd(e.to_string()))?;
    let encoded = listing.encoding_type.as_deref() == Some("url");
    let object = |entry: Entry| {
        let key = if encoded { decoded(&entry.key)? } else { entry.key };
        let tag = entry.tag.filter(|tag| !tag.is_empty() && tag.is_ascii() && !tag.contains(char::is_control));
        let modified = entry.last_modified.and_then(|at| at.parse().ok());
        Ok(Object { place: format!("{SCHEME}{bucket}/{key}"), bytes: entry.size, tag, modified })
    };
    let objects = listing.contents.into_iter().map(object).collect::<Result<_, Trouble>>()?;
    match listing.next_continuation_token.filter(|token| !token.is_empty()) {
        next if !listing.is_truncated || next.is_some() => Ok((objects, next.filter(|_| listing.is_truncated))),
        _ => Err(odd("it has more, but no token to ask for that".to_owned())),
    }
}

/// A key as it stands in a listing of type `url`.
fn decoded(key: &str) -> Result<String, Trouble> {
    let spaced = key.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8();
    decoded.map(Into::into).map_err(|_| Trouble::new(Kind::Answer, format!("no listing: the key {key} is no UTF-8")))
}

/// An error.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Refusal {
    pub code: String,
    pub message: String,
    pub region: Option<String>,
}

/// What an error says; nothing where it is not S3 that speaks.
pub(crate) fn refusal(xml: &[u8]) -> Refusal {
    let text = std::str::from_utf8(xml).ok().filter(|text| text.contains("<Code>"));
    text.and_then(|text| quick_xml::de::from_str(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>logs</Name><Prefix>a</Prefix><KeyCount>2</KeyCount>\
        <MaxKeys>2</MaxKeys><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextContinuationToken>1&amp;2=</NextContinuationToken>\
        <Contents><Key>a/%25+%2B%0A//..%2F%C3%BC</Key><LastModified>2026-11-24T01:02:03.000Z</LastModified><ETag>&quot;0123&quot;</ETag><Size>12</Size>\
        <Owner><ID>1</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>\
        <Contents><Key>a/b</Key><LastModified>soon</LastModified><Size>0</Size><StorageClass>GLACIER</StorageClass></Contents></ListBucketResult>";

    #[test]
    fn a_page_with_every_kind_of_key() {
        let (objects, next) = page(PAGE.as_bytes(), "logs").unwrap();
        assert_eq!(next.as_deref(), Some("1&2="));
        let first = Object {
            place: "s3://logs/a/% +\n//../ü".to_owned(),
            bytes: 12,
            tag: Some("\"0123\"".to_owned()),
            modified: Some("2026-11-24T01:02:03Z".parse().unwrap()),
        };
        let second = Object { place: "s3://logs/a/b".to_owned(), bytes: 0, tag: None, modified: None };
        assert_eq!(objects, [first, second]);
        let last = PAGE.replace("<IsTruncated>true", "<IsTruncated>false");
        assert_eq!(page(last.as_bytes(), "logs").unwrap().1, None);
        let empty = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
        assert_eq!(page(empty.as_bytes(), "logs").unwrap(), (Vec::new(), None));
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        let endless = PAGE.replace("<NextContinuationToken>1&amp;2=</NextContinuationToken>", "");
        for bad in ["", "<html>login</html>", "{}", &endless, &PAGE.replace("<Size>12", "<Size>many"), &PAGE.replace("%C3%BC", "%C3")] {
            assert_eq!(page(bad.as_bytes(), "logs").unwrap_err().kind, Kind::Answer, "{bad}");
        }
        for end in 1..PAGE.len() - 1 {
            assert!(page(PAGE.get(..end).unwrap_or_default().as_bytes(), "logs").is_err(), "cut at {end}");
        }
        assert!(page(&[0xff, 0xfe], "logs").is_err());
    }

    #[test]
    fn errors() {
        let xml = "<?xml version=\"1.0\"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong; expecting \
                   'eu-west-1'</Message><Region>eu-west-1</Region><RequestId>1</RequestId></Error>";
        let found = refusal(xml.as_bytes());
        assert_eq!((found.code.as_str(), found.region.as_deref()), ("AuthorizationHeaderMalformed", Some("eu-west-1")));
        assert!(refusal(b"<html>503</html>").code.is_empty() && refusal(b"").code.is_empty() && refusal(b"\xff<Code>").code.is_empty());
    }
}
