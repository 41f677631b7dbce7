//! Credentials that a machine hands out: to a pod, a container, CloudShell, a function or an instance. `object_store` fetches them and renews them in
//! time; what it does not know is the place that `AWS_CONTAINER_CREDENTIALS_FULL_URI` names when the token is in the environment, or none is needed.

use std::fmt;
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as Key, AwsCredential, AwsCredentialProvider};
use object_store::{Certificate, ClientOptions, CredentialProvider, RetryConfig};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::trouble::{Kind, Trouble};

/// The variables that say what hands out credentials, and what `object_store` calls them.
const TAKEN: [(&str, Key); 9] = [
    ("AWS_WEB_IDENTITY_TOKEN_FILE", Key::WebIdentityTokenFile),
    ("AWS_ROLE_ARN", Key::RoleArn),
    ("AWS_ROLE_SESSION_NAME", Key::RoleSessionName),
    ("AWS_ENDPOINT_URL_STS", Key::StsEndpoint),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Key::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", Key::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Key::ContainerAuthorizationTokenFile),
    ("AWS_METADATA_ENDPOINT", Key::MetadataEndpoint),
    ("AWS_EC2_METADATA_SERVICE_ENDPOINT", Key::MetadataEndpoint),
];
/// How long an answer is waited for: what hands out credentials is near.
const ANSWER: Duration = Duration::from_secs(5);
/// Bytes of an answer, at the most.
const MOST: usize = 64 << 10;
/// Credentials are renewed so long before they end.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// What the environment says that credentials come from; `certificates` are trusted beside the system's own.
pub(crate) fn credentials(
    env: &dyn Fn(&str) -> Option<String>,
    region: &str,
    certificates: Option<&[u8]>,
) -> Result<AwsCredentialProvider, Trouble> {
    let wrong = |what: String| Trouble::new(Kind::Credentials, what);
    let has = |name: &str| env(name).is_some();
    let by_role = has("AWS_WEB_IDENTITY_TOKEN_FILE");
    if by_role && !has("AWS_ROLE_ARN") {
        return Err(wrong("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not".to_owned()));
    }
    let by_container = has("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let full = env("AWS_CONTAINER_CREDENTIALS_FULL_URI").filter(|_| !by_role && !by_container);
    if let Some(uri) = &full {
        let url = checked(uri).map_err(wrong)?;
        if !has("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            return Ok(Arc::new(Container::new(url, env("AWS_CONTAINER_AUTHORIZATION_TOKEN"))?));
        }
    }
    let no_instance = env("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if no_instance && !by_role && !by_container && full.is_none() {
        return Err(wrong("none are set".to_owned()));
    }
    let mut options = ClientOptions::new();
    for certificate in certificates.map_or(Ok(Vec::new()), Certificate::from_pem_bundle).map_err(|e| wrong(e.to_string()))? {
        options = options.with_root_certificate(certificate);
    }
    let retry = RetryConfig { max_retries: 2, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new().with_bucket_name("credentials-only").with_region(region).with_retry(retry);
    builder = builder.with_client_options(options);
    if region.starts_with("cn-") {
        builder = builder.with_config(Key::StsEndpoint, format!("https://sts.{region}.amazonaws.com.cn"));
    }
    for (name, key) in TAKEN {
        if let Some(value) = env(name) {
            builder = builder.with_config(key, value);
        }
    }
    let store = builder.build().map_err(|e| wrong(e.to_string()))?;
    Ok(Arc::clone(store.credentials()))
}

/// A full URI, if a token may be sent there: by HTTPS, or to this machine and the addresses at which AWS hands out credentials.
fn checked(uri: &str) -> Result<reqwest::Url, String> {
    let url = reqwest::Url::parse(uri).map_err(|_| "AWS_CONTAINER_CREDENTIALS_FULL_URI is no URL".to_owned())?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_near = |address: IpAddr| {
        let of_aws = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"].iter().any(|known| known.parse() == Ok(address));
        address.is_loopback() || of_aws
    };
    let near = host == "localhost" || host.parse().is_ok_and(is_near);
    match url.scheme() {
        "https" => Ok(url),
        "http" if near => Ok(url),
        _ => Err("AWS_CONTAINER_CREDENTIALS_FULL_URI leads elsewhere than to this machine, and not by https".to_owned()),
    }
}

/// Credentials behind a full URI.
struct Container {
    url: reqwest::Url,
    token: Option<HeaderValue>,
    http: reqwest::Client,
    known: Mutex<Option<Handed>>,
}

/// Credentials as they are handed out.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Handed {
    access_key_id: String,
    secret_access_key: String,
    token: Option<String>,
    expiration: Option<Timestamp>,
}

impl Handed {
    fn holds(&self) -> bool {
        self.expiration.is_none_or(|end| end.duration_since(Timestamp::now()) > AHEAD)
    }

    fn credential(&self) -> Arc<AwsCredential> {
        let Self { access_key_id, secret_access_key, token, .. } = self;
        Arc::new(AwsCredential { key_id: access_key_id.clone(), secret_key: secret_access_key.clone(), token: token.clone() })
    }
}

impl Container {
    fn new(url: reqwest::Url, token: Option<String>) -> Result<Self, Trouble> {
        let wrong = |what: &str| Trouble::new(Kind::Credentials, what);
        let token = token.map(|token| HeaderValue::from_str(&token)).transpose();
        let mut token = token.map_err(|_| wrong("AWS_CONTAINER_AUTHORIZATION_TOKEN has a character that no token has"))?;
        token.iter_mut().for_each(|token| token.set_sensitive(true));
        // What hands out credentials is never behind a proxy, and sends nobody elsewhere.
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(ANSWER);
        Ok(Self { url, token, http: http.build().map_err(|e| wrong(&e.to_string()))?, known: Mutex::default() })
    }

    async fn ask(&self) -> Result<Handed, String> {
        let mut request = self.http.get(self.url.clone());
        if let Some(token) = &self.token {
            request = request.header(AUTHORIZATION, token.clone());
        }
        let mut answer =
            request.send().await.map_err(|e| format!("what hands out the credentials does not answer: {}", e.without_url()))?;
        let status = answer.status();
        let mut read = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|e| e.without_url().to_string())? {
            read.extend_from_slice(&part);
            if read.len() > MOST {
                return Err("what hands out the credentials says more than credentials".to_owned());
            }
        }
        if !status.is_success() {
            return Err(format!("what hands out the credentials refuses them: HTTP status {}", status.as_u16()));
        }
        serde_json::from_slice(&read).map_err(|_| "what was handed out are no credentials".to_owned())
    }

    async fn current(&self) -> Result<Arc<AwsCredential>, String> {
        let mut known = self.known.lock().await;
        if let Some(handed) = known.as_ref().filter(|handed| handed.holds()) {
            return Ok(handed.credential());
        }
        Ok(known.insert(self.ask().await?).credential())
    }
}

impl fmt::Debug for Container {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Container").finish_non_exhaustive()
    }
}

type Asked<'a> = Pin<Box<dyn Future<Output = object_store::Result<Arc<AwsCredential>>> + Send + 'a>>;

impl CredentialProvider for Container {
    type Credential = AwsCredential;

    fn get_credential<'s, 'a>(&'s self) -> Asked<'a>
    where
        's: 'a,
        Self: 'a,
    {
        Box::pin(async move { self.current().await.map_err(|said| object_store::Error::Generic { store: "S3", source: said.into() }) })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// A server that answers each request with the next of some answers; gives back what it was asked.
    fn served(answers: Vec<String>) -> (String, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = format!("http://{}", listener.local_addr().unwrap());
        let serve = move || {
            let answer = |answer: String| {
                let (mut stream, _) = listener.accept().unwrap();
                let (mut asked, mut part) = (Vec::new(), [0; 4096]);
                while !asked.ends_with(b"\r\n\r\n") {
                    let n = stream.read(&mut part).unwrap();
                    asked.extend_from_slice(&part[..n]);
                }
                let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
                stream.write_all((head + &answer).as_bytes()).unwrap();
                String::from_utf8(asked).unwrap()
            };
            answers.into_iter().map(answer).collect()
        };
        (place, std::thread::spawn(serve))
    }

    fn keys(id: &str, minutes: i64) -> String {
        let end = Timestamp::now() + SignedDuration::from_mins(minutes);
        format!(r#"{{"Code":"Success","AccessKeyId":"{id}","SecretAccessKey":"the-secret","Token":"the-token","Expiration":"{end:.0}"}}"#)
    }

    fn given(variables: &[(&str, &str)]) -> Result<AwsCredentialProvider, Trouble> {
        let env = |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        credentials(&env, "eu-west-1", None)
    }

    async fn id(provider: &AwsCredentialProvider) -> String {
        provider.get_credential().await.map_or_else(|e| e.to_string(), |c| c.key_id.clone())
    }

    #[tokio::test]
    async fn a_full_uri_with_a_token_of_the_environment() {
        let (place, asked) = served(vec![keys("ASIAFIRST", 4), keys("ASIASECOND", 60)]);
        let uri = format!("{place}/latest/meta-data/container/security-credentials");
        let provider = given(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden")]).unwrap();
        assert!(!format!("{provider:?}").contains("hidden"));
        // What ends soon is asked for anew; what holds is not.
        assert_eq!([id(&provider).await, id(&provider).await, id(&provider).await], ["ASIAFIRST", "ASIASECOND", "ASIASECOND"]);
        let asked = asked.join().unwrap();
        let wanted = "GET /latest/meta-data/container/security-credentials HTTP/1.1\r\nauthorization: hidden\r\n";
        assert!(asked.len() == 2 && asked[0].starts_with(wanted), "{asked:?}");
    }

    #[tokio::test]
    async fn a_full_uri_with_a_token_in_a_file() {
        let (place, asked) = served(vec![keys("ASIAPOD", 60)]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "of-the-pod").unwrap();
        let uri = format!("{place}/v1/credentials");
        let token = file.path().display().to_string();
        let provider = given(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &uri), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token)]).unwrap();
        assert_eq!(id(&provider).await, "ASIAPOD");
        assert!(asked.join().unwrap()[0].contains("authorization: of-the-pod"));
    }

    #[tokio::test]
    async fn an_instance_gives_them_for_a_token_of_a_session() {
        let (place, asked) = served(vec!["the-session".to_owned(), "web-server".to_owned(), keys("ASIAINSTANCE", 60)]);
        let provider = given(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", &place)]).unwrap();
        assert_eq!(id(&provider).await, "ASIAINSTANCE");
        let asked = asked.join().unwrap();
        assert!(asked[0].starts_with("PUT /latest/api/token ") && asked[0].contains("x-aws-ec2-metadata-token-ttl-seconds"), "{asked:?}");
        let named = "GET /latest/meta-data/iam/security-credentials/web-server ";
        assert!(asked[2].starts_with(named) && asked[2].contains("x-aws-ec2-metadata-token: the-session"), "{asked:?}");
    }

    #[tokio::test]
    async fn what_is_refused_is_said_without_the_token() {
        let (place, _asked) = served(vec!["no JSON".to_owned()]);
        let bad = given(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &place), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden")]).unwrap();
        assert!(id(&bad).await.contains("no credentials"), "{}", id(&bad).await);
        let said = id(&bad).await;
        assert!(said.contains("does not answer") && !said.contains("hidden"), "{said}");
    }

    #[test]
    fn what_cannot_be_used() {
        let said = |variables: &[(&str, &str)]| given(variables).err().map(|t| t.reason()).unwrap_or_default();
        assert!(said(&[("AWS_WEB_IDENTITY_TOKEN_FILE", "/token")]).contains("AWS_ROLE_ARN is not"));
        assert!(said(&[("AWS_EC2_METADATA_DISABLED", "true")]).contains("none are set"));
        for uri in ["http://192.0.2.1/credentials", "http://localhost.example.com/", "ftp://127.0.0.1/", "credentials"] {
            assert!(said(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]).contains("FULL_URI"), "{uri}");
        }
        for uri in ["http://localhost:1338/x", "http://[::1]/x", "http://169.254.170.23/v1/credentials", "https://192.0.2.1/x"] {
            assert_eq!(said(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)]), "", "{uri}");
        }
        // A role for a web identity comes before a container's.
        let both = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/reader")];
        let more = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/x");
        assert!(!format!("{:?}", given(&[both[0], both[1], more]).unwrap()).contains("Container"));
    }
}
