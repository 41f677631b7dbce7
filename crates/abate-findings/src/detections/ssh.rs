//! Remote login over SSH: guessing, success after guessing, success from a new place.

use abate_model::{Claim, Severity, Table, Text};

use super::logins::{self, Service};
use crate::examples::{guessed, ssh};
use crate::{Detection, Example, Tactic};

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "ssh",
    title: Text::fixed("Guessing of SSH passwords, and success after it", "SSH パスワードの推測とその成功"),
    claims: &[Claim::SshBruteForce, Claim::SshLoginAfterBruteForce, Claim::SshLoginFromNewPlace],
    techniques: &["T1110.001", "T1078"],
    tactic: Tactic::CredentialAccess,
    severity: Severity::High,
    needs: &[Table::Authentication],
    innocent: logins::INNOCENT,
    examples: &[
        Example::hit(
            "30 failures from one address, then a success",
            "1 つのアドレスから 30 回失敗した後の成功",
            || guessed("sshd", "root", 30).into_iter().chain([ssh(500, "deploy", "198.51.100.7", "password", true)]).collect(),
            &[Claim::SshBruteForce, Claim::SshLoginAfterBruteForce],
        ),
        Example::hit(
            "a password accepted from an address not seen before",
            "見たことのないアドレスからのパスワード認証の成功",
            || vec![ssh(600, "oracle", "192.0.2.44", "password", true)],
            &[Claim::SshLoginFromNewPlace],
        ),
        Example::miss(
            "a colleague mistypes six times before the password is right",
            "同僚が 6 回打ち間違えてからサインインする",
            || {
                let wrong = (0..6).map(|n| ssh(100 + n * 4, "admin", "203.0.113.5", "password", false));
                std::iter::once(ssh(1, "admin", "203.0.113.5", "publickey", true))
                    .chain(wrong)
                    .chain([ssh(140, "admin", "203.0.113.5", "password", true)])
                    .collect()
            },
        ),
        Example::miss(
            "a key is used, and a colleague mistypes once",
            "公開鍵での認証と、同僚の 1 回の打ち間違い",
            || {
                vec![
                    ssh(1, "admin", "203.0.113.5", "publickey", true),
                    ssh(5, "admin", "10.0.0.9", "password", false),
                    ssh(9, "admin", "10.0.0.9", "password", true),
                ]
            },
        ),
    ],
    run: |context| logins::run(context, &SSH),
};

static SSH: Service = Service {
    services: &["sshd"],
    kind: Text::fixed("SSH", "SSH"),
    target: Text::fixed("", ""),
    guessing: Claim::SshBruteForce,
    after: Claim::SshLoginAfterBruteForce,
    new_place: Some(Claim::SshLoginFromNewPlace),
    // No key is guessed.
    guessable: |auth| auth.method.as_deref().is_some_and(|m| m.contains("password") || m.contains("keyboard")),
};

#[cfg(test)]
mod tests {
    use abate_model::{EntityKind, Severity};

    use super::*;
    use crate::testkit::{claims, run, ssh};

    fn guesses(n: i64, source: &str) -> Vec<abate_model::Row<'static>> {
        (0..n).map(|i| ssh(i * 5, "root", source, "password", false)).collect()
    }

    #[test]
    fn success_after_guessing_is_critical_and_cites_the_success_first() {
        let mut rows = guesses(30, "198.51.100.7");
        rows.push(ssh(500, "deploy", "198.51.100.7", "password", true));
        let found = run(&DETECTION, rows);
        let after = found.iter().find(|f| f.claim == Claim::SshLoginAfterBruteForce).unwrap();
        assert_eq!((after.severity, after.count), (Severity::Critical, 1));
        assert_eq!(after.evidence[0].locator, abate_model::Locator::Bytes { offset: 500, length: 1 });
        assert_eq!(after.of(EntityKind::User).collect::<Vec<_>>(), vec!["deploy"]);
    }

    #[test]
    fn guessing_without_success_is_noise_and_key_logins_are_not_suspected() {
        let mut rows = guesses(300, "198.51.100.7");
        rows.push(ssh(2000, "admin", "203.0.113.5", "publickey", true));
        let found = run(&DETECTION, rows);
        assert_eq!(found.iter().map(|f| (f.claim, f.severity)).collect::<Vec<_>>(), vec![(Claim::SshBruteForce, Severity::Low)]);
        assert_eq!(
            claims(&DETECTION, vec![ssh(1, "admin", "203.0.113.5", "password", false), ssh(9, "admin", "10.0.0.9", "password", true)]),
            vec![]
        );
    }

    #[test]
    fn an_account_guessed_from_everywhere_that_opens_elsewhere_is_suspected() {
        let mut rows: Vec<_> = (0..30)
            .map(|i| ssh(i * 5, "oracle", ["198.51.100.1", "198.51.100.2", "198.51.100.3"][i as usize % 3], "password", false))
            .collect();
        rows.push(ssh(600, "oracle", "192.0.2.44", "password", true));
        assert!(claims(&DETECTION, rows).contains(&Claim::SshLoginAfterBruteForce));
        assert_eq!(claims(&DETECTION, vec![ssh(600, "oracle", "192.0.2.44", "password", true)]), vec![Claim::SshLoginFromNewPlace]);
    }
}
