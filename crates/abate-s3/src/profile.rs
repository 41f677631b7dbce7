//! The files in which the AWS command line keeps its profiles: keys, Region and endpoint of one. Ways to get keys by asking someone else
//! (sign-in, a role, a program) are named, not taken.

use std::path::{Path, PathBuf};

use crate::trouble::{Kind, Trouble};

/// What a profile says.
#[derive(Default)]
pub(crate) struct Profile {
    pub access_key_id: Option<String>,
    pub secret_access_key: Option<String>,
    pub session_token: Option<String>,
    pub region: Option<String>,
    pub endpoint: Option<String>,
}

/// Settings by which a profile gets its keys elsewhere.
const ELSEWHERE: [&str; 7] =
    ["sso_session", "sso_start_url", "sso_account_id", "login_session", "role_arn", "credential_process", "web_identity_token_file"];

/// Files of profiles are small.
const MOST: u64 = 4 << 20;

impl Profile {
    /// The profile that the environment names, else the one named `default`.
    pub fn read(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Trouble> {
        let named = env("AWS_PROFILE").or_else(|| env("AWS_DEFAULT_PROFILE"));
        let name = named.as_deref().unwrap_or("default");
        let home = env("HOME").or_else(|| env("USERPROFILE")).map(|home| PathBuf::from(home).join(".aws"));
        let file = |variable: &str, usual: &str| {
            let path = env(variable).map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(usual)));
            path.map_or(Ok(String::new()), |path| contents(&path))
        };
        let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?;
        let config = file("AWS_CONFIG_FILE", "config")?;
        let of_config = if name == "default" { name.to_owned() } else { format!("profile {name}") };
        let (keys, settings) = (section(&credentials, name), section(&config, &of_config));
        if named.is_some() && keys.is_none() && settings.is_none() {
            return Err(Trouble::new(Kind::Credentials, format!("there is no profile '{name}' in the files of ~/.aws")));
        }
        let all: Vec<(&str, &str)> = keys.into_iter().chain(settings).flatten().collect();
        let get = |key: &str| all.iter().find(|(k, v)| *k == key && !v.is_empty()).map(|(_, v)| (*v).to_owned());
        let (access_key_id, secret_access_key) = (get("aws_access_key_id"), get("aws_secret_access_key"));
        if access_key_id.is_none()
            && let Some(way) = ELSEWHERE.iter().find(|way| get(way).is_some())
        {
            return Err(Trouble::new(
                Kind::Credentials,
                format!("the profile '{name}' gets its keys by its {way}, which abate does not do"),
            ));
        }
        let (session_token, region, endpoint) = (get("aws_session_token"), get("region"), get("endpoint_url"));
        Ok(Self { access_key_id, secret_access_key, session_token, region, endpoint })
    }
}

/// A file's text; a file that is not there has none.
fn contents(path: &Path) -> Result<String, Trouble> {
    use std::io::Read;
    let unreadable = |e: std::io::Error| Trouble::new(Kind::Credentials, format!("{} cannot be read: {e}", path.display()));
    let mut text = String::new();
    match std::fs::File::open(path) {
        Ok(file) => file.take(MOST).read_to_string(&mut text).map_err(unreadable)?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => 0,
        Err(e) => return Err(unreadable(e)),
    };
    Ok(text)
}

/// The settings of a section; settings below a setting (indented) are not among them.
fn section<'t>(text: &'t str, name: &str) -> Option<Vec<(&'t str, &'t str)>> {
    let (mut here, mut found) = (false, None::<Vec<_>>);
    for line in text.lines() {
        let bare = line.trim();
        if let Some(header) = bare.strip_prefix('[') {
            let header = header.split(']').next().unwrap_or_default();
            here = header.split_whitespace().eq(name.split_whitespace());
            if here {
                found.get_or_insert_default();
            }
        } else if here
            && !line.starts_with([' ', '\t', '#', ';'])
            && let Some((key, value)) = bare.split_once('=')
        {
            found.get_or_insert_default().push((key.trim(), value.trim()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIALS: &str = "# keys\n[default]\naws_access_key_id = AKIDEFAULT\naws_secret_access_key=a=b/c+\n\n[ other ]\r\naws_access_key_id = AKIOTHER\r\n\
                               aws_secret_access_key = secret\r\naws_session_token = token\r\n";
    const CONFIG: &str = "[default]\nregion = ap-northeast-1\ns3 =\n  endpoint_url = http://nested.example.com\n[profile other]\nregion=eu-west-1\n\
                          endpoint_url = https://s3.example.com\n[profile signed-in]\nsso_session = x\nsso_account_id = 111122223333\n";

    fn read(variables: &[(&str, &str)]) -> Result<Profile, Trouble> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join(".aws")).unwrap();
        std::fs::write(dir.path().join(".aws/credentials"), CREDENTIALS).unwrap();
        std::fs::write(dir.path().join(".aws/config"), CONFIG).unwrap();
        let home = dir.path().display().to_string();
        Profile::read(&|name: &str| {
            let given = variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            given.or_else(|| (name == "HOME").then(|| home.clone()))
        })
    }

    #[test]
    fn profiles() {
        let default = read(&[]).ok().unwrap();
        assert_eq!((default.access_key_id.as_deref(), default.secret_access_key.as_deref()), (Some("AKIDEFAULT"), Some("a=b/c+")));
        assert_eq!((default.region.as_deref(), default.endpoint), (Some("ap-northeast-1"), None));
        let other = read(&[("AWS_PROFILE", "other")]).ok().unwrap();
        assert_eq!((other.access_key_id.as_deref(), other.session_token.as_deref()), (Some("AKIOTHER"), Some("token")));
        assert_eq!((other.region.as_deref(), other.endpoint.as_deref()), (Some("eu-west-1"), Some("https://s3.example.com")));
        let moved = read(&[("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent"), ("AWS_CONFIG_FILE", "/nonexistent")]).ok().unwrap();
        assert!(moved.access_key_id.is_none() && moved.region.is_none());
    }

    #[test]
    fn what_a_profile_cannot_do_is_said() {
        let said = |name| read(&[("AWS_PROFILE", name)]).err().unwrap().reason();
        assert!(said("nobody").contains("no profile 'nobody'"), "{}", said("nobody"));
        assert!(said("signed-in").contains("sso_session") && said("signed-in").contains("export-credentials"), "{}", said("signed-in"));
    }
}
