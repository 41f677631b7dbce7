//! What a hostile web request looks like. Matching is on text that was percent-decoded twice and lower-cased.

use percent_encoding::percent_decode_str;

/// A hostile request.
pub(super) enum Probe {
    /// an answer of success would be telling, since a sound site has no such thing
    Telling(&'static str),
    /// an answer of success proves nothing (the parameter may simply be ignored)
    Guess,
}

/// Paths that a sound site does not have, or answers with an error.
const TELLING: &[(&str, &str)] = &[
    ("/.env", "/.env"),
    ("/.git/config", "/.git/config"),
    ("/.git/head", "/.git/HEAD"),
    ("/.aws/credentials", "/.aws/credentials"),
    ("/wp-config.php.bak", "a backup of wp-config.php"),
    ("/eval-stdin.php", "phpunit's eval-stdin.php"),
    ("/_ignition/execute-solution", "Laravel Ignition"),
    ("/cgi-bin/luci", "the LuCI CGI"),
    ("/actuator/heapdump", "a heap dump"),
    ("/actuator/env", "Spring's actuator/env"),
    ("/server-status", "server-status"),
    ("/phpinfo.php", "phpinfo.php"),
    ("/id_rsa", "a private key"),
    ("/solr/admin/", "Solr's administration"),
    ("/manager/html", "Tomcat's manager"),
    ("/hnap1", "HNAP1"),
    ("/boaform/", "boaform"),
];

/// Words in a target or agent that attack.
const HOSTILE: &[&str] = &[
    "../..",
    "..\\..",
    "/etc/passwd",
    "/proc/self/",
    "${jndi:",
    "() { :",
    "union select",
    "union all select",
    "' or '1'='1",
    "\" or \"1\"=\"1",
    "sleep(",
    "benchmark(",
    "waitfor delay",
    "information_schema",
    "xp_cmdshell",
    "<script",
    "javascript:alert",
    "onerror=",
    "invokefunction&function=call_user_func_array",
    "allow_url_include",
    "php://input",
    "php://filter",
    "data://text",
    "base64_decode(",
    "system(",
    "passthru(",
    "shell_exec(",
    "wget http",
    "curl http",
    ";cat ",
    "|cat ",
    "cmd.exe",
    "powershell",
    "/bin/sh",
    "/bin/bash",
    "win.ini",
    "boot.ini",
    "%00",
    "__proto__",
    "{{7*7}}",
    "*)(uid=",
    "vendor/phpunit",
    "think\\app",
];

/// Agents of scanners.
const SCANNERS: &[&str] = &[
    "sqlmap",
    "nikto",
    "acunetix",
    "w3af",
    "nmap",
    "masscan",
    "zgrab",
    "nuclei",
    "gobuster",
    "dirbuster",
    "wpscan",
    "netsparker",
    "openvas",
    "nessus",
    "arachni",
    "wfuzz",
    "ffuf",
    "feroxbuster",
    "morfeus",
    "zmeu",
];

/// Percent-decoded twice (attackers encode twice), lower case, at most 4000 characters.
pub(super) fn decode(target: &str) -> String {
    let once = percent_decode_str(target.get(..target.len().min(8000)).unwrap_or(target)).decode_utf8_lossy();
    percent_decode_str(&once).decode_utf8_lossy().to_lowercase().replace('+', " ").chars().take(4000).collect()
}

/// What kind of probe a decoded target (or agent) is, if it is one.
pub(super) fn probe_of(target: &str, agent: &str) -> Option<Probe> {
    let path = target.split('?').next().unwrap_or(target);
    if let Some((_, what)) = TELLING.iter().find(|(part, _)| path.ends_with(part) || (part.ends_with('/') && path.contains(part))) {
        return Some(Probe::Telling(what));
    }
    let agent = agent.to_lowercase();
    HOSTILE.iter().any(|word| target.contains(word) || agent.contains("${jndi:") || agent.contains("() { :")).then_some(Probe::Guess)
}

/// Whether an agent names itself a scanner.
pub(super) fn is_scanner(agent: &str) -> bool {
    let agent = agent.to_lowercase();
    SCANNERS.iter().any(|s| agent.contains(s))
}

/// Whether a path ends in a script that a server runs.
pub(super) fn is_script(path: &str) -> bool {
    let path = path.to_lowercase();
    [".php", ".php5", ".php7", ".phtml", ".phar", ".jsp", ".jspx", ".asp", ".aspx", ".ashx", ".cgi", ".pl"]
        .iter()
        .any(|end| path.ends_with(end))
}

/// Whether a path lies in a folder for uploads or for things that no server should run.
pub(super) fn has_upload_dir(path: &str) -> bool {
    let lower = path.to_lowercase();
    let folders: Vec<&str> = lower.split('/').collect();
    let folders = folders.get(..folders.len().saturating_sub(1)).unwrap_or_default();
    folders.iter().any(|f| {
        [
            "upload",
            "uploads",
            "uploaded",
            "files",
            "file",
            "images",
            "image",
            "img",
            "media",
            "tmp",
            "temp",
            "cache",
            "attachments",
            "attachment",
            "avatars",
            "userfiles",
        ]
        .contains(f)
    })
}

/// Whether a decoded target hands a script something to run.
pub(super) fn runs_commands(target: &str) -> bool {
    let query = target.split_once('?').map_or("", |(_, q)| q);
    query.split('&').any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        !value.is_empty()
            && ["cmd", "c", "exec", "command", "execute", "shell", "run", "e", "pass", "0", "x"].contains(&name)
            && !value.chars().all(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_encoding_hides_nothing() {
        assert_eq!(decode("/a%252e%252e%252f%252e%252e/etc%2Fpasswd"), "/a../../etc/passwd");
        assert_eq!(decode("/100%"), "/100%");
        assert_eq!(decode("/%e6%97%a5%zz"), "/日%zz");
    }

    #[test]
    fn probes_are_told_from_ordinary_requests() {
        assert!(matches!(probe_of("/app/.env", ""), Some(Probe::Telling(_))));
        assert!(matches!(probe_of("/?x=${jndi:ldap://x}", ""), Some(Probe::Guess)));
        for innocent in ["/", "/index.php?id=3", "/environment", "/img/a.png", "/search?q=select a union hotel"] {
            assert!(probe_of(innocent, "Mozilla/5.0").is_none(), "{innocent}");
        }
        assert!(runs_commands("/u/a.php?cmd=id") && !runs_commands("/u/a.php?page=2&c=12"));
    }
}
