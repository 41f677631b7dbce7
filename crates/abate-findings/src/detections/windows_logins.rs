//! Remote login to Windows, over RDP or the network: guessing, success after guessing, success from a new place.

use abate_model::{Claim, Severity, Table, Text};

use super::logins::{self, Service};
use crate::examples::{guessed, sign_in};
use crate::{Detection, Example, Tactic};

/// The detection.
pub static DETECTION: Detection = Detection {
    id: "windows-logins",
    title: Text::fixed(
        "Guessing of Windows passwords (RDP, network), and success after it",
        "Windows（RDP・ネットワーク）のパスワードの推測とその成功",
    ),
    claims: &[Claim::LoginBruteForce, Claim::LoginAfterBruteForce, Claim::LoginFromNewPlace],
    techniques: &["T1110.001", "T1078"],
    tactic: Tactic::CredentialAccess,
    severity: Severity::High,
    needs: &[Table::Authentication],
    innocent: logins::INNOCENT,
    examples: &[
        Example::hit(
            "30 failures from one address, then a success",
            "1 つのアドレスから 30 回失敗した後の成功",
            || {
                guessed("rdp", "administrator", 30)
                    .into_iter()
                    .chain([sign_in("rdp", 500, "administrator", "198.51.100.7", true)])
                    .collect()
            },
            &[Claim::LoginBruteForce, Claim::LoginAfterBruteForce],
        ),
        Example::miss("a slip of the fingers at the next desk", "隣の席での打ち間違い", || {
            vec![sign_in("rdp", 600, "administrator", "10.0.0.9", false), sign_in("rdp", 610, "administrator", "10.0.0.9", true)]
        }),
    ],
    run: |context| logins::run(context, &SERVICE),
};

static SERVICE: Service = Service {
    services: &["rdp", "windows"],
    kind: Text::fixed("Windows", "Windows"),
    target: Text::fixed("Windows", "Windows"),
    guessing: Claim::LoginBruteForce,
    after: Claim::LoginAfterBruteForce,
    new_place: Some(Claim::LoginFromNewPlace),
    // Sessions without a person: an anonymous one, and those of the system's own and other computers' accounts.
    guessable: |auth| auth.user.as_deref().is_some_and(|user| !user.ends_with('$') && !user.eq_ignore_ascii_case("ANONYMOUS LOGON")),
};

#[cfg(test)]
mod tests {
    use abate_model::{EntityKind, Severity};

    use super::*;
    use crate::testkit::{claims, run, sign_in};

    #[test]
    fn success_after_guessing_is_critical() {
        let mut rows: Vec<_> = (0..30).map(|i| sign_in("rdp", i * 5, "administrator", "198.51.100.7", false)).collect();
        assert_eq!(claims(&DETECTION, rows.clone()), [Claim::LoginBruteForce]);
        rows.push(sign_in("rdp", 500, "administrator", "198.51.100.7", true));
        let found = run(&DETECTION, rows);
        let after = found.iter().find(|f| f.claim == Claim::LoginAfterBruteForce).unwrap();
        assert_eq!((after.severity, after.count), (Severity::Critical, 1));
        assert_eq!(after.of(EntityKind::User).collect::<Vec<_>>(), ["administrator"]);
    }

    #[test]
    fn other_services_and_a_slip_of_the_fingers_are_none_of_it() {
        let mut rows: Vec<_> = (0..30).map(|i| sign_in("sshd", i * 5, "administrator", "198.51.100.7", false)).collect();
        rows.push(sign_in("sshd", 500, "administrator", "198.51.100.7", true));
        rows.extend([sign_in("rdp", 600, "administrator", "10.0.0.9", false), sign_in("rdp", 610, "administrator", "10.0.0.9", true)]);
        assert_eq!(claims(&DETECTION, rows), []);
    }

    #[test]
    fn a_desktop_opened_from_the_internet_is_told_and_sessions_without_a_person_are_not() {
        assert_eq!(claims(&DETECTION, vec![sign_in("rdp", 5, "sato", "198.51.100.7", true)]), [Claim::LoginFromNewPlace]);
        for user in ["ANONYMOUS LOGON", "WEB1$"] {
            let mut rows: Vec<_> = (0..9).map(|i| sign_in("windows", i * 5, "administrator", "198.51.100.7", false)).collect();
            rows.push(sign_in("windows", 500, user, "198.51.100.7", true));
            assert_eq!(claims(&DETECTION, rows), [], "{user}");
        }
    }
}
