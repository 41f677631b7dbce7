//! One request and its answer: signed, sent to the bucket's Region, repeated where that may help, and read to its end. It asks with GET and
//! HEAD only.

use std::collections::HashMap;
use std::error::Error;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use object_store::HeaderMap;
use object_store::aws::AwsAuthorizer;
use object_store::client::{HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody};
use reqwest::header::{HeaderName, HeaderValue, RANGE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Method, StatusCode};

use crate::answers;
use crate::place::{can_be_asked, in_path};
use crate::setup::{Setup, can_be_sent, is_region};
use crate::trouble::{Kind, Trouble};

/// Until a connection stands.
const CONNECT: Duration = Duration::from_secs(10);
/// Until more of an answer comes.
const READ: Duration = Duration::from_secs(60);
/// The first and the longest pause before a request is repeated.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));
/// So often is a host tried that never answered.
const ATTEMPTS_AT_FIRST: u32 = 3;
/// After so many requests in a row that no repeating helped, none is repeated until one is answered.
const HOPELESS: u32 = 3;
/// Bytes of an error that are read.
const MOST_OF_ERROR: usize = 64 << 10;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Ask<'a> {
    pub method: Method,
    pub bucket: &'a str,
    /// empty for the bucket itself
    pub key: &'a str,
    /// encoded, without the question mark
    pub query: &'a str,
    pub headers: Vec<(HeaderName, String)>,
    /// bytes of the answer, at the most
    pub most: usize,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Why an attempt failed.
enum Failed {
    /// it lies in this Region
    Elsewhere(String),
    /// it may help to repeat it
    Passing(Trouble),
    /// it will not
    Lasting(Trouble),
}

/// Makes requests.
pub(crate) struct Client {
    http: HttpClient,
    setup: Setup,
    /// where buckets lie that are not where they were looked for
    regions: Mutex<HashMap<String, String>>,
    answered: AtomicBool,
    hopeless: AtomicU32,
}

impl Client {
    pub fn new(setup: Setup) -> Result<Self, Trouble> {
        let wrong = |e: &dyn std::fmt::Display| Trouble::new(Kind::Setup, e.to_string());
        // A redirect is an answer: it names another Region, for which another signature is due.
        let mut builder = reqwest::Client::builder().redirect(Policy::none()).connect_timeout(CONNECT).read_timeout(READ).http1_only();
        builder = builder.user_agent(concat!("abate/", env!("CARGO_PKG_VERSION"))).https_only(setup.endpoint.is_none());
        if let Some(pem) = &setup.certificates {
            for certificate in Certificate::from_pem_bundle(pem).map_err(|e| wrong(&e))? {
                builder = builder.add_root_certificate(certificate);
            }
        }
        let http = HttpClient::new(builder.build().map_err(|e| wrong(&e))?);
        Ok(Self { http, setup, regions: Mutex::default(), answered: AtomicBool::new(false), hopeless: AtomicU32::new(0) })
    }

    /// Asks until there is an answer, or no hope of one.
    pub async fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Trouble> {
        if !can_be_asked(ask.key) {
            return Err(Trouble::new(Kind::OddKey, ""));
        }
        let (mut made, mut moved) = (0, false);
        loop {
            let region = self.region(ask.bucket);
            let trouble = match self.once(ask, &region).await {
                Ok(answer) => {
                    self.hopeless.store(0, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(Failed::Elsewhere(region)) if !moved => {
                    moved = true;
                    self.regions.lock().unwrap_or_else(PoisonError::into_inner).insert(ask.bucket.to_owned(), region);
                    continue;
                }
                Err(Failed::Elsewhere(region)) => {
                    return Err(Trouble::new(Kind::Answer, format!("sent on from {region}, again and again")));
                }
                Err(Failed::Lasting(trouble)) => return Err(trouble),
                Err(Failed::Passing(trouble)) => trouble,
            };
            made += 1;
            if made >= self.attempts() {
                self.hopeless.fetch_add(1, Ordering::Relaxed);
                return Err(trouble);
            }
            tokio::time::sleep(pause(made)).await;
        }
    }

    fn attempts(&self) -> u32 {
        if self.hopeless.load(Ordering::Relaxed) >= HOPELESS {
            1
        } else if self.answered.load(Ordering::Relaxed) {
            self.setup.attempts
        } else {
            self.setup.attempts.min(ATTEMPTS_AT_FIRST)
        }
    }

    fn region(&self, bucket: &str) -> String {
        let regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        regions.get(bucket).unwrap_or(&self.setup.region).clone()
    }

    async fn once(&self, ask: &Ask<'_>, region: &str) -> Result<Answer, Failed> {
        let request = self.request(ask, region).await.map_err(Failed::Lasting)?;
        let answer = self.http.execute(request).await.map_err(|e| Failed::Passing(unreachable(&e)))?;
        self.answered.store(true, Ordering::Relaxed);
        let (parts, body) = answer.into_parts();
        let good = parts.status.is_success();
        if good && parts.status != StatusCode::PARTIAL_CONTENT && ask.headers.iter().any(|(name, _)| *name == RANGE) {
            return Err(Failed::Lasting(Trouble::new(Kind::Answer, "a part of the object was asked for, and the whole came")));
        }
        let most = if good { ask.most } else { MOST_OF_ERROR };
        let (mut read, mut stream) = (BytesMut::new(), body.bytes_stream());
        while let Some(part) = stream.next().await {
            let part = part.map_err(|e| {
                let cut = unreachable(&e);
                Failed::Passing(Trouble::new(cut.kind, format!("after {} bytes of the answer: {}", read.len(), cut.said)))
            })?;
            if read.len().saturating_add(part.len()) > most {
                if !good {
                    break;
                }
                // A content that is longer than what was listed is another one.
                let kind = if ask.key.is_empty() { Kind::Answer } else { Kind::Changed };
                return Err(Failed::Lasting(Trouble::new(kind, format!("more than the {most} bytes that were expected"))));
            }
            read.extend_from_slice(&part);
        }
        let answer = Answer { status: parts.status, headers: parts.headers, body: read.freeze() };
        if good { Ok(answer) } else { Err(refused(&answer, region, ask.key.is_empty())) }
    }

    /// The request, signed.
    async fn request(&self, ask: &Ask<'_>, region: &str) -> Result<HttpRequest, Trouble> {
        let odd = |what: &dyn std::fmt::Display| Trouble::new(Kind::Answer, format!("no request can be made of it: {what}"));
        let mut request = HttpRequest::new(HttpRequestBody::empty());
        *request.method_mut() = ask.method.clone();
        let url = self.url(ask, region);
        // What makes the request reads the URL once more, in its own way: the two must agree.
        let same = reqwest::Url::parse(&url).is_ok_and(|parsed| parsed.as_str() == url);
        *request.uri_mut() = url.parse().ok().filter(|_| same).ok_or_else(|| odd(&"the URL"))?;
        for (name, value) in &ask.headers {
            request.headers_mut().insert(name, HeaderValue::from_str(value).map_err(|e| odd(&e))?);
        }
        if let Some(keys) = &self.setup.keys {
            let credential = keys.get_credential().await.map_err(|e| Trouble::new(Kind::Credentials, e.to_string()))?;
            if !can_be_sent(&credential) {
                return Err(Trouble::new(Kind::Credentials, "what was handed out is no key"));
            }
            AwsAuthorizer::new(&credential, "s3", region).authorize(&mut request, None);
        }
        Ok(request)
    }

    fn url(&self, ask: &Ask<'_>, region: &str) -> String {
        let Ask { bucket, query, .. } = ask;
        let key = in_path(ask.key);
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        // A certificate holds for one part in front of the domain; aliases of access points have no place behind it.
        let in_host = bucket.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') && bucket.len() <= 63;
        let place = match &self.setup.endpoint {
            Some(endpoint) => format!("{endpoint}/{bucket}/{key}"),
            None if in_host => format!("https://{bucket}.s3.{region}.{domain}/{key}"),
            None => format!("https://s3.{region}.{domain}/{bucket}/{key}"),
        };
        if query.is_empty() { place } else { format!("{place}?{query}") }
    }
}

/// A little longer each time, and not all at once.
fn pause(made: u32) -> Duration {
    let (first, longest) = PAUSES;
    let whole = first.saturating_mul(1 << made.saturating_sub(1).min(10)).min(longest);
    let chance = u32::try_from(RandomState::new().hash_one(made) % 512).unwrap_or(0);
    whole.saturating_mul(512 + chance) / 1024
}

/// What an answer that is none means.
fn refused(answer: &Answer, region: &str, listing: bool) -> Failed {
    let said = answers::refusal(&answer.body);
    let of_header = answer.headers.get("x-amz-bucket-region").and_then(|value| value.to_str().ok()).map(str::to_owned);
    if let Some(right) = of_header.or(said.region).filter(|right| right != region && is_region(right)) {
        return Failed::Elsewhere(right);
    }
    let trouble = Trouble::of_answer(answer.status.as_u16(), &said.code, &said.message, listing);
    if trouble.kind == Kind::Busy { Failed::Passing(trouble) } else { Failed::Lasting(trouble) }
}

/// What the network says, the innermost reason first.
fn unreachable(error: &HttpError) -> Trouble {
    let mut chain: Vec<String> = vec![error.to_string()];
    let mut source = error.source();
    while let Some(inner) = source {
        chain.push(inner.to_string());
        source = inner.source();
    }
    let said = chain.pop().unwrap_or_default();
    let what = match error.kind() {
        HttpErrorKind::Connect => "no connection: ",
        HttpErrorKind::Timeout => "no answer in time: ",
        _ => "",
    };
    Trouble::new(Kind::Unreachable, format!("{what}{said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(variables: &[(&str, &str)]) -> Client {
        let variables = [&[("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "the-secret")], variables].concat();
        let setup = Setup::read(&|name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()));
        Client::new(setup.unwrap()).unwrap()
    }

    fn ask<'a>(bucket: &'a str, key: &'a str) -> Ask<'a> {
        Ask { method: Method::GET, bucket, key, query: "", headers: Vec::new(), most: 0 }
    }

    #[test]
    fn where_requests_go() {
        let aws = client(&[]);
        assert_eq!(aws.url(&ask("logs", "a b"), "eu-west-1"), "https://logs.s3.eu-west-1.amazonaws.com/a%20b");
        assert_eq!(aws.url(&ask("my.logs", "a"), "eu-west-1"), "https://s3.eu-west-1.amazonaws.com/my.logs/a");
        assert_eq!(aws.url(&ask("logs", ""), "cn-north-1"), "https://logs.s3.cn-north-1.amazonaws.com.cn/");
        let own = client(&[("AWS_ENDPOINT_URL", "http://127.0.0.1:9000")]);
        assert_eq!(own.url(&Ask { query: "list-type=2", ..ask("logs", "") }, "us-east-1"), "http://127.0.0.1:9000/logs/?list-type=2");
    }

    #[tokio::test]
    async fn requests_are_signed_for_the_key_that_is_meant() {
        let client = client(&[("AWS_SESSION_TOKEN", "token")]);
        for key in ["a//b", "/a", "a/", "ä b+%", "a?b#c", "..a/b..", "a\\b", "C:/x", "\u{1}\n", "a%2e%2e/b", "%2E%2E/b"] {
            let request = client.request(&ask("logs", key), "us-east-1").await.unwrap_or_else(|e| panic!("{key}: {e:?}"));
            let path = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8().unwrap().into_owned();
            assert_eq!(path, format!("/{key}"));
            let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
            assert!(
                header("authorization").contains("/us-east-1/s3/aws4_request") && header("x-amz-security-token") == "token",
                "{request:?}"
            );
        }
        for key in ["a/../b", "..", "./a", "a/."] {
            assert_eq!(client.ask(&ask("logs", key)).await.err().unwrap().kind, Kind::OddKey, "{key}");
        }
    }

    #[test]
    fn pauses_grow_and_end() {
        for made in 1..40 {
            let whole = PAUSES.0.saturating_mul(1 << (made - 1).min(10)).min(PAUSES.1);
            assert!((whole / 2..=whole).contains(&pause(made)), "{made}: {:?}", pause(made));
        }
    }

    #[test]
    fn another_region_is_followed_only_where_its_name_is_one() {
        let answer = |region: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-amz-bucket-region", HeaderValue::from_static(region));
            Answer { status: StatusCode::MOVED_PERMANENTLY, headers, body: Bytes::new() }
        };
        assert!(matches!(refused(&answer("eu-west-1"), "us-east-1", true), Failed::Elsewhere(r) if r == "eu-west-1"));
        assert!(matches!(refused(&answer("evil.example.com/"), "us-east-1", true), Failed::Lasting(_)));
        assert!(matches!(refused(&answer("us-east-1"), "us-east-1", true), Failed::Lasting(_)));
    }
}
