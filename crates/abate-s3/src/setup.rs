//! How to reach S3: credentials, Region and endpoint, from where the AWS command line takes them too.

use std::sync::Arc;

use object_store::StaticCredentialProvider;
use object_store::aws::{AwsCredential, AwsCredentialProvider};

use crate::machine;
use crate::profile::Profile;
use crate::trouble::{Kind, Trouble};

/// The Region that is asked first where none is set; S3 then says which is right.
const FIRST_REGION: &str = "us-east-1";
/// How often a request is made at the most, where AWS_MAX_ATTEMPTS does not say.
const ATTEMPTS: u32 = 8;

/// What is needed for a request.
#[derive(Debug)]
pub(crate) struct Setup {
    /// `None` where nothing is signed
    pub keys: Option<AwsCredentialProvider>,
    pub region: String,
    /// `None` for AWS
    pub endpoint: Option<String>,
    pub attempts: u32,
    /// further certificates, as PEM
    pub certificates: Option<Vec<u8>>,
}

impl Setup {
    /// As the environment says.
    pub fn read(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Trouble> {
        let env = &|name: &str| env(name).filter(|value| !value.trim().is_empty());
        let is_set = |name: &str| env(name).is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1");
        let in_env = env("AWS_ACCESS_KEY_ID").is_some() || env("AWS_SECRET_ACCESS_KEY").is_some();
        let anonymous = is_set("AWS_SKIP_SIGNATURE");
        let profile = match Profile::read(env) {
            Ok(profile) => profile,
            // Nobody needs its keys.
            Err(_) if in_env || anonymous => Profile::default(),
            Err(trouble) => return Err(trouble),
        };
        let region = env("AWS_REGION").or_else(|| env("AWS_DEFAULT_REGION")).or(profile.region);
        let region = region.unwrap_or_else(|| FIRST_REGION.to_owned());
        if !is_region(&region) {
            return Err(Trouble::new(Kind::Setup, format!("'{region}' is no Region: see AWS_REGION")));
        }
        let endpoint = env("AWS_ENDPOINT_URL_S3").or_else(|| env("AWS_ENDPOINT_URL")).or(profile.endpoint);
        let endpoint = endpoint.map(|url| checked(&url)).transpose()?;
        let certificates = env("AWS_CA_BUNDLE").map(|file| pem(&file)).transpose()?;
        let keys = match (in_env, profile.access_key_id, profile.secret_access_key) {
            _ if anonymous => None,
            (true, ..) => Some(fixed(env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"), env("AWS_SESSION_TOKEN"))?),
            (false, id @ Some(_), secret) | (false, id, secret @ Some(_)) => Some(fixed(id, secret, profile.session_token)?),
            (false, None, None) => Some(machine::credentials(env, &region, certificates.as_deref())?),
        };
        let attempts = env("AWS_MAX_ATTEMPTS").and_then(|n| n.parse().ok()).unwrap_or(ATTEMPTS).clamp(1, 100);
        Ok(Self { keys, region, endpoint, attempts, certificates })
    }
}

/// Whether a Region can be part of a host's name: it may come out of an answer.
pub(crate) fn is_region(name: &str) -> bool {
    (2..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// The certificates of a file.
fn pem(file: &str) -> Result<Vec<u8>, Trouble> {
    std::fs::read(file).map_err(|e| Trouble::new(Kind::Setup, format!("AWS_CA_BUNDLE, {file}: {e}")))
}

/// An endpoint without its last slash.
fn checked(url: &str) -> Result<String, Trouble> {
    // It is not repeated: it may hold a password.
    let wrong = || Trouble::new(Kind::Setup, "AWS_ENDPOINT_URL is no URL such as https://s3.example.com");
    let parsed = reqwest::Url::parse(url).map_err(|_| wrong())?;
    let plain = matches!(parsed.scheme(), "http" | "https") && parsed.has_host() && parsed.username().is_empty();
    let bare = parsed.password().is_none() && parsed.query().is_none() && parsed.fragment().is_none();
    if plain && bare { Ok(parsed.as_str().trim_end_matches('/').to_owned()) } else { Err(wrong()) }
}

fn fixed(id: Option<String>, secret: Option<String>, token: Option<String>) -> Result<AwsCredentialProvider, Trouble> {
    let (Some(key_id), Some(secret_key)) = (id, secret) else {
        return Err(Trouble::new(Kind::Credentials, "of access key and secret key one is set and the other is not"));
    };
    let credential = AwsCredential { key_id, secret_key, token };
    if !can_be_sent(&credential) {
        return Err(Trouble::new(Kind::Credentials, "a key or the session token has a character that no key has, such as a space"));
    }
    Ok(Arc::new(StaticCredentialProvider::new(credential)))
}

/// Whether a credential fits into the header of a request.
pub(crate) fn can_be_sent(credential: &AwsCredential) -> bool {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    plain(&credential.key_id) && credential.token.as_deref().is_none_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Setup, Trouble> {
        Setup::read(&|name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "the-secret")];

    #[test]
    fn what_the_environment_says() {
        let setup = read(&KEYS).unwrap();
        assert_eq!((setup.region.as_str(), setup.endpoint.as_deref(), setup.attempts), ("us-east-1", None, ATTEMPTS));
        assert!(setup.keys.is_some());
        let both = [KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL", "http://a.example.com"), ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000/")];
        assert_eq!(read(&both).unwrap().endpoint.as_deref(), Some("http://127.0.0.1:9000"));
        let public = read(&[("AWS_SKIP_SIGNATURE", "true"), ("AWS_REGION", "eu-west-1"), ("AWS_MAX_ATTEMPTS", "2")]).unwrap();
        assert!(public.keys.is_none() && public.region == "eu-west-1" && public.attempts == 2);
    }

    #[test]
    fn what_cannot_be_used_is_said_without_the_secret() {
        let refused = |more: &[(&str, &str)]| read(&[&KEYS[..], more].concat()).unwrap_err().reason();
        for endpoint in ["s3.example.com", "ftp://s3.example.com", "https://user:hidden@s3.example.com", "https://s3.example.com/?x=hidden"]
        {
            let reason = refused(&[("AWS_ENDPOINT_URL", endpoint)]);
            assert!(reason.contains("AWS_ENDPOINT_URL") && !reason.contains("hidden"), "{reason}");
        }
        assert!(refused(&[("AWS_REGION", "evil.example.com/")]).contains("no Region"));
        let token = refused(&[("AWS_SESSION_TOKEN", "hidden token")]);
        assert!(token.contains("session token") && !token.contains("hidden"), "{token}");
        let half = read(&[("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")]).unwrap_err().reason();
        assert!(half.contains("one is set"), "{half}");
        let none = read(&[("AWS_EC2_METADATA_DISABLED", "true")]).unwrap_err();
        assert_eq!(none.kind, Kind::Credentials);
        assert!(!format!("{:?}", read(&KEYS)).contains("the-secret"));
    }
}
