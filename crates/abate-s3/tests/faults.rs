//! What S3 and the network do when they do not do what they should: a small server that cuts, refuses, changes and waits on demand.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use abate_app::ports::{Fetch, Object, Objects};
use abate_s3::S3;

const MIB: usize = 1 << 20;

/// A request, as it came.
#[derive(Clone, Debug)]
struct Request {
    method: String,
    /// path and query, as sent
    target: String,
    headers: HashMap<String, String>,
}

impl Request {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The range that is asked for, with its end.
    fn range(&self) -> Option<(usize, usize)> {
        let (from, to) = self.header("range").strip_prefix("bytes=")?.split_once('-')?;
        Some((from.parse().ok()?, to.parse::<usize>().ok()? + 1))
    }
}

/// An answer, and how it goes wrong.
#[derive(Clone, Default)]
struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// after so many bytes of the body the connection is closed
    cut: Option<usize>,
    wait: Duration,
}

fn ok(body: impl Into<Vec<u8>>) -> Reply {
    Reply { status: 200, body: body.into(), ..Reply::default() }
}

fn refuse(status: u16, code: &str, message: &str) -> Reply {
    let xml = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Reply { status, body: xml.into_bytes(), ..Reply::default() }
}

/// The bytes that a request asks for.
fn part(content: &[u8], request: &Request) -> Reply {
    match request.range() {
        None => ok(content),
        Some((from, to)) => Reply {
            status: 206,
            headers: vec![("Content-Range", format!("bytes {from}-{}/{}", to - 1, content.len()))],
            body: content[from..to].to_vec(),
            ..Reply::default()
        },
    }
}

/// A page of a listing.
fn page(keys: &[(&str, usize)], next: Option<&str>) -> Reply {
    let entry =
        |(key, size): &(&str, usize)| format!("<Contents><Key>{key}</Key><Size>{size}</Size><ETag>&quot;tag-{key}&quot;</ETag></Contents>");
    let more = next.map(|token| format!("<NextContinuationToken>{token}</NextContinuationToken>")).unwrap_or_default();
    let entries: String = keys.iter().map(entry).collect();
    ok(format!("<ListBucketResult><IsTruncated>{}</IsTruncated>{more}{entries}</ListBucketResult>", next.is_some()))
}

/// A server, and what it was asked.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers each request by a function of it and of how often the same was asked before.
    fn start(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let asked: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (kept, answer) = (Arc::clone(&asked), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                std::thread::spawn(move || serve(&stream, &kept, &*answer));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<Request> {
        self.asked.lock().expect("no panic").clone()
    }

    fn s3(&self, more: &[(&str, &str)]) -> S3 {
        let mut variables: HashMap<String, String> = HashMap::from([
            ("AWS_ENDPOINT_URL".to_owned(), self.address.clone()),
            ("AWS_ACCESS_KEY_ID".to_owned(), "AKIDEXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), "the-secret-key".to_owned()),
            ("AWS_SESSION_TOKEN".to_owned(), "the-session-token".to_owned()),
            ("AWS_MAX_ATTEMPTS".to_owned(), "3".to_owned()),
        ]);
        variables.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        S3::new(move |name| variables.get(name).cloned())
    }
}

fn serve(stream: &TcpStream, kept: &Mutex<Vec<Request>>, answer: &dyn Fn(&Request, usize) -> Reply) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let Some(first) = lines.next() else { return };
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers = lines.take_while(|line| !line.is_empty());
    let headers = headers.filter_map(|line| line.split_once(": ").map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()))).collect();
    let request = Request { method, target, headers };
    let before = {
        let mut kept = kept.lock().expect("no panic");
        let same = |r: &&Request| r.target == request.target && r.header("range") == request.header("range");
        let before = kept.iter().filter(same).count();
        kept.push(request.clone());
        before
    };
    let reply = answer(&request, before);
    std::thread::sleep(reply.wait);
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\nContent-Length: {}\r\n", reply.status, reply.body.len());
    reply.headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    let mut to = stream;
    let body = if request.method == "HEAD" { &[][..] } else { &reply.body[..reply.cut.unwrap_or(reply.body.len())] };
    let _ = to.write_all(head.as_bytes()).and_then(|()| to.write_all(b"\r\n")).and_then(|()| to.write_all(body));
}

fn object(key: &str, bytes: usize) -> Object {
    Object { place: format!("s3://logs/{key}"), bytes: bytes as u64, tag: Some(format!("\"tag-{key}\"")), modified: None }
}

/// What comes of the next object: its bytes, or why there are none or not all.
fn read(fetch: &mut dyn Fetch) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut opened = fetch.next().expect("another object").map_err(|e| e.to_string())?;
    opened.read_to_end(&mut bytes).map(|_| bytes).map_err(|e| e.to_string())
}

fn fetch_one(server: &Server, bytes: usize) -> Result<Vec<u8>, String> {
    let s3 = server.s3(&[]);
    read(&mut *s3.fetch(vec![object("a", bytes)]))
}

fn list(s3: &S3, place: &str) -> (Vec<String>, Result<(), String>) {
    let mut found = Vec::new();
    let done = s3.list(place, &mut |page| found.extend(page.into_iter().map(|object| object.place)));
    (found, done)
}

fn numbers(bytes: usize) -> Vec<u8> {
    (0..bytes as u64 / 8).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()).collect()
}

#[test]
fn a_large_object_comes_in_pieces_of_one_content() {
    let content = numbers(10 * MIB);
    let server = Server::start({
        let content = content.clone();
        // The first piece is the slowest: order must not depend on who answers first.
        move |request, _| Reply {
            wait: Duration::from_millis(if request.range().is_some_and(|r| r.0 == 0) { 300 } else { 0 }),
            ..part(&content, request)
        }
    });
    assert!(fetch_one(&server, content.len()).unwrap() == content);
    let mut ranges: Vec<_> = server.asked().iter().map(|r| r.header("range").to_owned()).collect();
    ranges.sort();
    assert_eq!(ranges, ["bytes=0-4194303", "bytes=4194304-8388607", "bytes=8388608-10485759"]);
    assert!(server.asked().iter().all(|r| r.header("if-match") == "\"tag-a\"" && r.method == "GET"));
}

#[test]
fn a_connection_that_breaks_costs_nothing_but_time() {
    let content = numbers(9 * MIB);
    let server = Server::start({
        let content = content.clone();
        move |request, before| Reply { cut: (before == 0).then_some(1000), ..part(&content, request) }
    });
    assert!(fetch_one(&server, content.len()).unwrap() == content);
    assert_eq!(server.asked().len(), 6);
}

#[test]
fn a_connection_that_always_breaks_is_a_loss_in_the_end() {
    let server = Server::start(|request, _| Reply { cut: Some(1000), ..part(&numbers(MIB), request) });
    let why = fetch_one(&server, MIB).unwrap_err();
    assert!(why.contains("cannot be reached") && why.contains("1000 bytes of the answer"), "{why}");
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn what_breaks_in_the_middle_never_looks_whole() {
    let content = numbers(12 * MIB);
    let server = Server::start(move |request, _| match request.range() {
        Some((0, _)) => part(&content, request),
        _ => refuse(403, "AccessDenied", "Access Denied"),
    });
    let s3 = server.s3(&[]);
    let mut fetch = s3.fetch(vec![object("a", 12 * MIB), object("a", 4 * MIB)]);
    let mut opened = fetch.next().unwrap().unwrap();
    let mut bytes = Vec::new();
    assert!(opened.read_to_end(&mut bytes).unwrap_err().to_string().contains("access denied"));
    assert_eq!(bytes.len(), 4 * MIB);
    assert!(opened.read(&mut [0; 8]).is_err(), "nor when it is asked again");
    drop(opened);
    assert!(fetch.next().unwrap().is_err(), "and the next object is another one");
    assert!(fetch.next().is_none());
}

#[test]
fn throttling_is_waited_for_but_not_for_ever() {
    let server =
        Server::start(|_, before| if before < 2 { refuse(503, "SlowDown", "Please reduce your request rate.") } else { ok("abc") });
    assert_eq!(fetch_one(&server, 3).unwrap(), b"abc");
    assert_eq!(server.asked().len(), 3);

    let server = Server::start(|_, _| refuse(503, "SlowDown", "Please reduce your request rate."));
    let s3 = server.s3(&[("AWS_MAX_ATTEMPTS", "2")]);
    let keys: Vec<String> = (0..200).map(|n| format!("k{n}")).collect();
    let mut fetch = s3.fetch(keys.iter().map(|key| object(key, 3)).collect());
    let begun = Instant::now();
    for _ in &keys {
        let why = read(&mut *fetch).unwrap_err();
        assert!(why.contains("SlowDown") && why.contains("run it again later"), "{why}");
    }
    let asked = server.asked().len();
    assert!(asked > 200 && asked < 200 + 64, "once nothing helps, nothing is repeated: {asked}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(s3.advice().len(), 1);
}

#[test]
fn refusals_say_what_to_do() {
    let said = |reply: Reply| fetch_one(&Server::start(move |_, _| reply.clone()), 3).unwrap_err();
    for (reply, expected) in [
        (refuse(403, "AccessDenied", "Access Denied"), "s3:GetObject"),
        (refuse(403, "AccessDenied", "User: x is not authorized to perform: kms:Decrypt on the resource"), "kms:Decrypt"),
        (refuse(403, "InvalidObjectState", "The operation is not valid for the object's storage class"), "restore-object"),
        (
            refuse(
                400,
                "InvalidRequest",
                "The object was stored using a form of Server Side Encryption. The correct parameters must be provided",
            ),
            "--sse-c",
        ),
        (refuse(400, "ExpiredToken", "The provided token has expired."), "AWS_SESSION_TOKEN"),
        (refuse(404, "NoSuchKey", "The specified key does not exist."), "removed after it was listed"),
        (refuse(412, "PreconditionFailed", "At least one of the preconditions did not hold"), "changed after it was listed"),
        (ok("abcd"), "changed after it was listed"),
        (ok("ab"), "changed after it was listed"),
        (refuse(418, "", ""), "HTTP status 418"),
    ] {
        let why = said(reply);
        assert!(why.contains(expected), "{expected}: {why}");
        assert!(!why.contains("the-secret-key") && !why.contains("the-session-token"), "{why}");
    }
}

#[test]
fn who_does_not_know_ranges_is_not_taken_for_one_who_does() {
    let content = numbers(6 * MIB);
    let server = Server::start(move |_, _| ok(content.clone()));
    assert!(fetch_one(&server, 6 * MIB).unwrap_err().contains("and the whole came"));
}

#[test]
fn an_object_that_changes_while_it_is_read_is_refused() {
    let content = numbers(6 * MIB);
    let server = Server::start(move |request, _| match request.range() {
        Some((0, _)) => part(&content, request),
        Some((from, to)) => {
            Reply { headers: vec![("Content-Range", format!("bytes {from}-{}/7000000", to - 1))], ..part(&content, request) }
        }
        None => refuse(500, "InternalError", ""),
    });
    let why = fetch_one(&server, 6 * MIB).unwrap_err();
    assert!(why.contains("changed after it was listed") && why.contains("7000000"), "{why}");
}

#[test]
fn a_listing_that_fails_half_way_gives_what_it_had_and_says_so() {
    let server = Server::start(|request, _| match request.target.contains("continuation-token=1%2F2%3D") {
        true => refuse(403, "AccessDenied", "Access Denied"),
        false => page(&[("x/a", 1), ("x/b", 2)], Some("1/2=")),
    });
    let s3 = server.s3(&[]);
    let (found, done) = list(&s3, "s3://logs/x/");
    assert_eq!(found, ["s3://logs/x/a", "s3://logs/x/b"]);
    assert!(done.unwrap_err().contains("s3:ListBucket"));
    assert_eq!(s3.advice().len(), 1);
}

#[test]
fn a_listing_without_an_end_ends() {
    let server = Server::start(|_, _| page(&[("x/a", 1)], Some("again")));
    let (_, done) = list(&server.s3(&[]), "s3://logs/x/");
    assert!(done.unwrap_err().contains("circles"));
    let server = Server::start(|_, _| ok("<html>Please sign in</html>"));
    let (_, done) = list(&server.s3(&[]), "s3://logs/x/");
    assert!(done.unwrap_err().contains("no listing"));
}

#[test]
fn the_bucket_says_its_region() {
    let server = Server::start(|request, _| {
        if request.header("authorization").contains("/eu-west-1/s3/") {
            return page(&[("x/a", 1)], None);
        }
        Reply { headers: vec![("x-amz-bucket-region", "eu-west-1".to_owned())], ..refuse(301, "PermanentRedirect", "") }
    });
    let s3 = server.s3(&[]);
    assert_eq!(list(&s3, "s3://logs/x/"), (vec!["s3://logs/x/a".to_owned()], Ok(())));
    assert_eq!(list(&s3, "s3://logs/x/").1, Ok(()));
    assert_eq!(server.asked().len(), 3, "it is remembered");

    let server = Server::start(|_, before| {
        let region = if before % 2 == 0 { "eu-west-1" } else { "eu-west-2" };
        Reply { headers: vec![("x-amz-bucket-region", region.to_owned())], ..refuse(301, "PermanentRedirect", "") }
    });
    assert!(list(&server.s3(&[]), "s3://logs/x/").1.unwrap_err().contains("again and again"));
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn who_may_not_list_may_still_read_one_object() {
    let server = Server::start(|request, _| match (request.method.as_str(), request.target.as_str()) {
        ("HEAD", "/logs/x/a") => Reply {
            headers: vec![("ETag", "\"1\"".to_owned()), ("Last-Modified", "Tue, 24 Nov 2026 01:02:03 GMT".to_owned())],
            ..ok("abc")
        },
        ("HEAD", _) => refuse(404, "", ""),
        _ => refuse(403, "AccessDenied", "Access Denied"),
    });
    let s3 = server.s3(&[]);
    let mut found = Vec::new();
    s3.list("s3://logs/x/a", &mut |page| found.extend(page)).unwrap();
    let modified = "2026-11-24T01:02:03Z".parse().ok();
    assert_eq!(found, [Object { place: "s3://logs/x/a".to_owned(), bytes: 3, tag: Some("\"1\"".to_owned()), modified }]);
    assert!(list(&s3, "s3://logs/x/b").1.unwrap_err().contains("s3:ListBucket"));
    assert!(list(&s3, "s3://logs/x/").1.unwrap_err().contains("s3:ListBucket"));
}

#[test]
fn what_the_owner_noted_of_an_object_is_asked_for_without_its_content() {
    let server = Server::start(|request, _| match (request.method.as_str(), request.target.as_str()) {
        ("HEAD", "/logs/x/a") => {
            let noted = [("x-amz-meta-signature", "0a1b"), ("X-Amz-Meta-Signature-Algorithm", "SHA256withRSA"), ("x-amz-version-id", "1")];
            Reply { headers: noted.map(|(name, value)| (name, value.to_owned())).to_vec(), ..ok("abc") }
        }
        ("HEAD", "/logs/x/denied") => refuse(403, "", ""),
        _ => refuse(404, "", ""),
    });
    let s3 = server.s3(&[]);
    let noted: Vec<_> = s3.metadata("s3://logs/x/a").unwrap().into_iter().collect();
    let expected = [("signature", "0a1b"), ("signature-algorithm", "SHA256withRSA")];
    assert_eq!(noted, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(s3.metadata("s3://logs/x/denied").is_err() && s3.metadata("s3://logs/x/b").is_err());
    assert!(server.asked().iter().all(|request| request.method == "HEAD"));
}

#[test]
fn many_small_objects_do_not_wait_for_each_other() {
    let server =
        Server::start(|request, _| Reply { wait: Duration::from_millis(50), ..ok(request.target.rsplit('/').next().unwrap_or_default()) });
    let keys: Vec<String> = (100..300).map(|n| format!("k{n}")).collect();
    let s3 = server.s3(&[]);
    let begun = Instant::now();
    let mut fetch = s3.fetch(keys.iter().map(|key| object(key, key.len())).collect());
    for key in &keys {
        assert_eq!(read(&mut *fetch).unwrap(), key.as_bytes());
    }
    assert!(fetch.next().is_none());
    // One after the other they would take ten seconds.
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[test]
fn what_waits_to_be_read_is_bounded() {
    let server = Server::start(|request, _| part(&numbers(40 * MIB), request));
    let s3 = server.s3(&[]);
    let mut fetch = s3.fetch((0..8).map(|n| object(&format!("k{n}"), 40 * MIB)).collect());
    let mut opened = fetch.next().unwrap().unwrap();
    let settled = |expected: usize| {
        let begun = Instant::now();
        while server.asked().len() < expected && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(300));
        server.asked().len()
    };
    assert_eq!(settled(8), 8, "32 MiB in pieces of 4");
    opened.read_exact(&mut vec![0; 4 * MIB + 1]).unwrap();
    assert_eq!(settled(9), 9);
    drop(opened);
    // Who leaves an object in the middle gets the next one whole.
    assert!(read(&mut *fetch).unwrap() == numbers(40 * MIB));
}

#[test]
fn without_an_answer_or_credentials_there_is_a_reason() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server { address: format!("http://{nobody}"), asked: Arc::default() };
    let begun = Instant::now();
    assert!(list(&server.s3(&[("AWS_MAX_ATTEMPTS", "100")]), "s3://logs/x/").1.unwrap_err().contains("cannot be reached"));
    assert!(begun.elapsed() < Duration::from_secs(10));

    let bare = S3::new(|name| (name == "AWS_EC2_METADATA_DISABLED").then(|| "true".to_owned()));
    assert!(list(&bare, "s3://logs/x/").1.unwrap_err().contains("AWS_ACCESS_KEY_ID"));
    let mut fetch = bare.fetch(vec![object("a", 1)]);
    assert!(read(&mut *fetch).unwrap_err().contains("AWS_ACCESS_KEY_ID") && fetch.next().is_none());
    assert_eq!(bare.advice().len(), 1);
}
